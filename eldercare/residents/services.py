"""Writes of the registry: register, correct, move, close, unmask. Lock → judge → change → record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError

from eldercare.core import audit, calendar, secrets
from eldercare.core.db import db, savepoint
from eldercare.core.errors import Refused
from eldercare.core.identifiers import birth_of, sex_of
from eldercare.core.pinyin import name_tokens
from eldercare.core.scope import Scope
from eldercare.core.states import move
from eldercare.facilities.models import Facility, Village
from eldercare.residents import queries
from eldercare.residents.models import LABELS, WORDS, Resident

# What is shown masked and can be seen one value at a time.
UNMASKABLE = ("name", "id_number", "phone", "social_card_no", "bank_account", "address", "hukou_address", "health")


def register(scope: Scope, values: Mapping[str, Any], *, confirmed: bool = False) -> Resident:
    """Put a person on the register; `values` by column, numbers in plain text.

    Refused: the number is taken (within reach or elsewhere), contradicts sex or date of birth, or
    people who may be the same exist and nobody `confirmed` that this is someone else.
    """
    if not scope.covers(values["township_id"]):
        raise Refused("resident.place_needed", field="township_id")
    _judge(values)
    known = queries.near(scope, **{key: values.get(key) for key in ("name", "birth_date", "phone", "id_number")})
    if known and not confirmed:
        raise Refused("resident.maybe_known", field="confirmed")
    row = Resident(registered_on=calendar.today(), state="active")
    _fill(row, values)
    _keep(row, scope, values.get("id_number"))
    audit.record(scope, "resident.registered", row)
    return row


def correct(scope: Scope, resident_id: int, version: int, values: Mapping[str, Any]) -> Resident:
    """Change what is known of a person; `values` holds the columns to set and no other.

    `version` is the one the person at the screen had open: `resident.changed_meanwhile` otherwise.
    """
    row = scope.lock(Resident, resident_id)
    if row.version != version:
        raise _changed_meanwhile(scope, row)
    whole = {key: getattr(row, key) for key in ("sex", "birth_date", "birth_date_source", "id_type", "township_id", "village_id")}
    number = row.id_number.reveal() if row.id_number else None
    if row.id_type != "id_card":
        values = {**values, "birth_date_source": "entered"}
    _judge({**whole, "id_number": number, **values})
    if "registered_on" in values:
        _not_ahead(values["registered_on"], "registered_on")
        for day in filter(None, (row.moved_out_on, row.died_on)):
            _not_before(values["registered_on"], day, "registered_on")
    _fill(row, values)
    _keep(row, scope, values.get("id_number"))
    audit.record(scope, "resident.corrected", row)
    return row


def _changed_meanwhile(scope: Scope, row: Resident) -> Refused:
    """Who changed a record last, and what, as far as the log within reach tells."""
    last: Any = db.session.scalars(audit.history(scope, "resident", row.id).limit(1)).one_or_none()
    if last is None:
        return Refused("row.changed")
    what = _(", ").join(str(LABELS[key]) for key in last.changes if key in LABELS) or "…"
    return Refused("resident.changed_meanwhile", who=last.person_name, what=what)


def _judge(values: Mapping[str, Any]) -> None:
    """The number against sex and date of birth; the village against the township; no day ahead."""
    number = values.get("id_number")
    if values.get("id_type", "id_card") == "id_card":
        if not number:
            raise Refused("resident.number_missing", field="id_number")
        if values["sex"] != sex_of(number):
            raise Refused("resident.number_contradicts", field="sex", says=WORDS["sex"][sex_of(number)])
        # some identity cards are wrong: a date of birth entered by hand against the number is kept as such
        if values["birth_date"] != birth_of(number) and values.get("birth_date_source") != "entered":
            raise Refused("resident.number_contradicts", field="birth_date", says=birth_of(number))
    _not_ahead(values["birth_date"], "birth_date")
    village_id = values.get("village_id")
    if village_id is not None:
        village = db.session.get(Village, village_id)
        if village is None or village.township_id != values["township_id"]:
            raise Refused("resident.village_elsewhere", field="village_id")


def _fill(row: Resident, values: Mapping[str, Any]) -> None:
    """Set columns, and what follows from a name or a number; an encrypted value only when it differs."""
    for key, value in values.items():
        old = getattr(row, key, None)
        if isinstance(old, secrets.Sealed) and value == old.reveal():
            continue
        setattr(row, key, value)
    if "name" in values:
        row.search = func.array_to_tsvector(sorted(set(name_tokens(values["name"]))))
    if "id_number" in values:
        number = values["id_number"]
        row.id_number_index = secrets.keys().blind(number, "id_number") if number else None
        row.id_last4 = number[-4:] if number else None
    if "phone" in values:
        row.phone_index = secrets.keys().blind(values["phone"], "phone") if values["phone"] else None


def _keep(row: Resident, scope: Scope, number: str | None) -> None:
    """Flush; a number that is taken says where, as far as the person asking may know."""
    try:
        with savepoint() as session:
            session.add(row)
            session.flush()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", "") != "residents_id_number_key" or not number:
            raise
        here = queries.by_number(scope, number)
        raise Refused("resident.id_number_taken" if here else "resident.registered_elsewhere", field="id_number") from None


# ---- the states of a record ---------------------------------------------------------------------


def move_out(scope: Scope, resident_id: int, *, moved_out_on: date, moved_to: str) -> Resident:
    """Mark someone as moved out of the district's care; refused while they live in a home."""
    row = _open(scope, resident_id)
    _not_ahead(moved_out_on, "moved_out_on")
    _not_before(row.registered_on, moved_out_on, "moved_out_on")
    row.moved_out_on, row.moved_to = moved_out_on, moved_to
    move(scope, row, "moved_out")
    return row


