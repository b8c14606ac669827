"""Writes of rectification orders: issue, receipt, withdrawal. lock → judge → change → record."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from eldercare.accounts import queries as accounts
from eldercare.accounts.officers.models import GROUND_WORDS, Officer
from eldercare.accounts.officers.queries import avoided
from eldercare.accounts.officers.services import must_be_certified
from eldercare.core import alerts, attachments, audit, calendar, counters, papers, states
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.hazards.models import TO_PUT_RIGHT, Deadlines, Hazard
from eldercare.hazards.orders import queries
from eldercare.hazards.orders.models import OrderItem, OrderReceipt, RectificationOrder, Terms


def issue(
    scope: Scope,
    facility_id: int,
    hazard_ids: Sequence[int],
    *,
    officers: tuple[int, int],
    deadlines: Deadlines,
    terms: Terms,
    demands: Mapping[int, str] | None = None,
    due: Mapping[int, date] | None = None,
    clauses: Mapping[int, str] | None = None,
    source: tuple[str, str] = ("", ""),
    note: str = "",
    signed_on: date | None = None,
) -> RectificationOrder:
    """Issue one order for hazards of one place, in the order given, signed by two certified officers.

    Reported hazards are ordered by it; ordered ones keep their deadline. By hazard id: demands, due (deadlines of reported
    ones), clauses (the rule in words, where it comes from no item of a list). source: (label, path) of the visit.
    signed_on: the day the two signed at the place, by which they are judged (today): a record may arrive days after it.
    Refused: hazard.may_not_order, order.two_officers, officer.not_certified, order.officer_avoids, .not_signing, .nothing,
    .hazard_elsewhere, .hazard_ordered, .hazard_over, .hazard_late (it would demand by a day that has passed),
    .demand_missing, .basis_missing, hazard.due_too_far.
    """
    facility = scope.get(Facility, facility_id)
    if not hazards.may_order(scope, facility):
        raise Refused("hazard.may_not_order")
    signing = _signing(scope, facility, officers, signed_on)
    found = _to_order(scope, facility, hazard_ids)
    demands, due, clauses = demands or {}, due or {}, clauses or {}
    for each in found:
        if each.state == "reported":
            hazards.issue(scope, each, deadlines=deadlines, due_on=due.get(each.id), demand=demands.get(each.id))
    today = calendar.today()
    serial = counters.next_of("orders", today.year)
    made = RectificationOrder(
        township_id=facility.township_id, facility_id=facility.id, year=today.year, serial=serial,
        number=terms.number.format(year=today.year, serial=serial), issued_on=today, issued_at=calendar.now(),
        issued_by=scope.person_name, issued_by_id=scope.person_id, organ=terms.organ, recipient=facility.name,
        address=facility.address or "", head=facility.head or "", source_label=source[0], source_path=source[1],
        officer_a_id=signing[0].id, officer_b_id=signing[1].id, officers=[_as_kept(each) for each in signing],
        hazard_count=len(found), consequence=terms.consequence, remedies=terms.remedies, note=note,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    rules = queries.bases(scope, found)
    for position, each in enumerate(found, 1):
        _put_in(made, each, position, demands.get(each.id), clauses.get(each.id), rules[each.id], terms)
    db.session.flush()
    audit.record(scope, "rectification_order.issued", made, hazards=[each.number for each in found])
    about: dict[str, Any] = {"home": facility.name, "number": made.number}
    alerts.tell(scope, "order.issued", made, count=len(found), **about)
    alerts.tell(scope, "order.to_serve", made, level="district", **about)
    papers.ask(scope, "rectification-order", papers.Subject("rectification_order", made.id, facility))
    return made


def enter_receipt(
    scope: Scope,
    order_id: int,
    *,
    way: str,
    received_by: str,
    received_at: datetime,
    witness: str | None = None,
    consent: str | None = None,
    post_no: str | None = None,
    note: str | None = None,
    photos: Sequence[Any] = (),
) -> OrderReceipt:
    """How, to whom and when an order was served; photos or a scan of the receipt hang on the order.

    Refused: order.is_withdrawn, .witness_missing, .consent_missing, .post_no_missing, .received_early.
    """
    fits = attachments.judged(photos, field="photos")
    order = _in_force(scope, order_id)
    lacking = {"left": ("witness", witness), "electronic": ("consent", consent), "post": ("post_no", post_no)}.get(way)
    if lacking and not lacking[1]:
        raise Refused(f"order.{lacking[0]}_missing", field=lacking[0])
    if received_at < order.issued_at.replace(second=0, microsecond=0):  # forms know minutes
        at = f"{calendar.local(order.issued_at):%Y-%m-%d %H:%M}"
        raise Refused("order.received_early", field="received_at", at=at)
    made = _receipt(scope, order, way=way, received_by=received_by, received_at=received_at, witness=witness, consent=consent,
                    post_no=post_no, note=note)  # fmt: skip
    attachments.attach_all(scope, order, fits, kind="receipt", field="photos")
    alerts.settle(scope, order, "order.to_serve")
    return made


def confirm(scope: Scope, order_id: int) -> OrderReceipt:
    """The place says on the platform that it has the order. That is no service, and stops nothing; its hazards are received."""
    order = _in_force(scope, order_id)
    made = _receipt(scope, order, way="platform", received_by=scope.person_name, received_at=calendar.now())
    for hazard_id in db.session.scalars(scope.columns(OrderItem, OrderItem.hazard_id).where(OrderItem.order_id == order.id)):
        if scope.lock(Hazard, hazard_id).state == "issued":
            hazards.receive(scope, hazard_id)
    alerts.settle(scope, order, "order.issued")
    return made


def withdraw(scope: Scope, order_id: int, reason: str) -> RectificationOrder:
    """The order is void, visibly and with a reason: its hazards that are not answered yet wait for an officer again.

    By a certified officer who may order there, or by the district that supervises. Refused: order.may_not_withdraw,
    order.is_withdrawn.
    """
    order = _in_force(scope, order_id)
    if not may_withdraw(scope, order):
        raise Refused("order.may_not_withdraw")
    order.withdrawn_at, order.withdrawn_by, order.withdrawn_reason = calendar.now(), scope.person_name, reason
    states.move(scope, order, "withdrawn")
    items = scope.select(OrderItem).where(OrderItem.order_id == order.id).order_by(OrderItem.hazard_id)
    for item in db.session.scalars(items):
        item.withdrawn_at = order.withdrawn_at
        hazard = scope.lock(Hazard, item.hazard_id)
        if hazard.state in TO_PUT_RIGHT:
            hazards.take_back(scope, hazard, reason)
    alerts.settle(scope, order)
    home = scope.get(Facility, order.facility_id).name
    alerts.tell(scope, "order.withdrawn", order, home=home, number=order.number)
    return order


def may_withdraw(scope: Scope, order: RectificationOrder) -> bool:
    """Whether the person may declare an order void."""
    if scope.person_id is None:
        return True  # the platform itself
    person = accounts.person(scope.person_id)
    over = scope_of(person, P.HAZARD_SUPERVISE) if person else None
    if over is not None and over.covers(order.township_id, order.facility_id):
        return True
    return hazards.may_order(scope, order) and queries.me(scope) is not None


def _signing(scope: Scope, facility: Facility, officers: tuple[int, int], signed_on: date | None) -> list[Officer]:
    """The two, judged by the day they signed at the place, or by today."""
    if officers[0] == officers[1]:
        raise Refused("order.two_officers", field="second")
    day = signed_on or calendar.today()
    signing = must_be_certified(scope, list(officers), day, acted=signed_on is not None)
    grounds = avoided(scope, facility.id, day)
    for each in signing:
        if each.id in grounds:
            raise Refused("order.officer_avoids", field="second", name=each.name, ground=str(GROUND_WORDS[grounds[each.id]]))
    if scope.person_id is not None and scope.person_id not in {each.user_id for each in signing}:
        raise Refused("order.not_signing", field="second")
    return signing


def _to_order(scope: Scope, facility: Facility, hazard_ids: Sequence[int]) -> list[Hazard]:
    """The hazards, held, in the order given."""
    if not hazard_ids:
        raise Refused("order.nothing", field="hazards")
    held = {hazard_id: scope.lock(Hazard, hazard_id) for hazard_id in sorted(set(hazard_ids))}
    standing = set(
        db.session.scalars(
            scope.columns(OrderItem, OrderItem.hazard_id).where(
                OrderItem.hazard_id.in_(held), OrderItem.withdrawn_at.is_(None)
            )
        )
    )
    for each in held.values():
        if each.facility_id != facility.id:
            raise Refused("order.hazard_elsewhere", field="hazards")
        if each.id in standing:
            raise Refused("order.hazard_ordered", field="hazards", number=each.number)
        if each.state not in {"reported", *TO_PUT_RIGHT}:
            raise Refused("order.hazard_over", field="hazards", number=each.number)
        if each.due_on is not None and each.due_on < calendar.today():
            raise Refused("order.hazard_late", field="hazards", number=each.number, day=each.due_on)
    return [held[hazard_id] for hazard_id in dict.fromkeys(hazard_ids)]


def _put_in(
    order: RectificationOrder, hazard: Hazard, position: int, demand: str | None, clause: str | None,
    rules: list[dict[str, str]], terms: Terms,
) -> None:  # fmt: skip
    said = demand or hazard.demand
    if not said:
        raise Refused("order.demand_missing", field=f"demand_{hazard.id}", number=hazard.number)
    own = [{"zh": clause, "en": clause, "clause": ""}] if clause else []
    basis = [*rules, *own] or [{"zh": terms.basis, "en": terms.basis, "clause": ""}]
    db.session.add(
        OrderItem(
            township_id=order.township_id, facility_id=order.facility_id, order_id=order.id, hazard_id=hazard.id,
            position=position, severity=hazard.severity, hazard_code=hazard.hazard_code, item_code=hazard.item_code,
            description=hazard.description, place_note=hazard.place_note, basis=basis, demand=said, due_on=hazard.due_on,
        )
    )  # fmt: skip


def _as_kept(officer: Officer) -> dict[str, Any]:
    return {
        "id": officer.id, "name": officer.name, "certificate_no": officer.certificate_no,
        "valid_to": officer.valid_to.isoformat(),
    }  # fmt: skip


def _in_force(scope: Scope, order_id: int) -> RectificationOrder:
    order = scope.lock(RectificationOrder, order_id)
    if order.state != "issued":
        raise Refused("order.is_withdrawn")
    return order


def _receipt(scope: Scope, order: RectificationOrder, **said: Any) -> OrderReceipt:
    made = OrderReceipt(
        township_id=order.township_id, facility_id=order.facility_id, order_id=order.id, entered_at=calendar.now(),
        entered_by=scope.person_name, entered_by_id=scope.person_id, **said,
    )  # fmt: skip
    db.session.add(made)
    audit.record(scope, "rectification_receipt.entered", made)
    return made
