"""Reads of rectification orders; `paper` is what the PDF is drawn from."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from eldercare.accounts.officers.models import Officer
from eldercare.accounts.officers.queries import avoided, certified, officer_of
from eldercare.checklists import queries as checklists
from eldercare.checklists.models import ChecklistItem
from eldercare.core import attachments, audit, calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import TO_PUT_RIGHT, Hazard
from eldercare.hazards.orders.models import SERVICE, OrderItem, OrderReceipt, RectificationOrder

Basis = list[dict[str, str]]


def orders(scope: Scope) -> Select[Any]:
    """Orders in reach with their place, hazards and receipts."""
    return (
        scope.select(RectificationOrder)
        .join(RectificationOrder.facility)
        .join(Facility.township)
        .options(
            contains_eager(RectificationOrder.facility).contains_eager(Facility.township),
            selectinload(RectificationOrder.items),
            selectinload(RectificationOrder.receipts),
        )
    )


def order(scope: Scope, order_id: int) -> RectificationOrder:
    """One order with its hazards as they stand; 404 otherwise."""
    query = orders(scope).where(RectificationOrder.id == order_id)
    query = query.options(selectinload(RectificationOrder.items).selectinload(OrderItem.hazard))
    row: RectificationOrder | None = db.session.scalars(query).one_or_none()
    return row if row is not None else scope.get(RectificationOrder, order_id)


def matching(text: str) -> ColumnElement[bool]:
    """Orders whose number or place contains the text."""
    return (RectificationOrder.number + " " + RectificationOrder.recipient).icontains(text, autoescape=True)


def is_served() -> ColumnElement[bool]:
    """Orders with a receipt of service."""
    return exists(
        select(OrderReceipt.id).where(OrderReceipt.order_id == RectificationOrder.id, OrderReceipt.way.in_(SERVICE))
    )


def issued(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Issued between two days, either of them open."""
    first, last = ends
    return RectificationOrder.issued_on.between(first or date(1900, 1, 1), last or date(2199, 12, 31))


def of_hazard(scope: Scope, hazard_id: int) -> list[tuple[int, str, str]]:
    """(id, number, state) of the orders a hazard stands or stood in, the newest first."""
    query = (
        scope.columns(OrderItem, RectificationOrder.id, RectificationOrder.number, RectificationOrder.state)
        .join(RectificationOrder, RectificationOrder.id == OrderItem.order_id)
        .where(OrderItem.hazard_id == hazard_id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query.order_by(RectificationOrder.id.desc()))]


def to_order(scope: Scope, facility_id: int) -> list[Hazard]:
    """Hazards of a place that can go into an order, the first found first."""
    query = hazards.hazards(scope).where(Hazard.facility_id == facility_id, _orderable())
    return list(db.session.scalars(query.order_by(Hazard.found_on, Hazard.id)))


def places(scope: Scope) -> list[Facility]:
    """Places with hazards that can go into an order."""
    waiting = exists(select(Hazard.id).where(Hazard.facility_id == Facility.id, _orderable()))
    return list(db.session.scalars(scope.select(Facility).where(waiting).order_by(Facility.name)))


def _orderable() -> ColumnElement[bool]:
    """Reported, or to be put right by a day still to come, and in no order that is in force.

    An order demands by its deadline (domain.md §5.4): once that has passed, what follows is a step of the ladder.
    """
    stands = exists(select(OrderItem.id).where(OrderItem.hazard_id == Hazard.id, OrderItem.withdrawn_at.is_(None)))
    runs = or_(Hazard.due_on.is_(None), Hazard.due_on >= calendar.today())
    return and_(Hazard.state.in_(("reported", *TO_PUT_RIGHT)), runs, ~stands)


