"""Reads of the intake: places by name, what each row comes to against the register, the intakes themselves.

A cell left blank never erases what is known; what the register knows better than a list stays.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, LargeBinary, Select, any_, bindparam, select

from eldercare.core import secrets, sheets
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.headings import LOOKED_AT, SAMPLED, Headings
from eldercare.core.placenames import PlaceNames, TownshipNames
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township, Village
from eldercare.residents.intake.imports import Checker, recogniser
from eldercare.residents.intake.models import COMMIT, PREVIEW, Finding, Row, place_tails, words_of
from eldercare.residents.models import Contact, Resident

_PERSON = ("id_number", "id_type")
_CONTACT = re.compile(r"(contact|guardian)_(name|relation|phone)")
_CONTACT_KIND = {"contact": "emergency", "guardian": "guardian"}
_SEALED = ("social_card_no", "bank_account")
MOST_ROWS = 200_000
R = Resident
COMPARED = (
    "name", "sex", "birth_date", "birth_date_source", "phone_index", "social_card_no", "bank_account", "bank_name", "ethnicity",
    "hukou_township_id", "hukou_type", "hukou_address", "village_id", "village_name", "address", "household_type",
    "living_arrangement", "left_behind", "ability_level", "ability_score", "assessed_on", "care_level", "chronic_diseases",
    "dementia", "disability_cert", "notes", "registered_on", "township_id", "facility_id", "state", "version", "phone", "id",
    "id_number_index", "next_due_on", "moved_out_on", "died_on",
)
_REGISTERED = select(*(getattr(R, name) for name in COMPARED)).where(
    R.state != "duplicate", R.id_number_index == any_(bindparam("keys", type_=ARRAY(LargeBinary)))
)


def place_names(scope: Scope) -> PlaceNames:
    """Townships and villages by every name in use, with the townships this scope may import into."""
    towns = db.session.execute(
        select(Township.id, Township.code, Township.name, Township.short_name, Township.name_en, Township.former_names)
    )
    names = [TownshipNames(t.id, t.code, t.name, (t.short_name, t.name_en, *t.former_names)) for t in towns]
    villages = db.session.execute(select(Village.id, Village.township_id, Village.name)).all()
    reach = None if scope.everywhere else scope.townships
    return PlaceNames(names, [(v.id, v.township_id, v.name) for v in villages], place_tails(), reach)


def village_names() -> dict[int, str]:
    """Village id → name."""
    return {row.id: row.name for row in db.session.execute(select(Village.id, Village.name))}


def township_names() -> list[str]:
    """The names of all townships, by code."""
    return list(db.session.scalars(select(Township.name).order_by(Township.code)))


def township_code(township_id: int) -> str:
    """The nine digits of a township."""
    return db.session.get_one(Township, township_id).code


@contextmanager
def _whole_district(scope: Scope) -> Iterator[None]:
    """Look over the whole register for a moment: a number registered elsewhere must not be taken twice.

    What is found outside `scope` is used to refuse a row and never shown.
    """
    if scope.everywhere:
        yield
        return
    Scope.system(P.INTAKE_RUN, scope.person_name).enter()
    try:
        yield
    finally:
        scope.enter()


def taken_numbers(scope: Scope) -> set[bytes]:
    """The blind index of every number on the register of the district."""
    with _whole_district(scope):
        found = db.session.scalars(select(R.id_number_index).where(R.id_number_index.is_not(None), R.state != "duplicate"))
        return {key for key in found if key}


def registered(scope: Scope, keys: Sequence[bytes]) -> dict[bytes, Any]:
    """Blind index → the record that holds the number, wherever in the district it lies."""
    with _whole_district(scope):
        rows = db.session.execute(_REGISTERED, {"keys": list(keys)}).all()
    return {row.id_number_index: row for row in rows}


def contacts(scope: Scope, resident_ids: Sequence[int]) -> dict[tuple[int, str], Any]:
    """(resident, kind) → the first contact of that kind."""
    if not resident_ids:
        return {}
    query = scope.columns(Contact, Contact.id, Contact.resident_id, Contact.kind, Contact.name, Contact.relation, Contact.phone)
    query = query.where(Contact.resident_id.in_(resident_ids)).order_by(Contact.position.desc(), Contact.id.desc())
    return {(row.resident_id, row.kind): row for row in db.session.execute(query)}


def intakes(scope: Scope) -> Select[Run]:
    """The previews within reach; each is one list that was sent."""
    return scope.select(Run).where(Run.kind == PREVIEW)


def intake(scope: Scope, run_id: int) -> Run:
    """One intake; 404 outside reach or for another kind of Run."""
    run: Run = db.one_or_404(intakes(scope).where(Run.id == run_id))
    return run


def sent(scope: Scope, *, before: datetime | None = None, since: datetime | None = None) -> list[Run]:
    """The previews of lists sent before, or since, a moment."""
    query = intakes(scope)
    query = query.where(Run.created_at < before) if before else query
    found: list[Any] = list(db.session.scalars(query.where(Run.created_at >= since) if since else query))
    return found


def commit_of(scope: Scope, run: Run) -> Run | None:
    """The Run that takes a previewed list in, once it was confirmed: the last one."""
    query = scope.select(Run).where(Run.kind == COMMIT, Run.params["preview"].as_integer() == run.id)
    return db.session.scalars(query.order_by(Run.id.desc()).limit(1)).one_or_none()


def others_with(scope: Scope, run: Run) -> bool:
    """Whether another list in reach is the same file, byte for byte."""
    same = Run.params["file"].as_string() == run.params["file"]
    return db.session.scalar(scope.columns(Run, Run.id).where(Run.id != run.id, same).limit(1)) is not None


def commits_of(scope: Scope, run_ids: Sequence[int]) -> dict[int, Run]:
    """Preview → the Run that takes it in."""
    query = scope.select(Run).where(Run.kind == COMMIT, Run.params["preview"].as_integer().in_(run_ids)).order_by(Run.id)
    found: list[Any] = list(db.session.scalars(query))
    return {run.params["preview"]: run for run in found}


# ---- a whole file -------------------------------------------------------------------------------


class List:
    """A recognised list in an open workbook; iterate for its rows, checked. Use inside `with sheets.read(…)`."""

    def __init__(self, sheet: sheets.Sheet, headings: Headings, rows: Iterator[Sequence[Any]], head: list[Sequence[Any]]) -> None:
        self.sheet, self.headings = sheet, headings
        self._rows, self._head = rows, head
        self.read = 0

    def checked(self, places: PlaceNames, today: date, most: int = MOST_ROWS) -> Iterator[Row]:
        """Every data row, in order; Refused past `most`. `read` counts them as they go by."""
        checker = Checker(self.headings, places, today)
        first = self.headings.first_data
        if self.sheet.name and self.sheet.height - first > most + 1000:  # notes and totals aside: no need to read them all first
            raise Refused("intake.too_many_rows", most=f"{most:,}")
        width = checker.width
        at_id = checker.id_column
        for number, row in enumerate(self._all(first), first + 1):
            if len(row) < width:
                row = [*row, *[""] * (width - len(row))]  # noqa: PLW2901
            cell = row[at_id]
            if (cell.__class__ is not str or len(cell) < 15) and not checker.is_data(row):
                continue
            self.read += 1
            if self.read > most:
                raise Refused("intake.too_many_rows", most=f"{most:,}")
            yield checker.check(number, row)

    def _all(self, first: int) -> Iterator[Sequence[Any]]:
        yield from self._head[first:]
        yield from self._rows

    def cell(self, row: Row, finding: Finding) -> str:
        """Where a finding is, as people name it: C17, or the row alone."""
        return self.sheet.cell(row.number, finding.column) if finding.column >= 0 else str(row.number)

    def reason(self, row: Row) -> str:
        """Everything that keeps a row out, in words, each with its cell."""
        return "; ".join(f"{self.cell(row, fault)} {words_of(fault)}" for fault in row.faults)


def open_list(book: sheets.Book, filename: str = "") -> List:
    """The first sheet that has usable headings; Refused when none has."""
    anything = False
    for sheet in book:
        rows = iter(sheet)
        head: list[Sequence[Any]] = list(islice(rows, LOOKED_AT + SAMPLED + 2))
        anything = anything or any(cell != "" for row in head for cell in row)
        headings = recogniser().recognise(head)
        if headings is not None:
            return List(sheet, headings, rows, head)
        if not sheet.name and filename.lower().endswith((".xlsx", ".xls", ".xlsm")):
            raise Refused("sheet.not_a_workbook")
    raise Refused("intake.no_heading" if anything else "sheet.empty")


# ---- judging ------------------------------------------------------------------------------------


class Decision(NamedTuple):
    """What a row comes to: `created`, `updated`, `unchanged` or `rejected`.

    `changes`: column → (before, after), plain; `contacts`: (kind, id of the contact to change or None, values).
    """

    action: str
    row: Row
    known: Any = None
    changes: dict[str, tuple[Any, Any]] = {}  # noqa: RUF012 — a NamedTuple's default, never written to
    contacts: Sequence[tuple[str, int | None, dict[str, Any]]] = ()


def judge(
    scope: Scope, chunk: Sequence[Row], taken: set[bytes], at: Mapping[str, int], before: Callable[[], None] | None = None
) -> Iterator[Decision]:
    """Each row of a chunk against the register; `taken`: `taken_numbers()`; `at`: field → column of the list.

    `before` is called before the database is.
    """
    keys = secrets.keys().blind_many([row.record["id_number"] if row.record else None for row in chunk], "id_number")
    there = [key for key in keys if key is not None and key in taken]
    if there and before is not None:
        before()
    known = registered(scope, there) if there else {}
    mine = {key: row for key, row in known.items() if scope.covers(row.township_id, row.facility_id)}
    known_contacts = contacts(scope, [row.id for row in mine.values()])
    for key, row in zip(keys, chunk, strict=True):
        if row.record is None or key is None:
            yield Decision("rejected", row)
        elif key not in known:
            yield Decision("created", row, None, {"id_number_index": (None, key)})
        elif key not in mine:
            yield Decision("rejected", row._replace(record=None, faults=[Finding("resident.elsewhere", -1, {})]))
        elif _left_before(row.record, mine[key]):
            fault = Finding("registered_on.after_leaving", at["registered_on"], {})
            yield Decision("rejected", row._replace(record=None, faults=[fault]))
        else:
            yield _compare(row, mine[key], known_contacts)


def _left_before(record: dict[str, Any], known: Any) -> bool:
    """Whether a list gives a day of registration after the one the person left on."""
    given = record.get("registered_on")
    return given is not None and any(day is not None and day < given for day in (known.moved_out_on, known.died_on))


def _compare(row: Row, known: Any, known_contacts: dict[tuple[int, str], Any]) -> Decision:
    record = dict(row.record or {})
    _keep_what_stands(row, record, known)
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in record.items():
        if name in _PERSON or _CONTACT.match(name):
            continue
        if name == "phone":
            before = known.phone.reveal() if known.phone else None
        elif name in _SEALED:
            sealed = getattr(known, name)
            before = sealed.reveal() if sealed else None
        else:
            before = getattr(known, name)
        same = set(before or ()) == set(value) if name == "chronic_diseases" else before == value
        if not same:
            changes[name] = (before, value)
    if "village_name" in changes and known.village_id is not None:
        changes["village_id"] = (known.village_id, None)
    elif "village_id" in changes and known.village_name is not None:
        changes["village_name"] = (known.village_name, None)
    if "township_id" in changes and "village_id" not in changes and known.village_id is not None:
        changes["village_id"] = (known.village_id, None)
    people = list(_compare_contacts(record, known, known_contacts))
    return Decision("updated" if changes or people else "unchanged", row, known, changes, people)


def _keep_what_stands(row: Row, record: dict[str, Any], known: Any) -> None:
    """What the register knows better than a list: a home's place, a newer assessment, a corrected birth date."""
    if record["birth_date_source"] == "id_number" and known.birth_date_source == "entered":
        record.pop("birth_date")
        record.pop("birth_date_source")
    if known.facility_id is not None:
        moved = record["township_id"] != known.township_id
        for name in ("township_id", "village_id", "village_name", *(("address",) if moved else ())):
            record.pop(name, None)
        if moved:
            row.notices.append(Finding("resident.in_home", -1, {}))
    level = {name for name in ("ability_level", "ability_score", "assessed_on") if name in record}
    if level and known.assessed_on and record.get("assessed_on", date.min) <= known.assessed_on:
        if "ability_level" in level and record["ability_level"] != known.ability_level:
            row.notices.append(Finding("ability.assessed", -1, {}))
        for name in level:
            record.pop(name)
    if known.state != "active":
        row.notices.append(Finding("resident.not_active", -1, {}))


