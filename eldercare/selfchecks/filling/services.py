"""A round is begun, answered item by item, given photos, completed. lock → judge → change → record.

round_ = services.begin(scope, round_id, rules, services.Start(member_id=…, position=(120.44, 36.39, 12)))
services.answer(scope, round_id, "FP-01", Answer("conform"))
services.add_photo(scope, round_id, "FP-03", upload)
services.complete(scope, round_id, rules, limits)
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func

from eldercare.checklists.checks import queries as checks
from eldercare.checklists.checks import services as filled
from eldercare.checklists.checks.models import Check, CheckAnswer
from eldercare.checklists.checks.services import Answer
from eldercare.core import attachments, audit, calendar, log, states
from eldercare.core.db import db, savepoint
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.staff.roster import queries as roster
from eldercare.hazards import queries as hazards
from eldercare.hazards.services import report
from eldercare.selfchecks import queries
from eldercare.selfchecks.flags import services as flags
from eldercare.selfchecks.flags.models import Limits
from eldercare.selfchecks.flags.queries import bits_of
from eldercare.selfchecks.models import Rules, SelfCheckPhoto, SelfCheckRound
from eldercare.selfchecks.services import tell

_log = log.logger("selfchecks")
FOUND = ("conform", "partial", "nonconform")  # what somebody looked at and judged


class Start(NamedTuple):
    """Who walks (a member of staff on duty) and where the telephone is: (lon, lat in WGS-84, accuracy in metres)."""

    member_id: int | None = None
    position: tuple[float, float, int] | None = None


def _lock(scope: Scope, round_id: int) -> SelfCheckRound:
    row = scope.lock(SelfCheckRound, round_id)
    if row.is_over:
        raise Refused("selfcheck.done_already")
    return row


def _begun(scope: Scope, round_id: int) -> tuple[SelfCheckRound, int]:
    row = _lock(scope, round_id)
    if row.check_id is None:
        raise Refused("selfcheck.not_begun")
    if scope.get(Check, row.check_id).state != "open":
        raise Refused("selfcheck.closed")
    return row, row.check_id


def begin(scope: Scope, round_id: int, rules: Rules, start: Start) -> SelfCheckRound:
    """Begin a round with the items it asks; one that was begun already is gone on with.

    Refused: selfcheck.not_yet, selfcheck.over, selfcheck.done_already, selfcheck.place_closed, selfcheck.not_on_duty,
    selfcheck.duty_gone.
    """
    row, now = _lock(scope, round_id), calendar.now()
    if row.check_id is not None:
        return row
    facility = scope.get(Facility, row.facility_id)
    if facility.state != "operating":
        raise Refused("selfcheck.place_closed")
    if now < row.from_at:
        raise Refused("selfcheck.not_yet", at=f"{calendar.local(row.from_at):%H:%M}")
    _still(row, rules)
    there = {each.member_id for each in roster.on_duty(scope, facility.id, now)}
    if start.member_id is not None and start.member_id not in there:
        raise Refused("selfcheck.not_on_duty", field="member")
    version, items = queries.walked_by(scope, row, facility.facility_type)
    only = [each.code for each in items]
    check = filled.start_check(scope, facility.id, version.id, "self_check", label=row.period, day=row.day, only=only)
    row.check_id, row.begun_at, row.member_id = check.id, now, start.member_id
    row.person_id, row.person_name = scope.person_id, scope.person_name
    if start.position is not None:
        row.lon, row.lat, row.accuracy_m = start.position
    audit.record(scope, "selfcheck_round.begun", row)
    return row


def _still(row: SelfCheckRound, rules: Rules) -> None:
    """A round that is over for good is left as it is."""
    last = rules.late_until(row.duty, row.until_at)
    if calendar.now() > last:
        raise Refused("selfcheck.over", at=f"{calendar.local(last):%Y-%m-%d %H:%M}")


def answer(scope: Scope, round_id: int, code: str, said: Answer) -> None:
    """Answer an item, or answer it anew; its photos stay. Refused as by checks.services.answer."""
    _row, check_id = _begun(scope, round_id)
    filled.answer(scope, check_id, {code: said._replace(photos=_photos(scope, check_id, code))})


def _answers(scope: Scope, check_id: int) -> dict[str, CheckAnswer]:
    return {each.item.code: each for _area, each in checks.answers(scope, check_id)}


def _photos(scope: Scope, check_id: int, code: str) -> list[str]:
    found = _answers(scope, check_id).get(code)
    return list(found.photos) if found else []


def add_photo(scope: Scope, round_id: int, code: str, upload: Any) -> SelfCheckPhoto:
    """Put a photo to an item; the same picture may stand at two items, and is then seen to be the same.

    Refused: as by attachments.checked, selfcheck.no_photo, selfcheck.photo_twice, check.item_unknown.
    """
    fit = attachments.checked(upload, field="photo")
    if fit.thumbnail is None:
        raise Refused("selfcheck.no_photo", field="photo")
    row, check_id = _begun(scope, round_id)
    answers = _answers(scope, check_id)
    if code not in answers:
        raise Refused("check.item_unknown", code=code)
    there = next((each for each in attachments.of(scope, row) if each.sha256 == fit.sha256), None)
    kept = there or attachments.attach(scope, row, fit, kind="item", field="photo")
    photo = SelfCheckPhoto(
        township_id=row.township_id, facility_id=row.facility_id, round_id=row.id, attachment_id=kept.id, item_code=code,
        bits=bits_of(fit.thumbnail), taken_at=calendar.now(),
    )  # fmt: skip
    if there is not None and any(each.attachment_id == kept.id for each in queries.photos(scope, row.id).get(code, [])):
        raise Refused("selfcheck.photo_twice", field="photo")
    db.session.add(photo)
    answers[code].photos = [*answers[code].photos, kept.sha256]
    db.session.flush()
    return photo


def remove_photo(scope: Scope, round_id: int, photo_id: int, reason: str) -> str:
    """Take a photo away while the round is open; the code of its item. The log keeps that it was there, and why it went."""
    row, check_id = _begun(scope, round_id)
    photo = scope.get(SelfCheckPhoto, photo_id)
    if photo.round_id != row.id:
        scope.get(SelfCheckPhoto, 0)
    code, kept = photo.item_code, attachments.its(scope, photo.attachment_id, of=row)
    mine = _answers(scope, check_id)[code]
    mine.photos = [each for each in mine.photos if each != kept.sha256]
    db.session.delete(photo)
    db.session.flush()
    others = scope.columns(SelfCheckPhoto, func.count()).where(SelfCheckPhoto.attachment_id == kept.id)
    if not db.session.scalar(others):
        attachments.remove(scope, kept.id, of=row, reason=reason)
    return code


def complete(scope: Scope, round_id: int, rules: Rules, limits: Limits) -> SelfCheckRound:
    """Complete a round for good: in time until the grace is over, late afterwards. What is hardly plausible is flagged.

    Refused: selfcheck.unanswered, selfcheck.over, check.photo_missing where the settings demand photos.
    """
    row, check_id = _begun(scope, round_id)
    _still(row, rules)
    answers, now = list(_answers(scope, check_id).values()), calendar.now()
    left = sum(each.result == "not_checked" for each in answers)
    if left:
        raise Refused("selfcheck.unanswered", count=left)
    overdue = hazards.overdue_at(scope, row.facility_id, calendar.today())
    filled.seal(scope, check_id, overdue=overdue, demand_photos=rules.demand_photos)
    row.answered = sum(each.result in FOUND for each in answers)
    row.faults = sum(each.result in ("partial", "nonconform") for each in answers)
    row.done_at, row.person_id, row.person_name = now, scope.person_id, scope.person_name
    in_time = row.state == "due" and now <= rules.in_time_until(row.until_at)
    states.move(scope, row, "done" if in_time else "late")
    flags.raise_for(scope, row, answers, limits)
    _report(scope, row, answers, rules)
    tell(scope, now, rules, row.facility_id)
    return row


def close_left(scope: Scope, now: datetime, rules: Rules) -> int:
    """What was begun and never completed is closed once it can be made up for no more; how many that were. Twice finds nothing.

    The round stays missed. Its answers are sealed as they stand and what was found not in order becomes a hazard all the
    same: somebody saw it. Where nothing was answered, or the place owes the round no more, the list is dropped. One that
    cannot be closed waits for the next time, and keeps back no other.
    """
    soonest = now - timedelta(hours=min(rules.late_hours, 24 * rules.late_days))
    query = scope.select(SelfCheckRound).join(Check, Check.id == SelfCheckRound.check_id).where(Check.state == "open")
    query = query.where(SelfCheckRound.state.in_(("missed", "waived")), SelfCheckRound.until_at < soonest)
    query = query.order_by(SelfCheckRound.id).with_for_update(of=SelfCheckRound, skip_locked=True)
    left = {each.id: each for each in db.session.scalars(query) if not rules.still(each, now)}
    closed = 0
    for round_id, row in left.items():
        try:
            with savepoint():
                _close(scope, row, rules)
            closed += 1
        except Exception as fault:  # noqa: BLE001 — whatever it is, the rounds of all other places must not wait for it
            _log.error("selfcheck.left_open", round_id=round_id, fault=type(fault).__name__)
    return closed


def _close(scope: Scope, row: SelfCheckRound, rules: Rules) -> None:
    check_id = row.check_id or 0
    answers = list(_answers(scope, check_id).values())
    row_found = [each for each in answers if each.result in FOUND]
    if row.state == "waived" or not row_found:
        filled.drop(scope, check_id, "waived" if row.state == "waived" else "nothing answered")
        return
    overdue = hazards.overdue_at(scope, row.facility_id, calendar.today())
    filled.seal(scope, check_id, overdue=overdue)
    row.answered, row.faults = len(row_found), sum(each.result != "conform" for each in row_found)
    audit.record(scope, "selfcheck_round.closed", row)
    _report(scope, row, answers, rules)


def _report(scope: Scope, row: SelfCheckRound, answers: Sequence[CheckAnswer], rules: Rules) -> None:
    """What is not in order becomes a hazard of the place, once: what is reported already and still open is not again."""
    faults = [each for each in answers if each.result == "nonconform" and each.item.severity in rules.report]
    known = {each.item_code for each in hazards.open_at(scope, row.facility_id, 500)} if faults else set()
    kept = {each.sha256: attachments.kept(each) for each in attachments.of(scope, row)} if faults else {}
    for each in faults:
        item = each.item
        if item.code in known:
            continue
        is_major = item.severity == "major" and item.hazard_code
        report(
            scope, row.facility_id, source=("self_check", each.id, f"{row.period} {item.code}", f"/selfchecks/rounds/{row.id}"),
            severity="major" if is_major else "serious" if item.severity == "major" else item.severity,
            hazard_code=item.hazard_code if is_major else None, checklist_item=(each.version_id, item.code), finder="home",
            description=f"{item.zh}\uff1b{each.reason}", photos=[kept[sha256] for sha256 in each.photos],
        )  # fmt: skip
