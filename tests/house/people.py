"""The six fixture people of the guards, and two places they must not see across."""

from dataclasses import dataclass
from typing import Any

from eldercare.accounts.models import User
from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.facilities.staff.models import Attendance, Training
from eldercare.reporting.schedules import services as schedules
from eldercare.residents.models import Assessment, Contact, Resident
from tests import make

alerts.kind(alerts.Kind("house.news", "News", P.FACILITY_READ, "facilities.show", "facility_id"))


@dataclass
class Place:
    """A township with a home, someone who lives in it and someone who lives in a village."""

    township: Township
    home: Facility
    in_home: Resident
    at_home: Resident


@dataclass
class World:
    """Two places (`here`, `there`) and a person for each role, the local ones of `here`."""

    here: Place
    there: Place
    people: dict[Role, User]


def make_world() -> World:
    """Both places and a person for each role."""
    here, there = _place(), _place()
    schedules.set_up(Scope.system("test").enter(), 2)
    canteen = make.make_facility(here.township, facility_type="canteen")
    where: dict[Role, Any] = {
        Role.TOWNSHIP_OFFICER: here.township, Role.FACILITY_MANAGER: here.home, Role.CANTEEN_KEEPER: canteen,
        Role.STATIONED_SUPERVISOR: here.home,
    }
    return World(here, there, {role: make.make_user(role, where.get(role)) for role in Role})


def _place() -> Place:
    from eldercare.homecare.models import FamilyCareBed
    from eldercare.residents.health.models import CareLevel

    township = make.make_township()
    village = make.make_village(township)
    home = make.make_facility(township)
    make.make_licence(home)
    alerts.tell(Scope.system("test").enter(), "house.news", home)
    bed = make.make_bed(home)
    in_home = make.make_resident(township, facility_id=home.id, living_arrangement="institution")
    at_home = make.make_resident(township, village_id=village.id)
    for row in (home, in_home):
        make.make_attachment(row)
    make.make_stay(home, bed=bed, resident=in_home, state="on_leave")
    pair = {"township_id": township.id, "facility_id": home.id}
    member = make.make_staff(home)
    make.make_shift(member, calendar.today())
    training = make._keep(
        Training(**pair, topic="示例培训", hours=2, held_on=calendar.today()), "staff_training.recorded"
    )
    db.session.add(Attendance(**pair, training_id=training.id, member_id=member.id))
    _round(home, make.make_check(home))
    center = make.make_facility(township, facility_type="township_center")
    make._keep(
        FamilyCareBed(township_id=township.id, facility_id=center.id, resident_id=at_home.id, state="applied"),
        "family_care_bed.applied",
    )
    for person in (in_home, at_home):
        make.make_health(person)
        make.make_allergy(person)
        make.make_risks(person)
        level = CareLevel(township_id=township.id, resident_id=person.id, care_level="helped", starts_on=calendar.today())
        make._keep(level, "care_level.set")
        of = {"township_id": township.id, "facility_id": person.facility_id, "resident_id": person.id}
        make._keep(Contact(**of, name="示例联系人", relation="子女"), "contact.added")
        make._keep(
            Assessment(
                **of, assessed_on=calendar.today(), items={}, score=70, raw_level=1, final_level=1,
                next_due_on=calendar.add_years(calendar.today(), 1), assessor="示例评估员",
            ),
            "assessment.made",
        )
    _incident(home, in_home)
    _visit(home)
    _posting(home)
    return Place(township, home, in_home, at_home)


def _round(home: Facility, check: Any) -> None:
    """A round of a self-check under way, with a photo, and a flag of it."""
    from eldercare.checklists.checks.queries import answers
    from eldercare.core import calendar
    from eldercare.selfchecks.flags.models import SelfCheckFlag
    from eldercare.selfchecks.models import SelfCheckPhoto, SelfCheckRound

    pair, day = {"township_id": home.township_id, "facility_id": home.id}, calendar.today()
    about = {"duty": "daily", "period": day.isoformat(), "day": day, "from_at": calendar.at(day), "until_at": calendar.at(day, 23)}
    row = make._keep(
        SelfCheckRound(**pair, **about, checklist_id=check.version.checklist_id, check_id=check.id, begun_at=calendar.now()),
        "selfcheck_round.begun",
    )
    photo = make.make_attachment(row, media_type="image/jpeg", width=8, height=6, thumb_sha256="0" * 64)
    code = answers(Scope.system("test"), check.id)[0][1].item.code
    db.session.add(SelfCheckPhoto(**pair, round_id=row.id, attachment_id=photo.id, item_code=code, bits=1))
    told = {"items": 9, "seconds": 2.0, "least": 24}
    make._keep(SelfCheckFlag(**pair, round_id=row.id, kind="too_fast", evidence=told), "selfcheck_flag.raised")


