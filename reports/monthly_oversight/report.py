"""养老机构安全监管月报: the district's monthly oversight report (domain notes §8).

`collect()` returns the sealed figures, plain JSON: the frame (`_paper/figures.begin`), `indicators` [{key, value, previous,
year_ago, better, target}] (a figure is {n} or {n, of} or null), and under each part's key what its `collect()` says.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words

KIND = "monthly-oversight"
CADENCE = "monthly"
AUDIENCE = "district"
LIFE = "reviewed"
TEMPLATE_VERSION = "3"
LANGUAGES = ("zh", "en")
FOLDER = "monthly_oversight"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
COVER = True
PARTS = (
    "summary", "key_figures", "assessment", "corrections", "capacity", "residents", "licences", "inspections", "hazards",
    "major", "incidents", "stationed", "selfchecks", "home_community", "canteens", "subsidies", "complaints", "ranking",
    "typical", "requirements", "next_month", "institutions", "hazard_ledger", "definitions",
)  # fmt: skip


def collect(scope: Scope, period: Period) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the report's place alone."""
    return assemble.collect(sys.modules[__name__], scope, period)


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    return assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