def record_death(scope: Scope, resident_id: int, *, died_on: date, death_source: str) -> Resident:
    """Record a death; refused while the stay in a home is open (it ends there, with its circumstances)."""
    row = _open(scope, resident_id)
    _not_ahead(died_on, "died_on")
    if died_on >= row.birth_date:  # else the database says what is wrong
        _not_before(row.registered_on, died_on, "died_on")
    row.died_on, row.death_source = died_on, death_source
    move(scope, row, "deceased")
    return row


def take_back(scope: Scope, resident_id: int, *, was: str, note: str) -> Resident:
    """Put someone back onto the register who `was` moved_out, deceased (recorded in error) or a duplicate (it is none)."""
    row = scope.lock(Resident, resident_id)
    if row.state != was:
        raise Refused("move.not_allowed")
    row.moved_out_on = row.moved_to = row.died_on = row.death_source = row.duplicate_of_id = None
    move(scope, row, "active", note=note)
    return row


def mark_duplicate(scope: Scope, resident_id: int, *, keeps: str, note: str | None) -> Resident:
    """Mark a record as a duplicate of the one that holds the number `keeps` (an ID number or a record's own)."""
    row = _open(scope, resident_id)
    right = [other for other in queries.by_number(scope, keeps) if other.id != row.id and other.state != "duplicate"]
    if not right:
        raise Refused("resident.not_found_there", field="keeps")
    kept = scope.lock(Resident, right[0].id)  # two records marked as each other's duplicate at once: one waits, then sees
    if kept.state == "duplicate":
        raise Refused("resident.not_found_there", field="keeps")
    row.duplicate_of_id = kept.id
    move(scope, row, "duplicate", note=note)
    return row


def relocate(scope: Scope, resident_id: int, *, township_id: int, village_id: int | None, address: str | None) -> Resident:
    """Move someone to another township; what hangs on them follows (trigger `residents_lead`)."""
    row = _open(scope, resident_id)
    if row.state != "active":
        raise Refused("resident.not_active")
    if row.township_id == township_id:
        raise Refused("resident.same_township", field="township_id")
    village = db.session.get(Village, village_id) if village_id is not None else None
    if village_id is not None and (village is None or village.township_id != township_id):
        raise Refused("resident.village_elsewhere", field="village_id")
    left = row.township_id
    row.township_id, row.village_id, row.village_name, row.address = township_id, village_id, None, address
    audit.record(scope, "resident.relocated", row, from_township=left, to_township=township_id)
    return row


# ---- into a home and out of it: called by the stay alone, with the person locked -----------------


def move_into_home(scope: Scope, person: Resident, home: Facility) -> None:
    """The record follows into a home: its township, its village, living in an institution."""
    if person.township_id != home.township_id or home.village_id is not None:
        person.village_id = home.village_id
    person.township_id, person.facility_id, person.living_arrangement = home.township_id, home.id, "institution"
    audit.record(scope, "resident.moved_into_home", person)


def leave_home(
    scope: Scope, person: Resident, *, township_id: int | None, village_id: int | None, arrangement: str | None
) -> None:
    """Out of a home, back to where they lived before as far as that is known."""
    if township_id is not None:
        person.township_id, person.village_id = township_id, village_id
    person.facility_id = None
    person.living_arrangement = arrangement if arrangement not in {None, "institution"} else "other"
    audit.record(scope, "resident.left_home", person)


def die_in_home(scope: Scope, person: Resident, *, died_on: date) -> None:
    """Died while living in a home: the stay tells, the record closes."""
    person.facility_id, person.died_on, person.death_source = None, died_on, "home"
    move(scope, person, "deceased")


def _open(scope: Scope, resident_id: int) -> Resident:
    row = scope.lock(Resident, resident_id)
    if row.facility_id is not None:
        raise Refused("resident.lives_in_home")
    return row


def _not_ahead(day: date, field: str) -> None:
    if day > calendar.today():
        raise Refused("resident.day_ahead", field=field)


def _not_before(registered_on: date, left_on: date, field: str) -> None:
    if left_on < registered_on:
        raise Refused("resident.left_before_registered", field=field)


# ---- seeing what is masked ----------------------------------------------------------------------


def unmask(scope: Scope, resident_id: int, field: str, reason: str) -> str:
    """One masked value in plain text, with the reason in the log (PIPL arts. 28–30, 51)."""
    row = scope.get(Resident, resident_id)
    if field not in UNMASKABLE:
        raise Refused("resident.value_unknown")
    audit.record(scope, "resident.unmasked", row, field=field, reason=reason)
    if field == "health":
        named = [str(WORDS["chronic_diseases"].get(code, code)) for code in row.chronic_diseases]
        return "\n".join([*named, *filter(None, (row.disability_cert, row.notes))]) or "—"
    value = getattr(row, field)
    plain = value.reveal() if isinstance(value, secrets.Sealed) else value
    return str(plain) if plain else "—"


# ---- export -------------------------------------------------------------------------------------


def judge_export(scope: Scope, rows: int, limit: int) -> None:
    """Above `limit` rows only the district exports (§2.4: above N rows needs approval)."""
    if rows > limit and not scope.everywhere:
        raise Refused("resident.export_too_large", rows=f"{rows:,}", limit=f"{limit:,}")
