"""镇街养老服务月报: what the district's report says, for one township."""

from __future__ import annotations

from reports._paper import assemble
from reports._paper.words import Words

KIND = "township-monthly"
CADENCE = "monthly"
AUDIENCE = "township"
LIFE = "issued"
TEMPLATE_VERSION = "5"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "township_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = (
    "summary", "key_figures", "capacity", "residents", "licences", "inspections", "hazards", "major", "incidents",
    "stationed", "selfchecks", "home_community", "canteens", "subsidies", "complaints", "ranking", "typical", "next_month",
    "hazard_ledger", "definitions",
)  # fmt: skip
collect, context = assemble.of(__name__)
