"""Reads for the tablets: an officer's visits, what a visit needs on the way, what has arrived so far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlalchemy.orm import joinedload, selectinload

from eldercare.accounts.officers.models import Officer
from eldercare.beds import queries as beds
from eldercare.beds.models import Stay
from eldercare.checklists import queries as catalogue
from eldercare.checklists.checks.models import Check, CheckAnswer
from eldercare.checklists.models import ChecklistArea, ChecklistItem, ChecklistVersion, MajorHazard
from eldercare.checklists.queries import conditions
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility, Licence
from eldercare.facilities.staff import queries as staff
from eldercare.facilities.staff.models import StaffCertificate, StaffMember
from eldercare.facilities.staff.roster import queries as roster
from eldercare.hazards.models import OPEN, Hazard, HazardReply
from eldercare.inspections import queries as inspections
from eldercare.inspections.field.models import RescueKey, VisitDraft, VisitFinding, VisitPhoto, VisitSample
from eldercare.inspections.models import RecordCheck, Visit, VisitList, VisitOfficer, VisitRecord

FEWEST_HOMES = 2  # a reason is offered as a phrase once so many places were given it: it names nobody then
MOST_PHRASES = 4


def _whole() -> tuple[Any, ...]:
    return (
        selectinload(Visit.lists).joinedload(VisitList.version).joinedload(ChecklistVersion.checklist),
        selectinload(Visit.records),
    )


def visit(scope: Scope, uid: UUID) -> Visit:
    """A visit by its mark, with place, officers, lists and records, for one of its officers; 404 for anybody else."""
    row = in_reach(scope, uid)
    return row if scope.person_id in {each.officer.user_id for each in row.officers} else scope.get(Visit, 0)


def in_reach(scope: Scope, uid: UUID) -> Visit:
    """The same, whoever is of its team by now; 404 out of reach."""
    query = inspections.visits(scope).options(*_whole()).where(Visit.uid == uid)
    row: Visit | None = db.session.scalars(query).one_or_none()
    return row or scope.get(Visit, 0)


def own(scope: Scope, first: date, last: date) -> list[Visit]:
    """The visits of the signed-in officer between two days that were not cancelled, by day and hour."""
    mine = (
        scope.columns(VisitOfficer, VisitOfficer.visit_id)
        .join(Officer, Officer.id == VisitOfficer.officer_id)
        .where(Officer.user_id == scope.person_id)
    )
    query = inspections.visits(scope).where(Visit.id.in_(mine), Visit.planned_on.between(first, last), Visit.state != "cancelled")
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.window_from, Visit.id)))


# ---- what has arrived -------------------------------------------------------------------------------


def photos(scope: Scope, visit_id: int, hashes: Iterable[str] | None = None) -> dict[str, VisitPhoto]:
    """The photos of a visit that are here, by hash (only these, where some are named)."""
    query = scope.select(VisitPhoto).where(VisitPhoto.visit_id == visit_id).order_by(VisitPhoto.id)
    if hashes is not None:
        query = query.where(VisitPhoto.sha256.in_(list(hashes)))
    return {each.sha256: each for each in db.session.scalars(query)}


def drafts(scope: Scope, visit_id: int) -> list[VisitDraft]:
    """Every draft entry of a visit, tablet by tablet."""
    query = scope.select(VisitDraft).where(VisitDraft.visit_id == visit_id)
    return list(db.session.scalars(query.order_by(VisitDraft.device, VisitDraft.key)))


def has_drafts(scope: Scope, visit_id: int) -> bool:
    """Whether a tablet sent anything of a visit that is still kept."""
    query = scope.columns(VisitDraft, VisitDraft.id).where(VisitDraft.visit_id == visit_id)
    return db.session.scalar(query.limit(1)) is not None


def findings(scope: Scope, visit_id: int) -> list[VisitFinding]:
    """What a visit's record found wrong, with the hazards, in the order of the record."""
    query = scope.select(VisitFinding).where(VisitFinding.visit_id == visit_id)
    return list(db.session.scalars(query.options(joinedload(VisitFinding.hazard)).order_by(VisitFinding.id)))