def bases(scope: Scope, found: list[Hazard]) -> dict[int, Basis]:
    """{hazard id: the rules it breaks}: those of its item in the version it was found by, and its row of the hazard table."""
    keys = {(each.item_version_id, each.item_code) for each in found if each.item_code}
    items: dict[tuple[Any, Any], Any] = {}
    if keys:
        query = scope.columns(ChecklistItem, ChecklistItem.version_id, ChecklistItem.code, ChecklistItem.basis)
        versions, codes = zip(*keys, strict=True)
        query = query.where(ChecklistItem.version_id.in_(versions), ChecklistItem.code.in_(codes))
        items = {(row[0], row[1]): row[2] for row in db.session.execute(query)}
    coded = {each.hazard_code for each in found if each.hazard_code}
    rows = {each.code: each for each in checklists.hazards_in_force(scope)} if coded else {}
    for code in coded - rows.keys():  # what was found by a row that has left the table stands by that row
        row = checklists.hazard_coded(scope, code)
        rows |= {code: row} if row else {}
    table = checklists.hazard_table_name(scope) if rows else None
    out: dict[int, Basis] = {}
    for each in found:
        basis = [{name: rule.get(name, "") for name in ("zh", "en", "clause")} for rule in items.get(
            (each.item_version_id, each.item_code), [])]  # fmt: skip
        row = rows.get(each.hazard_code or "")
        if row is not None and table is not None:
            basis.append({"zh": table[0], "en": table[1], "clause": row.clause})
        out[each.id] = basis
    return out


def signing_with(scope: Scope, me: Officer, facility_id: int) -> list[Officer]:
    """Who may sign an order of a place today beside an officer: certificates that count, nobody who avoids the place."""
    avoids = avoided(scope, facility_id, calendar.today())
    return [each for each in certified(scope, calendar.today()) if each.id != me.id and each.id not in avoids]


def me(scope: Scope) -> Officer | None:
    """The officer who asks, where the certificate counts today."""
    found = officer_of(scope, scope.person_id)
    return found if found is not None and found.is_certified(calendar.today()) else None


def history(scope: Scope, order_id: int) -> list[AuditEntry]:
    """What happened to an order, newest first."""
    return list(db.session.scalars(audit.history(scope, "rectification_order", order_id)))


def live_unserved() -> ColumnElement[bool]:
    """Orders in force whose service nobody has entered yet."""
    return and_(RectificationOrder.state == "issued", ~is_served())


def paper(scope: Scope, order_id: int) -> dict[str, Any]:
    """An order as plain JSON, for drawing it: what it says, both officers, its receipts, the photos of its hazards.

    {"number", "organ", "issued_on", "recipient", "facility_code", "address", "head", "source", "officers": [{"name",
    "certificate_no", "valid_to"}], "hazards": [{"position", "number", "severity", "hazard_code", "item_code", "description",
    "place", "basis": [{"zh", "en", "clause"}], "demand", "due_on", "photos": [sha256]}], "consequence", "remedies", "note",
    "state", "withdrawn": {"at", "by", "reason"} or {}, "receipts": [{"way", "received_by", "received_at", "witness",
    "consent", "post_no", "note", "entered_by"}]}; days and moments in ISO, severities and ways as codes.
    """
    row = order(scope, order_id)
    photos = attachments.of_many(scope, "hazard", [each.hazard_id for each in row.items])
    before = {
        owner: [each.sha256 for each in found if each.kind == "before" and each.is_picture] for owner, found in photos.items()
    }
    taken = (
        {"at": row.withdrawn_at.isoformat(), "by": row.withdrawn_by, "reason": row.withdrawn_reason} if row.withdrawn_at else {}
    )
    return {
        "number": row.number, "organ": row.organ, "issued_on": row.issued_on.isoformat(), "recipient": row.recipient,
        "facility_code": row.facility_code, "address": row.address, "head": row.head, "source": row.source_label,
        "officers": [{name: each[name] for name in ("name", "certificate_no", "valid_to")} for each in row.officers],
        "hazards": [
            {
                "position": each.position, "number": each.hazard.number, "severity": each.severity,
                "hazard_code": each.hazard_code, "item_code": each.item_code, "description": each.description,
                "place": each.place_note, "basis": each.basis, "demand": each.demand, "due_on": each.due_on.isoformat(),
                "photos": before.get(each.hazard_id, []),
            }
            for each in row.items
        ],
        "consequence": row.consequence, "remedies": row.remedies, "note": row.note, "state": row.state, "withdrawn": taken,
        "receipts": [
            {
                "way": each.way, "received_by": each.received_by, "received_at": each.received_at.isoformat(),
                "witness": each.witness, "consent": each.consent, "post_no": each.post_no, "note": each.note,
                "entered_by": each.entered_by,
            }
            for each in row.receipts
        ],
    }  # fmt: skip
