"""Alerts: what somebody has to do or should know, told once to whoever answers for the place.

A feature declares a `Kind` and calls `tell()` inside the act (or the Run) that brings the news, so an
alert and its cause live or die together; `settle()` when it is done. An alert stands at a level
(facility, township, district): it is for those who hold the kind's permission over its place by a
grant of that level. What is not settled climbs by the kind's steps; each step is a row of its own.
Details are codes, numbers and names of places, never of people: they go out by mail as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, aliased, mapped_column

from eldercare.core import calendar, jinja
from eldercare.core.access import GRANTS, ROLE_PLACE, P, Role
from eldercare.core.db import Base, Scoped, db, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.scope import Person, Scope

LEVELS = ("facility", "township", "district")
KEPT = ("township_id", "facility_id", "kind", "is_todo", "entity", "entity_id", "occasion", "details", "due_at")  # by a step up

_DAY = re.compile(r"\d{4}-\d\d-\d\d(T.+)?$")


@dataclass(frozen=True)
class Step:
    """A step up: so long after the alert fell due (or was made, without a day), tell `level` as well."""

    after: timedelta
    level: str


@dataclass(frozen=True)
class Kind:
    """A kind of alert.

    words: a sentence with %(name)s of the details (days and moments are kept as ISO text there), or a function
    that says it from them in the language of the reader.
    permission: whom it is for; above: whom once it has climbed, where that is another. endpoint, ident: the
    page it opens and the parameter that takes the row's id. tone: bad, watch or quiet. by_mail: also sent to
    those who have given an address. title: what several of them are called together, for first pages and
    filters ("returns overdue"). of_open_place: it asks nothing of a place that has closed for good.
    """

    name: str
    words: Any
    permission: P
    endpoint: str
    ident: str
    is_todo: bool = True
    tone: str = "watch"
    steps: tuple[Step, ...] = ()
    by_mail: bool = False
    title: Any = None
    above: P | None = None
    of_open_place: bool = False

    def permission_at(self, level: str) -> P:
        """Whom it is for at a level."""
        return self.permission if level == "facility" else self.above or self.permission


KINDS: dict[str, Kind] = {}
NAMED: dict[str, Any] = {}  # codes among the details that people read as words
# what runs out climbs when its last day is over, and again after a week
ONCE_OVER = (Step(timedelta(0), "township"), Step(timedelta(7), "district"))


def kind(entry: Kind) -> Kind:
    """Declare a kind (from a feature's `models.py`)."""
    KINDS[entry.name] = entry
    return entry


def climbs(name: str, *steps: Step) -> None:
    """How a kind climbs where settings say it (from a feature's `jobs.py`)."""
    kind(replace(KINDS[name], steps=steps))


class Alert(Scoped, Base):
    """提醒: one thing told at one level; `occasion` tells apart what may happen to a row again."""

    __tablename__ = "alerts"
    __table_args__ = (
        place_key("alerts"),
        CheckConstraint("level IN ('facility', 'township', 'district')", name="level"),
        CheckConstraint("township_id IS NOT NULL OR level = 'district'", name="placed"),
        UniqueConstraint("kind", "level", "entity_id", "occasion", name="alerts_once_key"),
        Index("alerts_place_idx", "facility_id", "township_id"),
        Index("alerts_open_idx", "kind", "level", postgresql_where="settled_at IS NULL"),
        Index("alerts_news_idx", "kind", "level", postgresql_where="NOT is_todo"),
        Index("alerts_entity_idx", "entity", "entity_id"),
        given("alerts_person_idx", "person_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"), index=True)  # type: ignore[assignment]
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str]
    level: Mapped[str]
    is_todo: Mapped[bool]
    entity: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    occasion: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime | None]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now, index=True)
    settled_at: Mapped[datetime | None]
    climbed_from_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # for this person alone; none: whoever holds it


class AlertSeen(Base):
    """That a person has seen an alert; what one only should know is done with that."""

    __tablename__ = "alerts_seen"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(default=calendar.now)


