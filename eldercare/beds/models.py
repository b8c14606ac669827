"""Stays and the beds they take. States: domain.md §3.2; what must never happen is a constraint."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import literal_column

from eldercare.core import calendar
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import one_of

OPEN = ("trial", "in_residence", "on_leave", "hospitalised")  # §3.3: these count as 在住
STATES = ("applied", "assessed", "rejected", "contracted", *OPEN, "discharged", "deceased")


class Stay(Audited, Scoped, Stateful, Base):
    """入住: one person's time in one home, from `starts_on` to the day before `ends_on`."""

    __tablename__ = "stays"
    AUDIT_NOUN = "stay"
    MOVES: ClassVar[Any] = {}
    __table_args__ = (
        place_key("stays"),
        one_of("state", STATES),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("(state IN ('discharged', 'deceased')) = (ends_on IS NOT NULL)", name="ended"),
        CheckConstraint(
            "starts_on IS NOT NULL OR state IN ('applied', 'assessed', 'rejected', 'contracted')", name="begun"
        ),
        UniqueConstraint("id", "facility_id"),
        # one person sleeps in one home: no two stays of a resident share a night
        ExcludeConstraint(
            (literal_column("int8range(resident_id, resident_id, '[]')"), "&&"), ("nights", "&&"),
            using="gist", name="stays_one_home_excl",
        ),
        Index("stays_place_idx", "facility_id", "township_id"),
        Index("stays_dates_idx", "starts_on", "ends_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    state: Mapped[str] = mapped_column(default="in_residence")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    nights: Mapped[Any] = mapped_column(
        DATERANGE,
        Computed(
            "CASE WHEN starts_on IS NULL THEN 'empty'::daterange ELSE daterange(starts_on, ends_on, '[)') END", persisted=True
        ),
        info={"silent": True},
    )
    contract_no: Mapped[str | None]
    care_level: Mapped[str | None]
    end_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)


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
    nights: Mapped[Any] = mapped_column(
        DATERANGE, Computed("daterange(starts_on, ends_on, '[)')", persisted=True), info={"silent": True}
    )


catalogue(
    {
        "bed.taken": (
            409,
            _l("Someone sleeps in this bed on some of these nights. Choose another bed, or transfer that person first."),
        ),
        "stay.elsewhere": (409, _l("This person already lives in a home on some of these nights. End that stay first.")),
        "stay.two_beds": (409, _l("This stay has another bed on some of these nights.")),
        "stay.dates_reversed": (422, _l("The stay cannot end before it begins. Check the two dates.")),
        "stay.end_missing": (422, _l("A stay that has ended needs its last day; one that goes on has none.")),
        "stay.start_missing": (422, _l("Give the day of moving in.")),
        "stay.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "stay.taken": (409, _l("This stay exists already.")),
    },
    {
        "stay_beds_one_resident_excl": "bed.taken",
        "stay_beds_one_bed_excl": "stay.two_beds",
        "stays_one_home_excl": "stay.elsewhere",
        "stays_dates_check": "stay.dates_reversed",
        "stay_beds_dates_check": "stay.dates_reversed",
        "stays_ended_check": "stay.end_missing",
        "stays_begun_check": "stay.start_missing",
        "stays_state_check": "stay.word_unknown",
        "stays_id_facility_id_key": "stay.taken",
    },
)
