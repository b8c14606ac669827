"""养老机构安全监管月报: the district's monthly oversight report (domain notes §8).

`collect()` returns the sealed figures, plain JSON: the frame (`_paper/figures.begin`), `indicators` [{key, value, previous,
year_ago, better, target}] (a figure is {n} or {n, of} or null), and under each part's key what its `collect()` says.
"""

from __future__ import annotations

from reports._paper import assemble
from reports._paper.words import Words

KIND = "monthly-oversight"
CADENCE = "monthly"
AUDIENCE = "district"
LIFE = "reviewed"
TEMPLATE_VERSION = "6"
LANGUAGES = ("zh", "en")
FOLDER = "monthly_oversight"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
COVER = True
PARTS = (
    "summary", "key_figures", "assessment", "corrections", "capacity", "residents", "licences", "inspections", "hazards",
    "major", "incidents", "stationed", "selfchecks", "home_community", "canteens", "subsidies", "complaints", "ranking",
    "typical", "requirements", "next_month", "institutions", "hazard_ledger", "definitions",
)  # fmt: skip
collect, context = assemble.of(__name__)
