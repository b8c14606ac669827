"""Habit 2: every method of every address as nobody and as each role, against the golden access.csv;
then every address with an id, asked for another place's row: 404.

ELDERCARE_GOLDEN=write writes the table anew; a changed table is a reviewed change.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from eldercare.core.access import GRANTS, P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests.house.people import World, make_world

GOLDEN = Path(__file__).with_name("access.csv")
WHO = ["nobody", *(role.value for role in Role)]
# parameters that name no place's row: people who sign in are the administrator's, entries the auditor's
PLACELESS = {"entity", "user_id", "grant_id", "token_id", "entry_id", "code", "language", "how", "field", "filename", "section", "act", "kind", "to", "state",
             "draw_id", "officer_id", "batch",
             "checklist_id", "version_id", "area_id", "row_id", "plan_id", "rule_id", "schedule_id"}  # lists are the same for everybody


def rules(app: Flask) -> list[tuple[Rule, str]]:
    found = [(rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
             if rule.endpoint != "static"]
    return sorted(found, key=lambda each: (each[0].rule, each[1]))


@pytest.fixture
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """No CSRF in the way, so that the permission alone decides."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


@pytest.fixture
def world(quiet: Flask, district: Scope) -> World:
    made = make_world()
    made.ids = {side: ids_of(getattr(made, side)) for side in ("here", "there")}  # type: ignore[attr-defined]
    db.session.commit()
    return made


