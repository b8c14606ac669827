"""养老机构安全监管季报: the district's quarterly oversight report, of the same parts as the monthly one (domain notes §8).

`collect()` returns the sealed figures in the shape of `reports.monthly_oversight.report`; the trend stays one of months.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words
from reports.monthly_oversight.report import PARTS as MONTHLY

KIND = "quarterly-oversight"
CADENCE = "quarterly"
AUDIENCE = "district"
LIFE = "reviewed"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)  # the other on request, from the sealed figures
FOLDER = "quarterly_oversight"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
COVER = True
PARTS = MONTHLY


def collect(scope: Scope, period: Period) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the report's place alone."""
    return assemble.collect(sys.modules[__name__], scope, period)


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    return assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
