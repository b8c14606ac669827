"""Reads of visits. A home's reads go through `shown`: it sees nothing before its moment (domain.md §5.2)."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, extract, func, or_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eldercare.accounts import queries as accounts
from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer
from eldercare.beds.models import Stay
from eldercare.checklists.checks.models import Check, CheckAnswer
from eldercare.checklists.models import ChecklistVersion
from eldercare.core import audit, secrets
from eldercare.core.access import P
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.facilities.staff.models import StaffMember
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders.models import RectificationOrder
from eldercare.inspections.field.models import VisitDraft, VisitFinding, VisitPhoto, VisitSample
from eldercare.inspections.models import UNTOLD, PublishedResult, RecordCheck, Visit, VisitList, VisitOfficer, VisitRecord


def visits(scope: Scope) -> Select[Any]:
    """Visits in reach with place, township and officers."""
    return (
        scope.select(Visit)
        .join(Visit.facility)
        .join(Facility.township)
        .options(contains_eager(Visit.facility).contains_eager(Facility.township), with_officers())
    )


def with_officers() -> Any:
    """The officers of each visit with their names."""
    return selectinload(Visit.officers).joinedload(VisitOfficer.officer).joinedload(Officer.user)


def shown() -> ColumnElement[bool]:
    """What a home may see."""
    return Visit.shown_at.is_not(None)


def visit(scope: Scope, visit_id: int) -> Visit:
    """One visit in reach with officers, lists and records; 404 otherwise."""
    whole = (
        selectinload(Visit.lists).joinedload(VisitList.version).joinedload(ChecklistVersion.checklist),
        selectinload(Visit.records),
    )
    row: Visit | None = db.session.scalars(listed(scope).options(*whole).where(Visit.id == visit_id)).one_or_none()
    return row if row is not None else scope.get(Visit, 0)


def of_officer(scope: Scope, officer_id: int, first: date, last: date) -> list[Visit]:
    """The visits of an officer between two days, by day and hour."""
    mine = scope.columns(VisitOfficer, VisitOfficer.visit_id).where(VisitOfficer.officer_id == officer_id)
    query = visits(scope).where(Visit.id.in_(mine), Visit.planned_on.between(first, last))
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.window_from, Visit.id)))


def officers_of(scope: Scope, visit_ids: Sequence[int]) -> list[VisitOfficer]:
    """Who goes on which visit, lead first."""
    query = scope.select(VisitOfficer).options(joinedload(VisitOfficer.officer).joinedload(Officer.user))
    query = query.where(VisitOfficer.visit_id.in_(visit_ids)).order_by(VisitOfficer.visit_id, VisitOfficer.seat)
    return list(db.session.scalars(query))


def is_late(day: date) -> ColumnElement[bool]:
    """Planned for a day before `day`, and no record yet."""
    return and_(Visit.state == "planned", Visit.planned_on < day)


def history(scope: Scope, visit: Visit) -> list[AuditEntry]:
    """What happened to a visit, newest first; for its home since it was shown: why it was moved before may name a lead (§5.2)."""
    entries = audit.history(scope, "visit", visit.id)
    if scope.permission == P.INSPECTION_ANSWER:
        entries = entries.where(AuditEntry.at >= visit.shown_at)
    return list(db.session.scalars(entries))


class Said(NamedTuple):
    """What a visit's paper is drawn from: a record, or a draft of one (no hash, revision 0). `checks`: {version id: check id}."""

    body: str
    sha256: str | None
    revision: int
    reason: str | None
    at: datetime
    checks: dict[int, int]


def record_text(scope: Scope, visit: Visit) -> Said:
    """The newest record of a visit, or what its lead has drafted so far, for the lead alone; report.no_paper otherwise."""
    query = scope.select(VisitRecord).where(VisitRecord.visit_id == visit.id).order_by(VisitRecord.revision.desc()).limit(1)
    record: VisitRecord | None = db.session.scalars(query).one_or_none()
    if record is None:
        return _draft_text(scope, visit)
    pairs = (
        scope.columns(RecordCheck, Check.version_id, Check.id)
        .join(Check, Check.id == RecordCheck.check_id)
        .where(RecordCheck.record_id == record.id)
    )
    checks = {row[0]: row[1] for row in db.session.execute(pairs)}
    return Said(record.body, record.sha256, record.revision, record.reason, record.received_at, checks)


def _draft_text(scope: Scope, visit: Visit) -> Said:
    """The entries the lead's tablet has sent, in the shape of a record."""
    query = scope.select(VisitDraft).where(VisitDraft.visit_id == visit.id, VisitDraft.person_id == scope.person_id)
    rows = list(db.session.scalars(query.order_by(VisitDraft.saved_at.desc(), VisitDraft.id)))
    mine = [each for each in rows if each.device == rows[0].device]
    if not mine or visit.state != "planned":
        raise Refused("report.no_paper")
    entries = {each.key: json.loads(each.body) for each in mine}
    body = as_record(visit, {key: value for key, value in entries.items() if isinstance(value, dict) and not value.get("gone")})
    return Said(json.dumps(body, ensure_ascii=False), None, 0, None, rows[0].saved_at, {})


