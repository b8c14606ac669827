"""What the reports of an area, the district or a township, say alike: their summary, their people, their licences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports._paper import pictures, story, tables
from reports._paper.words import Words

LICENCES = 5  # the part in which the licences stand

Data = Mapping[str, Any]


def context(data: Data, w: Words, fingerprint: str, tiles: Sequence[str]) -> dict[str, Any]:
    """For page.html, in the language of `w`; a report adds its `movements` and tables of its own."""
    people = data["residents"]
    return {
        "title": w("full_title", place=w.place(data["place"])),
        "tiles": pictures.tiles(data, w, tiles),
        "summary": story.summary(data, w),
        "decisions": story.decisions(data, w, part=w.numeral(LICENCES)),
        "living_note": " ".join([w("n_living"), w("left_behind", n=w.n(people["left_behind"]))]),
        "licences_text": story.licences(data, w),
        "incidents_text": story.incidents(data, w),
        "later_text": story.later(data, w, "later_list"),
        "definitions": story.definitions(data, w, fingerprint),
        "pictures": {
            "trend": pictures.trend(data, w),
            "institutions": pictures.institutions(data, w),
            "ages": pictures.ages(data, w),
            "ability": pictures.ability(data, w),
        },
        "tables": {
            "indicators": tables.indicators(data, w),
            "facilities": tables.facilities(data, w),
            "ages": tables.ages(data, w),
            "ability": tables.ability(data, w),
            "household": tables.household(data, w),
            "living": tables.living(data, w),
            "turnover": tables.turnover(data, w),
            "licences": tables.licences(data, w),
            "incidents": tables.incidents(data, w),
        },
    }


def movements(data: Data, w: Words) -> list[str]:
    """The month's balance and the empty beds, where there is any institution; the family beds apart."""
    family = w.n(data["family_beds"]["in_service"])
    apart = w("n_family", n=family)
    if not data["capacity"]["institutions"]:
        return [w("s_no_homes", family=family), apart]
    return [story.balance(data["capacity"], w), story.vacant(data["capacity"], w), apart]