def tell(
    scope: Scope, name: str, row: Any, *, level: str = "facility", occasion: str = "", due_at: datetime | None = None,
    climbed_from: int | None = None, again: bool = False, person_id: int | None = None, **details: Any,
) -> int | None:
    """Tell of a row, once for each kind, level and occasion; the alert's id when it is new. Without a place: at level district.

    `again`: what was settled stands again, for rounds that see it still holds. `person_id`: told to this one of those
    whom the kind is for; what it climbs to is told to all again. `scope` must reach the row's place.
    LookupError for a kind nobody declared.
    """
    details = {key: each.isoformat() if isinstance(each, date) else each for key, each in details.items()}
    is_place = row.AUDIT_NOUN == "facility"
    values = {
        "township_id": getattr(row, "township_id", None), "kind": name, "level": level,
        "facility_id": row.id if is_place else getattr(row, "facility_id", None),
        "is_todo": KINDS[name].is_todo, "entity": row.AUDIT_NOUN, "entity_id": row.id, "occasion": occasion,
        "details": details, "due_at": due_at, "made_at": calendar.now(), "climbed_from_id": climbed_from,
        "person_id": person_id,
    }
    if not scope.covers(values["township_id"], values["facility_id"]):
        raise LookupError(f"{name}: the row lies outside this scope")
    return _once(values, again=again)


def _once(values: dict[str, Any], *, again: bool = False) -> int | None:
    statement = insert(Alert).values(values)
    if again:
        kept = ("details", "due_at", "made_at", "person_id")
        anew = {name: getattr(statement.excluded, name) for name in kept} | {"settled_at": None}
        statement = statement.on_conflict_do_update(
            constraint="alerts_once_key", set_=anew, where=Alert.settled_at.is_not(None)
        )
    else:
        statement = statement.on_conflict_do_nothing(constraint="alerts_once_key")
    made: int | None = db.session.scalar(statement.returning(Alert.id))
    return made


def move_due(scope: Scope, row: Any, name: str, due_at: datetime, *, occasion: str | None = None) -> None:
    """The deadline of what was told of a row has moved: nobody is called late by the old one."""
    about = [*_about(name, row), Alert.settled_at.is_(None), scope.where(Alert)]
    if occasion is not None:
        about.append(Alert.occasion == occasion)
    db.session.execute(update(Alert).where(*about).values(due_at=due_at))


def settle_closed(scope: Scope, facility_id: int) -> None:
    """A place has closed for good: what only an open one has to do is done with."""
    kinds = [each.name for each in KINDS.values() if each.of_open_place]
    about = (Alert.facility_id == facility_id, Alert.kind.in_(kinds), Alert.settled_at.is_(None), scope.where(Alert))
    db.session.execute(update(Alert).where(*about).values(settled_at=calendar.now()))


def settle(scope: Scope, row: Any, *names: str, occasion: str | None = None) -> int:
    """What was told of a row is done (these kinds, or all; one occasion, or all); how many alerts that were."""
    about = [Alert.entity == row.AUDIT_NOUN, Alert.entity_id == row.id, Alert.settled_at.is_(None), scope.where(Alert)]
    if names:
        about.append(Alert.kind.in_(names))
    if occasion is not None:
        about.append(Alert.occasion == occasion)
    found: Any = db.session.execute(update(Alert).where(*about).values(settled_at=calendar.now()))
    return int(found.rowcount)


def tell_of_end(scope: Scope, name: str, row: Any, ends_on: date, on: date, thresholds: Sequence[int], **details: Any) -> bool:
    """Tell that something runs out: once for the narrowest threshold (days before the last day) reached `on` a day.

    What was told for a wider one is settled by it; 0 stands for "over". Days the clock missed leave nothing
    out. Whether something new was told. Without a threshold reached, what was told before is settled.
    """
    left = (ends_on - on).days
    reached = 0 if left < 0 else next((each for each in sorted(thresholds) if left <= each), None)
    if reached is None:
        settle(scope, row, name)
        return False
    occasion = f"{ends_on.isoformat()}/{reached}"
    said = (*_about(name, row), Alert.occasion == occasion, Alert.settled_at.is_(None))
    if db.session.scalar(scope.columns(Alert, Alert.id).where(*said).limit(1)):
        return False
    settle(scope, row, name)
    over = calendar.at(ends_on + timedelta(1))
    return tell(scope, name, row, occasion=occasion, due_at=over, again=True, **details) is not None


def _about(name: str, row: Any) -> tuple[ColumnElement[bool], ...]:
    return (Alert.kind == name, Alert.entity == row.AUDIT_NOUN, Alert.entity_id == row.id)


def told(scope: Scope, name: str, row: Any) -> list[Alert]:
    """What was told of a row at its own place under a kind, settled or not, oldest first."""
    query = scope.select(Alert).where(*_about(name, row), Alert.climbed_from_id.is_(None))
    return list(db.session.scalars(query.order_by(Alert.id)))


def _places(grants: Iterable[Any], level: str) -> ColumnElement[bool]:
    if level == "district":
        return true()
    if level == "township":
        return Alert.township_id.in_(sorted({grant.place_township_id for grant in grants}))
    return Alert.facility_id.in_(sorted({grant.place_facility_id for grant in grants}))


