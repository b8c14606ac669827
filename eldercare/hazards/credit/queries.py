"""Reads of points and classes: the rules in force, the ledger, and what class the rule proposes, with its reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager

from eldercare.checklists.checks.models import Check
from eldercare.core import audit, calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import CLASSED, GONE
from eldercare.hazards.credit.models import (
    CLASSES,
    DEFAULT,
    CreditChange,
    CreditClass,
    CreditEntry,
    CreditRecord,
    CreditRule,
    Fact,
    Terms,
)
from eldercare.hazards.models import BEFORE_ORDER, Hazard, HazardReply

Line = tuple[str, str, str]  # kind, variant, item


# ---- rules and classes, the same for everybody ------------------------------------------------------


def classes(scope: Scope, day: date | None = None) -> dict[str, CreditClass]:
    """What A to D mean on a day (today): `.weight` in draws, `.visits_min`, `.visits_max` a year, `.is_full_coverage`."""
    query = scope.select(CreditClass).where(CreditClass.valid_from <= (day or calendar.today()))
    found = {each.letter: each for each in db.session.scalars(query.order_by(CreditClass.valid_from))}
    return {letter: found[letter] for letter in CLASSES}


def class_of(facility: Facility) -> str:
    """The class a place counts as: its own, or the one of whom nothing else is known."""
    return facility.credit_class or DEFAULT


def all_rules(scope: Scope) -> list[CreditRule]:
    """Every rule there ever was or will be, by line and day."""
    key = (CreditRule.kind, CreditRule.variant, CreditRule.item_code, CreditRule.valid_from)
    return list(db.session.scalars(scope.select(CreditRule).order_by(*key)))


def in_force(rules: Iterable[CreditRule], day: date) -> dict[Line, CreditRule]:
    """Of rules in the order of their days, those in force on a day."""
    return {each.line: each for each in rules if each.valid_from <= day}


def rule_of(rules: Iterable[CreditRule], kind: str, fact: Fact) -> CreditRule | None:
    """The rule a fact falls under on its day: that of its item, of its variant, or of its kind."""
    known = in_force(rules, fact.on)
    lines = [
        (kind, variant, item) for item in dict.fromkeys((fact.item_code, "")) for variant in dict.fromkeys((fact.variant, ""))
    ]
    return next((known[line] for line in lines if line in known), None)


def rule(scope: Scope, rule_id: int) -> CreditRule:
    """One rule; 404."""
    return scope.get(CreditRule, rule_id)


def meaning(scope: Scope, class_id: int) -> CreditClass:
    """One row of what the classes mean; 404."""
    return scope.get(CreditClass, class_id)


# ---- the ledger -------------------------------------------------------------------------------------


def entries(scope: Scope, facility_id: int | None = None) -> Select[Any]:
    """Entries in reach with their place and its township."""
    query = scope.select(CreditEntry).join(CreditEntry.facility).join(Facility.township)
    query = query.options(contains_eager(CreditEntry.facility).contains_eager(Facility.township))
    return query if facility_id is None else query.where(CreditEntry.facility_id == facility_id)


def entry(scope: Scope, deduction_id: int) -> CreditEntry:
    """One entry in reach with its place; 404."""
    row: CreditEntry | None = db.session.scalars(entries(scope).where(CreditEntry.id == deduction_id)).one_or_none()
    return row if row is not None else scope.get(CreditEntry, deduction_id)


def latest(scope: Scope, facility_id: int, most: int = 12) -> list[CreditEntry]:
    """A place's newest entries."""
    newest = entries(scope, facility_id).order_by(CreditEntry.happened_on.desc(), CreditEntry.id.desc())
    return list(db.session.scalars(newest.limit(most)))


def entry_history(scope: Scope, entry_id: int) -> list[AuditEntry]:
    """What happened to an entry, newest first."""
    return list(db.session.scalars(audit.history(scope, "credit_entry", entry_id)))


def counting() -> ColumnElement[bool]:
    """Entries whose points are deducted."""
    return CreditEntry.cancelled_at.is_(None)


