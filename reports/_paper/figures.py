"""From the register to a report's figures: what the three reports collect alike.

Calls the features' queries under a scope that ends at the report's place; returns plain JSON in the
shape that `reports.monthly_oversight.report` documents. Nothing here knows words or paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app

from eldercare.beds import queries as beds
from eldercare.core import calendar
from eldercare.core.calendar import Month, Period
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import TYPES
from eldercare.facilities.staff import queries as staff
from eldercare.homecare import queries as homecare
from eldercare.residents import queries as residents
from eldercare.residents.models import ABILITY_LEVELS
from reports._paper.gather import Gather
from reports._paper.gather import indicator as one
from reports._paper.words import _load

MONTHS = 13  # this one and as many as year on year needs
FARTHEST = 36  # how far back the earliest data are looked for
OLD_BANDS = ("80-89", "90-99", "100+")
BED_COUNTS = ("beds_filed", "beds_set", "beds_usable", "beds_nursing")
TREND_BEDS = BED_COUNTS[1:]  # of months before, what was filed is not asked
MOVES = ("opening", "admissions", "discharges", "deaths", "closing")
NEAR_POINTS = 5  # amber from so many points below an upper limit
Json = dict[str, Any]


def begin(kind: str, version: str, audience: str, scope: Scope, period: Period) -> Gather:
    """What every report starts with: its place, the settings in force, the months' trend; sealed with it."""
    if audience == "any":
        several = "townships" if len(scope.townships) > 1 else "township"
        audience = "district" if scope.everywhere else "facility" if scope.facilities else several
    names = township_names(scope)
    here = None
    if audience == "district":
        place: Json = {"level": "district", **_load("monthly_oversight")["district"]}
    elif audience == "townships":  # told apart like the district's, named by what they are
        named = {lang: join.join(each[lang] for each in names.values()) for lang, join in (("zh", "、"), ("en", ", "))}
        place = {"level": "district", **named}
    elif audience == "township":
        (township,) = names.values()
        place = {"level": "township", **township}
    else:
        here = db.session.scalars(facilities.facilities(scope)).one()
        place = {"level": "facility", "code": here.code, "zh": here.name, "en": here.name}
    month = period.months[-1]
    is_home = here is not None and here.facility_type == "institution"
    people = {row["month"]: row["active"] for row in residents.trend(scope, month, FARTHEST)} if here is None else {}
    series = trend(scope, month, people, family=here is None) if here is None or is_home else []
    data = {
        "schema": 2, "kind": kind, "template": version, "period": str(period), "place": place,
        "organ": dict(_load("monthly_oversight")["organ"]), "issued_on": calendar.today().isoformat(),
        "first_day": period.first.isoformat(), "last_day": period.last.isoformat(),
        "cutoff_at": calendar.local(period.cutoff).isoformat(), "rules": _rules(), "trend": series, "photos": [],
        "map": _map(scope) if audience == "district" else [],
        "facility": _facility(here, names) if here is not None else None,
        "family_beds": None if here is not None else {"in_service": homecare.family_bed_counts(scope, period.last)[1].beds},
        "history_from": history_from(people, series, month) if here is None else (series[0]["month"] if series else str(month)),
    }  # fmt: skip
    g = Gather(scope, period, place["level"], names, data, here)
    if (before := g.issue_before) is not None:
        data["trend"] = as_published(series, before.dataset.get("trend", ()))
    return g


def _map(scope: Scope) -> list[Json]:
    """Where the townships lie: the centres the map is drawn from."""
    return [{"code": each.code, "lon": each.lon, "lat": each.lat} for each in facilities.townships(scope)]


def _rules() -> Json:
    """The settings the figures were made with."""
    settings = current_app.config
    return {
        "advanced_age": 80, "disabled_level": settings["DISABLED_LEVEL"],
        "nursing_target_percent": settings["NURSING_BED_TARGET_PERCENT"],
        "licence_days": list(settings["LICENCE_REMINDER_DAYS"]), "assessment_months": settings["ASSESSMENT_MONTHS"],
        "near_points": NEAR_POINTS,
    }  # fmt: skip


def _facility(here: Any, names: Mapping[int, Json]) -> Json:
    return {
        "code": here.code, "name": here.name, "facility_type": here.facility_type, "state": here.state,
        "township": names[here.township_id], "ownership": here.ownership_mode, "stationed": here.stationed,
        "star_level": here.star_level, "opened_on": here.opened_on.isoformat() if here.opened_on else None,
    }  # fmt: skip


def township_names(scope: Scope) -> dict[int, Json]:
    """Townships in reach by id, in the order of their codes."""
    return {each.id: {"code": each.code, "zh": each.name, "en": each.name_en} for each in facilities.townships(scope)}