def words(row: Any) -> str:
    """An alert's sentence in the language of the reader; days, moments and codes among the details as people read them."""
    said = KINDS[row.kind].words if row.kind in KINDS else row.kind
    details = {key: _readable(value) for key, value in row.details.items()}
    if callable(said):
        return str(said(details))
    return str(said) % details if details else str(said)


def _readable(value: Any) -> Any:
    if isinstance(value, str) and value in NAMED:
        return str(NAMED[value])
    if not isinstance(value, str) or not _DAY.match(value):
        return value
    return jinja.moment(datetime.fromisoformat(value)) if "T" in value else jinja.day(date.fromisoformat(value))


def for_person(person: Person) -> ColumnElement[bool]:
    """The condition that leaves the alerts a person answers for, by what each grant holds and where."""
    ways: list[ColumnElement[bool]] = []
    for level in LEVELS:
        at_level = [grant for grant in person.held() if ROLE_PLACE[Role(grant.role)] == level]
        for permission in sorted({each.permission_at(level) for each in KINDS.values()}):
            grants = [grant for grant in at_level if permission in GRANTS[Role(grant.role)]]
            if grants:
                names = sorted(each.name for each in KINDS.values() if each.permission_at(level) == permission)
                ways.append(and_(Alert.level == level, Alert.kind.in_(names), _places(grants, level)))
    return and_(or_(*ways), or_(Alert.person_id.is_(None), Alert.person_id == person.id)) if ways else false()


def to_do(person: Person) -> ColumnElement[bool]:
    """Of those, what is to do and not settled."""
    return and_(for_person(person), Alert.is_todo, Alert.settled_at.is_(None))


def news(person: Person) -> ColumnElement[bool]:
    """Of those, what is to know and not seen by this person."""
    seen = select(AlertSeen.alert_id).where(AlertSeen.alert_id == Alert.id, AlertSeen.person_id == person.id).exists()
    return and_(for_person(person), ~Alert.is_todo, ~seen)


def counts(scope: Scope, person: Person) -> dict[str, int]:
    """How many alerts wait for a person: {"todo", "know", "late"} (late: past its moment)."""
    know = scope.columns(Alert, func.count()).where(news(person)).correlate(None).scalar_subquery()
    columns = (func.count().label("todo"), know.label("know"), func.count().filter(Alert.due_at < calendar.now()).label("late"))
    return dict(db.session.execute(scope.columns(Alert, *columns).where(to_do(person))).mappings().one())


def grouped(scope: Scope, person: Person) -> list[tuple[Kind, int, int, datetime | None, datetime]]:
    """What a person has to do, by kind: (kind, how many, of them late, the first moment due, since when)."""
    columns = (
        Alert.kind, func.count(), func.count().filter(Alert.due_at < calendar.now()), func.min(Alert.due_at),
        func.min(Alert.made_at),
    )
    query = scope.columns(Alert, *columns).where(to_do(person)).group_by(Alert.kind)
    return [(KINDS[row[0]], *row[1:]) for row in db.session.execute(query)]


def climb(scope: Scope, now: datetime) -> list[int]:
    """Take every step that is due by `now`; ids of the alerts this made. Doing it again makes none."""
    made: list[int | None] = []
    up = aliased(Alert)
    same = (up.kind == Alert.kind, up.entity_id == Alert.entity_id, up.occasion == Alert.occasion)  # as alerts_once_key has it
    for each in KINDS.values():
        for step in each.steps:
            since = func.coalesce(Alert.due_at, Alert.made_at)
            due = scope.select(Alert).where(
                Alert.kind == each.name, Alert.settled_at.is_(None), Alert.climbed_from_id.is_(None),
                Alert.level.in_(LEVELS[: LEVELS.index(step.level)]),  # what began higher does not come down
                since <= now - step.after, ~exists().where(*same, up.level == step.level, up.settled_at.is_(None)),
            )
            for alert in db.session.scalars(due.order_by(Alert.id)):
                anew = {"level": step.level, "made_at": calendar.now(), "climbed_from_id": alert.id}
                made.append(_once({name: getattr(alert, name) for name in KEPT} | anew, again=True))
    return [each for each in made if each is not None]


catalogue(
    {
        "alert.told": (409, _l("This has been told already.")),
        "alert.level_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
    },
    {"alerts_placed_check": "alert.level_unknown", "alerts_once_key": "alert.told",
      "alerts_level_check": "alert.level_unknown"},
)
