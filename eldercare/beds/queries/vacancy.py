"""Free beds of the district: domain.md §3.3, 空床数 = usable − occupied − reserved.

A home's own number starts from `beds_usable` of the register; which beds those are (kind, for whom, price) is
known from the beds set up by row. Where the two disagree, the page says so. Family care beds are never in it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.orm import aliased

from eldercare.beds.models import Stay, StayBed
from eldercare.beds.queries.numbers import home_open, in_home_of
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Room, Township

_KEPT = aliased(Stay)
USABLE = func.count()
FREE = func.count().filter(StayBed.id.is_(None), _KEPT.id.is_(None))


def _in_use(scope: Scope, *columns: Any) -> Select[Any]:
    """Beds in use of homes that take people in, with who has them or for whom they are kept."""
    return (
        scope.columns(Bed, *columns)
        .join(Room, Room.id == Bed.room_id)
        .join(Facility, Facility.id == Bed.facility_id)
        .join(Township, Township.id == Bed.township_id)
        .outerjoin(StayBed, and_(StayBed.bed_id == Bed.id, StayBed.ends_on.is_(None), scope.where(StayBed)))
        .outerjoin(_KEPT, and_(_KEPT.reserved_bed_id == Bed.id, scope.where(_KEPT)))
        .where(Bed.condition == "available", Facility.facility_type == "institution", Facility.state == "operating")
    )


def offers(scope: Scope) -> Select[Any]:
    """A row for each home, kind, sex and price with a free bed: how many are free of how many in use."""
    groups = (Facility.id, Facility.name, Township.code, Township.name, Bed.bed_kind, Room.sex_policy, Bed.price_fen)
    labels = ("facility_id", "home", "township_code", "township", "bed_kind", "sex_policy", "price_fen")
    columns = [each.label(label) for each, label in zip(groups, labels, strict=True)]
    asked = _in_use(scope, func.min(Bed.id).label("id"), *columns, FREE.label("free"), USABLE.label("usable"))
    return asked.group_by(*groups).having(FREE > 0)


def free_by_kind(scope: Scope) -> dict[str, tuple[int, int]]:
    """(free, in use) by kind of bed, from the beds set up by row."""
    query = _in_use(scope, Bed.bed_kind, FREE, USABLE).group_by(Bed.bed_kind)
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}


@dataclass(frozen=True)
class HomeBeds:
    """A home's beds today: free = usable − occupied − reserved; `rows` = in use by row (0: not set up yet)."""

    facility_id: int
    name: str
    township: str
    beds_set: int | None
    usable: int | None
    occupied: int
    reserved: int
    rows: int

    @property
    def free(self) -> int | None:
        """空床数; below zero where more people live there than beds are usable: shown as it is."""
        return None if self.usable is None else self.usable - self.occupied - self.reserved

    @property
    def agrees(self) -> bool:
        """Whether the register's usable beds are those set up by row."""
        return self.rows == self.usable


def homes(scope: Scope, day: date) -> list[HomeBeds]:
    """One line for each institution open on the day, by code."""
    rows = scope.columns(Bed, func.count()).where(Bed.facility_id == Facility.id, Bed.condition == "available")
    kept = scope.columns(_KEPT, func.count()).where(_KEPT.facility_id == Facility.id, _KEPT.reserved_bed_id.is_not(None))
    query = (
        scope.columns(
            Facility, Facility.id, Facility.name, Township.name, Facility.beds_set, Facility.beds_usable,
            in_home_of(scope, Facility.id, day), kept.correlate(Facility).scalar_subquery(),
            rows.correlate(Facility).scalar_subquery(),
        )
        .join(Township, Township.id == Facility.township_id)
        .where(home_open(day))
        .order_by(Facility.code, Facility.id)
    )
    return [HomeBeds(*row) for row in db.session.execute(query)]