def ids_of(place: Any) -> dict[str, int]:
    """An id for every parameter name an address may have."""
    from sqlalchemy import select

    from eldercare.accounts.officers.models import Officer, Recusal, RecusalRequest
    from eldercare.beds.models import Stay
    from eldercare.checklists.checks.models import Check
    from eldercare.checklists.models import Checklist, ChecklistArea, ChecklistVersion
    from eldercare.core import audit, calendar
    from eldercare.core.alerts import Alert
    from eldercare.core.attachments import Attachment
    from eldercare.core.runs import Run
    from eldercare.facilities.models import Bed, Licence, Room
    from eldercare.hazards.models import Hazard, HazardReply
    from eldercare.hazards.orders.models import RectificationOrder
    from eldercare.incidents.handling.models import IncidentAction, IncidentFinding
    from eldercare.incidents.models import Incident
    from eldercare.inspections.plans.models import Plan, PlanItem
    from eldercare.inspections.postings.models import Posting, StationDay, StationNote
    from eldercare.inspections.risks.models import RiskProposal
    from eldercare.reporting.approval.models import ReportComment
    from eldercare.reporting.models import Report
    from eldercare.residents.models import Assessment, Contact

    pair = {"township_id": place.township.id, "facility_id": place.home.id}
    run = Run(kind="facility-monthly", period="2026-10", place=place.home.code, state="done", finished_at=calendar.now(), **pair)
    db.session.add(run)
    db.session.flush()
    report = Report(run_id=run.id, kind="facility-monthly", period="2026-10", place=place.home.code, **pair, language="zh",
                    template_version="1", cutoff_at=calendar.now(), dataset={}, dataset_sha256="0" * 64, drawn_sha256="0" * 64, drawn_bytes=1,
                    pdf_sha256="0" * 64,
                    pages=1, bytes=1, keep_until=calendar.today())
    db.session.add(report)
    db.session.flush()
    comment = ReportComment(report_id=report.id, body="示例", person="示例")
    db.session.add(comment)
    audit.record(Scope.system("test"), "report_comment.made", comment)

    def first_uid(home_id: int) -> Any:
        from eldercare.inspections.models import Visit

        return db.session.scalars(select(Visit.uid).filter_by(facility_id=home_id)).first()

    def first(model: Any, **equal: Any) -> int:
        return db.session.scalars(select(model.id).filter_by(**equal)).first()

    from eldercare.facilities.staff.models import StaffCertificate, StaffMember, Training
    from eldercare.hazards.credit.models import CreditChange, CreditClass, CreditEntry, CreditRecord, CreditRule
    from eldercare.hazards.ladder.models import LadderStep
    from eldercare.hazards.major.models import MajorCase, MajorPaper
    from eldercare.reporting.schedules.models import ReportSchedule
    from eldercare.residents.health.models import Allergy, RiskAssessment
    from eldercare.residents.models import Consent, HouseholdSpell
    from eldercare.selfchecks.flags.models import SelfCheckFlag
    from eldercare.selfchecks.models import SelfCheckPhoto, SelfCheckRound
    from tests.make import _keep

    of = {**pair, "resident_id": place.in_home.id}
    spell = _keep(HouseholdSpell(**of, household_type="ordinary", valid_from=calendar.today()), "household_spell.added")
    consent = _keep(Consent(**of, purpose="services", version="1", signed_by="示例", signed_on=calendar.today()), "consent.added")
    from eldercare.inspections.models import Visit

    return {
        "uid": first_uid(place.home.id), "visit_id": first(Visit, facility_id=place.home.id),
        "plan_id": first(Plan), "item_id": first(PlanItem, facility_id=place.home.id), "sha256": "0" * 64, "revision": 1,
        "township_id": place.township.id, "facility_id": place.home.id, "resident_id": place.in_home.id, "run_id": run.id,
        "report_id": report.id, "licence_id": first(Licence, facility_id=place.home.id), "bed_id": first(Bed, facility_id=place.home.id),
        "room_id": first(Room, facility_id=place.home.id), "member_id": first(StaffMember, facility_id=place.home.id),
        "certificate_id": first(StaffCertificate, facility_id=place.home.id), "training_id": first(Training, facility_id=place.home.id),
        "assessment_id": first(Assessment, resident_id=place.in_home.id), "contact_id": first(Contact, resident_id=place.in_home.id),
        "spell_id": spell.id, "consent_id": consent.id, "village_id": 0, "intake_id": run.id,
        "incident_id": first(Incident, facility_id=place.home.id), "hazard_id": first(Hazard, facility_id=place.home.id), "seq": 1,
        "order_id": first(RectificationOrder, facility_id=place.home.id), "reply_id": first(HazardReply, facility_id=place.home.id),
        "action_id": first(IncidentAction, facility_id=place.home.id, is_supervised=False),
        "finding_id": first(IncidentFinding, facility_id=place.home.id),
        "proposal_id": first(RiskProposal, facility_id=place.home.id),
        "allergy_id": first(Allergy, resident_id=place.in_home.id), "risk_id": first(RiskAssessment, resident_id=place.in_home.id),
        "attachment_id": first(Attachment, entity="facility", entity_id=place.home.id),
        "posting_id": first(Posting, facility_id=place.home.id), "day_id": first(StationDay, facility_id=place.home.id),
        "note_id": first(StationNote, facility_id=place.home.id),
        "subject_id": first(Hazard, facility_id=place.home.id),
        "checklist_id": first(Checklist), "version_id": first(ChecklistVersion), "area_id": first(ChecklistArea),
        "row_id": first(ChecklistArea), "check_id": first(Check, facility_id=place.home.id),
        "round_id": first(SelfCheckRound, facility_id=place.home.id), "flag_id": first(SelfCheckFlag, facility_id=place.home.id),
        "photo_id": first(SelfCheckPhoto, facility_id=place.home.id),
        "deduction_id": first(CreditEntry, facility_id=place.home.id), "record_id": first(CreditRecord, facility_id=place.home.id),
        "change_id": first(CreditChange, facility_id=place.home.id), "step_id": first(LadderStep, facility_id=place.home.id),
        "case_id": first(MajorCase, facility_id=place.home.id), "paper_id": first(MajorPaper, facility_id=place.home.id),
        "schedule_id": first(ReportSchedule), "rule_id": first(CreditRule), "class_id": first(CreditClass),
        "draw_id": 1, "officer_id": first(Officer), "recusal_id": first(Recusal, facility_id=place.home.id),
        "request_id": first(RecusalRequest, facility_id=place.home.id),
        "stay_id": first(Stay, facility_id=place.home.id), "alert_id": first(Alert, facility_id=place.home.id), "comment_id": comment.id, "other_id": report.id, "user_id": 1, "grant_id": 1, "token_id": 1, "entry_id": 1, "screen_id": 1,
    }


WORDS = {"kind": "township-monthly", "code": "zh", "language": "zh", "how": "download", "field": "phone", "section": "all"}


def address(app: Flask, rule: Rule, ids: dict[str, int]) -> str:
    values: dict[str, Any] = {}
    for name in rule.arguments:
        if name in ids:
            values[name] = ids[name]
            continue
        converter = rule._converters[name]
        values[name] = min(converter.items) if hasattr(converter, "items") else WORDS.get(name, "x")
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"}))))


