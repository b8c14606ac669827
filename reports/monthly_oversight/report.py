"""养老机构安全监管月报: the district's monthly oversight report (domain notes §8), first edition.

`collect()` returns the sealed figures, plain JSON; shape:

    schema, kind, template, period "2026-10", place {level, code, zh, en}, issue {year, number},
    organ {zh, en}, issued_on, last_day, cutoff_at (ISO), history_from "2025-05",
    rules {advanced_age, disabled_level, nursing_target_percent, licence_days, assessment_months,
           near_points}: the settings that were in force,
    indicators [{key, value, previous, year_ago, better, target}], a figure being {n} or {n, of}
           (a ratio) or null; target {"at_least" | "at_most": number} or null,
    facilities [{facility_type, operating, preparing, suspended, total}],
    family_beds {in_service},
    capacity {institutions, COUNTS…, rows [{code, name, township, ownership, stationed,
           COUNTS…}], townships [{code, zh, en, institutions, COUNTS…, family_beds}]}
           with COUNTS = beds_filed, beds_set, beds_usable, beds_nursing (null where not on file),
           opening, admissions, discharges, deaths, closing,
    trend [{month, elders, beds_set, beds_usable, occupied, family_beds}] oldest first, at most 13,
    residents {ages [{band, male, female}], ability [{level, count}] ("unassessed" last),
           household [{household_type, count}], living [{living_arrangement, count}], left_behind,
           turnover {opening, registered, moved_out, deceased, closing},
           townships [{code, zh, en, elders, advanced, living_alone, disabled, poor}], villages []},
    licences {total, expired, within_7, within_30 (8–30), within_90 (31–90), rows [{facility,
           facility_type, township, licence_type, valid_to, days}]},
    incidents {total, previous, by_grade {E1…E4}, types [{family, type, count, zh, en}], deaths, injured,
           due, on_time, open, resident_days}; absent in issues sealed by template 1.

`context()` turns figures into words and tables in one language; nothing else is needed to draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Month
from eldercare.core.scope import Scope
from reports._paper import area, tables
from reports._paper.words import Words

KIND = "monthly-oversight"
CADENCE = "monthly"
AUDIENCE = "district"
LIFE = "reviewed"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh", "en")
FOLDER = "monthly_oversight"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in LANGUAGES}
TILES = ("elders", "in_residence", "occupancy", "family_beds")


def collect(scope: Scope, period: Month) -> dict[str, Any]:
    """The district's figures at the end of a month, read in the caller's transaction."""
    from eldercare.homecare import queries as homecare  # noqa: PLC0415 — the drawing process needs none of this
    from reports._paper import figures  # noqa: PLC0415

    names = figures.township_names(scope)
    series = figures.trend(scope, period)
    data = figures.frame(KIND, TEMPLATE_VERSION, period, figures.district(), figures.history_from(scope, period, series))
    family, total = homecare.family_bed_counts(scope, period.last)
    capacity = figures.capacity(scope, period, names)
    served = {each.township_id: each.beds for each in family if each.township_id is not None}
    capacity["townships"] = figures.by_township(capacity["rows"], names, served)
    people, advanced = figures.people(scope, period)
    people["townships"], people["left_behind"] = figures.elders_by_township(scope, period, data["rules"]["disabled_level"])
    data |= {
        "facilities": figures.facility_types(scope), "family_beds": {"in_service": total.beds}, "capacity": capacity,
        "trend": series, "residents": people, "licences": figures.licences(scope, period.last, names),
        "incidents": figures.incidents(scope, period),
    }  # fmt: skip
    now = (advanced, people["turnover"]["closing"])
    data["indicators"] = figures.indicators(scope, period, data, figures.advanced_over_time(scope, period, now, series))
    return data


def context(data: Mapping[str, Any], w: Words, fingerprint: str) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    shown = area.context(data, w, fingerprint, TILES)
    shown["movements"] = area.movements(data, w)
    shown["tables"] |= {
        "by_township": tables.by_township(data, w),
        "elders": tables.elders(data, w),
        "institutions": tables.institutions(data, w),
    }
    return shown
