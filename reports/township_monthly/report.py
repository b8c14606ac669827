"""镇街养老服务月报: what the district's report says, for one township."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words

KIND = "township-monthly"
CADENCE = "monthly"
AUDIENCE = "township"
LIFE = "issued"
TEMPLATE_VERSION = "3"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "township_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = (
    "summary", "key_figures", "capacity", "residents", "licences", "inspections", "hazards", "major", "incidents",
    "stationed", "selfchecks", "home_community", "canteens", "subsidies", "complaints", "ranking", "typical", "next_month",
    "hazard_ledger", "definitions",
)  # fmt: skip


def collect(scope: Scope, period: Period) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the report's place alone."""
    return assemble.collect(sys.modules[__name__], scope, period)


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    return assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
