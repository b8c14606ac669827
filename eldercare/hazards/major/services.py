"""Writes of major hazards: judged, listed, taken off; measures and plans handed in. lock → judge → change → record."""

from collections.abc import Mapping
from typing import Any

from eldercare.checklists import queries as checklists
from eldercare.checklists.models import HAZARDS
from eldercare.core import alerts, attachments, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.major import queries
from eldercare.hazards.major.models import MajorCase, MajorPaper, Times
from eldercare.hazards.models import BEFORE_ORDER, Hazard
from eldercare.hazards.orders import queries as orders


def judge(scope: Scope, hazard_id: int, values: Mapping[str, Any], times: Times, papers: Any = ()) -> MajorCase:
    """Judge a hazard to be a row of the table in force. `values`: hazard_code, reason, evidence; `papers`: uploads of proof.

    The hazard becomes a major one, if it was not called so. Only a certified officer judges (§7; the platform itself aside).
    Refused: hazard.not_certified, major.row_unknown, .hazard_over, .not_ordered, .judged_already.
    """
    fits = attachments.judged(papers, field="papers")
    if scope.person_id is not None and orders.me(scope) is None:
        raise Refused("hazard.not_certified")
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state in BEFORE_ORDER:
        raise Refused("major.not_ordered")
    if hazard.state == "closed" or hazard.right_on is not None:
        raise Refused("major.hazard_over")
    if queries.of_hazard(scope, hazard_id) is not None:
        raise Refused("major.judged_already")
    version = checklists.in_force(scope, HAZARDS)
    code = values["hazard_code"]
    if code not in {each.code for each in checklists.hazards(scope, version.id)}:
        raise Refused("major.row_unknown", field="hazard_code")
    now = calendar.now()
    due = times.due(now)
    case = MajorCase(
        township_id=hazard.township_id,
        facility_id=hazard.facility_id,
        hazard_id=hazard.id,
        version_id=version.id,
        hazard_code=code,
        was_severity="general" if hazard.severity == "general" else "serious",
        article=queries.article_of(code),
        judged_on=calendar.today(),
        judged_at=now,
        judged_by=scope.person_name,
        judged_by_id=scope.person_id,
        reason=values["reason"],
        evidence=values["evidence"],
        measures_due_at=due["measures"],
        plan_due_at=due["plan"],
    )
    db.session.add(case)
    audit.record(scope, "major_case.judged", case)
    _call_major(scope, hazard, code)
    attachments.attach_all(scope, case, fits, kind="proof", field="papers")
    about: dict[str, Any] = {"home": _home(scope, case), "number": hazard.number}
    for kind in ("measures", "plan"):
        alerts.tell(scope, f"major.{kind}", case, due_at=due[kind], **about)
    alerts.tell(scope, "major.judged", case, level="district", **about)
    return case


def _call_major(scope: Scope, hazard: Hazard, code: str) -> None:
    if (hazard.severity, hazard.hazard_code) != ("major", code):
        hazard.severity, hazard.hazard_code = "major", code
    audit.record(scope, "hazard.judged_major", hazard, hazard_code=code)


def put_on_list(scope: Scope, case_id: int, level: str, reason: str) -> MajorCase:
    """List a major hazard for supervision (挂牌督办)."""
    case = scope.lock(MajorCase, case_id)
    if case.state == "judged":
        case.list_level, case.listed_on, case.list_reason, case.listed_by = level, calendar.today(), reason, scope.person_name
    states.move(scope, case, "listed")
    alerts.settle(scope, case, "major.judged")
    alerts.tell(scope, "major.listed", case, home=_home(scope, case), number=_number(scope, case))
    return case


def take_off(scope: Scope, case_id: int, reason: str) -> MajorCase:
    """Take it off the list, once its recheck has passed: major.not_right."""
    case = scope.lock(MajorCase, case_id)
    if case.state == "listed":
        if scope.get(Hazard, case.hazard_id).right_on is None:
            raise Refused("major.not_right")
        case.delisted_on, case.delist_reason, case.delisted_by = calendar.today(), reason, scope.person_name
    states.move(scope, case, "delisted")
    alerts.settle(scope, case)
    return case