def record_of(scope: Scope, visit_id: int, revision: int = 1) -> VisitRecord | None:
    """A visit's record in one edition."""
    query = scope.select(VisitRecord).where(VisitRecord.visit_id == visit_id, VisitRecord.revision == revision)
    return db.session.scalars(query).one_or_none()


def checks_of(scope: Scope, record_ids: Sequence[int]) -> list[tuple[int, Check]]:
    """(record id, filled list) of records, the list with its version."""
    query = (
        scope.columns(RecordCheck, RecordCheck.record_id, Check)
        .join(Check, Check.id == RecordCheck.check_id)
        .where(RecordCheck.record_id.in_(record_ids), scope.where(Check))
        .options(joinedload(Check.version).joinedload(ChecklistVersion.checklist))
        .order_by(Check.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def replied_by(scope: Scope, hazard_id: int) -> int | None:
    """Who gave the reply of a hazard that waits for its recheck: they do not recheck it."""
    query = scope.columns(HazardReply, HazardReply.replied_by_id)
    found: int | None = db.session.scalar(query.where(HazardReply.hazard_id == hazard_id, HazardReply.result.is_(None)))
    return found


def sample(scope: Scope, visit_id: int) -> VisitSample | None:
    """Whom the visit looks at, once drawn."""
    return db.session.scalars(scope.select(VisitSample).where(VisitSample.visit_id == visit_id)).one_or_none()


def rescue_key(scope: Scope) -> RescueKey | None:
    """The platform's key for rescue files, once made."""
    return db.session.scalars(scope.select(RescueKey)).one_or_none()


# ---- what a visit needs on the way ------------------------------------------------------------------


@dataclass(frozen=True)
class ListToFill:
    """A version with its areas and items."""

    version: ChecklistVersion
    areas: list[ChecklistArea]
    rows: list[ChecklistItem]


@dataclass(frozen=True)
class LastVisit:
    """The visit before: what was not in order then."""

    visit: Visit
    checks: list[Check]
    faults: list[CheckAnswer]


@dataclass(frozen=True)
class Package:
    """Everything a visit needs where there is no signal. `facts` decide which items apply (conditions.ATTRIBUTES)."""

    visit: Visit
    facility: Facility
    facts: dict[str, Any]
    licences: list[Licence]
    people: list[StaffMember]
    certificates: dict[int, list[StaffCertificate]]
    on_duty: set[int]
    sample: VisitSample | None
    beds: dict[int, beds.BoardBed]
    levels: dict[int, int | None]
    watch: dict[int, list[str]]
    hazards: list[Hazard]
    last: LastVisit | None
    lists: list[ListToFill]
    major: list[MajorHazard]
    phrases: dict[int, list[str]]
    in_residence: int


def package(scope: Scope, visit: Visit, day: date, moment: Any) -> Package:
    """What a visit needs, read at once; the sample must have been drawn."""
    facility = facilities.facility(scope, visit.facility_id)
    drawn = sample(scope, visit.id)
    slept = {each.resident_id: each for each in beds.board(scope, facility.id, day, is_today=True) if each.resident_id}
    chosen = drawn.resident_ids if drawn else []
    versions = [each.version for each in visit.lists]
    crew = staff.of_facility(scope, facility.id)
    return Package(
        visit=visit,
        facility=facility,
        facts=conditions.facts(facility),
        licences=[each for each in facilities.licences_of(scope, facility.id) if each.is_current],
        people=crew,
        certificates=_certificates(scope, [each.id for each in crew]),
        on_duty={each.member_id for each in roster.on_duty(scope, facility.id, moment)},
        sample=drawn,
        beds={each: slept[each] for each in chosen if each in slept},
        levels=_levels(scope, [slept[each].stay_id for each in chosen if each in slept]),
        watch=beds.watch_lists(scope, chosen, day),
        hazards=_hazards(scope, facility.id),
        last=_last(scope, visit),
        lists=lists(scope, versions),
        major=catalogue.hazards_in_force(scope, day),
        phrases=_phrases(scope, [each.id for each in versions]),
        in_residence=len(slept),
    )


def pool(scope: Scope, facility_id: int, day: date) -> list[int]:
    """The residents a visit may look at: who sleeps there, by id."""
    return sorted(each.resident_id for each in beds.board(scope, facility_id, day, is_today=True) if each.resident_id)


def lists(scope: Scope, versions: Sequence[ChecklistVersion]) -> list[ListToFill]:
    """Versions with what is in them: two statements however many there are."""
    ids = [each.id for each in versions]
    areas: Select[ChecklistArea] = scope.select(ChecklistArea).where(ChecklistArea.version_id.in_(ids))
    found = list(db.session.scalars(areas.order_by(ChecklistArea.position, ChecklistArea.id)))
    order = {each.id: at for at, each in enumerate(found)}
    items = sorted(
        db.session.scalars(scope.select(ChecklistItem).where(ChecklistItem.version_id.in_(ids))),
        key=lambda each: (order[each.area_id], each.position, each.id),
    )
    return [
        ListToFill(version, [a for a in found if a.version_id == version.id], [i for i in items if i.version_id == version.id])
        for version in versions
    ]


def _certificates(scope: Scope, member_ids: Sequence[int]) -> dict[int, list[StaffCertificate]]:
    query = scope.select(StaffCertificate).where(StaffCertificate.member_id.in_(member_ids), StaffCertificate.is_current)
    found: dict[int, list[StaffCertificate]] = {}
    for each in db.session.scalars(query.order_by(StaffCertificate.id)):
        found.setdefault(each.member_id, []).append(each)
    return found


def _levels(scope: Scope, stay_ids: Sequence[int | None]) -> dict[int, int | None]:
    query = scope.columns(Stay, Stay.resident_id, Stay.ability_level).where(Stay.id.in_(stay_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def _hazards(scope: Scope, facility_id: int) -> list[Hazard]:
    query = scope.select(Hazard).where(Hazard.facility_id == facility_id, Hazard.state.in_(OPEN))
    return list(db.session.scalars(query.options(selectinload(Hazard.replies)).order_by(Hazard.due_on, Hazard.id)))


def _last(scope: Scope, before: Visit) -> LastVisit | None:
    query = scope.select(Visit).where(Visit.facility_id == before.facility_id, Visit.state == "sent", Visit.id != before.id)
    last = db.session.scalars(query.options(selectinload(Visit.records)).order_by(Visit.sent_at.desc()).limit(1)).first()
    if last is None:
        return None
    found = newest(checks_of(scope, [each.id for each in last.records]))
    faults = (
        scope.select(CheckAnswer)
        .options(joinedload(CheckAnswer.item))
        .where(CheckAnswer.check_id.in_([each.id for each in found]), CheckAnswer.result.in_(("partial", "nonconform")))
        .order_by(CheckAnswer.id)
    )
    return LastVisit(last, found, list(db.session.scalars(faults)))


def newest(found: Iterable[tuple[int, Check]]) -> list[Check]:
    """Of a visit's filled lists with their corrections, the last edition of each."""
    last = {check.version_id: check for _record, check in sorted(found, key=lambda each: each[1].revision)}
    return sorted(last.values(), key=lambda each: each.version_id)


def _phrases(scope: Scope, version_ids: Sequence[int]) -> dict[int, list[str]]:
    """What was often written at an item, by item id: the commonest reasons, each given at several places."""
    count = func.count(CheckAnswer.facility_id.distinct())
    query = (
        scope.columns(CheckAnswer, CheckAnswer.item_id, CheckAnswer.reason)
        .where(CheckAnswer.version_id.in_(version_ids), CheckAnswer.result.in_(("partial", "nonconform")))
        .where(CheckAnswer.reason.is_not(None), func.length(CheckAnswer.reason) <= 80)
        .group_by(CheckAnswer.item_id, CheckAnswer.reason)
        .having(count >= FEWEST_HOMES)
        .order_by(CheckAnswer.item_id, count.desc(), CheckAnswer.reason)
    )
    found: dict[int, list[str]] = {}
    for item_id, reason in db.session.execute(query):
        if len(found.setdefault(item_id, [])) < MOST_PHRASES:
            found[item_id].append(reason)
    return found
