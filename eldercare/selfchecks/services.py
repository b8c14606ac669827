"""Rounds made by the clock, missed by it, waived for places that do not operate; what stands in inboxes about them.

make(scope, day, rules)          # the rounds of every period the day lies in: exactly once each
watch(scope, now, rules)         # what no list asks any more is waived, what is over missed; inboxes follow
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert

from eldercare.checklists.queries import conditions
from eldercare.core import alerts, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import TYPES, Facility
from eldercare.selfchecks import queries
from eldercare.selfchecks.models import CHECK_DUE, DUE_KINDS, LIST_CHANGED, MISSED, Rules, SelfCheckRound

LEVELS = ("township", "district")


def make(scope: Scope, day: date, rules: Rules, now: datetime | None = None) -> int:
    """Make the rounds of the periods a day lies in that are not there yet; how many that were.

    Only places that operate owe any. What is over already is left out: nobody could have filled it in.
    """
    now = now or calendar.now()
    places = db.session.scalars(
        scope.select(Facility).where(Facility.facility_type.in_(rules.types), Facility.state == "operating").order_by(Facility.id)
    )
    owed, rows = queries.duties(scope, rules.types, day), []
    for place in places:
        facts = conditions.facts(place)
        for duty in owed.get(place.facility_type, []):
            if queries.owes(place, duty, facts):
                for each in queries.windows(duty.name, duty.times, day, rules):
                    if each.until_at > now and queries.asked(duty.name, each.times, each.slot, duty.items):
                        rows.append(_row(place, duty, each))
    if not rows:
        return 0
    statement = insert(SelfCheckRound).on_conflict_do_nothing(constraint="selfcheck_rounds_once_key").returning(SelfCheckRound.id)
    made = len(db.session.scalars(statement.execution_options(audited="selfcheck_round.made"), rows).all())
    audit.record(scope, "selfcheck_round.made", entity="selfcheck_round", day=day, rows=made)
    return made


def _row(place: Facility, duty: queries.Duty, window: queries.Window) -> dict[str, Any]:
    return {
        "township_id": place.township_id, "facility_id": place.id, "checklist_id": duty.version.checklist_id, "duty": duty.name,
        "times": window.times, "period": window.period, "slot": window.slot, "day": window.day, "from_at": window.from_at,
        "until_at": window.until_at, "state": "due", "person_name": "", "answered": 0, "faults": 0,
    }  # fmt: skip


def watch(scope: Scope, now: datetime, rules: Rules) -> dict[str, int]:
    """What is over by a moment is missed; inboxes follow. Twice finds nothing.

    Waived is what is over where the place does not operate, and at once what nobody began and no list asks any more: the duty
    that took its place has rounds of its own.
    """
    waived = _waive_gone(scope, now)
    over = now - timedelta(minutes=rules.grace)
    query = queries.rounds(scope).where(SelfCheckRound.state == "due", SelfCheckRound.until_at <= over)
    query = query.order_by(SelfCheckRound.until_at, SelfCheckRound.id).with_for_update(of=SelfCheckRound, skip_locked=True)
    missed = 0
    for each in db.session.scalars(query):
        owes = each.facility.state == "operating"
        states.move(scope, each, "missed" if owes else "waived")
        missed += owes
        waived += not owes
    return {"missed": missed, "waived": waived, **tell(scope, now, rules)}


def _waive_gone(scope: Scope, now: datetime) -> int:
    """Waive rounds nobody began whose duty is gone, by the lists of the day that counts for them; how many that were."""
    each = SelfCheckRound
    key = (each.checklist_id, each.duty, each.times, each.slot, Facility.facility_type, each.until_at)
    waits = (each.state == "due", each.check_id.is_(None))
    kinds = db.session.execute(scope.columns(each, *key).join(each.facility).where(*waits).distinct()).all()
    days = {queries.asked_on(now, kind.until_at) for kind in kinds}
    owed = {day: queries.duties(scope, TYPES, day) for day in days}
    gone = []
    for *asked, facility_type, until_at in kinds:
        here = owed[queries.asked_on(now, until_at)].get(facility_type, [])
        if queries.asks(here, *asked) is None:
            gone.append((*asked, facility_type, until_at))
    query = queries.rounds(scope).where(*waits, tuple_(*key).in_(gone)).with_for_update(of=each, skip_locked=True)
    found = db.session.scalars(query).all() if gone else []
    for row in found:
        states.move(scope, row, "waived", why=LIST_CHANGED)
    return len(found)


# ---- inboxes ---------------------------------------------------------------------------------------


def tell(scope: Scope, now: datetime, rules: Rules, facility_id: int | None = None) -> dict[str, int]:
    """Bring the inboxes in line with the rounds, of all places in reach or one: how many lines are new."""
    return {"told_due": _tell_due(scope, now, rules, facility_id), "told_missed": _tell_missed(scope, rules, facility_id)}


def _open(scope: Scope, kinds: Iterable[str], facility_id: int | None) -> list[alerts.Alert]:
    query = scope.select(alerts.Alert).where(alerts.Alert.kind.in_(list(kinds)), alerts.Alert.settled_at.is_(None))
    return list(db.session.scalars(query if facility_id is None else query.where(alerts.Alert.facility_id == facility_id)))


def _tell_due(scope: Scope, now: datetime, rules: Rules, facility_id: int | None) -> int:
    """One line for each duty of a period; it falls due with the first of its rounds that is still open."""
    query = queries.rounds(scope).where(SelfCheckRound.state == "due", SelfCheckRound.from_at <= now + timedelta(days=1))
    if facility_id is not None:
        query = query.where(SelfCheckRound.facility_id == facility_id)
    wanted: dict[tuple[int, str], SelfCheckRound] = {}
    for each in db.session.scalars(query.order_by(SelfCheckRound.until_at, SelfCheckRound.id)):
        if each.facility.state == "operating" and rules.told_from(each.duty, each.from_at, each.until_at) <= now:
            wanted.setdefault((each.facility_id, f"{each.checklist_id}/{each.duty}/{each.times}/{each.period}"), each)
    there = {(each.entity_id, each.occasion): each for each in _open(scope, (CHECK_DUE, *DUE_KINDS.values()), facility_id)}
    for key, alert in there.items():
        if key not in wanted:
            alert.settled_at = calendar.now()
        elif alert.due_at != wanted[key].until_at:
            alert.due_at = wanted[key].until_at
    db.session.flush()
    new = [key for key in wanted if key not in there]
    for key in new:
        each = wanted[key]
        about: dict[str, Any] = {"occasion": key[1], "due_at": each.until_at, "home": each.facility.name, "period": each.period}
        alerts.tell(scope, DUE_KINDS.get(each.duty, CHECK_DUE), each.facility, again=True, **about)
    return len(new)


def _tell_missed(scope: Scope, rules: Rules, facility_id: int | None) -> int:
    """One line for each place and day, to township and district the same day; made up for, or after some days, it goes."""
    since = calendar.today() - timedelta(days=rules.missed_days)
    query = scope.columns(SelfCheckRound, SelfCheckRound.facility_id, SelfCheckRound.day).distinct()
    query = query.where(SelfCheckRound.state == "missed", SelfCheckRound.day >= since)
    if facility_id is not None:
        query = query.where(SelfCheckRound.facility_id == facility_id)
    wanted = {(row[0], row[1].isoformat()) for row in db.session.execute(query)}
    there = _open(scope, (MISSED,), facility_id)
    for alert in there:
        if (alert.entity_id, alert.occasion) not in wanted:
            alert.settled_at = calendar.now()
    told = {(each.entity_id, each.occasion) for each in there}
    new = sorted(wanted - told)
    homes = _homes(scope, {home for home, _day in new})
    for home, day in new:
        for level in LEVELS:
            about: dict[str, Any] = {"home": homes[home].name, "day": date.fromisoformat(day)}
            alerts.tell(scope, MISSED, homes[home], level=level, occasion=day, again=True, **about)
    return len(new)


def _homes(scope: Scope, ids: Iterable[int]) -> dict[int, Facility]:
    found = db.session.scalars(scope.select(Facility).where(Facility.id.in_(sorted(ids))))
    return {each.id: each for each in found}


