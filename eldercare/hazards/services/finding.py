"""Found, reported, confirmed or dismissed, ordered. Who may order: domain.md §5.2; what a major hazard is: §7."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from eldercare.accounts import queries as accounts
from eldercare.accounts.officers import queries as officers
from eldercare.checklists import queries as checklists
from eldercare.core import alerts, attachments, audit, calendar, states
from eldercare.core.access import P
from eldercare.core.attachments import Checked, Kept
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.hazards.major import queries as major
from eldercare.hazards.models import Deadlines, Hazard

Source = tuple[str, int, str, str]  # kind, id, label, path of what brings a hazard; once for each kind and id


def may_order(scope: Scope, place: Any) -> bool:
    """Whether the person may order at a place (a facility, or a row of one), whatever the door they came by."""
    if scope.person_id is None:
        return True  # the platform itself
    person = accounts.person(scope.person_id)
    reach = scope_of(person, P.HAZARD_ORDER) if person else None
    return reach is not None and reach.covers(place.township_id, place.id if isinstance(place, Facility) else place.facility_id)


def report(
    scope: Scope,
    facility_id: int,
    *,
    severity: str,
    description: str,
    source: Source | None = None,
    hazard_code: str | None = None,
    checklist_item: tuple[int, str] | None = None,
    place_note: str = "",
    demand: str = "",
    finder: str | None = None,
    found_by: str = "",
    found_on: date | None = None,
    photos: Sequence[Any] = (),
) -> Hazard:
    """Report a hazard: it waits for an officer, and binds nobody yet.

    source: what brings it; None where somebody simply reports. checklist_item: (version id, code). finder: one of
    FINDER_WORDS, by default what the reach says; found_by: the name in words. photos: uploads, or pictures judged already.
    Refused: hazard.code_missing, .code_unknown, .code_not_major, .item_unknown, .ordered_already, what `attachments` refuses.
    """
    fits = attachments.judged(photos, field="photos")
    facility = scope.get(Facility, facility_id)
    hazard = _found(
        scope, facility, source, severity=severity, description=description, hazard_code=hazard_code,
        item=checklist_item, place_note=place_note, demand=demand, finder=finder, found_by=found_by, found_on=found_on,
        state="reported",
    )  # fmt: skip
    _keep(scope, hazard, "hazard.reported", fits)
    _tell_report(scope, hazard, facility)
    return hazard


def order(
    scope: Scope,
    facility_id: int,
    *,
    source: Source | None,
    severity: str,
    description: str,
    deadlines: Deadlines,
    demand: str = "",
    due_on: date | None = None,
    hazard_code: str | None = None,
    checklist_item: tuple[int, str] | None = None,
    place_note: str = "",
    finder: str | None = None,
    found_by: str = "",
    found_on: date | None = None,
    photos: Sequence[Any] = (),
    fixed_on_spot: bool = False,
) -> Hazard:
    """Order a hazard to be put right. `fixed_on_spot`: it was put right before the officer's eyes, counts, and is done with.

    The rest as for `report`. Refused besides: hazard.may_not_order, hazard.due_too_far, hazard.dates_reversed.
    """
    fits = attachments.judged(photos, field="photos")
    facility = scope.get(Facility, facility_id)
    if not may_order(scope, facility):
        raise Refused("hazard.may_not_order")
    hazard = _found(
        scope, facility, source, severity=severity, description=description, hazard_code=hazard_code,
        item=checklist_item, place_note=place_note, demand=demand, finder=finder, found_by=found_by, found_on=found_on,
        state="closed" if fixed_on_spot else "issued",
    )  # fmt: skip
    today = calendar.today()
    _set_order(scope, hazard, deadlines, today if fixed_on_spot else due_on)
    if fixed_on_spot:
        hazard.fixed_on_spot, hazard.right_on, hazard.closed_at = True, today, calendar.now()
        _keep(scope, hazard, "hazard.fixed", fits)
        return hazard
    _keep(scope, hazard, "hazard.issued", fits)
    _tell_order(scope, hazard, facility)
    return hazard


def order_or_report(scope: Scope, facility_id: int, *, deadlines: Deadlines, due_on: date | None = None, **found: Any) -> Hazard:
    """Ordered by a certified officer who may order at the place; from anybody else it waits for one (§5.2)."""
    trusted = scope.person_id is None or _is_certified(scope)  # none: the platform itself
    if may_order(scope, scope.get(Facility, facility_id)) and trusted:
        return order(scope, facility_id, deadlines=deadlines, due_on=due_on, **found)
    return report(scope, facility_id, **found)


def confirm(
    scope: Scope,
    hazard_id: int,
    *,
    deadlines: Deadlines,
    due_on: date | None = None,
    severity: str | None = None,
    hazard_code: str | None = None,
    demand: str | None = None,
) -> Hazard:
    """A certified officer confirms what was reported: from now on it is ordered to be put right.

    severity, hazard_code, demand: where the officer judges otherwise than who reported it.
    Refused: hazard.may_not_order, .not_certified, .judged (it is judged a major one, and would be called otherwise), and as
    for `order`.
    """
    hazard = scope.lock(Hazard, hazard_id)
    if not may_order(scope, hazard):
        raise Refused("hazard.may_not_order")
    must_be_officer(scope)
    return issue(scope, hazard, deadlines=deadlines, due_on=due_on, severity=severity, hazard_code=hazard_code, demand=demand)


def issue(
    scope: Scope, hazard: Hazard, *, deadlines: Deadlines, due_on: date | None, severity: str | None = None,
    hazard_code: str | None = None, demand: str | None = None,
) -> Hazard:  # fmt: skip
    """Give a locked, reported hazard its order; whether the person may was judged before (`confirm`, `orders.issue`)."""
    if hazard.state != "reported":
        raise Refused("move.not_allowed")
    if severity is not None:
        code = must_fit(scope, severity, hazard_code or (hazard.hazard_code if severity == "major" else None))
        if (severity, code) != (hazard.severity, hazard.hazard_code):
            _must_not_be_judged(scope, hazard)
        hazard.severity, hazard.hazard_code = severity, code
    if demand is not None:
        hazard.demand = demand
    _set_order(scope, hazard, deadlines, due_on)
    states.move(scope, hazard, "issued")
    alerts.settle(scope, hazard, "hazard.reported")
    _tell_order(scope, hazard, scope.get(Facility, hazard.facility_id))
    return hazard


def must_be_officer(scope: Scope) -> None:
    """hazard.not_certified: what only a certified officer decides (§5.2). The platform itself aside."""
    if scope.person_id is not None and not _is_certified(scope):
        raise Refused("hazard.not_certified")


def _must_not_be_judged(scope: Scope, hazard: Hazard) -> None:
    """hazard.judged: what an officer judged a major hazard (§7) stays one, also without its order, until that is withdrawn."""
    if major.of_hazard(scope, hazard.id) is not None:
        raise Refused("hazard.judged")


def _is_certified(scope: Scope) -> bool:
    """Whether the person's enforcement certificate counts today."""
    officer = officers.officer_of(scope, scope.person_id)
    return officer is not None and officer.is_certified(calendar.today())