def as_record(visit: Visit, entries: dict[str, Any]) -> dict[str, Any]:
    """The entries of a draft as a record says them (static/field/record.js); what is not written yet is not in it."""

    def of(kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(key.removeprefix(f"{kind}:"), value) for key, value in entries.items() if key.startswith(f"{kind}:")]

    arrival, home = entries.get("arrival", {}), entries.get("signature:home")
    signed = [(row, entries.get(f"signature:officer:{row.officer_id}")) for row in visit.officers]
    return {
        "started_at": arrival.get("at"), "ended_at": None, "result": entries.get("result", {}).get("value"),
        "notes": entries.get("notes", {}).get("text"),
        "shown": {
            "certificates": [{"officer_id": int(key), "at": each.get("at")} for key, each in of("certificate")],
            "notice": entries.get("notice"),
        },
        "lists": [
            {"version_id": row.version_id, "answers": {
                code: each for code, each in of(f"answer:{row.version_id}") if each.get("result")
            }}
            for row in visit.lists
        ],
        "findings": [{"key": key, **each} for key, each in of("finding") if each.get("severity")],
        "rechecks": [{"hazard_id": int(key), **each} for key, each in of("recheck") if "passed" in each],
        "residents": [{"id": int(key), **each} for key, each in of("resident")],
        "site_people": [each for _key, each in of("person")],
        "signatures": [
            *({"role": "officer", "name": row.officer.name, **each} for row, each in signed if each),
            *([{"role": "home", **home}] if home else []),
        ],
    }  # fmt: skip


def hazard_numbers(scope: Scope, visit: Visit) -> dict[str, str]:
    """{key of a finding: number of the hazard it became}."""
    query = scope.columns(VisitFinding, VisitFinding.key, Hazard.number).join(Hazard, Hazard.id == VisitFinding.hazard_id)
    return {row[0]: row[1] for row in db.session.execute(query.where(VisitFinding.visit_id == visit.id))}


def may_correct(scope: Scope, visit: Visit) -> bool:
    """Whether who asks corrects a record: its lead; another of the team once the lead inspects there no longer."""
    lead = accounts.person(visit.lead.user_id)
    reach = scope_of(lead, P.INSPECTION_DO) if lead and lead.is_enabled else None
    if reach is not None and reach.covers(visit.township_id, visit.facility_id):
        return visit.lead.user_id == scope.person_id
    return scope.person_id in {each.officer.user_id for each in visit.officers}


def sampled_names(scope: Scope, visit: Visit) -> dict[int, str]:
    """{resident id: masked name} of those drawn for a visit, as the stays at the place name them."""
    drawn = scope.columns(VisitSample, func.unnest(VisitSample.resident_ids)).where(VisitSample.visit_id == visit.id)
    query = scope.columns(Stay, Stay.resident_id, Stay.name)
    query = query.where(Stay.facility_id == visit.facility_id, Stay.resident_id.in_(drawn))
    return {row[0]: secrets.mask_name(row[1]) for row in db.session.execute(query)}


# ---- lists -----------------------------------------------------------------------------------------


def matching(text: str) -> ColumnElement[bool]:
    """Visits whose number or place contains the text."""
    return (func.coalesce(Visit.number, "") + " " + Facility.name).icontains(text, autoescape=True)


def planned(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Planned between two days, either of them open."""
    first, last = ends
    return and_(Visit.planned_on >= (first or date(1900, 1, 1)), Visit.planned_on <= (last or date(2199, 12, 31)))


def with_officer(officer_id: int) -> ColumnElement[bool]:
    """Visits an officer goes on."""
    return Visit.officers.any(VisitOfficer.officer_id == officer_id)


def listed(scope: Scope) -> Select[Any]:
    """Visits for their list; a home's own are those it may see."""
    query = visits(scope)
    return query.where(shown()) if scope.permission == P.INSPECTION_ANSWER else query


def told(scope: Scope, first: date, last: date) -> list[Visit]:
    """Visits to be made between two days of which their places were told, by day."""
    query = visits(scope).where(Visit.planned_on.between(first, last), Visit.state == "planned", shown())
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.window_from, Visit.id)))


def officers_named(scope: Scope) -> list[tuple[int, str]]:
    """(id, name) of everybody in the library of officers."""
    query = scope.columns(Officer, Officer.id, User.name).join(User, User.id == Officer.user_id).order_by(User.name)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def published(scope: Scope) -> Select[PublishedResult]:
    """What the public reads, for its list."""
    return scope.select(PublishedResult)


def published_count(scope: Scope) -> int:
    """How many results the public may read."""
    return db.session.scalar(scope.columns(PublishedResult, func.count())) or 0


