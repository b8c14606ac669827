"""设施运行月报: a facility's own month. An institution has beds, people and movements; the other types have what applies."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words

KIND = "facility-monthly"
CADENCE = "monthly"
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "3"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "facility_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = (
    "summary", "key_figures", "capacity", "residents", "service", "licences", "inspections", "hazards", "major",
    "incidents", "stationed", "selfchecks", "home_community", "canteens", "next_month", "later", "hazard_ledger",
    "definitions",
)  # fmt: skip


def collect(scope: Scope, period: Period) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the report's place alone."""
    return assemble.collect(sys.modules[__name__], scope, period)


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    return assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
