"""Reads of one's own alerts, and of the mails about them."""

from typing import Any

from sqlalchemy import Select, exists, select

from eldercare.accounts.models import User
from eldercare.core import alerts
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.scope import Person, Scope
from eldercare.facilities.models import Facility, Township
from eldercare.inbox.models import Mail, MailAddress

A = Alert.__table__
SHELVES = ("todo", "know", "done")


def shelf(scope: Scope, person: Person, name: str) -> Select[Any]:
    """The alerts of a person within reach: `todo` and `know` wait, `done` is everything else."""
    tables = A.outerjoin(Facility, Facility.id == A.c.facility_id).outerjoin(Township, Township.id == A.c.township_id)
    place = (Facility.name.label("facility"), Township.name.label("township"), Township.name_en.label("township_en"))
    query = scope.columns(Alert, *A.c, *place, of=tables)
    if name == "done":
        return query.where(alerts.for_person(person), ~alerts.to_do(person), ~alerts.news(person))
    return query.where(alerts.to_do(person) if name == "todo" else alerts.news(person))


def counts(scope: Scope, person: Person) -> dict[str, int]:
    """How many wait: {"todo", "know", "late"}."""
    return alerts.counts(scope, person)


def alert(scope: Scope, person: Person, alert_id: int) -> Alert:
    """One alert that is this person's; 404 otherwise."""
    query = scope.select(Alert).where(Alert.id == alert_id, alerts.for_person(person))
    return db.session.scalars(query).one_or_none() or scope.get(Alert, 0)


def address(scope: Scope) -> MailAddress | None:
    """Where this person wants alerts sent."""
    return db.session.get(MailAddress, scope.person_id)


# ---- mails --------------------------------------------------------------------------------------


def wanting_mail() -> list[User]:
    """Everyone who may sign in and wants alerts by mail."""
    wants = exists().where(MailAddress.id == User.id, MailAddress.is_on)
    return list(db.session.scalars(select(User).where(User.is_enabled, wants).order_by(User.id)))


def mails() -> Select[Any]:
    """Every mail with whom it was for; never the address."""
    return select(*Mail.__table__.c, User.name.label("person"), User.username, Alert.kind.label("kind")).select_from(
        Mail.__table__.join(User, User.id == Mail.person_id).outerjoin(Alert, Alert.id == Mail.alert_id)
    )
