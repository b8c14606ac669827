"""From the register to a report's figures: what the three reports collect alike.

Calls the features' queries under a scope that ends at the report's place; returns plain JSON in the
shape that `reports.monthly_oversight.report` documents. Nothing here knows words or paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import force_locale

from eldercare.beds import queries as beds
from eldercare.core import calendar
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import TYPES
from eldercare.facilities.staff import queries as staff
from eldercare.homecare import queries as homecare
from eldercare.incidents import queries as happened
from eldercare.incidents.grading.models import kind_words
from eldercare.residents import queries as residents
from eldercare.residents.models import ABILITY_LEVELS
from reports._paper.words import _load

MONTHS = 13  # this one and as many as year on year needs
FARTHEST = 36  # how far back the earliest data are looked for
OLD_BANDS = ("80-89", "90-99", "100+")
BED_COUNTS = ("beds_filed", "beds_set", "beds_usable", "beds_nursing")
MOVES = ("opening", "admissions", "discharges", "deaths", "closing")
NEAR_POINTS = 5  # amber from so many points below an upper limit
Json = dict[str, Any]


def frame(kind: str, version: str, month: Month, place: Json, history_from: str) -> Json:
    """What every report starts with; the settings in force are sealed with it."""
    settings, words = current_app.config, _load("monthly_oversight")
    return {
        "schema": 1, "kind": kind, "template": version, "period": str(month), "place": place,
        "issue": {"year": month.year, "number": month.month}, "organ": dict(words["organ"]),
        "issued_on": calendar.today().isoformat(), "last_day": month.last.isoformat(),
        "cutoff_at": calendar.local(month.cutoff).isoformat(), "history_from": history_from,
        "rules": {
            "advanced_age": 80, "disabled_level": settings["DISABLED_LEVEL"],
            "nursing_target_percent": settings["NURSING_BED_TARGET_PERCENT"],
            "licence_days": list(settings["LICENCE_REMINDER_DAYS"]), "assessment_months": settings["ASSESSMENT_MONTHS"],
            "near_points": NEAR_POINTS,
        },
    }  # fmt: skip


def district() -> Json:
    """The district as a place."""
    return {"level": "district", **_load("monthly_oversight")["district"]}


def township_names(scope: Scope) -> dict[int, Json]:
    """Townships in reach by id, in the order of their codes."""
    return {each.id: {"code": each.code, "zh": each.name, "en": each.name_en} for each in facilities.townships(scope)}


# ---- beds and people in homes ----
def capacity(scope: Scope, month: Month, names: Mapping[int, Json]) -> Json:
    """Institutions open at month end or left in the month: beds, movements; sums of known numbers."""
    details = {each.id: each for each in db.session.scalars(facilities.facilities(scope, facility_type="institution"))}
    on_file = {each.facility_id: each for each in beds.occupancy(scope, month.last)}
    moved, total = beds.movements(scope, month)
    rows = []
    for each in moved:
        home, open_home = details[each.facility_id or 0], on_file.get(each.facility_id)
        rows.append({
            "code": each.code, "name": each.name, "township": names[home.township_id]["code"],
            "ownership": home.ownership_mode, "stationed": home.stationed,
            **{key: getattr(open_home, key) if open_home else None for key in BED_COUNTS},
            **{key: getattr(each, key) for key in MOVES},
        })  # fmt: skip
    return {"institutions": len(on_file), **sums(rows), **{key: getattr(total, key) for key in MOVES}, "rows": rows}


def sums(rows: Sequence[Json]) -> Json:
    """Beds and movements added up; beds nobody has entered stay null when none is known."""
    out: Json = {}
    for key in BED_COUNTS:
        known = [row[key] for row in rows if row[key] is not None]
        out[key] = sum(known) if known or not rows else None
    return out | {key: sum(row[key] for row in rows) for key in MOVES}


def by_township(rows: Iterable[Json], names: Mapping[int, Json], family: Mapping[int, int]) -> list[Json]:
    """The institutions' numbers by township, with the family beds beside them and never in them."""
    listed = list(rows)
    out = []
    for township_id, name in names.items():
        own = [row for row in listed if row["township"] == name["code"]]
        open_homes = sum(1 for row in own if row["beds_set"] is not None)
        out.append({**name, "institutions": open_homes, **sums(own), "family_beds": family.get(township_id, 0)})
    return out


def trend(scope: Scope, month: Month, *, family: bool = True) -> list[Json]:
    """Month ends, oldest first, from the first month that has any data."""
    people = {row["month"]: row["active"] for row in residents.trend(scope, month, MONTHS)} if family else {}
    served = {str(each): count for each, count in homecare.family_bed_trend(scope, month, MONTHS)} if family else {}
    rows = []
    for n in range(1 - MONTHS, 1):
        each = month.plus(n)
        line = beds.total(beds.occupancy(scope, each.last))
        rows.append({
            "month": str(each), "elders": people.get(str(each), line.in_home), "beds_set": line.beds_set or 0,
            "beds_usable": line.beds_usable or 0, "beds_nursing": line.beds_nursing or 0, "occupied": line.in_home,
            "family_beds": served.get(str(each), 0),
        })  # fmt: skip
    return [row for i, row in enumerate(rows) if any(later["elders"] for later in rows[: i + 1])]