def dismiss(scope: Scope, hazard_id: int, reason: str) -> Hazard:
    """What was reported is no hazard, says a certified officer who could order it, and why.

    It is the other half of confirming (§5.2: a report becomes an order once an officer has looked at it): were it for others,
    a report could end without any officer. Refused: hazard.may_not_order, .not_certified, .judged.
    """
    hazard = scope.lock(Hazard, hazard_id)
    if not may_order(scope, hazard):
        raise Refused("hazard.may_not_order")
    must_be_officer(scope)
    _must_not_be_judged(scope, hazard)
    hazard.dismiss_reason = reason
    states.move(scope, hazard, "dismissed")
    alerts.settle(scope, hazard)
    return hazard


def take_back(scope: Scope, hazard: Hazard, reason: str) -> None:
    """The order of a locked hazard that waits to be put right is void: it waits for an officer again, without a deadline."""
    kept = {"reason": reason, "issued_on": hazard.issued_on, "due_on": hazard.due_on}
    for name in ("issued_on", "issued_by", "issued_by_id", "due_on", "answer_by", "first_due_on", "extended_at", "extend_reason",
                 "asked_at", "asked_by", "asked_due_on", "asked_reason", "refused_reason", "escalated_at", "replied_on",
                 "statement", "stated_at", "stated_by", "published_at"):  # fmt: skip
        setattr(hazard, name, None)
    states.move(scope, hazard, "reported", **kept)
    alerts.settle(scope, hazard)
    _tell_report(scope, hazard, scope.get(Facility, hazard.facility_id))


