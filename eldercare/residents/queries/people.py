"""People: the list, one record, who may be the same, and the search that understands what is meant."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import joinedload

from eldercare.core import calendar, secrets
from eldercare.core.db import db
from eldercare.core.pinyin import tsquery
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township, Village
from eldercare.residents.models import Resident

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
    plain = Resident.__table__.c  # a list of plain rows stays one
    number = text.number if isinstance(text, Sought) else Number.read(text)
    if number is not None:
        column = plain.id_number_index if number.field == "id_number" else plain.phone_index
        return column == bytes.fromhex(number.digest)
    last4 = _LAST4.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if last4:
        return plain.id_last4 == last4[1]
    asked = tsquery(text)
    return false() if asked is None else plain.search.op("@@")(cast(asked, TSQUERY))


# ---- people -------------------------------------------------------------------------------------


def residents(scope: Scope, **equal: Any) -> Select[Resident]:
    """People within reach; `equal` names columns and the values they must have."""
    return scope.select(R).filter_by(**equal)


# Lists and records read plain rows of the tables: a third of the work of mapped objects, on the two
# busiest pages of all.
_R, _T, _V, _F = Resident.__table__, Township.__table__, Village.__table__, Facility.__table__
_PLACES = (
    _T.c.code.label("township_code"), _T.c.name.label("township_name"), _T.c.name_en.label("township_name_en"),
    func.coalesce(_V.c.name, _R.c.village_name).label("village"), _F.c.name.label("facility"),
)
_WITH_PLACES = (
    _R.outerjoin(_T, _T.c.id == _R.c.township_id)
    .outerjoin(_V, _V.c.id == _R.c.village_id)
    .outerjoin(_F, _F.c.id == _R.c.facility_id)
)
_LISTED = (
    "id", "name", "sex", "birth_date", "id_type", "id_number", "household_type", "living_arrangement", "left_behind",
    "ability_level", "ability_score", "assessed_on", "next_due_on", "state", "registered_on", "died_on", "township_id",
    "facility_id",
)

_H = _T.alias("hukou")
_WHOLE = [column for column in _R.c if column.name not in {"search", "id_number_index", "phone_index"}]


# Statements that every list and record sends are built once for each reach: building is dearer than asking.


@lru_cache(maxsize=256)
def _listed(reach: Scope) -> Select[Any]:
    return reach.columns(R, *(_R.c[name] for name in _LISTED), *_PLACES, of=_WITH_PLACES)


def listed(scope: Scope) -> Select[Any]:
    """People within reach as a list needs them: a light row each, the names of places beside it."""
    return _listed(scope.reach)


@lru_cache(maxsize=256)
def _counted(reach: Scope) -> Select[Any]:
    return reach.columns(R, _R.c.id, of=_R)


def counted(scope: Scope) -> Select[Any]:
    """The same people without the places: an index alone can count them."""
    return _counted(scope.reach)


@lru_cache(maxsize=256)
def record_statement(reach: Scope) -> Select[Any]:
    """What `record` asks, with a parameter `resident_id`; for those who ask for more beside it."""
    hukou = (_H.c.name.label("hukou_township_name"), _H.c.name_en.label("hukou_township_name_en"))
    tables = _WITH_PLACES.outerjoin(_H, _H.c.id == _R.c.hukou_township_id)
    return reach.columns(R, *_WHOLE, *_PLACES, *hukou, of=tables).where(_R.c.id == bindparam("resident_id"))


def record(scope: Scope, resident_id: int) -> Any:
    """Everything in one person's row, with the names of the places; 404 outside the scope's reach."""
    found = record_in_reach(scope, resident_id)
    return found if found is not None else scope.get(R, resident_id)


def record_in_reach(scope: Scope, resident_id: int) -> Any:
    """The same, or None: whoever lived in a home may have a record elsewhere by now."""
    return db.session.execute(record_statement(scope.reach), {"resident_id": resident_id}).one_or_none()


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


@lru_cache(maxsize=256)
def _choices(reach: Scope) -> Any:
    """Townships, the villages of the one chosen (or of the only one within reach), homes: kind, value, zh, en."""
    kind, of_township = literal("township").label("kind"), _T.c.code == bindparam("code")
    every = select(kind, _T.c.code.label("value"), _T.c.name.label("zh"), _T.c.name_en.label("en"))
    if not reach.everywhere:
        every = every.where(_T.c.id.in_(reach.townships))
        of_township = _T.c.id.in_(reach.townships) if len(reach.townships) == 1 else of_township
    its_villages = select(literal("village"), func.cast(_V.c.id, R.name.type), _V.c.name, null()).select_from(
        _V.join(_T, and_(_T.c.id == _V.c.township_id, of_township))
    )
    value = func.cast(_F.c.id, R.name.type)
    homes = reach.columns(Facility, literal("facility"), value, _F.c.name, null(), of=_F)
    homes = homes.where(_F.c.facility_type == "institution")
    return union_all(every, its_villages, homes).execution_options(prepared=True)


def choices(scope: Scope, township_code: str) -> dict[str, list[tuple[str, str, str]]]:
    """What the list's place filters offer, in one statement: (value, zh, en) under township, village, facility.

    Villages appear once a township is chosen (or is the only one within reach).
    """
    out: dict[str, list[tuple[str, str, str]]] = {"township": [], "village": [], "facility": []}
    rows: list[Any] = list(db.session.execute(_choices(scope.reach), {"code": township_code}))
    for row in sorted(rows, key=lambda row: row.value if row.kind == "township" else row.zh):
        out[row.kind].append((row.value, row.zh, row.en or row.zh))
    return out