def withdraw(scope: Scope, case_id: int, reason: str) -> MajorCase:
    """A judgement that does not hold. The hazard stays ordered, and is called what it was called before (a serious one, where
    it was found as major): it leaves every count, board and list of major ones. What it cost in points lapses with the next
    update; an order that was issued says what it said.
    """
    case = scope.lock(MajorCase, case_id)
    if case.state in {"judged", "listed"}:
        case.withdrawn_on, case.withdraw_reason, case.withdrawn_by = calendar.today(), reason, scope.person_name
    states.move(scope, case, "withdrawn")
    alerts.settle(scope, case)
    hazard = scope.lock(Hazard, case.hazard_id)
    hazard.severity, hazard.hazard_code = case.was_severity, None
    audit.record(scope, "hazard.major_no_more", hazard, reason=reason)
    return case


# ---- measures and plan ------------------------------------------------------------------------------


def hand_in(scope: Scope, case_id: int, kind: str, values: Mapping[str, Any], uploads: Any = ()) -> MajorPaper:
    """The home hands in its measures or its plan. `values`: body, and for a plan finish_on, responsible.

    Refused: major.over, major.paper_waits (one was handed in and not sent back).
    """
    fits = attachments.judged(uploads, field="papers")
    case = scope.lock(MajorCase, case_id)
    if case.state in {"withdrawn", "delisted"}:
        raise Refused("major.over")
    before = [each for each in queries.papers(scope, case.id) if each.kind == kind]
    if any(each.result != "returned" for each in before):
        raise Refused("major.paper_waits")
    now = calendar.now()
    made = MajorPaper(
        township_id=case.township_id,
        facility_id=case.facility_id,
        case_id=case.id,
        kind=kind,
        seq=len(before) + 1,
        body=values["body"],
        finish_on=values.get("finish_on"),
        responsible=values.get("responsible"),
        handed_in_at=now,
        handed_in_by=scope.person_name,
        handed_in_by_id=scope.person_id,
        is_late=now > case.due_at(kind),
    )
    db.session.add(made)
    audit.record(scope, "major_paper.handed_in", made)
    attachments.attach_all(scope, case, fits, kind=kind, field="papers")
    alerts.settle(scope, case, f"major.{kind}")
    about: dict[str, Any] = {"home": _home(scope, case), "number": _number(scope, case)}
    alerts.tell(scope, "major.handed_in", case, level="district", occasion=f"{kind} {made.seq}", **about)
    return made


def decide(scope: Scope, paper_id: int, times: Times, *, accept: bool, note: str) -> MajorPaper:
    """Accept a paper, or send it back with a reason: the home then hands in another within the days of the settings.

    From then on that is when the paper is due (§5.4); whoever was quick loses nothing of the first time by it.
    """
    made = scope.lock(MajorPaper, paper_id)
    if made.result is not None:
        raise Refused("major.paper_decided")
    if made.handed_in_by_id is not None and made.handed_in_by_id == scope.person_id:
        raise Refused("major.paper_own")
    made.result, made.note = "accepted" if accept else "returned", note or None
    made.decided_at, made.decided_by, made.decided_by_id = calendar.now(), scope.person_name, scope.person_id
    audit.record(scope, f"major_paper.{made.result}", made)
    case = scope.lock(MajorCase, made.case_id)
    alerts.settle(scope, case, "major.handed_in", occasion=f"{made.kind} {made.seq}")
    if not accept:
        about: dict[str, Any] = {"home": _home(scope, case), "number": _number(scope, case)}
        due = max(case.due_at(made.kind), times.again(calendar.today()))
        if due != case.due_at(made.kind):
            setattr(case, f"{made.kind}_due_at", due)
            audit.record(scope, "major_case.due_again", case)
        alerts.tell(scope, f"major.{made.kind}", case, occasion=str(made.seq), due_at=due, **about)
    return made


def _home(scope: Scope, case: MajorCase) -> str:
    return scope.get(Facility, case.facility_id).name


def _number(scope: Scope, case: MajorCase) -> str:
    return scope.get(Hazard, case.hazard_id).number
