"""Counts that dashboards and reports stand on.

Ages are full years (周岁, domain.md §2.2), computed in SQL from the day they are asked for: a
birthday on 29 February counts on 1 March in common years.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from eldercare.core import calendar
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.residents.models import (
    AGE_BANDS,
    HOUSEHOLD_TYPES,
    LIVING_ARRANGEMENTS,
    LOW_INCOME,
    SCALE,
    SEXES,
    Assessment,
    Resident,
)
from eldercare.residents.queries.people import townships

R = Resident


# ---- ages ---------------------------------------------------------------------------------------


def at_least(years: int, day: date) -> ColumnElement[bool]:
    """Whether someone has completed `years` on a day (an index on the date of birth serves it)."""
    return R.birth_date <= calendar.add_years(day, -years)


def in_band(band: str, day: date) -> ColumnElement[bool]:
    """Whether someone's age on a day lies in a band of `AGE_BANDS`; KeyError for another word."""
    low, high = AGE_BANDS[band]
    return and_(at_least(low, day), R.birth_date > calendar.add_years(day, -high - 1)) if high < 150 else at_least(low, day)


def band_of(day: date) -> ColumnElement[str]:
    """The band of someone's age on a day."""
    bands = sorted(AGE_BANDS.items(), key=lambda each: -each[1][0])
    return case(*[(at_least(low, day), band) for band, (low, _) in bands if low], else_="under-60")


# ---- counts for dashboards and reports: one statement each -----------------------------------------

_LEFT_ON = func.least(R.moved_out_on, R.died_on)  # ignores NULL
_DIED_HERE = and_(R.died_on.is_not(None), or_(R.moved_out_on.is_(None), R.died_on <= R.moved_out_on))
_LEFT_HOW = case((_DIED_HERE, "deceased"), else_="moved_out")


def on_register(day: date) -> ColumnElement[bool]:
    """Whether someone is on the register at the end of a day."""
    return and_(R.state != "duplicate", R.registered_on <= day, or_(_LEFT_ON.is_(None), day < _LEFT_ON))


def _level_on(scope: Scope, day: date) -> tuple[Any, Any]:
    """(level as of a day, the subquery to outer-join or None): of the register today, of the assessments before."""
    if day >= calendar.today():
        return R.ability_level, None
    valid = (Assessment.assessed_on <= day, Assessment.is_void.is_(False), Assessment.scale == SCALE)
    newest = (Assessment.assessed_on.desc(), Assessment.id.desc())
    # a level that came with a list from a bureau stands in the record alone
    taken_in = case((R.assessed_on <= day, R.ability_level))
    if not scope.everywhere:  # behind the local wall the planner expects one row and joins 5,000 × 5,000: ask person by person
        one = scope.columns(Assessment, Assessment.final_level).where(Assessment.resident_id == R.id, *valid)
        return func.coalesce(one.order_by(*newest).limit(1).correlate(R).scalar_subquery(), taken_in), None
    latest = (
        scope.columns(Assessment, Assessment.resident_id, Assessment.final_level)
        .where(*valid)
        .ext(distinct_on(Assessment.resident_id))
        .order_by(Assessment.resident_id, *newest)
        .subquery("latest")
    )
    return func.coalesce(latest.c.final_level, taken_in), latest


def _people_on(scope: Scope, day: date, *columns: Any) -> Any:
    """A subquery: a row a person on the register at the end of a day, with `level` as of that day."""
    level, latest = _level_on(scope, day)
    query = scope.columns(R, *columns, level.label("level")).where(on_register(day))
    if latest is not None:
        query = query.outerjoin(latest, latest.c.resident_id == R.id)
    return query.offset(0).subquery("people")  # OFFSET 0: computed once a person, not once a column that asks


def profile(scope: Scope, day: date) -> dict[str, Any]:
    """Who is on the register at the end of a day, counted.

    {"total", "by_age", "by_sex", "by_ability", "by_household", "by_living": {code: people}, "by_age_sex":
    {band: {sex: people}}}; ability under "0"…"4" and "unassessed", as it stood that day. Household
    type and living arrangement are those of the register now. Every code of a kind is there, 0 included.
    """
    household, living = R.household_type.label("household"), R.living_arrangement.label("living")
    people = _people_on(scope, day, band_of(day).label("age"), R.sex, household, living)
    kinds = (people.c.age, people.c.sex, people.c.level, people.c.household, people.c.living)
    sets = func.grouping_sets(tuple_(people.c.age, people.c.sex), *(tuple_(kind) for kind in kinds[2:]))
    rows = db.session.execute(select(func.grouping(*kinds), *kinds, func.count()).group_by(sets))
    age_sex: dict[str, dict[str, int]] = {band: dict.fromkeys(SEXES, 0) for band in AGE_BANDS}
    ability = dict.fromkeys([*map(str, range(5)), "unassessed"], 0)
    households, livings = dict.fromkeys(HOUSEHOLD_TYPES, 0), dict.fromkeys(LIVING_ARRANGEMENTS, 0)
    for which, band, sex, level, house, lives, count in rows:
        if which == 0b00111:
            age_sex[band][sex] = count
        elif which == 0b11011:
            ability["unassessed" if level is None else str(level)] = count
        elif which == 0b11101:
            households[house] = count
        else:
            livings[lives] = count
    by_sex = {sex: sum(row[sex] for row in age_sex.values()) for sex in SEXES}
    return {
        "total": sum(by_sex.values()), "by_age": {band: sum(row.values()) for band, row in age_sex.items()}, "by_sex": by_sex,
        "by_ability": ability, "by_household": households, "by_living": livings, "by_age_sex": age_sex,
    }