def between(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Entries of the facts between two days, either of them open."""
    first, last = ends
    return CreditEntry.happened_on.between(first or date(1900, 1, 1), last or date(2199, 12, 31))


def points(scope: Scope, first: date, last: date) -> dict[int, int]:
    """Points deducted for the facts of a period, by facility id; places without any are left out."""
    query = scope.columns(CreditEntry, CreditEntry.facility_id, func.sum(CreditEntry.points)).where(
        counting(), between((first, last))
    )
    return {place: int(total) for place, total in db.session.execute(query.group_by(CreditEntry.facility_id))}


def records(scope: Scope, facility_id: int) -> list[CreditRecord]:
    """Facts recorded by hand of a place, newest first."""
    query = scope.select(CreditRecord).where(CreditRecord.facility_id == facility_id)
    return list(db.session.scalars(query.order_by(CreditRecord.happened_on.desc(), CreditRecord.id.desc())))


def record(scope: Scope, record_id: int) -> CreditRecord:
    """One fact recorded by hand; 404."""
    return scope.get(CreditRecord, record_id)


# ---- changes ----------------------------------------------------------------------------------------


def changes(scope: Scope) -> Select[Any]:
    """Changes of class in reach with their place."""
    query = scope.select(CreditChange).join(CreditChange.facility).join(Facility.township)
    return query.options(contains_eager(CreditChange.facility).contains_eager(Facility.township))


def changes_of(scope: Scope, facility_id: int) -> list[CreditChange]:
    """A place's changes of class, newest first."""
    return list(
        db.session.scalars(changes(scope).where(CreditChange.facility_id == facility_id).order_by(CreditChange.id.desc()))
    )


def change(scope: Scope, change_id: int) -> CreditChange:
    """One change with its place; 404."""
    row: CreditChange | None = db.session.scalars(changes(scope).where(CreditChange.id == change_id)).one_or_none()
    return row if row is not None else scope.get(CreditChange, change_id)


def evidence(scope: Scope, of: CreditChange) -> list[CreditEntry]:
    """The entries a change was announced on, as they stand today."""
    return list(
        db.session.scalars(entries(scope).where(CreditEntry.id.in_(of.evidence["entries"])).order_by(CreditEntry.happened_on))
    )


def history(scope: Scope, change_id: int) -> list[AuditEntry]:
    """What happened to a change, newest first."""
    return list(db.session.scalars(audit.history(scope, "credit_change", change_id)))


# ---- what the rule proposes -------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """Why a class is proposed: a code of `listing.REASON_WORDS` with its particulars."""

    code: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """A place's points and class on a day.

    points_year: deducted for the facts of the calendar year; balance: what is left of those a year begins with, never
    below none; points_window: deducted in the window the rule looks at.
    proposed: the class the rule arrives at; it changes nothing: a person decides.
    """

    facility: Facility
    present: str | None
    proposed: str
    reasons: tuple[Reason, ...]
    points_year: int
    points_window: int
    balance: int
    change: CreditChange | None

    @property
    def id(self) -> int:
        """The place's own."""
        return self.facility.id

    @property
    def differs(self) -> bool:
        """Whether the rule arrives at another class than the present one."""
        return self.proposed != (self.present or DEFAULT)


def homes(scope: Scope) -> Select[Any]:
    """Places in reach that have a class, with their township."""
    query = scope.select(Facility).join(Facility.township).options(contains_eager(Facility.township))
    return query.where(Facility.facility_type.in_(CLASSED), Facility.state.not_in(GONE))


def standings(scope: Scope, day: date, terms: Terms, facility_id: int | None = None) -> list[Standing]:
    """Every place that has a class, as it stands on a day: six statements, however many places."""
    since, year = terms.window_from(day), date(day.year, 1, 1)
    in_window = CreditEntry.happened_on >= since
    columns = (
        CreditEntry.facility_id,
        CreditEntry.kind,
        CreditEntry.variant,
        CreditEntry.item_code,
        func.count().filter(in_window),
        func.coalesce(func.sum(CreditEntry.points).filter(in_window), 0),
        func.coalesce(func.sum(CreditEntry.points).filter(CreditEntry.happened_on >= year), 0),
    )
    query = scope.columns(CreditEntry, *columns).where(counting(), between((min(since, year), day)))
    if facility_id is not None:
        query = query.where(CreditEntry.facility_id == facility_id)
    tallies: dict[int, list[Any]] = {}
    for row in db.session.execute(query.group_by(*columns[:4])):
        tallies.setdefault(row[0], []).append(row[1:])
    rules, meanings, scores = in_force(all_rules(scope), day), classes(scope, day), last_scores(scope, day, terms)
    announced = {
        each.facility_id: each for each in db.session.scalars(scope.select(CreditChange).where(CreditChange.state == "announced"))
    }
    asked = homes(scope).order_by(Facility.code)
    found = []
    for home in db.session.scalars(asked if facility_id is None else asked.where(Facility.id == facility_id)):
        rows = tallies.get(home.id, [])
        window, deducted = sum(row[4] for row in rows), sum(row[5] for row in rows)
        counts = {(row[0], row[1], row[2]): row[3] for row in rows}
        proposed, reasons = propose(counts, window, scores.get(home.id), rules.values(), meanings, terms)
        found.append(
            Standing(
                home,
                home.credit_class,
                proposed,
                tuple(reasons),
                deducted,
                window,
                max(terms.points_year - deducted, 0),
                announced.get(home.id),
            )
        )
    return found


def standing(scope: Scope, facility_id: int, day: date, terms: Terms) -> Standing | None:
    """One place's standing; None where it has no class."""
    return next(iter(standings(scope, day, terms, facility_id)), None)


def propose(
    counts: dict[Line, int],
    window: int,
    score: float | None,
    rules: Iterable[CreditRule],
    meanings: dict[str, CreditClass],
    terms: Terms,
) -> tuple[str, list[Reason]]:
    """The class by §5.5: the worst that facts or points call for; A for who is clean and scored well; B otherwise."""
    called: dict[str, list[Reason]] = {letter: [] for letter in CLASSES}
    not_a: list[Reason] = []
    for each in rules:
        count = sum(n for line, n in counts.items() if _falls_under(line, each))
        said = {"kind": each.kind, "variant": each.variant, "count": count}
        if each.trigger_class and each.trigger_count and count >= each.trigger_count:
            called[each.trigger_class].append(Reason("count", said | {"limit": each.trigger_count}))
        if each.keeps_from_a and count:
            not_a.append(Reason("keeps", said))
    for letter, meaning_ in meanings.items():
        if meaning_.points_from and window >= meaning_.points_from:
            called[letter].append(Reason("points", {"points": window, "limit": meaning_.points_from, "months": terms.window}))
    worst = next((letter for letter in ("D", "C") if called[letter]), None)
    if worst:
        return worst, called[worst]
    if score is None:
        not_a.append(Reason("no_score", {"needed": terms.a_score, "months": terms.window}))
    elif score < terms.a_score:
        not_a.append(Reason("score", {"score": score, "needed": terms.a_score}))
    not_a += called["B"]
    return ("B", not_a) if not_a else ("A", [Reason("clean", {"score": score, "months": terms.window, "points": window})])


def _falls_under(line: Line, rule_: CreditRule) -> bool:
    kind, variant, item = line
    return kind == rule_.kind and rule_.variant in ("", variant) and rule_.item_code in ("", item)


def last_scores(scope: Scope, day: date, terms: Terms) -> dict[int, float]:
    """The score of each place's last inspection by checklist in the window, by facility id."""
    query = scope.columns(Check, Check.facility_id, Check.score).where(
        Check.origin == "inspection", Check.state == "sealed", Check.score.is_not(None),
        Check.checked_on.between(terms.window_from(day), day),
    )  # fmt: skip
    newest = query.ext(distinct_on(Check.facility_id)).order_by(Check.facility_id, Check.checked_on.desc(), Check.id.desc())
    return {place: float(score) for place, score in db.session.execute(newest)}


# ---- the facts of this floor ------------------------------------------------------------------------


def ordered(scope: Scope, since: date) -> Iterator[Fact]:
    """Hazards ordered to be put right, on the day of the order."""
    query = scope.select(Hazard).where(Hazard.issued_on >= since, Hazard.state.not_in(BEFORE_ORDER))
    for each in db.session.scalars(query):
        if each.issued_on:
            yield _of(each, each.issued_on)


def overdue(scope: Scope, since: date) -> Iterator[Fact]:
    """Hazards put right after their deadline or still not: on the day after it.

    A reply given in time that still waits for its recheck is no fact yet: if it passes, it was in time (§5.4).
    """
    waits = and_(HazardReply.hazard_id == Hazard.id, HazardReply.result.is_(None))
    replied = func.max(func.date(func.timezone("Asia/Shanghai", HazardReply.replied_at)))
    in_time = scope.columns(HazardReply, replied).where(waits).correlate(Hazard).scalar_subquery()
    late = or_(
        Hazard.right_on > Hazard.due_on,
        and_(Hazard.right_on.is_(None), Hazard.due_on < calendar.today(), func.coalesce(in_time > Hazard.due_on, True)),
    )
    query = scope.select(Hazard).where(Hazard.due_on >= since, Hazard.state.not_in(BEFORE_ORDER), late)
    for each in db.session.scalars(query):
        if each.due_on:
            yield _of(each, each.due_on + timedelta(1))


def failed(scope: Scope, since: date) -> Iterator[Fact]:
    """Rechecks that failed, on their day."""
    query = scope.columns(HazardReply, HazardReply, Hazard).join(Hazard, Hazard.id == HazardReply.hazard_id)
    for reply, hazard in db.session.execute(
        query.where(HazardReply.result == "failed", HazardReply.rechecked_at >= calendar.at(since))
    ):
        yield _of(hazard, calendar.local(reply.rechecked_at).date(), "hazard_reply", reply.id)


def _of(hazard: Hazard, on: date, entity: str = "hazard", entity_id: int | None = None) -> Fact:
    return Fact(
        hazard.severity,
        hazard.township_id,
        hazard.facility_id,
        entity,
        entity_id or hazard.id,
        on,
        hazard.number,
        f"/hazards/{hazard.id}",
        hazard.item_code or "",
    )


def recorded(scope: Scope, since: date, kind: str) -> Iterator[Fact]:
    """Facts of a kind recorded by hand and not withdrawn."""
    query = scope.select(CreditRecord).where(
        CreditRecord.kind == kind, CreditRecord.happened_on >= since, CreditRecord.withdrawn_at.is_(None)
    )
    for each in db.session.scalars(query):
        path = f"/hazards/credit/records/{each.id}"
        yield Fact(
            "",
            each.township_id,
            each.facility_id,
            "credit_record",
            each.id,
            each.happened_on,
            each.document_no or f"#{each.id}",
            path,
        )