def _incident(home: Facility, resident: Resident) -> None:
    """An incident with everything that hangs on one, and the hazard it ordered."""
    from eldercare.hazards import services as hazards
    from eldercare.incidents import services
    from eldercare.incidents.clocks import services as clocks
    from eldercare.incidents.handling import services as handling
    from tests.incidents.made import FIRE, deadlines, rules

    scope = Scope.system("test").enter()
    made = services.report(scope, home.id, FIRE | {"injured": 1}, rules(), residents=[resident.id])
    clocks.acknowledge(scope, made.id, rules())
    services.change_grade(scope, made.id, rules(), "E2", "示例")
    for supervise in ("general", None):
        handling.add_action(scope, made.id, action="示例", owner="示例", due_on=calendar.today(), deadlines=deadlines(), supervise=supervise)
    handling.find_fault(scope, made.id, "late", "示例", None)
    from eldercare.core.db import db
    from eldercare.hazards.models import Hazard

    hazard = db.session.scalars(scope.select(Hazard).where(Hazard.facility_id == home.id)).one()
    hazards.reply(scope, hazard.id, "示例", deadlines())
    for row in (made, hazard):
        make.make_attachment(row)
    _order(home)
    _supervised(home, hazard.id)


def _order(home: Facility) -> None:
    """A hazard that was reported, and an order with a receipt for another one."""
    from eldercare.core import calendar
    from eldercare.hazards import services as hazards
    from eldercare.hazards.orders import services
    from tests.hazards.made import deadlines, terms

    scope = Scope.system("test").enter()
    _reported, other = (hazards.report(scope, home.id, severity="general", description="示例", demand="示例") for _ in range(2))
    signing = (make.make_officer().id, make.make_officer().id)
    order = services.issue(scope, home.id, [other.id], officers=signing, deadlines=deadlines(), terms=terms())
    services.enter_receipt(scope, order.id, way="in_person", received_by="示例", received_at=calendar.now())
    make.make_attachment(order)


def _supervised(home: Facility, hazard_id: int) -> None:
    """What is kept of a home in trouble: points, a change of class, a step of the ladder, a major hazard with a paper."""
    from eldercare.checklists.services import load_catalogue
    from eldercare.hazards.credit import listing as credit_words
    from eldercare.hazards.credit import services as credit
    from eldercare.hazards.ladder import listing as ladder_words
    from eldercare.hazards.ladder import services as ladder
    from eldercare.hazards.major import listing as major_words
    from eldercare.hazards.major import services as major

    scope, terms = Scope.system("test").enter(), credit_words.terms()
    load_catalogue(scope)
    fact = {"kind": "complaint", "happened_on": calendar.today(), "document_no": None, "description": "示例"}
    make.make_attachment(credit.record(scope, home.id, fact, terms))
    make.make_attachment(credit.announce(scope, home.id, "C", "示例", terms))
    said = {"step": "talk", "taken_on": calendar.today(), "reason": "示例", "skip_reason": "示例"}
    make.make_attachment(ladder.take(scope, ladder_words.thresholds(), said, hazard_id=hazard_id))
    judged = {"hazard_code": "MH-4-1", "reason": "示例", "evidence": "示例"}
    case = major.judge(scope, hazard_id, judged, major_words.times())
    make.make_attachment(case)
    major.hand_in(scope, case.id, "measures", {"body": "示例"})