# ---- beds and people in homes ----
def capacity(g: Gather) -> Json:
    """Institutions open at a period's end or left in it: beds, movements; sums of known numbers."""
    details = {each.id: each for each in db.session.scalars(facilities.facilities(g.scope, facility_type="institution"))}
    on_file = {each.facility_id: each for each in beds.occupancy(g.scope, g.period.last)}
    moved, total = g.once(beds.movements, g.period)
    rows = []
    for each in moved:
        home, open_home = details[each.facility_id or 0], on_file.get(each.facility_id)
        rows.append({
            "code": each.code, "name": each.name, "township": g.names[home.township_id]["code"],
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


def trend(scope: Scope, month: Month, people: Mapping[str, int], *, family: bool = True) -> list[Json]:
    """Month ends, oldest first, from the first month that has any data. `people`: on the register at each month's end."""
    served = {str(each): count for each, count in homecare.family_bed_trend(scope, month, MONTHS)} if family else {}
    rows = [
        {
            "month": str(line.month), "elders": people.get(str(line.month), line.in_home), "beds_set": line.beds_set or 0,
            "beds_usable": line.beds_usable or 0, "beds_nursing": line.beds_nursing or 0, "occupied": line.in_home,
            "family_beds": served.get(str(line.month), 0),
        }
        for line in beds.occupancy_trend(scope, month, MONTHS)
    ]  # fmt: skip
    return [row for i, row in enumerate(rows) if any(later["elders"] for later in rows[: i + 1])]


def as_published(rows: Iterable[Json], told: Iterable[Json]) -> list[Json]:
    """A trend with the numbers of beds of the months the issue before told of, as it told them: the register keeps no history of
    them, and a bed set up since is neither a correction of that issue nor there in its months (domain.md §8).
    """
    known = {row["month"]: {key: row[key] for key in TREND_BEDS if key in row} for row in told}
    return [row | known.get(row["month"], {}) for row in rows]


def history_from(people: Mapping[str, int], known: Sequence[Json], month: Month) -> str:
    """The first month with anyone on the register, at most three years back."""
    return next((each for each, active in people.items() if active), known[0]["month"] if known else str(month))


# ---- people on the register ----
def people(scope: Scope, month: Period) -> Json:
    """Who is on the register at the end of a period, and its movements."""
    found, turned = residents.profile(scope, month.last), residents.turnover(scope, month)
    return {
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


def ages(by_age_sex: Mapping[str, Mapping[str, int]]) -> list[Json]:
    """Bands from 60 up; the under-60 come last and only where there are any."""
    rows = [{"band": band, "male": row["male"], "female": row["female"]} for band, row in by_age_sex.items()]
    return [row for row in rows if not row["band"].startswith("under") or row["male"] + row["female"]]


def abilities(by_level: Mapping[str, int]) -> list[Json]:
    """Levels in order, the not assessed last."""
    rows = [{"level": level, "count": by_level.get(str(n), 0)} for n, level in enumerate(ABILITY_LEVELS)]
    return [*rows, {"level": "unassessed", "count": by_level.get("unassessed", 0)}]


def elders_by_township(scope: Scope, month: Period, disabled_level: int) -> tuple[list[Json], int]:
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


def people_here(g: Gather, level: int) -> Json:
    """Who lives in one institution at the end of a period."""
    found = beds.people_in_homes(g.scope, g.period.last)
    able = g.once(beds.disabled_share, g.period.last, level)
    levels = {str(n): count for n, count in able.by_level.items()} | {"unassessed": able.in_home - able.assessed}
    return {
        "ages": ages(found["by_age_sex"]), "ability": abilities(levels),
        "household": [{"household_type": key, "count": count} for key, count in found["by_household"].items() if count],
        "living": [], "left_behind": None, "turnover": None, "townships": [], "villages": [],
    }  # fmt: skip


# ---- facilities and their licences ----
def service(scope: Scope, here: Any, month: Period) -> list[Json]:
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


# ---- indicators ----
def over_time(g: Gather, n: str, of: str | None = None) -> dict[str, Json | None]:
    """A column of the trend (month ends) at the three times, over another."""
    points = {row["month"]: row for row in g.data["trend"]}
    found = {name: points.get(str(each.month)) for name, each in g.times().items()}
    return {name: {"n": row[n]} | ({"of": row[of]} if of else {}) for name, row in found.items() if row}


def bed_indicators(g: Gather) -> list[Json]:
    """Beds, occupancy, movements and who lives there, of the institutions."""
    if not g.data["capacity"]["institutions"]:
        return []
    rules, times = g.data["rules"], g.times()
    known = {name: each for name, each in times.items() if over_time(g, "occupied").get(name)}
    moved = {name: each.once(beds.movements, each.period)[1] for name, each in known.items()}
    slept = {name: each.once(beds.bed_days, each.period) for name, each in known.items()}
    able = {name: each.once(beds.disabled_share, each.period.last, rules["disabled_level"]) for name, each in known.items()}
    return [
        one("beds_set", over_time(g, "beds_set")),
        one("nursing_share", over_time(g, "beds_nursing", "beds_set"), "up", {"at_least": rules["nursing_target_percent"]}),
        one("in_residence", over_time(g, "occupied")),
        one("occupancy", over_time(g, "occupied", "beds_set"), None, {"at_most": 100}),
        one("occupancy_usable", over_time(g, "occupied", "beds_usable"), None, {"at_most": 100}),
        one("average_occupancy", {name: {"n": each.occupied, "of": each.available or 0} for name, each in slept.items()}),
        one("admissions", {name: {"n": each.admissions} for name, each in moved.items()}),
        one("departures", {name: {"n": each.discharges + each.deaths} for name, each in moved.items()}),
        one("disabled_share", {name: {"n": each.disabled, "of": each.in_home} for name, each in able.items()}),
        one("assessed_share", {name: {"n": each.assessed, "of": each.in_home} for name, each in able.items()}, "up",
            {"at_least": 100}),
    ]  # fmt: skip


def advanced(g: Gather) -> Json:
    """People of advanced age over everyone on the register (in an institution: over those in residence)."""
    found: dict[str, Json | None] = {}
    for name, each in g.times().items():
        if name == "value":
            bands = {row["band"]: row["male"] + row["female"] for row in g.data["residents"]["ages"]}
        elif not over_time(g, "elders").get(name):
            continue
        elif g.facility is not None:
            found_here = beds.people_in_homes(each.scope, each.period.last)["by_age_sex"]
            bands = {band: sum(row.values()) for band, row in found_here.items()}
        else:
            bands = residents.profile(each.scope, each.period.last)["by_age"]
        whole = sum(bands.values())
        found[name] = {"n": sum(bands[band] for band in OLD_BANDS), "of": whole} if whole else None
    return one("advanced", found)