def history_from(scope: Scope, month: Month, known: Sequence[Json]) -> str:
    """The first month with anyone on the register, at most three years back."""
    rows = residents.trend(scope, month, FARTHEST)
    return next((row["month"] for row in rows if row["active"]), known[0]["month"] if known else str(month))


# ---- people on the register ----
def people(scope: Scope, month: Month) -> tuple[Json, int]:
    """Who is on the register at month end, and how many of them are of advanced age."""
    found, turned = residents.profile(scope, month.last), residents.turnover(scope, month)
    out = {
        "ages": ages(found["by_age_sex"]),
        "ability": abilities(found["by_ability"]),
        "household": [{"household_type": key, "count": count} for key, count in found["by_household"].items()],
        "living": [{"living_arrangement": key, "count": count} for key, count in found["by_living"].items()],
        "turnover": {
            "opening": turned["before"], "registered": turned["registered"], "moved_out": turned["moved_out"],
            "deceased": turned["deceased"], "closing": turned["after"],
        },
        "left_behind": 0, "townships": [], "villages": [],
    }  # fmt: skip
    return out, sum(found["by_age"][band] for band in OLD_BANDS)


def ages(by_age_sex: Mapping[str, Mapping[str, int]]) -> list[Json]:
    """Bands from 60 up; the under-60 come last and only where there are any."""
    rows = [{"band": band, "male": row["male"], "female": row["female"]} for band, row in by_age_sex.items()]
    return [row for row in rows if not row["band"].startswith("under") or row["male"] + row["female"]]


def abilities(by_level: Mapping[str, int]) -> list[Json]:
    """Levels in order, the not assessed last."""
    rows = [{"level": level, "count": by_level.get(str(n), 0)} for n, level in enumerate(ABILITY_LEVELS)]
    return [*rows, {"level": "unassessed", "count": by_level.get("unassessed", 0)}]


def elders_by_township(scope: Scope, month: Month, disabled_level: int) -> tuple[list[Json], int]:
    """Older people by township of residence, and how many are left behind in all."""
    found = residents.profile_by_township(scope, month.last)
    rows = [
        {
            "code": row["code"], "zh": row["name"], "en": row["name_en"], "elders": row["total"],
            "advanced": row["advanced_age"], "living_alone": row["living_alone"],
            "disabled": sum(row["by_ability"][str(level)] for level in range(disabled_level, 5)), "poor": row["low_income"],
        }
        for row in found
    ]  # fmt: skip
    return rows, sum(row["left_behind"] for row in found)


def people_here(scope: Scope, month: Month, level: int) -> tuple[Json, dict[str, Json | None]]:
    """Who lives in one institution at month end, and those of advanced age over them, then and before."""
    found = beds.people_in_homes(scope, month.last)
    able = beds.disabled_share(scope, month.last, level)
    levels = {str(n): count for n, count in able.by_level.items()} | {"unassessed": able.in_home - able.assessed}
    out: Json = {
        "ages": ages(found["by_age_sex"]), "ability": abilities(levels),
        "household": [{"household_type": key, "count": count} for key, count in found["by_household"].items() if count],
        "living": [], "left_behind": None, "turnover": None, "townships": [], "villages": [],
    }  # fmt: skip
    advanced: dict[str, Json | None] = {}
    for name, each in (("value", month), ("previous", month.plus(-1)), ("year_ago", month.plus(-12))):
        then = beds.people_in_homes(scope, each.last)["by_age_sex"]
        whole = sum(sum(row.values()) for row in then.values())
        advanced[name] = {"n": sum(sum(then[band].values()) for band in OLD_BANDS), "of": whole} if whole else None
    return out, advanced


# ---- facilities and their licences ----
def service(scope: Scope, here: Any, month: Month) -> list[Json]:
    """What the register says of a facility that is no institution; what nobody has entered is left out."""
    counted = staff.caregivers_at(scope, here.id, month.last)
    found: list[tuple[str, Any]] = [
        ("seats", here.seats), ("meals_per_day", here.meals_per_day),
        ("caregivers", here.caregivers if counted is None else counted),
        ("area_m2", None if here.area_m2 is None else round(here.area_m2)),
    ]  # fmt: skip
    if here.facility_type == "township_center":
        found.insert(0, ("family_beds", homecare.family_bed_counts(scope, month.last)[1].beds))
    if here.facility_type == "home_care_org":
        found.insert(0, ("served_townships", len(facilities.townships_served(scope, here.id))))
    return [{"key": key, "value": value} for key, value in found if value is not None]


def facility_types(scope: Scope) -> list[Json]:
    """How many of each type, by state, of those not closed; types without any are left out."""
    counts: dict[str, dict[str, int]] = {}
    for each in db.session.scalars(facilities.facilities(scope, gone=False)):
        line = counts.setdefault(each.facility_type, {"operating": 0, "preparing": 0, "suspended": 0, "total": 0})
        line[each.state] += 1
        line["total"] += 1
    return [{"facility_type": kind, **counts[kind]} for kind in TYPES if kind in counts]