def _visit(home: Facility) -> None:
    """A visit the home has been told of, with its record, and an officer who avoids the place."""
    import hashlib

    from eldercare.accounts.officers import services as officers
    from eldercare.core import calendar
    from eldercare.core.scope import Scope
    from eldercare.inspections.models import RecordCheck, VisitRecord

    scope = Scope.system("test").enter()
    visit = make.make_visit(home)
    pair = {"township_id": home.township_id, "facility_id": home.id}
    record = VisitRecord(
        **pair, visit_id=visit.id, revision=1, body="{}", sha256=hashlib.sha256(b"{}").hexdigest(), device="示例",
        started_at=calendar.now(), ended_at=calendar.now(), person_name="示例",
    )
    make._keep(record, "visit_record.received")
    _plan(visit)
    make._keep(RecordCheck(**pair, record_id=record.id, check_id=make.make_check(home).id), "visit_record.received")
    _from_a_tablet(visit, pair)
    _proposed(visit, pair)
    officers.recuse(scope, make.make_officer().id, home.id, "kin", (calendar.today(), None))
    officers.ask(scope, home.id, make.make_officer().id, "示例")


def _from_a_tablet(visit: Any, pair: dict[str, int]) -> None:
    """A photo, a draft, whom it looked at, what it found."""
    from eldercare.core.db import db
    from eldercare.inspections.field.models import VisitDraft, VisitFinding, VisitPhoto, VisitSample

    of, digest = {**pair, "visit_id": visit.id}, "0" * 64
    photo = VisitPhoto(**of, sha256=digest, bytes=1, width=1, height=1, clean_sha256=digest, clean_bytes=1, thumb_sha256=digest)
    make._keep(photo, "visit_photo.received")
    db.session.add(VisitDraft(**of, device="示例", key="head", seq=1, body="{}", sha256=digest))
    make._keep(VisitSample(**of, seed=digest, pool=[1, 2], resident_ids=[1]), "visit_sample.drawn")
    make._keep(VisitFinding(**of, key="示例", severity="general", description="示例"), "visit_finding.received")


def _plan(visit: Any) -> None:
    """The planned visit it answers for, of a plan somebody approved."""
    from eldercare.core import calendar
    from eldercare.inspections.plans.models import Plan, PlanItem, PlanItemOfficer
    from eldercare.inspections.plans.rules.models import PlanRule

    rule = PlanRule(name="示例", every="month", kind="special", facility_types=["canteen"], starts_on=calendar.today())
    make._keep(rule, "plan_rule.proposed")
    year = 2000 + visit.id % 100  # a period has one plan
    plan = make._keep(Plan(year=year, state="closed", approved_at=calendar.now(), approved_by="示例"), "plan.drafted")
    pair = {"township_id": visit.township_id, "facility_id": visit.facility_id}
    month = calendar.Month.of(visit.planned_on)
    item = PlanItem(
        **pair, plan_id=plan.id, period=str(month), period_from=month.first, period_to=month.last, kind=visit.kind, why="hand",
        planned_on=visit.planned_on, state="visit", visit_id=visit.id,
    )
    make._keep(item, "plan_item.added")
    seat = PlanItemOfficer(**pair, item_id=item.id, officer_id=make.make_officer().id, seat=0)
    make._keep(seat, "plan_item.added")


def _posting(home: Facility) -> None:
    """A day on post with advice and a reported hazard, still being written."""
    from eldercare.core import calendar
    from eldercare.inspections.postings import services
    from tests.inspections.test_postings import posted

    scope, row = posted(home)
    day = services.arrive(scope, row.id, calendar.now(), days_back=3)
    services.note(scope, day.id, "advice", "示例")
    services.report_hazard(scope, day.id, severity="general", description="示例")


def _proposed(visit: Any, pair: dict[str, int]) -> None:
    """What the visit was proposed by."""
    from eldercare.core import calendar
    from eldercare.inspections.risks.models import RiskProposal, RiskWeights

    weights = db.session.scalars(Scope.system("test").select(RiskWeights)).one()
    own = {"month": "2026-12", "rank": 1, "score": 0, "lines": [], "as_of": calendar.today(), "weights_id": weights.id}
    make._keep(RiskProposal(**pair, **own, state="taken", visit_id=visit.id, decided_by="示例"), "risk_proposal.made")
