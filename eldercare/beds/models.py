"""Stays, the beds they take, the times away. States: domain.md §3.2; what must never happen is a constraint."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSVECTOR, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import literal_column

from eldercare.core import calendar
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.secrets import Sealed, SealedText
from eldercare.core.states import Stateful
from eldercare.facilities.models import one_of

AWAY = ("on_leave", "hospitalised")  # the bed is held meanwhile (§3.1)
LIVING = ("in_residence", *AWAY)
OPEN = ("trial", *LIVING)  # §3.3: these count as 在住
ENDED = ("discharged", "deceased")
ASKED = ("applied", "assessed", "contracted")  # an application on its way
STATES = (*ASKED, "rejected", "withdrawn", *OPEN, *ENDED)
CAUSES = ("natural", "illness", "accident", "unknown")
DESTINATIONS = ("own_home", "other_home", "hospital", "elsewhere")
ABSENCES = {"leave": "on_leave", "hospital": "hospitalised"}  # kind → the state meanwhile


def _in(states: tuple[str, ...]) -> str:
    return "state IN ({})".format(", ".join(f"'{state}'" for state in states))


class Stay(Audited, Scoped, Stateful, Base):
    """入住: one person's time in one home, from `starts_on` to the day before `ends_on`; the application before it.

    The row itself keeps who it is about: the home reads an application before it can reach the person's
    record, and the file after they have left. `name`, `sex` and `birth_date` follow the register (cascade).
    Fees are a month's, in fen; `deposit_fen` and `settlement_fen` (paid back, negative: still owed) once.
    """

    __tablename__ = "stays"
    AUDIT_NOUN = "stay"
    MOVES: ClassVar[Any] = {
        ("applied", "assessed"): "stay.assessed",
        ("applied", "withdrawn"): "stay.withdrawn",
        ("assessed", "rejected"): "stay.rejected",
        ("assessed", "withdrawn"): "stay.withdrawn",
        ("assessed", "trial"): "stay.trial_begun",
        ("assessed", "contracted"): "stay.contract_signed",
        ("contracted", "withdrawn"): "stay.withdrawn",
        ("contracted", "in_residence"): "stay.moved_in",
        ("trial", "in_residence"): "stay.contract_signed",  # who is on trial sleeps there already
        ("in_residence", "on_leave"): "stay.left",
        ("in_residence", "hospitalised"): "stay.hospitalised",
        ("on_leave", "in_residence"): "stay.came_back",
        ("hospitalised", "in_residence"): "stay.came_back",
        **{(state, "discharged"): "stay.discharged" for state in OPEN},
        **{(state, "deceased"): "stay.deceased" for state in OPEN},
    }
    __table_args__ = (
        place_key("stays"),
        ForeignKeyConstraint(
            ["resident_id", "name", "sex", "birth_date"],
            ["residents.id", "residents.name", "residents.sex", "residents.birth_date"],
            name="stays_resident_fkey", onupdate="CASCADE",
        ),
        ForeignKeyConstraint(
            ["reserved_bed_id", "facility_id"], ["beds.id", "beds.facility_id"], name="stays_reserved_bed_fkey"
        ),
        ForeignKeyConstraint(
            ["from_village_id", "from_township_id"], ["villages.id", "villages.township_id"], name="stays_from_village_fkey"
        ),
        one_of("state", STATES),
        one_of("death_cause", CAUSES),
        one_of("destination", DESTINATIONS),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("starts_on >= birth_date", name="after_birth"),
        CheckConstraint(f"({_in(ENDED)}) = (ends_on IS NOT NULL)", name="ended"),
        CheckConstraint(f"({_in((*OPEN, *ENDED))}) = (starts_on IS NOT NULL)", name="begun"),
        CheckConstraint(
            f"{_in(('applied', 'withdrawn'))} OR (assessed_on IS NOT NULL AND ability_level IS NOT NULL AND risks IS NOT NULL)",
            name="assessed",
        ),
        CheckConstraint(
            f"NOT ({_in(('contracted', *LIVING))}) OR (contract_no IS NOT NULL AND contract_signed_on IS NOT NULL"
            " AND contract_ends_on IS NOT NULL AND care_level IS NOT NULL)",
            name="contract",
        ),
        CheckConstraint("contract_ends_on > contract_signed_on", name="contract_dates"),
        CheckConstraint("state <> 'trial' OR (trial_no IS NOT NULL AND trial_ends_on IS NOT NULL)", name="trial"),
        CheckConstraint("trial_ends_on > starts_on", name="trial_dates"),
        CheckConstraint(
            "state NOT IN ('rejected', 'withdrawn') OR (closed_on IS NOT NULL AND end_reason IS NOT NULL)", name="closed"
        ),
        CheckConstraint("state <> 'deceased' OR (died_at IS NOT NULL AND death_cause IS NOT NULL)", name="death"),
        CheckConstraint("state <> 'discharged' OR end_reason IS NOT NULL", name="reason"),
        CheckConstraint("reserved_bed_id IS NULL OR state = 'contracted'", name="reserved"),
        CheckConstraint("ability_level BETWEEN 0 AND 4", name="ability_level"),
        CheckConstraint("least(fee_bed_fen, fee_care_fen, fee_meals_fen, deposit_fen) >= 0", name="fees"),
        UniqueConstraint("id", "facility_id"),
        Index("stays_reserved_bed_key", "reserved_bed_id", unique=True),
        # a person asks a home once at a time; where they sleep is the next one's business
        Index(
            "stays_asked_once_key", "resident_id", "facility_id", unique=True,
            postgresql_where=text(_in((*ASKED, *OPEN))),
        ),
        # one person sleeps in one home: no two stays of a resident share a night
        ExcludeConstraint(
            (literal_column("int8range(resident_id, resident_id, '[]')"), "&&"), ("nights", "&&"),
            using="gist", name="stays_one_home_excl",
        ),
        Index("stays_place_idx", "facility_id", "township_id"),
        Index("stays_dates_idx", "starts_on", "ends_on"),
        Index("stays_from_village_idx", "from_village_id", "from_township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    resident_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str] = mapped_column(info={"mask": "name"})
    sex: Mapped[str]
    birth_date: Mapped[date]
    id_last4: Mapped[str | None] = mapped_column(info={"silent": True})
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, info={"silent": True})  # as entered with the application
    state: Mapped[str] = mapped_column(default="applied")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    nights: Mapped[Any] = mapped_column(
        DATERANGE,
        Computed(
            "CASE WHEN starts_on IS NULL THEN 'empty'::daterange ELSE daterange(starts_on, ends_on, '[)') END", persisted=True
        ),
        info={"silent": True},
    )
    # the application
    applied_on: Mapped[date] = mapped_column(default=calendar.today)
    wanted_on: Mapped[date | None]
    contact_name: Mapped[str | None] = mapped_column(info={"mask": "name"})
    contact_relation: Mapped[str | None]
    contact_phone: Mapped[Sealed | None] = mapped_column(SealedText("phone"), info={"mask": "phone"})
    papers: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    note: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    # the assessment before admission, then the last one
    assessed_on: Mapped[date | None]
    ability_level: Mapped[int | None]
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessments.id"), index=True)
    # nine risks of GB 38600-2019: code → none, some, high; health, so the log says only that they were judged
    risks: Mapped[dict[str, Any] | None] = mapped_column(info={"mask": "hide"})
    next_assessment_on: Mapped[date | None]
    reassess_since: Mapped[date | None]  # back from hospital on that day and not assessed again yet
    # trial and contract
    trial_no: Mapped[str | None]
    trial_ends_on: Mapped[date | None]
    contract_no: Mapped[str | None]
    contract_signed_on: Mapped[date | None]
    contract_ends_on: Mapped[date | None]
    supplement_no: Mapped[str | None]  # the last supplement to the contract
    care_level: Mapped[str | None]
    fee_bed_fen: Mapped[int | None] = mapped_column(BigInteger)
    fee_care_fen: Mapped[int | None] = mapped_column(BigInteger)
    fee_meals_fen: Mapped[int | None] = mapped_column(BigInteger)
    deposit_fen: Mapped[int | None] = mapped_column(BigInteger)
    reserved_bed_id: Mapped[int | None] = mapped_column(BigInteger)
    # where they lived before, so that they can be put back there
    from_township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"), index=True)
    from_village_id: Mapped[int | None]
    from_arrangement: Mapped[str | None]
    # the end
    closed_on: Mapped[date | None]  # of an application that came to nothing
    end_reason: Mapped[str | None]
    destination: Mapped[str | None]
    destination_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"), index=True)
    settlement_fen: Mapped[int | None] = mapped_column(BigInteger)
    settled_on: Mapped[date | None]
    died_at: Mapped[datetime | None]
    death_place: Mapped[str | None]
    death_cause: Mapped[str | None]
    death_certificate_no: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    family_told_at: Mapped[datetime | None]
    family_told_by: Mapped[str | None]
    family_told_to: Mapped[str | None] = mapped_column(info={"mask": "name"})
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    updated_at: Mapped[datetime] = mapped_column(default=calendar.now, onupdate=calendar.now, info={"silent": True})
    version: Mapped[int] = mapped_column(default=1, info={"silent": True})
    __mapper_args__: ClassVar[Any] = {"version_id_col": version}


class StayBed(Audited, Scoped, Base):
    """Which bed a stay used over which nights; transfers add rows."""

    __tablename__ = "stay_beds"
    AUDIT_NOUN = "stay_bed"
    __table_args__ = (
        place_key("stay_beds"),
        ForeignKeyConstraint(["stay_id", "facility_id"], ["stays.id", "stays.facility_id"], name="stay_beds_stay_fkey"),
        ForeignKeyConstraint(["bed_id", "facility_id"], ["beds.id", "beds.facility_id"], name="stay_beds_bed_fkey"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        # one bed holds one person: no two rows of a bed share a night
        ExcludeConstraint(
            (literal_column("int8range(bed_id, bed_id, '[]')"), "&&"), ("nights", "&&"),
            using="gist", name="stay_beds_one_resident_excl",
        ),
        ExcludeConstraint(
            (literal_column("int8range(stay_id, stay_id, '[]')"), "&&"), ("nights", "&&"),
            using="gist", name="stay_beds_one_bed_excl",
        ),
        Index("stay_beds_place_idx", "facility_id", "township_id"),
        Index("stay_beds_stay_idx", "stay_id", "facility_id"),
        Index("stay_beds_bed_idx", "bed_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    stay_id: Mapped[int] = mapped_column(BigInteger)
    bed_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str | None]  # of the transfer that led here
    nights: Mapped[Any] = mapped_column(
        DATERANGE, Computed("daterange(starts_on, ends_on, '[)')", persisted=True), info={"silent": True}
    )


class StayAbsence(Audited, Scoped, Base):
    """外出、住院: a time away from `left_on` until `back_on` (None: still away); the bed is held."""

    __tablename__ = "stay_absences"
    AUDIT_NOUN = "stay_absence"
    __table_args__ = (
        place_key("stay_absences"),
        ForeignKeyConstraint(["stay_id", "facility_id"], ["stays.id", "stays.facility_id"], name="stay_absences_stay_fkey"),
        one_of("kind", tuple(ABSENCES)),
        CheckConstraint("back_on >= left_on AND expected_back_on >= left_on", name="dates"),
        CheckConstraint("kind <> 'leave' OR (companion IS NOT NULL AND expected_back_on IS NOT NULL)", name="leave"),
        CheckConstraint("kind <> 'hospital' OR (hospital IS NOT NULL AND accompanied_by IS NOT NULL)", name="hospital"),
        ExcludeConstraint(
            (literal_column("int8range(stay_id, stay_id, '[]')"), "&&"), ("days", "&&"),
            using="gist", name="stay_absences_one_at_a_time_excl",
        ),
        Index("stay_absences_place_idx", "facility_id", "township_id"),
        Index("stay_absences_stay_idx", "stay_id", "facility_id"),
        Index("stay_absences_open_idx", "stay_id", postgresql_where=text("back_on IS NULL")),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    stay_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    left_on: Mapped[date]
    expected_back_on: Mapped[date | None]
    back_on: Mapped[date | None]
    companion: Mapped[str | None] = mapped_column(info={"mask": "name"})
    hospital: Mapped[str | None]
    accompanied_by: Mapped[str | None] = mapped_column(info={"mask": "name"})
    days: Mapped[Any] = mapped_column(
        DATERANGE, Computed("daterange(left_on, back_on, '[)')", persisted=True), info={"silent": True}
    )


_UNKNOWN = ("state", "death_cause", "destination")
catalogue(
    {
        "bed.taken": (
            409,
            _l("Someone sleeps in this bed on some of these nights. Choose another bed, or transfer that person first."),
        ),
        "bed.out_of_use": (409, _l("This bed is not in use. Choose another bed, or put this one back into use first.")),
        "bed.reserved": (409, _l("This bed is kept for somebody with a signed contract. Choose another bed.")),
        "bed.kept_for_somebody": (
            409, _l("This bed is kept for somebody with a signed contract. Lift the reservation first.")
        ),
        "room.wrong_sex": (409, _l("This room is for the other sex. Choose a bed in another room.")),
        "room.others_sleep_here": (
            409, _l("Somebody of the other sex sleeps in this room. Transfer that person first.")
        ),
        "home.full": (
            409,
            _l("The home is full: all its usable beds are taken. Wait for a discharge, or correct the number of beds."),
        ),
        "home.not_open": (409, _l("This home takes nobody in at present: it is not operating. Choose another home.")),
        "home.not_open_yet": (422, _l("On this day the home had not opened yet. Check the date.")),
        "home.not_empty": (409, _l("Residents still live here. Move them to other homes and end their stays first.")),
        "stay.elsewhere": (409, _l("This person already lives in a home on some of these nights. End that stay first.")),
        "stay.two_beds": (409, _l("This stay has another bed on some of these nights.")),
        "stay.dates_reversed": (422, _l("The stay cannot end before it begins. Check the two dates.")),
        "stay.end_missing": (422, _l("A stay that has ended needs its last day; one that goes on has none.")),
        "stay.start_missing": (422, _l("Give the day of moving in.")),
        "stay.before_birth": (422, _l("The day of moving in lies before the day of birth. Check the date.")),
        "stay.after_death": (409, _l("This person has died. Check the person and the date.")),
        "stay.record_closed": (
            409, _l("This person’s record is closed (moved out, deceased or a duplicate). Ask the township office first.")
        ),
        "stay.not_assessed": (
            409, _l("Before admission come the ability result and the assessment of the nine risks. Enter them first.")
        ),
        "stay.no_contract": (
            409, _l("Nobody lives in a home without a signed contract: number, dates and care level. Sign the contract first.")
        ),
        "stay.contract_dates": (422, _l("The contract cannot end before it is signed. Check the two dates.")),
        "stay.trial_incomplete": (422, _l("A trial stay needs its agreement and the day it ends.")),
        "stay.trial_dates": (422, _l("The trial must end after it begins. Check the two dates.")),
        "stay.closing_incomplete": (422, _l("Say why the application came to nothing.")),
        "stay.death_incomplete": (422, _l("Give the time and the cause of the death.")),
        "stay.reason_missing": (422, _l("Say why the person leaves.")),
        "stay.level_wrong": (422, _l("The ability level runs from 0 to 4.")),
        "stay.fee_negative": (422, _l("A fee cannot be below zero.")),
        "stay.reservation_over": (409, _l("Only a signed contract keeps a bed.")),
        "stay.asked_already": (
            409, _l("This home has an open application or stay of this person already. Open that one instead.")
        ),
        "stay.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "stay.taken": (409, _l("This stay exists already.")),
        "stay.disagrees": (
            409,
            _l("The stay, its beds and its times away do not fit together; nothing was saved. Open the stay again and repeat."),
        ),
        "absence.overlaps": (409, _l("This person was away on some of these days already. Check the dates.")),
        "absence.dates_reversed": (422, _l("Nobody comes back before leaving. Check the dates.")),
        "absence.leave_incomplete": (422, _l("Say who goes along and when they are expected back.")),
        "absence.hospital_incomplete": (422, _l("Name the hospital and who went along.")),
        "absence.outside_stay": (422, _l("The time away must lie within the stay. Check the dates.")),
    },
    {
        "stay_beds_one_resident_excl": "bed.taken",
        "stay_beds_one_bed_excl": "stay.two_beds",
        "stays_one_home_excl": "stay.elsewhere",
        "stays_dates_check": "stay.dates_reversed",
        "stay_beds_dates_check": "stay.dates_reversed",
        "stays_after_birth_check": "stay.before_birth",
        "stays_ended_check": "stay.end_missing",
        "stays_begun_check": "stay.start_missing",
        "stays_assessed_check": "stay.not_assessed",
        "stays_contract_check": "stay.no_contract",
        "stays_contract_dates_check": "stay.contract_dates",
        "stays_trial_check": "stay.trial_incomplete",
        "stays_trial_dates_check": "stay.trial_dates",
        "stays_closed_check": "stay.closing_incomplete",
        "stays_death_check": "stay.death_incomplete",
        "stays_reason_check": "stay.reason_missing",
        "stays_reserved_check": "stay.reservation_over",
        "stays_ability_level_check": "stay.level_wrong",
        "stays_fees_check": "stay.fee_negative",
        **{f"stays_{name}_check": "stay.word_unknown" for name in _UNKNOWN},
        "stays_id_facility_id_key": "stay.taken",
        "stays_asked_once_key": "stay.asked_already",
        "stays_reserved_bed_key": "bed.reserved",
        "stay_absences_kind_check": "stay.word_unknown",
        "stay_absences_dates_check": "absence.dates_reversed",
        "stay_absences_leave_check": "absence.leave_incomplete",
        "stay_absences_hospital_check": "absence.hospital_incomplete",
        "stay_absences_one_at_a_time_excl": "absence.overlaps",
        # raised by the triggers of migration 0013
        "stays_home_open": "home.not_open",
        "stays_home_opened": "home.not_open_yet",
        "stays_home_full": "home.full",
        "stays_alive": "stay.after_death",
        "stays_active": "stay.record_closed",
        "stays_agree": "stay.disagrees",
        "stay_absences_within": "absence.outside_stay",
        "stay_beds_in_use": "bed.out_of_use",
        "stay_beds_reserved": "bed.reserved",
        "stay_beds_sex": "room.wrong_sex",
        "stays_bed_taken": "bed.taken",
        "beds_occupied": "bed.occupied",
        "beds_reserved": "bed.kept_for_somebody",
        "rooms_sex": "room.others_sleep_here",
        "facilities_emptied": "home.not_empty",
    },
)
