"""Family care beds. Rules: domain.md §3.5; never added to institution beds (§3.3)."""

from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import one_of


class FamilyCareBed(Audited, Scoped, Stateful, Base):
    """家庭养老床位: a home fitted and watched like a bed; `facility_id` is the township centre that serves it."""

    __tablename__ = "family_care_beds"
    AUDIT_NOUN = "family_care_bed"
    MOVES: ClassVar[Any] = {
        ("applied", "surveyed"): "family_care_bed.surveyed",
        ("surveyed", "adapted"): "family_care_bed.adapted",
        ("adapted", "accepted"): "family_care_bed.accepted",
        ("accepted", "active"): "family_care_bed.started",
        ("active", "paused"): "family_care_bed.paused",
        ("paused", "active"): "family_care_bed.resumed",
        ("active", "closed"): "family_care_bed.closed",
        ("paused", "closed"): "family_care_bed.closed",
    }
    __table_args__ = (
        place_key("family_care_beds"),
        one_of("state", ("applied", "surveyed", "adapted", "accepted", "active", "paused", "closed")),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("(state = 'closed') = (ends_on IS NOT NULL)", name="ended"),
        Index("family_care_beds_open_key", "resident_id", unique=True, postgresql_where="state <> 'closed'"),
        Index("family_care_beds_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    state: Mapped[str] = mapped_column(default="applied")
    agreement_no: Mapped[str | None]
    adaptations: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    devices: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    accepted_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


catalogue(
    {
        "family_bed.taken": (409, _l("This person has a family care bed already.")),
        "family_bed.dates_reversed": (422, _l("The service cannot end before it begins. Check the two dates.")),
        "family_bed.end_missing": (422, _l("A closed family care bed needs its last day; an open one has none.")),
        "family_bed.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
    },
    {
        "family_care_beds_open_key": "family_bed.taken",
        "family_care_beds_dates_check": "family_bed.dates_reversed",
        "family_care_beds_ended_check": "family_bed.end_missing",
        "family_care_beds_state_check": "family_bed.word_unknown",
    },
)