def published_years(scope: Scope) -> list[int]:
    """The years of the inspections whose results the public may read, the newest first."""
    year = extract("year", PublishedResult.checked_on)
    return [int(each) for each in db.session.scalars(scope.columns(PublishedResult, year).distinct().order_by(year.desc()))]


def is_published(scope: Scope, visit_id: int) -> PublishedResult | None:
    """What the public reads of one visit, if anything."""
    return db.session.scalars(scope.select(PublishedResult).where(PublishedResult.visit_id == visit_id)).one_or_none()


def faults(scope: Scope, check_ids: Sequence[int]) -> list[CheckAnswer]:
    """What was not wholly in order in filled lists, with the items."""
    query = (
        scope.select(CheckAnswer)
        .options(joinedload(CheckAnswer.item))
        .where(CheckAnswer.check_id.in_(check_ids), CheckAnswer.result.in_(("partial", "nonconform")))
    )
    return list(db.session.scalars(query.order_by(CheckAnswer.id)))


def orders_of(scope: Scope, visit: Visit) -> list[RectificationOrder]:
    """The order that followed a visit."""
    query = scope.select(RectificationOrder).where(
        RectificationOrder.facility_id == visit.facility_id, RectificationOrder.source_path == f"/inspections/{visit.id}"
    )
    return list(db.session.scalars(query.order_by(RectificationOrder.id)))


def photo(scope: Scope, visit_id: int, photo_id: int) -> VisitPhoto:
    """A photo of a visit, 404 where that is not in reach; a home opens what a record names, not what is on its way to one."""
    of, row = visit(scope, visit_id), scope.get(VisitPhoto, photo_id)
    is_open = scope.permission != P.INSPECTION_ANSWER or any(row.sha256 in each.body for each in of.records)
    return row if row.visit_id == visit_id and is_open else scope.get(VisitPhoto, 0)


def names_of(scope: Scope, visit: Visit) -> list[str]:
    """Every person a visit's record may name: people of the place, officers, residents; what is published masks them."""
    body = json.loads(visit.records[-1].body) if visit.records else {}
    home = visit.facility
    stays = scope.columns(Stay, Stay.name).where(Stay.facility_id == visit.facility_id)
    staff = scope.columns(StaffMember, StaffMember.name).where(StaffMember.facility_id == visit.facility_id)
    named = [*db.session.scalars(stays), *db.session.scalars(staff), home.head, home.legal_person, home.safety_officer]
    named += [each.officer.name for each in visit.officers]
    named += [each.get("name") for each in (*body.get("site_people", []), *body.get("signatures", []))]
    return [each for each in named if each]


def names_at(scope: Scope, facility_ids: Sequence[int]) -> dict[int, list[str]]:
    """{facility id: the persons a text about the place may name}: its residents, its staff, its heads; for masking."""
    found: dict[int, list[str]] = {each: [] for each in facility_ids}
    if not found:
        return found
    heads = (Facility.head, Facility.legal_person, Facility.safety_officer)
    for query in (
        scope.columns(Stay, Stay.facility_id, Stay.name).where(Stay.facility_id.in_(facility_ids)),
        scope.columns(StaffMember, StaffMember.facility_id, StaffMember.name).where(StaffMember.facility_id.in_(facility_ids)),
        scope.columns(Facility, Facility.id, *heads).where(Facility.id.in_(facility_ids)),
    ):
        for place, *names in db.session.execute(query):
            found[place] += [each for each in names if each]
    return found


def untold() -> ColumnElement[bool]:
    """Visits of which nobody else is told: case checks, and what was recorded without a day to be public by (`is_untold`)."""
    return or_(Visit.kind.in_(UNTOLD), and_(Visit.kind == "recheck", Visit.state == "sent", Visit.publish_by.is_(None)))


def untold_hazards(scope: Scope, hazard_ids: Sequence[int]) -> set[int]:
    """Of some hazards those that follow a case check, which nobody else is told of (§5.6 step 7)."""
    query = scope.columns(VisitFinding, VisitFinding.hazard_id).join(Visit, Visit.id == VisitFinding.visit_id)
    query = query.where(VisitFinding.hazard_id.in_(hazard_ids), untold())
    return set(db.session.scalars(query))


def is_untold(scope: Scope, visit: Visit, rechecked: Sequence[int]) -> bool:
    """Whether a result stays secret: a case check's (§5.6 (7)), and a recheck's that goes back to one, by the visit it
    follows or a hazard it looked at: it follows its parent (§5.2).
    """
    if visit.kind != "recheck":
        return visit.kind in UNTOLD
    parent = scope.columns(Visit, Visit.id).where(Visit.id == visit.follows_id, untold())
    return db.session.scalar(parent) is not None or bool(untold_hazards(scope, rechecked))


def rechecked(visit: Visit) -> list[int]:
    """The hazards that were looked at again at a visit, by its record."""
    body = json.loads(visit.records[-1].body) if visit.records else {}
    return [each["hazard_id"] for each in body.get("rechecks", [])]
