"""Reads of the registry: people, what is known about one, and the counts reports stand on.

Ages are full years (周岁, domain.md §2.2), computed in SQL from the day they are asked for: a
birthday on 29 February counts on 1 March in common years.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, case, cast, false, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import joinedload

from eldercare.core import calendar, secrets
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.pinyin import tsquery
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township, Village
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

R = Resident
_ID = re.compile(r"\d{15}|\d{17}[\dX]|[A-Z]{1,3}\d{6,10}")
_PHONE = re.compile(r"1\d{10}|0\d{9,11}|[2-8]\d{6,7}|400\d{7}")
_LAST4 = re.compile(r"(?:\*{2,})?(\d{3}[\dX])")


# ---- one box that understands what is meant -----------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A whole number someone looks for: kept as its blind index, shown as `shown`."""

    field: str  # id_number or phone
    digest: str  # hex
    shown: str

    @classmethod
    def read(cls, text: str) -> "Number | None":
        """The whole ID or telephone number in a search text, or None when it holds neither."""
        plain = re.sub(r"[\s\-‐–—()]+", "", unicodedata.normalize("NFKC", text)).upper()
        if _ID.fullmatch(plain):
            return cls("id_number", secrets.keys().blind(plain, "id_number").hex(), "****" + plain[-4:])
        if _PHONE.fullmatch(plain):
            return cls("phone", secrets.keys().blind(plain, "phone").hex(), secrets.mask_phone(plain))
        return None


class Sought(str):
    """A masked number in the search box that stands for a whole one (`number`) looked for before."""

    __slots__ = ("number",)
    number: Number

    def __new__(cls, number: Number) -> Self:
        made = super().__new__(cls, number.shown)
        made.number = number
        return made


def matching(text: str) -> ColumnElement[bool]:
    """The condition for a search text: a whole number, the last four signs of one, or part of a name.

    A name may be given in characters or in pinyin, in full or by initials. What can mean nothing
    finds nobody.
    """
    number = text.number if isinstance(text, Sought) else Number.read(text)
    if number is not None:
        column = R.id_number_index if number.field == "id_number" else R.phone_index
        return column == bytes.fromhex(number.digest)
    last4 = _LAST4.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if last4:
        return R.id_last4 == last4[1]
    asked = tsquery(text)
    return false() if asked is None else R.search.op("@@")(cast(asked, TSQUERY))


# ---- people -------------------------------------------------------------------------------------


def residents(scope: Scope, **equal: Any) -> Select[Resident]:
    """People within reach; `equal` names columns and the values they must have."""
    return scope.select(R).filter_by(**equal)


def listed(scope: Scope) -> Select[Any]:
    """People within reach as a list needs them: a light row each, the names of places beside it."""
    columns = (
        R.id, R.name, R.sex, R.birth_date, R.id_type, R.id_number, R.household_type, R.living_arrangement, R.left_behind,
        R.ability_level, R.ability_score, R.assessed_on, R.next_due_on, R.state, R.registered_on, R.township_id,
        R.facility_id, Township.code.label("township_code"), Township.name.label("township_name"),
        Township.name_en.label("township_name_en"), func.coalesce(Village.name, R.village_name).label("village"),
        Facility.name.label("facility"),
    )
    return (
        scope.columns(R, *columns)
        .outerjoin(Township, Township.id == R.township_id)
        .outerjoin(Village, Village.id == R.village_id)
        .outerjoin(Facility, Facility.id == R.facility_id)
    )


def resident(scope: Scope, resident_id: int) -> Resident:
    """One person with the names of the places; 404 outside the scope's reach."""
    found: Resident | None = db.session.scalars(
        scope.select(R)
        .where(R.id == resident_id)
        .options(joinedload(R.township), joinedload(R.village), joinedload(R.facility))
    ).one_or_none()
    return found if found is not None else scope.get(R, resident_id)


def listed_one(scope: Scope, resident_id: int) -> Any:
    """One person as the list shows them; 404 outside the scope's reach."""
    found = db.session.execute(listed(scope).where(R.id == resident_id)).one_or_none()
    return found if found is not None else scope.get(R, resident_id)


def by_number(scope: Scope, text: str) -> list[Resident]:
    """Who holds a whole ID number (any state) within reach; also by the number of the record."""
    number = Number.read(text)
    if number is None or number.field != "id_number":
        digits = text.strip()
        return list(db.session.scalars(scope.select(R).where(R.id == int(digits)))) if digits.isdecimal() else []
    return list(db.session.scalars(scope.select(R).where(R.id_number_index == bytes.fromhex(number.digest)).order_by(R.id)))


