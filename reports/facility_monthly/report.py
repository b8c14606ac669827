"""设施运行月报: a facility's own month. An institution has beds, people and movements; the other types
have what applies to them.

The figures have the shape of `reports.monthly_oversight.report`, with place.level "facility" and
    facility {code, name, facility_type, township {code, zh, en}, state, ownership, stationed,
              star_level, opened_on},
    capacity, residents: as there, for an institution; null for the other types,
    trend: [] unless an institution (`elders` = those in residence),
    service: null for an institution; otherwise [{key, value}], what the register says of the
              facility: family_beds, served_townships, caregivers, seats, meals_per_day, area_m2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Month
from eldercare.core.scope import Scope
from reports._paper import pictures, story, tables
from reports._paper.words import Words

KIND = "facility-monthly"
CADENCE = "monthly"
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "facility_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
TILES = ("in_residence", "occupancy", "admissions", "licences_expired")


def collect(scope: Scope, period: Month) -> dict[str, Any]:
    """One facility's figures at the end of a month; `scope` reaches that facility alone."""
    from eldercare.core.db import db  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.facilities import queries as facilities  # noqa: PLC0415
    from reports._paper import figures  # noqa: PLC0415

    names = figures.township_names(scope)
    here = db.session.scalars(facilities.facilities(scope)).one()
    home = here.facility_type == "institution"
    series = figures.trend(scope, period, family=False) if home else []
    place = {"level": "facility", "code": here.code, "zh": here.name, "en": here.name}
    data = figures.frame(KIND, TEMPLATE_VERSION, period, place, series[0]["month"] if series else str(period))
    data |= {
        "facility": {
            "code": here.code, "name": here.name, "facility_type": here.facility_type, "state": here.state,
            "township": names[here.township_id], "ownership": here.ownership_mode, "stationed": here.stationed,
            "star_level": here.star_level, "opened_on": here.opened_on.isoformat() if here.opened_on else None,
        },
        "facilities": [], "family_beds": None, "trend": series, "capacity": None, "residents": None, "service": None,
        "licences": figures.licences(scope, period.last, names), "incidents": figures.incidents(scope, period),
    }  # fmt: skip
    advanced: dict[str, Any] = {}
    if home:
        data["capacity"] = {**figures.capacity(scope, period, names), "townships": []}
        data["residents"], advanced = figures.people_here(scope, period, data["rules"]["disabled_level"])
    else:
        data["service"] = figures.service(scope, here, period)
    data["indicators"] = figures.indicators(scope, period, data, advanced)
    return data


def context(data: Mapping[str, Any], w: Words, fingerprint: str) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    home, people = data["capacity"], data["residents"]
    place = data["facility"]
    where, state = w.place(place["township"]), w(place["state"])
    first = w("s_facility", name=place["name"], type=kind_of(place, w), township=where, state=state)
    licences_at = 2 + bool(home) + bool(people) + bool(data["service"]) + 1
    return {
        "title": w("full_title", place=w.place(data["place"])),
        "tiles": pictures.tiles(data, w, TILES) if home else [],
        "summary": [first, *story.summary(data, w)],
        "decisions": story.decisions(data, w, part=w.numeral(licences_at)),
        "movements": [story.balance(home, w), story.vacant(home, w)] if home else [],
        "licences_text": story.licences(data, w),
        "incidents_text": story.incidents(data, w),
        "later_text": story.later(data, w, "later_list_facility"),
        "definitions": story.definitions(data, w, fingerprint),
        "pictures": {
            "trend": pictures.trend(data, w),
            "ages": pictures.ages(data, w) if people else None,
            "ability": pictures.ability(data, w) if people else None,
        },
        "tables": {
            "indicators": tables.indicators(data, w),
            "licences": tables.licences(data, w),
            "incidents": tables.incidents(data, w),
            "service": tables.service(data, w) if data["service"] else None,
            "homes": tables.homes(data, w) if home else None,
            "ages": tables.ages(data, w) if people else None,
            "ability": tables.ability(data, w) if people else None,
            "household": tables.household(data, w) if people else None,
        },
    }


def kind_of(place: Mapping[str, Any], w: Words) -> str:
    """养老机构, 民办非营利, 驻点监管."""
    said = [w(place["facility_type"]).removesuffix("s")]
    if place["ownership"]:
        said.append(w(place["ownership"]))
    if place["stationed"]:
        said.append(w("stationed"))
    return w("join").join(said)