def licences(scope: Scope, day: date, names: Mapping[int, Json]) -> Json:
    """Current licences that have expired by the day or end within 90 days of it, soonest first."""
    rows = [
        {
            "facility": each.facility_name, "facility_type": each.facility_type, "licence_type": each.licence_type,
            "township": names[each.township_id]["code"], "valid_to": each.valid_to.isoformat(), "days": each.days_left,
        }
        for each in facilities.licences_expiring(scope, day, within=90)
    ]  # fmt: skip
    every = db.session.execute(facilities.licences(scope))
    return {
        "total": sum(1 for paper, place, _ in every if paper.is_current and place.state not in facilities.GONE),
        "expired": _between(rows, None, -1), "within_7": _between(rows, 0, 7), "within_30": _between(rows, 8, 30),
        "within_90": _between(rows, 31, 90), "rows": rows,
    }  # fmt: skip


def _between(rows: Iterable[Json], low: int | None, high: int) -> int:
    return sum(1 for row in rows if (low is None or low <= row["days"]) and row["days"] <= high)


# ---- incidents ----
def incidents(scope: Scope, month: Month) -> Json:
    """Incidents that happened in the month; resident-days are the denominator of the rate. Types carry their names."""
    found = happened.month(scope, month, beds.bed_days(scope, month).occupied)
    types = []
    for row in found.by_type:
        words = kind_words(row["family"], row["type"])
        said = {}
        for short, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
            with force_locale(locale):
                said[short] = str(words)
        types.append({**row, **said})
    before = happened.month(scope, month.plus(-1), 0)
    return {
        "total": found.total, "previous": before.total, "by_grade": found.by_grade, "types": types, "deaths": found.deaths,
        "injured": found.injured, "due": found.due, "on_time": found.on_time, "open": found.open,
        "resident_days": found.resident_days,
    }  # fmt: skip


# ---- indicators ----
def indicators(scope: Scope, month: Month, data: Json, advanced: Mapping[str, Json | None]) -> list[Json]:
    """The key indicators with what they were a month and a year ago; null where there were no data."""
    level = data["rules"]["disabled_level"]
    points = {row["month"]: row for row in data["trend"]}
    times = {"value": month, "previous": month.plus(-1), "year_ago": month.plus(-12)}
    known = {name: each for name, each in times.items() if str(each) in points}
    out: list[Json] = []

    def add(key: str, at: Mapping[str, Json | None], better: str | None = None, target: Json | None = None) -> None:
        out.append({"key": key, **{name: at.get(name) for name in times}, "better": better, "target": target})

    def take(n: str, of: str | None = None) -> dict[str, Json | None]:
        found = {name: points[str(each)] for name, each in known.items()}
        return {name: {"n": row[n]} | ({"of": row[of]} if of else {}) for name, row in found.items()}

    if data["place"]["level"] != "facility":
        add("elders", take("elders"))
    if advanced.get("value"):
        add("advanced", advanced)
    if data["capacity"] and data["capacity"]["institutions"]:
        moved = {name: beds.movements(scope, each)[1] for name, each in known.items()}
        slept = {name: beds.bed_days(scope, each) for name, each in known.items()}
        able = {name: beds.disabled_share(scope, each.last, level) for name, each in known.items()}
        add("beds_set", take("beds_set"))
        add("nursing_share", take("beds_nursing", "beds_set"), "up", {"at_least": data["rules"]["nursing_target_percent"]})
        add("in_residence", take("occupied"))
        add("occupancy", take("occupied", "beds_set"), None, {"at_most": 100})
        add("occupancy_usable", take("occupied", "beds_usable"), None, {"at_most": 100})
        add("average_occupancy", {name: {"n": each.occupied, "of": each.available or 0} for name, each in slept.items()})
        add("admissions", {name: {"n": each.admissions} for name, each in moved.items()})
        add("departures", {name: {"n": each.discharges + each.deaths} for name, each in moved.items()})
        add("disabled_share", {name: {"n": each.disabled, "of": each.in_home} for name, each in able.items()})
        assessed: dict[str, Json | None] = {name: {"n": each.assessed, "of": each.in_home} for name, each in able.items()}
        add("assessed_share", assessed, "up", {"at_least": 100})
    if data["family_beds"]:
        add("family_beds", take("family_beds"))
    add("licences_expired", {"value": {"n": data["licences"]["expired"]}}, "down", {"at_most": 0})
    return out


def advanced_over_time(scope: Scope, month: Month, now: tuple[int, int], trend_rows: Sequence[Json]) -> dict[str, Json | None]:
    """People of advanced age over everyone, this month, last month and a year ago."""
    known = {row["month"] for row in trend_rows}
    out: dict[str, Json | None] = {"value": {"n": now[0], "of": now[1]}}
    for name, each in (("previous", month.plus(-1)), ("year_ago", month.plus(-12))):
        if str(each) in known:
            found = residents.profile(scope, each.last)
            out[name] = {"n": sum(found["by_age"][band] for band in OLD_BANDS), "of": found["total"]}
    return out