def profile_by_township(scope: Scope, day: date) -> list[dict[str, Any]]:
    """The same by township of residence, in the order of their codes; townships without anyone included.

    [{"township_id", "code", "name", "name_en", "total", "by_age", "by_ability", "advanced_age" (80 and
    over), "living_alone", "left_behind", "low_income" (extreme difficulty, subsistence, near subsistence)}].
    """
    lives = (R.living_arrangement, R.left_behind, R.household_type)
    people = _people_on(scope, day, R.township_id, band_of(day).label("age"), *lives)

    def having(condition: Any) -> Any:
        return func.count().filter(condition)

    low_income = people.c.household_type.in_(LOW_INCOME)
    columns = [having(people.c.age == band) for band in AGE_BANDS] + [having(people.c.level == level) for level in range(5)]
    columns += [having(people.c.living_arrangement == "living_alone"), having(people.c.left_behind), having(low_income)]
    query = select(people.c.township_id, func.count(), *columns).group_by(people.c.township_id)
    rows = {row[0]: row[1:] for row in db.session.execute(query)}
    out = []
    for township in townships(scope):
        total, *counts = rows.get(township.id, (0,) * (1 + len(columns)))
        ages, levels, (alone, behind, poor) = counts[: len(AGE_BANDS)], counts[len(AGE_BANDS) : -3], counts[-3:]
        by_age = dict(zip(AGE_BANDS, ages, strict=True))
        by_ability = dict(zip(map(str, range(5)), levels, strict=True)) | {"unassessed": total - sum(levels)}
        out.append(
            {
                "township_id": township.id, "code": township.code, "name": township.name, "name_en": township.name_en,
                "total": total, "by_age": by_age, "by_ability": by_ability,
                "advanced_age": by_age["80-89"] + by_age["90-99"] + by_age["100+"],
                "living_alone": alone, "left_behind": behind, "low_income": poor,
            }
        )
    return out


def trend(scope: Scope, last_month: Month, months: int) -> list[dict[str, Any]]:
    """Month by month, oldest first: {"month", "registered", "moved_out", "deceased", "active" (at its end)}.

    They add up: active = active of the month before + registered − moved out − deceased. Who dies
    after moving out left by moving out.
    """
    first = last_month.plus(1 - months)
    came = case((R.registered_on < first.first, ""), else_=func.to_char(R.registered_on, "YYYY-MM"))
    left = case((first.first > _LEFT_ON, ""), else_=func.to_char(_LEFT_ON, "YYYY-MM"))
    query = scope.columns(R, came, left, _LEFT_HOW, func.count()).where(R.state != "duplicate").group_by(came, left, _LEFT_HOW)
    listed_months = [str(first.plus(n)) for n in range(months)]
    none = {"registered": 0, "moved_out": 0, "deceased": 0, "active": 0}
    out: dict[str, dict[str, Any]] = {month: {"month": month, **none} for month in listed_months}
    active = 0
    for came_in, left_in, how, count in db.session.execute(query):
        if came_in in out:
            out[came_in]["registered"] += count
        elif came_in == "":
            active += count
        if left_in in out:
            out[left_in][how] += count
        elif left_in == "":
            active -= count
    for month in out.values():
        active += month["registered"] - month["moved_out"] - month["deceased"]
        month["active"] = active
    return list(out.values())


def turnover(scope: Scope, month: Month) -> dict[str, int]:
    """One month's movement: {"before", "registered", "moved_out", "deceased", "after"} (before and after: on the register)."""
    (only,) = trend(scope, month, 1)
    gone = only["moved_out"] + only["deceased"]
    return {
        "before": only["active"] - only["registered"] + gone, "registered": only["registered"],
        "moved_out": only["moved_out"], "deceased": only["deceased"], "after": only["active"],
    }


def assessment_due(when: str, day: date) -> ColumnElement[bool]:
    """Whether someone's next assessment is "overdue" on a day, or due "soon": within the 30 days from it on."""
    return R.next_due_on < day if when == "overdue" else R.next_due_on.between(day, day + timedelta(days=30))


def assessments_due(scope: Scope, day: date) -> dict[str, int]:
    """People on the register: {"overdue", "due_in_30_days", "never"}: their next ability assessment (§2.3: every 12 months)."""
    query = scope.columns(
        R,
        func.count().filter(assessment_due("overdue", day)).label("overdue"),
        func.count().filter(assessment_due("soon", day)).label("due_in_30_days"),
        func.count().filter(R.ability_level.is_(None)).label("never"),
    ).where(R.state == "active")
    return dict(db.session.execute(query).one()._mapping)  # noqa: SLF001 — the public name of a row's mapping