def ask(app: Flask, client: Any, path: str, method: str) -> str:
    """in, out (403) or sign-in — and nothing it did is kept."""
    connection = db.engine  # the fixture's one connection
    savepoint = connection.begin_nested()
    try:
        response = client.open(path, method=method)
        assert response.status_code in (503, *range(500)), f"{method} {path}: {response.status_code}"  # readyz may say it is not
        location = response.headers.get("Location", "")
        if response.status_code == 401 or "/sign-in" in location:
            return "sign-in"
        return "out" if response.status_code == 403 else "in"
    finally:
        db.session.remove()
        savepoint.rollback()


def column(app: Flask, world: World, sign_in: Any, who: str) -> Iterator[tuple[str, str, str]]:
    """(address, method, what it says) for one person, door by door."""
    for rule, method in rules(app):
        if rule.rule.startswith("/api/") and who != "nobody":
            yield rule.rule, method, may(app, rule, who)
            continue
        client = app.test_client() if who == "nobody" else sign_in(world.people[Role(who)])
        path = address(app, rule, world.ids["here"])  # type: ignore[attr-defined]
        yield rule.rule, method, ask(app, client, path, method)


def may(app: Flask, rule: Rule, who: str) -> str:
    """The API answers tokens: what the door asks for decides (tried with a token in tests of the API)."""
    allow = getattr(app.view_functions[rule.endpoint], "allow", None)
    return "in" if allow in ("public", "signed-in") or P(allow) in GRANTS[Role(who)] else "out"


def write_golden(app: Flask, world: World, sign_in: Any) -> None:
    columns = [list(column(app, world, sign_in, who)) for who in WHO]
    rows = [[*doors[0][:2], *(each[2] for each in doors)] for doors in zip(*columns, strict=True)]
    with GOLDEN.open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([["address", "method", *WHO], *rows])


@pytest.mark.parametrize("who", WHO)
def test_every_door_opens_to_whom_the_table_says(quiet: Flask, world: World, sign_in: Any, who: str) -> None:
    if os.environ.get("ELDERCARE_GOLDEN") == "write" and who == WHO[0]:
        write_golden(quiet, world, sign_in)
    with GOLDEN.open(newline="") as kept:
        golden = list(csv.DictReader(kept))
    assert list(golden[0]) == ["address", "method", *WHO]
    said = {(row["address"], row["method"], row[who]) for row in golden}
    found = set(column(quiet, world, sign_in, who))
    changed = [f"{'+' if row in found else '-'} {','.join(row)}" for row in sorted(said ^ found)]
    assert not changed, f"the doors changed for {who}:\n" + "\n".join(changed)


def test_every_view_hangs_in_a_room_with_a_lock(whole_app: Flask) -> None:
    bare = [rule.rule for rule, _ in rules(whole_app) if not hasattr(whole_app.view_functions[rule.endpoint], "allow")]
    assert not bare, f"hang these with room.route(…, allow=…): {bare}"


@pytest.mark.parametrize("role", [Role.TOWNSHIP_OFFICER, Role.FACILITY_MANAGER, Role.CANTEEN_KEEPER, Role.STATIONED_SUPERVISOR])
def test_another_places_row_is_not_there(quiet: Flask, world: World, sign_in: Any, role: Role) -> None:
    client = sign_in(world.people[role])
    wrong, unknown = [], set()
    for rule, method in rules(quiet):
        names = set(rule.arguments) - PLACELESS
        if not names or rule.rule.startswith("/api/"):
            continue
        unknown |= names - set(world.ids["there"])  # type: ignore[attr-defined]
        allow = quiet.view_functions[rule.endpoint].allow  # type: ignore[attr-defined]
        if allow not in P._value2member_map_ or P(allow) not in GRANTS[role]:
            continue
        path = address(quiet, rule, world.ids["there"])  # type: ignore[attr-defined]
        savepoint = db.engine.begin_nested()
        status = client.open(path, method=method).status_code
        db.session.remove()
        savepoint.rollback()
        if status != 404:
            wrong.append(f"{method} {rule.rule}: {status}")
    assert not unknown, f"ids_of() must give an id for {unknown}"
    assert not wrong, "\n".join(wrong)
