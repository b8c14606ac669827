"""Writes of points and classes: the ledger brought up to date, changes announced and decided. lock → judge → change → record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from eldercare.core import alerts, audit, calendar, states
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import CLASSED
from eldercare.hazards.credit import queries
from eldercare.hazards.credit.models import (
    FACTS,
    CreditChange,
    CreditClass,
    CreditEntry,
    CreditRecord,
    CreditRule,
    Fact,
    Terms,
)

Key = tuple[str, str, int]  # kind, entity, id: one fact

# ---- the ledger -------------------------------------------------------------------------------------


def bring_up_to_date(scope: Scope, day: date, terms: Terms, facility_id: int | None = None) -> dict[str, int]:
    """Enter every fact of the last months that is not in the ledger, and let go what is no fact any more.

    {"made", "lapsed"}. However often and however many at once do it, a fact is counted once (`credit_entries_once_key`).
    """
    since = terms.facts_from(day)
    found: dict[Key, tuple[str, Fact]] = {}
    for kind in FACTS.values():
        for fact in kind.source(scope, since):
            if fact.on <= day and facility_id in (None, fact.facility_id):
                found[kind.name, fact.entity, fact.entity_id] = (kind.name, fact)
    kept = scope.select(CreditEntry).where(CreditEntry.happened_on >= since, ~CreditEntry.is_lapsed)
    if facility_id is not None:
        kept = kept.where(CreditEntry.facility_id == facility_id)
    known: dict[Key, CreditEntry] = {
        (each.kind, each.entity, each.entity_id): each
        for each in db.session.scalars(kept.order_by(CreditEntry.id).with_for_update().execution_options(populate_existing=True))
    }
    gone = [entry for key, entry in known.items() if entry.counts and entry.kind in FACTS and not _holds(entry, found.get(key))]
    for entry in gone:
        entry.cancelled_at, entry.cancelled_by, entry.is_lapsed = calendar.now(), scope.person_name, True
        audit.record(scope, "credit_entry.lapsed", entry)
        del known[entry.kind, entry.entity, entry.entity_id]
    return {"made": _enter(scope, [each for key, each in found.items() if key not in known]), "lapsed": len(gone)}


def _holds(entry: CreditEntry, found: tuple[str, Fact] | None) -> bool:
    return found is not None and (found[1].variant, found[1].facility_id) == (entry.variant, entry.facility_id)


def _enter(scope: Scope, missing: list[tuple[str, Fact]]) -> int:
    rules, rows = queries.all_rules(scope), []
    for kind, fact in missing:
        rule = queries.rule_of(rules, kind, fact)
        if rule is not None:
            rows.append(
                {
                    "township_id": fact.township_id,
                    "facility_id": fact.facility_id,
                    "rule_id": rule.id,
                    "kind": kind,
                    "variant": fact.variant,
                    "item_code": fact.item_code,
                    "entity": fact.entity,
                    "entity_id": fact.entity_id,
                    "label": fact.label,
                    "path": fact.path,
                    "happened_on": fact.on,
                    "points": rule.points,
                    "made_at": calendar.now(),
                    "is_lapsed": False,
                }
            )
    if not rows:
        return 0
    once = insert(CreditEntry).values(rows).on_conflict_do_nothing().returning(CreditEntry.id)
    made = list(db.session.scalars(once.execution_options(audited="credit_entry.made")))
    entries = list(db.session.scalars(queries.entries(scope).where(CreditEntry.id.in_(made)).order_by(CreditEntry.id)))
    for entry in entries:
        audit.record(
            scope, "credit_entry.made", entry, label=entry.label, kind=entry.kind, variant=entry.variant, points=entry.points
        )
        if entry.points:
            alerts.tell(
                scope,
                "credit.deducted",
                entry.facility,
                occasion=str(entry.id),
                home=entry.facility.name,
                points=entry.points,
                label=entry.label,
            )
    if not entries:  # others were faster with all of them
        audit.record(scope, "credit_entry.made", entity="credit_entry", made=0)
    return len(entries)


def cancel(scope: Scope, entry_id: int, reason: str) -> CreditEntry:
    """A deduction that does not stand: it stays in sight, with the reason, and counts no longer."""
    entry = scope.lock(CreditEntry, entry_id)
    if not entry.counts:
        raise Refused("credit.cancelled_already")
    entry.cancelled_at, entry.cancelled_by, entry.cancel_reason = calendar.now(), scope.person_name, reason
    audit.record(scope, "credit_entry.cancelled", entry)
    return entry


def record(scope: Scope, facility_id: int, values: Mapping[str, Any], terms: Terms) -> CreditRecord:
    """Record a fact that no part of the platform brings forth (a penalty, a complaint upheld); it is counted at once."""
    place = scope.get(Facility, facility_id)
    if values["happened_on"] > calendar.today():
        raise Refused("credit.ahead", field="happened_on")
    made = CreditRecord(
        township_id=place.township_id,
        facility_id=place.id,
        recorded_by=scope.person_name,
        **{name: values[name] for name in ("kind", "happened_on", "document_no", "description")},
    )
    db.session.add(made)
    audit.record(scope, "credit_record.made", made)
    bring_up_to_date(scope, calendar.today(), terms, place.id)
    return made


def withdraw(scope: Scope, record_id: int, reason: str, terms: Terms) -> CreditRecord:
    """A recorded fact that does not hold; its deduction lapses."""
    made = scope.lock(CreditRecord, record_id)
    if made.withdrawn_at is not None:
        raise Refused("credit.withdrawn_already")
    made.withdrawn_at, made.withdrawn_reason = calendar.now(), reason
    audit.record(scope, "credit_record.withdrawn", made)
    bring_up_to_date(scope, calendar.today(), terms, made.facility_id)
    return made


# ---- rules and classes ------------------------------------------------------------------------------


def set_rule(scope: Scope, line: queries.Line, values: Mapping[str, Any]) -> CreditRule:
    """What a kind of fact costs from a day on (today or later): a new row, or that day's own made anew.

    Entries keep the points they were made with. Refused: credit.rule_past, credit.trigger_half.
    """
    kind, variant, item = line
    same = (CreditRule.kind == kind, CreditRule.variant == variant, CreditRule.item_code == item)
    row: CreditRule = _from_day(scope, CreditRule, same, {"kind": kind, "variant": variant, "item_code": item}, values)
    return row


def set_class(scope: Scope, letter: str, values: Mapping[str, Any]) -> CreditClass:
    """What a class means from a day on, likewise."""
    row: CreditClass = _from_day(scope, CreditClass, (CreditClass.letter == letter,), {"letter": letter}, values)
    return row


def _from_day(scope: Scope, model: Any, same: Any, key: dict[str, Any], values: Mapping[str, Any]) -> Any:
    day = values["valid_from"]
    if day < calendar.today():
        raise Refused("credit.rule_past", field="valid_from")
    row = db.session.scalars(scope.select(model).where(*same, model.valid_from == day).with_for_update()).one_or_none()
    noun, done = model.AUDIT_NOUN, "changed"
    if row is None:
        row, done = model(**key, **values), "added"
        db.session.add(row)
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    if done == "added" or changes_of(row):
        audit.record(scope, f"{noun}.{done}", row)
    return row


# ---- the class of a place ---------------------------------------------------------------------------


def announce(scope: Scope, facility_id: int, new_class: str, reason: str, terms: Terms) -> CreditChange:
    """Announce a change of class with its reason and the evidence of today; the home may object before it takes effect.

    Refused: credit.no_class, credit.no_change, credit.announced_already.
    """
    place, today = scope.lock(Facility, facility_id), calendar.today()
    if place.facility_type not in CLASSED:
        raise Refused("credit.no_class")
    if place.credit_class == new_class:
        raise Refused("credit.no_change", field="new_class")
    stands = queries.standing(scope, place.id, today, terms)
    if stands is None:
        raise Refused("credit.no_class")
    since = terms.window_from(today)
    ids = scope.columns(CreditEntry, CreditEntry.id).where(
        CreditEntry.facility_id == place.id, queries.counting(), queries.between((since, today))
    )
    change = CreditChange(
        township_id=place.township_id,
        facility_id=place.id,
        old_class=place.credit_class,
        new_class=new_class,
        proposed_class=stands.proposed,
        reason=reason,
        announced_by=scope.person_name,
        announced_by_id=scope.person_id,
        evidence={
            "points": stands.points_window,
            "proposed": stands.proposed,
            "since": since.isoformat(),
            "reasons": [[each.code, each.details] for each in stands.reasons],
            "entries": list(db.session.scalars(ids.order_by(CreditEntry.id))),
        },
        objections_until=today,
    )
    if change.worsens:
        change.objections_until = terms.objections_until(today)
    db.session.add(change)
    audit.record(scope, "credit_change.announced", change)
    alerts.settle(scope, place, "credit.proposed")
    about: dict[str, Any] = {"home": place.name, "new": new_class, "until": change.objections_until}
    if change.worsens:
        alerts.tell(scope, "credit.announced", change, due_at=calendar.at(change.objections_until, 23, 59), **about)
    else:
        alerts.tell(scope, "credit.to_decide", change, level="district", home=place.name, new=new_class)
    return change


def objection(scope: Scope, change_id: int, text: str) -> CreditChange:
    """What the home says against a change, once, before the time is over."""
    change = scope.lock(CreditChange, change_id)
    if change.state != "announced":
        raise Refused("move.not_allowed")
    if change.objected_at is not None:
        raise Refused("credit.objected_already")
    if calendar.today() > change.objections_until:
        raise Refused("credit.objection_late", until=change.objections_until)
    change.objection, change.objected_at, change.objected_by = text, calendar.now(), scope.person_name
    audit.record(scope, "credit_change.objected", change)
    alerts.settle(scope, change, "credit.announced")
    home = scope.get(Facility, change.facility_id).name
    alerts.tell(scope, "credit.objected", change, level="district", home=home, new=change.new_class)
    return change


def decide(scope: Scope, change_id: int, decision: str, *, carry_out: bool) -> CreditChange:
    """Put a change into effect, or do not carry it out; either with a reason.

    Refused: credit.too_early (the home may still object), credit.moved_on (the class is another by now).
    """
    change = scope.lock(CreditChange, change_id)
    place = scope.lock(Facility, change.facility_id)
    if change.state != "announced":
        raise Refused("move.not_allowed")
    if carry_out:
        if place.credit_class != change.old_class:
            raise Refused("credit.moved_on")
        if change.worsens and change.objected_at is None and calendar.today() <= change.objections_until:
            raise Refused("credit.too_early", until=change.objections_until)
    change.decided_at, change.decided_by, change.decided_by_id = calendar.now(), scope.person_name, scope.person_id
    change.decision = decision
    states.move(scope, change, "effective" if carry_out else "dropped")
    alerts.settle(scope, change)
    if carry_out:
        place.credit_class, place.credit_class_on = change.new_class, calendar.today()
        audit.record(scope, "facility.credit_class_changed", place, reason=change.reason)
        alerts.settle(scope, place, "credit.proposed")
        alerts.tell(scope, "credit.changed", change, home=place.name, new=change.new_class)
    return change


def watch(scope: Scope, day: date, terms: Terms) -> dict[str, int]:
    """Tell the district of classes the rule would change, and of announced ones whose time for objections is over."""
    proposed = over = 0
    for each in queries.standings(scope, day, terms):
        if each.change is not None:
            over += _is_over(scope, each, each.change, day)
        elif each.differs:
            proposed += _propose(scope, each, day)
        else:
            alerts.settle(scope, each.facility, "credit.proposed")
    return {"proposed": proposed, "to_decide": over}


def _propose(scope: Scope, of: queries.Standing, day: date) -> bool:
    occasion = f"{of.proposed} {calendar.Month.of(day)}"  # said again once a month, while it holds
    for told in alerts.told(scope, "credit.proposed", of.facility):
        if told.settled_at is None and told.occasion != occasion:
            alerts.settle(scope, of.facility, "credit.proposed", occasion=told.occasion)
    about: dict[str, Any] = {"home": of.facility.name, "new": of.proposed, "old": of.present or "\u2014"}
    return alerts.tell(scope, "credit.proposed", of.facility, level="district", occasion=occasion, **about) is not None


def _is_over(scope: Scope, of: queries.Standing, change: CreditChange, day: date) -> bool:
    if change.objections_until >= day or change.objected_at is not None:
        return False
    alerts.settle(scope, change, "credit.announced")
    return (
        alerts.tell(scope, "credit.to_decide", change, level="district", home=of.facility.name, new=change.new_class) is not None
    )