def near(
    scope: Scope, *, name: str | None, birth_date: date | None, phone: str | None, id_number: str | None, but: int | None = None
) -> list[Resident]:
    """People already registered within reach who may be the same one, surest first, at most ten.

    Same document number; or same name and a date of birth within a year; or same telephone.
    """
    ways: list[ColumnElement[bool]] = []
    if id_number:
        ways.append(R.id_number_index == secrets.keys().blind(id_number, "id_number"))
    if phone:
        ways.append(R.phone_index == secrets.keys().blind(phone, "phone"))
    asked = tsquery(name) if name else None
    if name and asked and birth_date:
        around = R.birth_date.between(calendar.add_years(birth_date, -1), calendar.add_years(birth_date, 1))
        ways.append(and_(R.search.op("@@")(cast(asked, TSQUERY)), R.name == name, around))
    if not ways:
        return []
    query = scope.select(R).where(or_(*ways), R.state != "duplicate", R.id != (but or 0))
    query = query.options(joinedload(R.township), joinedload(R.village)).order_by(R.id).limit(10)
    found: list[Any] = list(db.session.scalars(query))
    digest = secrets.keys().blind(id_number, "id_number") if id_number else None
    return sorted(found, key=lambda row: row.id_number_index != digest)


def place_names() -> dict[str, dict[int, tuple[str, str]]]:
    """Townships by id, for histories: column → id → (zh, en)."""
    rows = db.session.execute(select(Township.id, Township.name, Township.name_en))
    names = {row.id: (row.name, row.name_en) for row in rows}
    return {"township_id": names, "hukou_township_id": names}


def townships(scope: Scope | None = None) -> list[Any]:
    """Townships (id, code, name, name_en): all, or those a scope reaches as townships."""
    query = select(Township.id, Township.code, Township.name, Township.name_en).order_by(Township.code)
    if scope is not None and not scope.everywhere:
        query = query.where(Township.id.in_(scope.townships))
    return list(db.session.execute(query))


def township_id(code: str) -> Any:
    """The id of a township's code, to compare with (the database looks it up once)."""
    return select(Township.id).where(Township.code == code).scalar_subquery()


def villages(township_id: int | None) -> list[Any]:
    """Villages of a township (id, name)."""
    query = select(Village.id, Village.name).where(Village.township_id == township_id)
    return list(db.session.execute(query.order_by(Village.name)))


def choices(scope: Scope, township_code: str) -> dict[str, list[tuple[str, str, str]]]:
    """What the list's place filters offer, in one statement: (value, zh, en) under township, village, facility.

    Villages appear once a township is chosen (or is the only one within reach).
    """
    kind = literal("township").label("kind")
    all_townships = select(kind, Township.code.label("value"), Township.name.label("zh"), Township.name_en.label("en"))
    of_township = Township.code == township_code
    if not scope.everywhere:
        all_townships = all_townships.where(Township.id.in_(scope.townships))
        if len(scope.townships) == 1:
            of_township = Township.id.in_(scope.townships)
        elif not township_code:
            of_township = false()
    its_villages = select(literal("village"), func.cast(Village.id, R.name.type), Village.name, null()).join(
        Township, and_(Township.id == Village.township_id, of_township)
    )
    homes = scope.columns(Facility, literal("facility"), func.cast(Facility.id, R.name.type), Facility.name, null()).where(
        Facility.facility_type == "institution"
    )
    out: dict[str, list[tuple[str, str, str]]] = {"township": [], "village": [], "facility": []}
    rows: list[Any] = list(db.session.execute(union_all(all_townships, its_villages, homes)))
    for row in sorted(rows, key=lambda row: row.value if row.kind == "township" else row.zh):
        out[row.kind].append((row.value, row.zh, row.en or row.zh))
    return out


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
    if not scope.everywhere:  # behind the local wall the planner expects one row and joins 5,000 × 5,000: ask person by person
        one = scope.columns(Assessment, Assessment.final_level).where(Assessment.resident_id == R.id, *valid)
        return one.order_by(*newest).limit(1).correlate(R).scalar_subquery(), None
    latest = (
        scope.columns(Assessment, Assessment.resident_id, Assessment.final_level)
        .where(*valid)
        .distinct(Assessment.resident_id)
        .order_by(Assessment.resident_id, *newest)
        .subquery("latest")
    )
    return latest.c.final_level, latest


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


def assessments_due(scope: Scope, day: date) -> dict[str, int]:
    """People on the register: {"overdue", "due_in_30_days", "never"}: their next ability assessment (§2.3: every 12 months)."""
    soon = day + timedelta(days=30)
    query = scope.columns(
        R,
        func.count().filter(R.next_due_on < day).label("overdue"),
        func.count().filter(R.next_due_on.between(day, soon)).label("due_in_30_days"),
        func.count().filter(R.ability_level.is_(None)).label("never"),
    ).where(R.state == "active")
    return dict(db.session.execute(query).one()._mapping)  # noqa: SLF001 — the public name of a row's mapping