def _compare_contacts(
    record: dict[str, Any], known: Any, known_contacts: dict[tuple[int, str], Any]
) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    for prefix, kind in _CONTACT_KIND.items():
        given = {part: record[f"{prefix}_{part}"] for part in ("name", "relation", "phone") if f"{prefix}_{part}" in record}
        if not given:
            continue
        first = known_contacts.get((known.id, kind))
        if first is None:
            yield kind, None, given
            continue
        before = {"name": first.name, "relation": first.relation, "phone": first.phone.reveal() if first.phone else None}
        changed = {part: (before[part], value) for part, value in given.items() if value != before[part]}
        if changed:
            yield kind, first.id, changed


# ---- what may be shown of it --------------------------------------------------------------------


def _without_numbers(value: str) -> str:
    return re.sub(r"\d+", "*", value)


_MASKS: dict[str, Callable[[str], str]] = {
    "name": secrets.mask_name, "contact_name": secrets.mask_name, "guardian_name": secrets.mask_name,
    "phone": secrets.mask_phone, "contact_phone": secrets.mask_phone, "guardian_phone": secrets.mask_phone,
    "social_card_no": secrets.mask_tail, "bank_account": secrets.mask_tail, "disability_cert": secrets.mask_tail,
    "address": _without_numbers, "hukou_address": _without_numbers,
    "notes": lambda _value: "…", "chronic_diseases": lambda _value: "…",
}


def masked(decision: Decision, villages: dict[int, str]) -> dict[str, list[Any]]:
    """The changes as they may be shown and kept: column → [before, after]."""
    out: dict[str, list[Any]] = {}
    pairs = dict(decision.changes)
    for kind, contact_id, values in decision.contacts:
        prefix = "contact" if kind == "emergency" else "guardian"
        for part, value in values.items():
            pairs[f"{prefix}_{part}"] = value if contact_id is not None else (None, value)
    for name, (before, after) in pairs.items():
        shown = [_shown(name, value, villages) for value in (before, after)]
        if shown[0] == shown[1]:
            shown[1] = f"≠ {shown[1]}"  # alike once masked, and yet another value
        out[name] = shown
    return out


def _shown(name: str, value: Any, villages: dict[int, str]) -> Any:
    mask = _MASKS.get(name)
    if value is None:
        return None
    if name == "village_id":
        return villages.get(value)
    return mask(str(value)) if mask else str(value) if isinstance(value, date) else value
