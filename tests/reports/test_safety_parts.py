"""The parts on supervision count what is on file: a small register, counted by hand, every cut ending at the same total."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from eldercare.core import calendar, states
from eldercare.core.access import P, Role
from eldercare.core.calendar import Month, Period, Quarter
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.major.models import MajorCase
from eldercare.hazards.models import Hazard
from eldercare.incidents import queries as incidents
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.clocks.models import IncidentClock
from eldercare.incidents.models import Incident
from eldercare.inspections.field.models import VisitFinding
from eldercare.inspections.models import Visit
from eldercare.inspections.plans.models import Plan, PlanItem
from eldercare.inspections.postings.models import Posting, StationDay, StationNote
from eldercare.reporting import render
from eldercare.selfchecks.models import SelfCheckRound
from reports._paper import assemble
from reports._paper.words import Words
from tests.beds.test_numbers import make_stay
from tests.make import make_checklist, make_facility, make_hazard_table, make_township, make_user

OCTOBER = Month(2026, 10)
PARTS = ("inspections", "hazards", "major", "incidents", "stationed", "selfchecks", "typical", "hazard_ledger")
_serial = iter(range(1, 10_000))


def october(day: int) -> date:
    return date(2026, 10, day)


def keep(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def place(home: Facility) -> dict[str, int]:
    return {"township_id": home.township_id, "facility_id": home.id}


def hazard(home: Facility, found: date, due: date | None = None, right: date | None = None, **more: Any) -> Hazard:
    """Ordered on the day it was found, unless `due` is missing: then it waits for an officer."""
    n = next(_serial)
    state = "reported" if due is None else "closed" if right else "issued"
    ordered = {"issued_on": found, "issued_by": "示例检查员", "due_on": due, "answer_by": found} if due else {}
    closed = {"right_on": right, "closed_at": calendar.at(right, 12)} if right else {}
    values = {
        **place(home), "number": f"YH-T{n:05d}", "source_kind": "test", "source_id": n, "source_label": "", "source_path": "",
        "found_by": "示例检查员", "found_on": found, "severity": "general", "description": f"示例问题{n}", "demand": "立即整改",
        "state": state, **ordered, **closed, **more,
    }  # fmt: skip
    return keep(Hazard(**values))


def visit(home: Facility, day: date, kind: str = "daily", state: str = "sent", **more: Any) -> Visit:
    sent = {"sent_at": calendar.at(day, 17), "result": "none", "number": f"JC-T{next(_serial)}"} if state == "sent" else {}
    reason = {"reason": "示例原因"} if state == "cancelled" else {}
    notice = "none" if kind == "case" else "on_site"
    values = {**place(home), "kind": kind, "state": state, "planned_on": day, "notice": notice, "uid": uuid4()}
    return keep(Visit(**values | sent | reason | more))


def incident(home: Facility, at: datetime, grade: str, kind: tuple[str, str] = ("service_risk", "fall"), **more: Any) -> Incident:
    values = {
        **place(home), "number": f"SJ-T{next(_serial)}", "family": kind[0], "type": kind[1], "grade": grade, "grade_proposed": grade,
        "occurred_at": at, "discovered_at": at, "known_at": at, "reported_at": at, "state": "responding",
    }  # fmt: skip
    return keep(Incident(**values | more))


@pytest.fixture
def homes(district: Scope) -> Any:
    """Two townships: 甲 with homes A and C (nobody has been to C this year), 乙 with home B."""
    one, other = make_township(), make_township()
    a, b, c = make_facility(one), make_facility(other), make_facility(one)
    old = date(2025, 9, 1)
    for home in (a, b):
        make_stay(home, old, registered_on=old)
    table = make_hazard_table()

    hazard(a, october(5), october(12), october(10))
    hazard(a, october(8), october(23), severity="serious", description="浴室地面未防滑")
    major = hazard(b, october(20), october(30), severity="major", hazard_code="MH-4-1")
    hazard(b, date(2026, 9, 20), october(1), october(3))
    hazard(b, october(9), october(9), october(9), fixed_on_spot=True)
    hazard(a, october(30), finder="stationed")
    hazard(a, october(6), state="dismissed", dismiss_reason="示例")
    hazard(a, date(2025, 10, 2), date(2025, 10, 9), date(2025, 10, 9))
    due = calendar.at(october(21))
    keep(MajorCase(
        **place(b), hazard_id=major.id, version_id=table.id, hazard_code="MH-4-1", article="4", judged_on=october(20),
        judged_by="示例检查员", reason="示例", evidence="示例", measures_due_at=due, plan_due_at=due,
    ))  # fmt: skip

    plan = keep(Plan(year=2026, state="approved", approved_at=calendar.at(date(2026, 1, 5)), approved_by="示例"))

    def item(home: Facility, day: date, of: Visit | None = None) -> None:
        keep(PlanItem(**place(home), plan_id=plan.id, period="2026", period_from=date(2026, 1, 1), period_to=date(2026, 12, 31),
                      kind="daily", why="floor", planned_on=day, state="visit" if of else "planned",
                      visit_id=of.id if of else None, seq=next(_serial)))  # fmt: skip

    seen = visit(a, october(6), shown_at=calendar.at(october(6)))
    item(a, october(6), seen)
    item(b, october(14), visit(b, october(14), state="planned"))
    item(a, october(25))
    secret = visit(b, october(20), "case")
    visit(a, october(21), "special", state="cancelled")
    told = hazard(c, october(21), october(28), severity="serious", description="示例举报事项")
    keep(VisitFinding(**place(b), visit_id=secret.id, key="f1", severity="serious", description="示例举报事项"))
    moved = keep(VisitFinding(**place(c), visit_id=visit(c, october(21), "case", result="absent").id, key="f1", severity="serious",
                              description="示例举报事项", hazard_id=told.id))  # fmt: skip
    assert moved.hazard_id == told.id

    incident(a, calendar.at(october(3), 9), "E3", state="closed", closed_at=calendar.at(october(10)), injured=1)
    death = incident(b, calendar.at(october(30), 9), "E1", ("death", "accidental_death"), dead=1)
    incident(a, calendar.at(date(2026, 9, 9), 9), "E4", state="closed", closed_at=calendar.at(date(2026, 9, 12)))
    incident(a, calendar.at(october(4), 9), "E2", state="rejected")
    keep(IncidentClock(**place(b), incident_id=death.id, kind="county", started_at=calendar.at(october(30), 9),
                       due_at=calendar.at(october(30), 10), is_late=True, late_minutes=30))  # fmt: skip

    post = keep(Posting(**place(a), user_id=make_user(Role.STATIONED_SUPERVISOR, a).id, weekdays=[1, 2, 3, 4, 5],
                        starts_on=october(1), ends_on=october(31)))  # fmt: skip
    for day in (1, 2, 3):  # Thursday, Friday, and a Saturday nobody asked for
        on = keep(StationDay(**place(a), posting_id=post.id, day=october(day), person_name="示例驻点员",
                             arrived_at=calendar.at(october(day), 9), left_at=calendar.at(october(day), 13),
                             areas=["kitchen", "rooms"]))  # fmt: skip
        for answer in ("adopted", "declined", None) if day == 1 else ("adopted",):
            said = {"answer": answer, "answered_at": calendar.at(october(day), 16)} if answer else {}
            reason = {"answer_reason": "示例"} if answer == "declined" else {}
            keep(StationNote(**place(a), day_id=on.id, kind="advice", text="示例建议", **said, **reason))
        keep(StationNote(**place(a), day_id=on.id, kind="hazard", text="示例隐患"))
        on.handed_in_at = calendar.at(october(day), 14)
        states.move(district, on, "handed_in")
        db.session.flush()

    version = make_checklist()
    for home, day, state in ((a, 1, "done"), (a, 2, "missed"), (a, 4, "late"), (b, 1, "done"), (b, 2, "done"), (b, 3, "waived")):
        done = {"begun_at": calendar.at(october(day), 9), "done_at": calendar.at(october(day), 10)} if state in ("done", "late") else {}
        keep(SelfCheckRound(**place(home), checklist_id=version.checklist_id, duty="daily", period=str(october(day)),
                            day=october(day), from_at=calendar.at(october(day)), until_at=calendar.at(october(day), 23),
                            state=state, answered=4 if done else 0, faults=1 if state == "late" else 0, **done))  # fmt: skip
    return {"one": one, "other": other, "a": a, "b": b, "c": c}


def collect(scope: Scope, period: Period = OCTOBER, kind: str = "monthly-oversight") -> dict[str, Any]:
    return assemble.collect(render.report(kind), scope.enter(), period)


def of_home(home: Facility) -> Scope:
    return Scope(permission=P.REPORT_BUILD, person_name="clock", facilities=frozenset({home.id}))


def test_hazards_are_counted_once_and_the_three_rates_have_their_parts(district: Scope, homes: Any) -> None:
    found = collect(district)["hazards"]
    now = found["times"]["value"]
    # the case check's hazard counts as well: found, due, open, overdue
    assert now == {"found": 6, "fixed": 1, "found_right": 2, "right": 3, "due": 6, "in_time": 2, "open": 3, "overdue": 3}
    assert found["times"]["previous"] == {
        "found": 1, "fixed": 0, "found_right": 0, "right": 0, "due": 0, "in_time": 0, "open": 1, "overdue": 0,
    }  # fmt: skip
    assert (found["times"]["year_ago"]["found"], found["times"]["year_ago"]["in_time"]) == (1, 1)
    for cut in ("severities", "sources", "townships"):
        for name, whole in now.items():
            assert whole == sum(row[name] for row in found[cut]), (cut, name)
    assert {row["source"]: row["found"] for row in found["sources"]} == {"inspection": 5, "stationed": 1}
    assert sum(row["count"] for row in found["ages"]) == now["open"]
    assert found["trend"][-1] == {"period": "2026-10", "found": 6, "right": 3}
    assert found["trend"][0]["period"] == "2025-10"


def test_what_was_before_anything_is_on_file_is_a_dash_not_a_zero(district: Scope, homes: Any) -> None:
    data = collect(district)
    assert "year_ago" not in data["incidents"]["times"]
    assert data["incidents"]["times"]["previous"]["total"] == 1
    indicators = {row["key"]: row for row in data["indicators"]}
    assert indicators["incidents"]["year_ago"] is None
    assert indicators["hazards_found"]["year_ago"] == {"n": 1}
    assert indicators["hazards_in_time"]["value"] == {"n": 2, "of": 6}


def test_visits_are_of_a_plan_or_outside_it_and_the_year_is_covered_or_not(district: Scope, homes: Any) -> None:
    found = collect(district)["inspections"]
    now = found["times"]["value"]
    assert now == {"planned": 3, "done": 1, "unplanned": 2, "cancelled": 1, "absent": 1}
    for cut in ("kinds", "types", "townships"):
        for name, whole in now.items():
            assert whole == sum(row[name] for row in found[cut]), (cut, name)
    cover = found["coverage"]
    assert (cover["asked"], cover["visited"], cover["unvisited"]) == (3, 2, [homes["c"].name])  # a closed door is no visit
    words = Words("monthly_oversight", "zh")
    said = [sentence for _, sentence in assemble.part("inspections").decisions(collect(district), words)]
    assert any(homes["c"].name in each for each in said)


def test_major_hazards_stand_by_article_and_the_late_one_is_a_matter_for_the_leaders(district: Scope, homes: Any) -> None:
    data = collect(district)
    found = data["major"]
    assert found["times"]["value"] == {"new": 1, "open": 1, "cleared": 0, "listed": 0}
    for name, whole in found["times"]["value"].items():
        assert whole == sum(row[name] for row in found["articles"])
    assert {row["article"]: row["open"] for row in found["articles"]} == {"4": 1, "8": 0}
    [case] = found["cases"]
    assert (case["facility"], case["days"], case["late"], case["papers"]) == (
        homes["b"].name, 11, 1, {"measures": "missing", "plan": "missing"},
    )  # fmt: skip
    words = Words("monthly_oversight", "zh")
    [(weight, said), *_] = assemble.part("major").decisions(data, words)
    assert weight == 100
    assert homes["b"].name in said


def test_incidents_by_type_and_grade_and_the_late_report(district: Scope, homes: Any) -> None:
    data = collect(district)
    found = data["incidents"]
    now = found["times"]["value"]
    assert {name: now[name] for name in ("total", "E1", "E2", "E3", "deaths", "injured", "due", "on_time", "open")} == {
        "total": 2, "E1": 1, "E2": 0, "E3": 1, "deaths": 1, "injured": 1, "due": 1, "on_time": 0, "open": 1,
    }  # fmt: skip
    assert now["resident_days"] == 2 * 31
    assert now["total"] == sum(row["count"] for row in found["types"]) == sum(row["total"] for row in found["townships"])
    for name in ("deaths", "injured", "due", "on_time", "open"):
        assert now[name] == sum(row[name] for row in found["townships"])
    assert [(row["facility"], row["met_at"]) for row in found["late"]] == [(homes["b"].name, None)]
    assert [(row["grade"], row["state"]) for row in found["grave"]] == [("E1", "open")]
    rows = assemble.part("incidents")._compared(data, Words("monthly_oversight", "zh"))["rows"]
    assert any(row[1:3] == ["32.26", "2/62"] for row in rows)  # 1,000 × 2 ÷ 62


def test_a_report_counts_once_in_the_period_its_deadline_falls_in(district: Scope, homes: Any) -> None:
    home = homes["c"]
    known = calendar.at(october(31), 23, 35)
    for state in ("rejected", "responding"):
        late = incident(home, known, "E1", state=state)
        keep(IncidentClock(**place(home), incident_id=late.id, kind="county", started_at=known, due_at=known + timedelta(hours=1)))
    november = calendar.period("2026-11")

    def counted() -> list[list[tuple[int, int]]]:
        """(due, on time) of October and of November: in all, in the township, at the home for the ranking."""
        found = []
        for month in (OCTOBER, november):
            now = incidents.month(district, month, 0)
            town = now.townships.get(homes["one"].id, incidents.InTownship())
            own = clocks.county_by_place(district, calendar.at(month.first), month.cutoff).get(home.id, (0, 0))
            found.append([(now.due, now.on_time), (town.due, town.on_time), own])
        return found

    assert counted() == [[(1, 0), (0, 0), (0, 0)], [(1, 0), (1, 0), (1, 0)]]
    assert [each.id for each, _, _ in incidents.late_reports(district, november)] == [late.id]
    assert late.id not in [each.id for each, _, _ in incidents.late_reports(district, OCTOBER)]


def test_a_report_that_fell_due_is_told_where_nothing_else_happened() -> None:
    data = render.sample("monthly-oversight")
    found = data["incidents"]
    nothing = dict.fromkeys(found["times"]["value"], 0)
    data["incidents"] = {**found, "times": {"value": {**nothing, "due": 1}}, "types": [], "grave": [], "townships": []}
    drawn = assemble.part("incidents").blocks(data, Words("monthly_oversight", "zh"))
    assert drawn[0]["is"] != "empty"
    assert "有时限的报告1件" in str(drawn[0])


def test_days_on_post_of_the_days_due(district: Scope, homes: Any) -> None:
    found = collect(district)["stationed"]
    [row] = found["rows"]
    assert (row["name"], row["due"], row["present"], row["extra"]) == (homes["a"].name, 22, 2, 1)
    assert (row["days"], row["minutes"], row["walked"], row["hazards"]) == (3, 720, 6, 3)
    assert (row["advice"], row["adopted"], row["declined"]) == (5, 3, 1)
    assert found["times"]["value"] == {"homes": 1, **{name: row[name] for name in found["times"]["value"] if name != "homes"}}


def test_self_checks_by_duty_and_township_add_up(district: Scope, homes: Any) -> None:
    found = collect(district)["selfchecks"]
    now = found["times"]["value"]
    assert now == {"places": 2, "due": 5, "done": 3, "late": 1, "missed": 1, "answered": 16, "faults": 1}
    for cut in ("duties", "townships"):
        for name in ("due", "done", "late", "missed"):
            assert now[name] == sum(row[name] for row in found[cut])
    assert found["worst"] == []  # three rounds say nothing about a place


def test_typical_problems_follow_the_rule_and_leave_case_checks_out(district: Scope, homes: Any) -> None:
    data = collect(district)
    cases = data["typical"]["cases"]
    assert [(case["facility"], case["severity"]) for case in cases] == [(homes["b"].name, "major"), (homes["a"].name, "serious")]
    assert all("举报" not in case["what"] for case in cases)
    assert [case["late"] for case in cases] == [1, 8]


def test_persons_are_masked_in_what_is_told(district: Scope, homes: Any) -> None:
    resident = make_stay(homes["a"], date(2026, 9, 1), name="欧阳示例")
    db.session.flush()
    hazard(homes["a"], october(11), october(18), severity="serious", description=f"{resident.name}床头堆放杂物,电话13900001234",
           place_note=f"302室{resident.name}床头,电话13900001234")  # fmt: skip
    data = collect(district)
    told = render.canonical({key: data[key] for key in ("typical", "hazard_ledger")}).decode()
    assert "欧阳示例" not in told
    assert "13900001234" not in told
    assert "欧**例床头" in told
    assert "302室欧**例床头" in told


def test_the_ledger_lists_the_open_and_the_righted_and_counts_the_rest(
    district: Scope, homes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = assemble.part("hazard_ledger")
    found = collect(district)["hazard_ledger"]
    assert found["total"] == len(found["rows"]) == 6
    assert [row["severity"] for row in found["rows"]][:3] == ["major", "serious", "serious"]
    assert [row["right_on"] is None for row in found["rows"]] == [True] * 3 + [False] * 3
    monkeypatch.setattr(module, "MOST", 2)
    data = collect(district)
    assert (data["hazard_ledger"]["total"], len(data["hazard_ledger"]["rows"])) == (6, 2)
    [block] = module.blocks(data, Words("monthly_oversight", "zh"))
    assert "另有4处" in block["table"]["note"]


def test_a_home_reads_of_itself_alone_and_of_no_visit_it_may_not_see(district: Scope, homes: Any) -> None:
    data = collect(of_home(homes["b"]), kind="facility-monthly")
    assert data["hazards"]["times"]["value"]["found"] == 2
    assert data["inspections"]["visits"] == []  # the case check is not shown to it
    assert data["inspections"]["times"]["value"]["unplanned"] == 0
    assert "stationed" not in data["parts"]
    assert "typical" not in data["parts"]
    own = collect(of_home(homes["a"]), kind="facility-monthly")
    assert [row["kind"] for row in own["inspections"]["visits"]] == ["daily"]
    text = render.canonical(data).decode()
    assert homes["a"].name not in text
    for lang in ("zh", "en"):
        render.html("facility-monthly", data, lang)


def test_a_quarter_and_a_township_are_made_of_the_same_parts(district: Scope, homes: Any) -> None:
    quarter = collect(district, Quarter(2026, 4))
    assert quarter["hazards"]["times"]["value"]["found"] == 6
    own = Scope(permission=P.REPORT_BUILD, person_name="clock", townships=frozenset({homes["one"].id}))
    town = collect(own, kind="township-monthly")
    whole = collect(district)
    [line] = [row for row in whole["hazards"]["townships"] if row["code"] == homes["one"].code]
    assert {name: line[name] for name in town["hazards"]["times"]["value"]} == town["hazards"]["times"]["value"]
    for lang in ("zh", "en"):
        page = render.html("township-monthly", town, lang)
        assert homes["b"].name not in page


def test_a_register_without_anything_says_so(district: Scope) -> None:
    town = make_township()
    home = make_facility(town)
    home.township = town
    make_stay(home, date(2025, 9, 1), registered_on=date(2025, 9, 1))
    data = collect(district)
    words = Words("monthly_oversight", "zh")
    for key in ("hazards", "major", "incidents", "stationed", "selfchecks", "typical"):
        [first, *_] = assemble.part(key).blocks(data, words)
        assert first["is"] == "empty", key
    assert assemble.part("hazard_ledger").blocks(data, words) == []


def test_collecting_takes_a_handful_of_statements_whatever_the_number_of_rows(district: Scope, homes: Any, queries: list[str]) -> None:
    scope = district.enter()
    counts = []
    for _ in range(2):
        queries.clear()
        collect(scope)
        counts.append(len(queries))
        for n in range(30):
            hazard(homes["a"], october(1 + n % 30), october(31))
        db.session.flush()
    assert counts[0] >= counts[1] - 2


def test_nobody_is_named(district: Scope, homes: Any) -> None:
    data = collect(district)
    text = render.canonical({key: data[key] for key in PARTS}).decode()
    for name in ("示例驻点员", "示例检查员", "示例老人"):
        assert name not in text


def test_a_few_names_say_how_many_there_are_in_all_and_no_other_number() -> None:
    data = render.sample("monthly-oversight")
    data["selfchecks"]["poor"] = 12  # of which the ten worst are sealed
    (said,) = [line for _weight, line in assemble.part("selfchecks").decisions(data, Words("monthly_oversight", "zh")) if "12处" in line]
    assert "等12家" in said
