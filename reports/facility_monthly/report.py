"""设施运行月报: a facility's own month. An institution has beds, people and movements; the other types have what applies."""

from __future__ import annotations

from reports._paper import assemble
from reports._paper.words import Words

KIND = "facility-monthly"
CADENCE = "monthly"
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "6"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "facility_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = (
    "summary", "key_figures", "capacity", "residents", "service", "licences", "inspections", "hazards", "major",
    "incidents", "stationed", "selfchecks", "home_community", "canteens", "next_month", "later", "hazard_ledger",
    "definitions",
)  # fmt: skip
collect, context = assemble.of(__name__)
