"""隐患整改台账: the hazards of a district, a township or a facility over any period, for whoever asks (domain notes §5.4).

`collect()` returns the frame (`_paper/figures.begin`) and what its parts `ledger_sums` and `ledger` document.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words

KIND = "rectification-ledger"
CADENCE = "request"
AUDIENCE = "any"
LIFE = "issued"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)  # the other on request, from the sealed figures
FOLDER = "rectification_ledger"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = ("ledger_sums", "ledger", "definitions")


def collect(scope: Scope, period: Period) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the report's place alone."""
    return assemble.collect(sys.modules[__name__], scope, period)


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    return assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