def must_fit(scope: Scope, severity: str, hazard_code: str | None) -> str | None:
    """The row of the hazard table that goes with a severity: a major hazard has one, no other has any (§7).

    A row counts also when it has left the table by now: the list or the tablet a hazard was found with may be from before, and
    what was signed stands. (Forms offer the rows in force alone.)
    """
    if severity != "major":
        if hazard_code:
            raise Refused("hazard.code_not_major", field="hazard_code")
        return None
    if not hazard_code:
        raise Refused("hazard.code_missing", field="hazard_code")
    if checklists.hazard_coded(scope, hazard_code) is None:
        raise Refused("hazard.code_unknown", field="hazard_code", code=hazard_code)
    return hazard_code


def _found(
    scope: Scope, facility: Facility, source: Source | None, *, severity: str, description: str, hazard_code: str | None,
    item: tuple[int, str] | None, place_note: str, demand: str, finder: str | None, found_by: str, found_on: date | None,
    state: str,
) -> Hazard:  # fmt: skip
    """A hazard as it was found, not kept yet."""
    code = must_fit(scope, severity, hazard_code)
    if item is not None and checklists.item_coded(scope, *item) is None:
        raise Refused("hazard.item_unknown", field="item_code")
    day = found_on or calendar.today()
    number: int = db.session.execute(select(func.nextval("hazards_id_seq"))).scalar_one()
    kind, source_id, label, path = source or ("report", number, "", "")
    return Hazard(
        id=number, number=f"YH{day.year}-{number:05d}", township_id=facility.township_id, facility_id=facility.id,
        source_kind=kind, source_id=source_id, source_label=label, source_path=path, severity=severity, hazard_code=code,
        item_version_id=item[0] if item else None, item_code=item[1] if item else None, description=description,
        place_note=place_note, demand=demand, finder=finder or _finder(scope), found_by=found_by or scope.person_name,
        found_on=day, state=state,
    )  # fmt: skip


def _finder(scope: Scope) -> str:
    if scope.everywhere:
        return "officer"
    if scope.townships:
        return "township"
    return "stationed" if scope.permission == P.HAZARD_REPORT else "home"  # supervisors report, homes check themselves


def _set_order(scope: Scope, hazard: Hazard, deadlines: Deadlines, due_on: date | None) -> None:
    today = calendar.today()
    due = due_on or deadlines.due(hazard.severity, today)
    last = deadlines.last(hazard.severity, today)
    if due > last:
        raise Refused("hazard.due_too_far", field="due_on", last=last)
    if due < today:
        raise Refused("hazard.dates_reversed", field="due_on")
    hazard.issued_on, hazard.due_on, hazard.answer_by = today, due, deadlines.answer_by(today)
    hazard.issued_by, hazard.issued_by_id = scope.person_name, scope.person_id


def _keep(scope: Scope, hazard: Hazard, action: str, photos: Sequence[Checked | Kept]) -> None:
    db.session.add(hazard)
    audit.record(scope, action, hazard)
    attachments.attach_all(scope, hazard, photos, kind="before", field="photos")


def _tell_report(scope: Scope, hazard: Hazard, facility: Facility) -> None:
    about: dict[str, Any] = {"home": facility.name, "number": hazard.number}
    alerts.tell(scope, "hazard.reported", hazard, level="district", again=True, **about)


def _tell_order(scope: Scope, hazard: Hazard, facility: Facility) -> None:
    due = hazard.due_on or calendar.today()
    # ordered, taken back and ordered again: it stands anew
    about: dict[str, Any] = {"home": facility.name, "number": hazard.number}
    alerts.tell(scope, "hazard.issued", hazard, due_at=end_of(due), again=True, **about)


def end_of(day: date) -> datetime:
    """The last minute of a deadline's day."""
    return calendar.at(day, 23, 59)

