"""主要指标: value, change on the period before and on the year, target, light; the trend of occupancy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper import pictures, tables
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "key_figures"
SHEET = True


HOMES = "/facilities/?type=institution"  # a line for each home, with its beds and who lives there
# where the rows behind an indicator stand: as they are now …
STANDING = {
    "elders": "/residents/", "advanced": "/residents/", "beds_set": HOMES, "nursing_share": HOMES,
    "in_residence": "/beds/stays/", "occupancy": HOMES, "occupancy_usable": HOMES, "assessed_share": "/beds/stays/",
    "licences_expired": "/facilities/licences?expiring=expired",
    "hazards_open": "/hazards/?stage=ordered", "hazards_overdue": "/hazards/?overdue=1",
    "major_open": "/hazards/major/cases/?figure=open&month={month}",
}  # fmt: skip
# … or of the days of a period, as lists keep them for ever
COUNTED = {
    "admissions": "/beds/stays/?state=came&admitted_from={first}&admitted_to={last}",
    "hazards_found": "/hazards/?stage=found&found_from={first}&found_to={last}",
    "hazards_in_time": "/hazards/boards/overview",
    "incidents": "/incidents/?stage=&day_from={first}&day_to={last}",
    "incidents_on_time": "/incidents/?stage=&day_from={first}&day_to={last}",
    "visits_done": "/inspections/?span=&state=sent&day_from={first}&day_to={last}",
    "homes_visited": "/inspections/plans/coverage/",
    "stationed_present": "/inspections/postings/days/?days_from={first}&days_to={last}",
    "selfchecks_in_time": "/selfchecks/rounds/?days_from={first}&days_to={last}",
}  # fmt: skip


def opens(data: Data, key: str) -> str | None:
    """The list that holds the rows behind an indicator; none of a standing that has passed."""
    pattern = COUNTED.get(key) or (STANDING.get(key) if data["last_day"] >= data["issued_on"] else None)
    first, last = data["first_day"], min(data["last_day"], data["issued_on"])
    return pattern.format(first=first, last=last, month=last[:7]) if pattern else None


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One table, one chart."""
    links = [opens(data, each["key"]) for each in data["indicators"]]
    return [show.table(tables.indicators(data, w), links=links), show.picture(pictures.trend(data, w))]
