"""Seeing an alert, where mail goes, and the round that climbs, writes mails and sends them.

A mail is claimed in a transaction of its own before the server is asked, and marked in another after:
whoever dies in between leaves it `sending`, and it becomes `unsure`, never a second mail.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from config import Config
from eldercare.accounts.models import User
from eldercare.core import alerts, audit, calendar, log, mail
from eldercare.core.alerts import Alert, AlertSeen
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Person, Scope
from eldercare.inbox import queries
from eldercare.inbox.models import Mail, MailAddress

BACK = timedelta(hours=24)  # how far back an alert may lie that is still worth a mail
GIVEN_UP = timedelta(minutes=10)  # after which a claimed mail that nobody finished counts as unsure
A_ROUND = 50  # mails sent in one round
_log = log.logger("mail")


# ---- one's own ------------------------------------------------------------------------------------


def see(scope: Scope, person: Person, alert_ids: list[int]) -> None:
    """Note that this person has seen these alerts (those that are not theirs are passed over)."""
    rows = scope.columns(Alert, Alert.id, literal(scope.person_id), literal(calendar.now())).where(
        Alert.id.in_(alert_ids), alerts.for_person(person)
    )
    db.session.execute(insert(AlertSeen).from_select(["alert_id", "person_id", "at"], rows).on_conflict_do_nothing())


def see_all(scope: Scope, person: Person) -> None:
    """Everything one only should know is seen."""
    query = scope.columns(Alert, Alert.id).where(alerts.news(person))
    see(scope, person, list(db.session.scalars(query)))


def set_address(scope: Scope, address: str | None, *, is_on: bool) -> None:
    """Where alerts go by mail; a new address gets a trial mail, none ends it."""
    row = queries.address(scope)
    if not address:
        if row is not None:
            db.session.delete(row)
            db.session.flush()
            audit.record(scope, "mail_address.removed", row)
        return
    is_new = row is None or row.address.reveal() != address
    if row is None:
        row = MailAddress(id=scope.person_id)
        db.session.add(row)
    if is_new:
        row.address = address  # type: ignore[assignment]  # sealed on assignment
    row.is_on = is_on
    if is_new or db.session.is_modified(row):
        audit.record(scope, "mail_address.set", row)
    if is_new and is_on:
        db.session.add(Mail(person_id=scope.person_id, message_id=_message_id()))


def try_again(scope: Scope) -> int:
    """Mails that were not sent, though they were wanted, go back to those waiting; how many."""
    again = {"state": "waiting", "attempts": 0, "next_try_at": calendar.real_now(), "error": None}
    failed = (Mail.state == "failed", Mail.error != "not_wanted")
    done: Any = db.session.execute(update(Mail).where(*failed).values(again))
    if not done.rowcount:
        raise Refused("mail.not_failed")
    audit.record(scope, "mail.tried_again", entity="mail", mails=done.rowcount)
    return int(done.rowcount)


def _message_id() -> str:
    return f"<{uuid4()}@eldercare.invalid>"


# ---- the round ------------------------------------------------------------------------------------


def write_mails(scope: Scope) -> int:
    """Write a mail for each fresh alert of a kind that goes by mail and each person it is for; how many are new."""
    by_mail = [each.name for each in alerts.KINDS.values() if each.by_mail]
    fresh = (Alert.kind.in_(by_mail), Alert.made_at > calendar.now() - BACK, Alert.settled_at.is_(None))
    if not db.session.scalar(scope.columns(Alert, Alert.id).where(*fresh).limit(1)):
        return 0
    made = 0
    for person in queries.wanting_mail():
        message = literal("<").op("||")(text("gen_random_uuid()::text")).op("||")(literal("@eldercare.invalid>"))
        now = literal(calendar.real_now())
        rows = scope.columns(
            Alert, Alert.id, literal(person.id), message, literal("waiting"), literal(0), now, literal(calendar.now())
        ).where(*fresh, alerts.for_person(person))
        columns = ["alert_id", "person_id", "message_id", "state", "attempts", "next_try_at", "made_at"]
        statement = insert(Mail).from_select(columns, rows).on_conflict_do_nothing().returning(Mail.id)
        made += len(db.session.scalars(statement).all())
    return made


def send_mails(scope: Scope, config: Config) -> dict[str, int]:
    """Send what waits, each mail in transactions of its own; how many ended how. Commits what was done before."""
    ended = {"sent": 0, "waiting": 0, "failed": 0, "unsure": _unfinished(scope)}
    while mail.is_set(config) and sum(ended.values()) < A_ROUND and (mail_id := _claim(scope)):
        state, error = _send(scope, config, mail_id)
        ended[_settle(scope, mail_id, state, error)] += 1
        if error in mail.SERVER_AWAY:  # the others would wait for it as long, a worker with them
            break
    return ended


def _commit(scope: Scope) -> None:
    db.session.commit()
    scope.enter()


def _unfinished(scope: Scope) -> int:
    late = (Mail.state == "sending", Mail.claimed_at < calendar.real_now() - GIVEN_UP)
    done: Any = db.session.execute(update(Mail).where(*late).values(state="unsure", error="broken_off"))
    _commit(scope)
    return int(done.rowcount)


def _claim(scope: Scope) -> int | None:
    now = calendar.real_now()
    due = select(Mail.id).where(Mail.state == "waiting", Mail.next_try_at <= now).order_by(Mail.next_try_at, Mail.id)
    one = due.limit(1).with_for_update(skip_locked=True).scalar_subquery()
    claimed = {"state": "sending", "claimed_at": now, "attempts": Mail.attempts + 1}
    taken: int | None = db.session.scalar(update(Mail).where(Mail.id == one).values(claimed).returning(Mail.id))
    _commit(scope)
    return taken


def _send(scope: Scope, config: Config, mail_id: int) -> tuple[str, str | None]:
    """(how it ended, why)"""
    row = db.session.get_one(Mail, mail_id)
    person, where = db.session.get_one(User, row.person_id), db.session.get(MailAddress, row.person_id)
    alert = scope.find(Alert, row.alert_id) if row.alert_id else None
    if where is None or not where.is_on or not person.is_enabled or (alert is not None and alert.settled_at is not None):
        return "failed", "not_wanted"
    subject, body = _text(person, alert, config)
    try:
        mail.send(config, to=where.address.reveal(), subject=subject, text=body, message_id=row.message_id)
    except mail.NotSent as error:
        return ("failed" if error.final or row.attempts >= Mail.TO_BE_TRIED else "waiting"), error.code
    except mail.Unsure:
        return "unsure", "broken_off"
    return "sent", None


def _settle(scope: Scope, mail_id: int, state: str, error: str | None) -> str:
    now = calendar.real_now()
    wait = timedelta(minutes=1) * _minutes(db.session.get_one(Mail, mail_id).attempts)
    values = {"state": state, "error": error, "sent_at": now if state == "sent" else None, "next_try_at": now + wait}
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(values))
    _commit(scope)
    _log.info("mail.ended", mail_id=mail_id, state=state, error=error)
    return state


def _minutes(attempts: int) -> int:
    """1, 2, 4, 8 … minutes between tries."""
    return int(2 ** max(attempts - 1, 0))


def _text(person: User, alert: Alert | None, config: Config) -> tuple[str, str]:
    """(subject, text) in the person's language; no name or number of anybody."""
    home = config.public_url.rstrip("/") if config.public_url else ""
    with force_locale("en" if person.language == "en" else "zh_Hans_CN"):
        if alert is None:
            return _("Jimo Eldercare: alerts will come to this address"), _(
                "From now on alerts of the eldercare platform come to this address as well.\n"
                "If you did not ask for this, tell the administrator."
            )
        said = alerts.words(alert)
        where = _("Open it: %(address)s", address=f"{home}/inbox/{alert.id}") if home else _("Sign in and open your inbox.")
        text = "\n\n".join((said, where, _("This mail was sent by the platform; nobody reads answers.")))
        return _("Jimo Eldercare: %(what)s", what=said), text


def sweep(before: datetime) -> None:
    """Forget mails that ended before a moment."""
    db.session.execute(delete(Mail).where(Mail.state.in_(["sent", "failed", "unsure"]), Mail.made_at < before))
