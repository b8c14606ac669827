"""Parts on services, ranking and the next period, from rows counted by hand; a brief comes by itself after a grave incident."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.calendar import Month, Quarter
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.core.workdays import DayOff
from eldercare.facilities.models import Facility, ServiceTownship, Township
from eldercare.hazards.credit.models import CreditEntry, CreditRule
from eldercare.hazards.models import Hazard
from eldercare.homecare.models import FamilyCareBed
from eldercare.incidents import services as incidents
from eldercare.reporting import queries, render, worker
from eldercare.reporting.models import Report
from eldercare.selfchecks.models import SelfCheckRound
from reports._paper import figures
from reports._paper.words import Words
from reports._parts import assessment, canteens, home_community, ledger, ledger_sums, next_month, ranking
from tests import make
from tests.incidents.made import DEADLY, FALL, House, house, reported, rules
from tests.page import fetch

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


def gathered(scope: Scope, period: Any = OCTOBER, audience: str = "district") -> Any:
    return figures.begin("monthly-oversight", "t", audience, scope.enter(), period)


def of_township(township: Township) -> Scope:
    return Scope(permission=P.REPORT_BUILD, person_name="clock", townships=frozenset({township.id}))


def of_facility(home: Facility) -> Scope:
    return Scope(permission=P.REPORT_BUILD, person_name="clock", facilities=frozenset({home.id}))


def said(blocks: list[Any]) -> str:
    """All the words a part shows."""
    found = []
    for block in blocks:
        found += [block.get("text", ""), *block.get("list", [])]
        if block["is"] == "table":
            found += [cell for row in block["table"]["rows"] for cell in row] + (block["table"]["total"] or [])
    return "\n".join(map(str, found))


# ---- home and community -----------------------------------------------------------------------------


def bed(township: Township, starts: date, ends: date | None = None, state: str = "active") -> FamilyCareBed:
    person = make.make_resident(township, registered_on=date(2026, 1, 1))
    row = FamilyCareBed(township_id=township.id, resident_id=person.id, state=state, starts_on=starts, ends_on=ends,
                        devices=["sos_button"])  # fmt: skip
    kept: FamilyCareBed = make._keep(row, "family_care_bed.started")
    return kept


def test_centres_stations_villages_and_family_beds_are_counted(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    villages = [make.make_village(here) for _ in range(4)]
    make.make_facility(here, facility_type="township_center")
    for village in villages[:2]:
        make.make_facility(here, facility_type="village_station", village_id=village.id)
    make.make_facility(here, facility_type="village_station", village_id=villages[2].id, state="suspended")  # counts nowhere
    make.make_facility(here, facility_type="village_station", village_id=villages[3].id, opened_on=date(2026, 11, 3))  # later
    firm = make.make_facility(there, facility_type="home_care_org", caregivers=12)
    db.session.flush()
    db.session.add_all([ServiceTownship(organisation_id=firm.id, served_township_id=each.id) for each in (here, there)])
    bed(here, date(2026, 9, 1))
    bed(here, date(2026, 10, 5), state="paused")
    bed(here, date(2026, 8, 1), date(2026, 10, 9), "closed")
    bed(here, date(2026, 11, 1))  # after the month
    bed(there, date(2026, 10, 31))
    found = home_community.collect(gathered(district))
    assert found
    own = next(row for row in found["townships"] if row["code"] == here.code)
    assert {key: own[key] for key in ("centres", "stations", "villages", "covered")} == {
        "centres": 1, "stations": 2, "villages": 4, "covered": 2,
    }  # fmt: skip
    assert {key: own[key] for key in home_community.MOVES} == {"opening": 2, "started": 1, "ended": 1, "closing": 2, "paused": 1}
    assert found["closing"] == sum(row["closing"] for row in found["townships"])
    assert next(each for each in found["served"] if each["name"] == firm.name)["townships"] == sorted([here.code, there.code])
    words = Words("monthly_oversight", "zh")
    shown = said(home_community.blocks({"place": {"level": "district"}, "home_community": found}, words))
    assert firm.name in shown
    assert "尚无数据来源" in shown  # visits and hours are said to be missing, not zero


def test_a_township_sees_its_own_beds_alone_and_a_quarter_adds_its_months(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    bed(here, date(2026, 7, 2))
    bed(here, date(2026, 8, 2), date(2026, 9, 3), "closed")
    bed(there, date(2026, 8, 2))
    found = home_community.collect(gathered(of_township(here), Quarter(2026, 3), "township"))
    assert found
    assert (found["opening"], found["started"], found["ended"], found["closing"]) == (0, 2, 1, 1)
    assert [row["code"] for row in found["townships"]] == [here.code]


def test_a_canteen_without_a_food_licence_asks_for_a_decision(district: Scope) -> None:
    here = make.make_township()
    with_paper, expired, without = (make.make_facility(here, facility_type="canteen", seats=n) for n in (40, 50, 60))
    make.make_licence(with_paper, valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1))
    make.make_licence(expired, valid_from=date(2025, 1, 1), valid_to=date(2026, 10, 30))
    db.session.flush()
    found = canteens.collect(gathered(of_township(here), audience="township"))
    assert found
    assert (found["total"], found["seats"]) == (3, 150)
    assert {row["code"]: row["food"] for row in found["rows"]} == {
        with_paper.code: "valid", expired.code: "expired", without.code: "none_on_file",
    }  # fmt: skip
    [(weight, sentence)] = canteens.decisions({"canteens": found}, Words("monthly_oversight", "zh"))
    assert weight > 0
    assert expired.name in sentence
    assert with_paper.name not in sentence


# ---- ranking ----------------------------------------------------------------------------------------


def hazard(home: Facility, due: date, right: date | None, severity: str = "general", ordered: date | None = None) -> Hazard:
    n, begun = next(make._serial), ordered or due - timedelta(7)
    row = Hazard(
        township_id=home.township_id, facility_id=home.id, number=f"T{n}", source_kind="test", source_id=n, source_label="",
        source_path="", found_by="x", found_on=begun, severity=severity, description="通道堆物",
        hazard_code="MH-8" if severity == "major" else None,
        state="closed" if right else "issued", issued_on=begun, issued_by="x", due_on=due, right_on=right,
        answer_by=due, closed_at=calendar.at(right) if right else None,
    )  # fmt: skip
    kept: Hazard = make._keep(row, "hazard.issued")
    return kept


def rounds(home: Facility, day: date, states: dict[str, int]) -> None:
    version = make.make_checklist()
    for n, state in enumerate(state for state, count in states.items() for _ in range(count)):
        row = SelfCheckRound(
            township_id=home.township_id, facility_id=home.id, checklist_id=version.checklist_id, duty="daily", period=f"{day}-{n}",
            day=day, from_at=calendar.at(day), until_at=calendar.at(day, 20), state=state,
            done_at=calendar.at(day, 9) if state in ("done", "late") else None,
        )  # fmt: skip
        make._keep(row, f"selfcheck_round.{state}")


def deducted(home: Facility, points: int, day: date) -> None:
    rule = db.session.scalars(select(CreditRule).limit(1)).first()
    row = CreditEntry(
        township_id=home.township_id, facility_id=home.id, kind="hazard", variant="general", item_code="", entity="hazard",
        entity_id=next(make._serial), label="x", path="/", happened_on=day, points=points, rule_id=rule.id if rule else None,
    )  # fmt: skip
    make._keep(row, "credit_entry.made")


def test_every_component_is_counted_by_hand_and_the_sum_can_be_checked(district: Scope) -> None:
    here = make.make_township()
    good, bad = make.make_facility(here), make.make_facility(here)
    hazard(good, date(2026, 10, 10), date(2026, 10, 9))
    rounds(good, date(2026, 10, 5), {"done": 4})
    deducted(good, 2, date(2026, 10, 3))
    hazard(bad, date(2026, 10, 10), date(2026, 10, 12))  # late
    hazard(bad, date(2026, 10, 20), None)  # overdue at the end
    hazard(bad, date(2026, 10, 30), date(2026, 10, 30))
    rounds(bad, date(2026, 10, 5), {"done": 1, "late": 1, "missed": 1})
    deducted(bad, 25, date(2026, 10, 3))
    deducted(bad, 40, date(2026, 9, 30))  # the month before
    found = ranking.collect(gathered(of_township(here), audience="township"))
    assert found
    by_code = {row["code"]: row for row in found["institutions"]}
    one, other = by_code[good.code], by_code[bad.code]
    # credit 98/100 × 30, rectification 1/1 × 25, self-checks 4/4 × 20; nothing inspected, nothing to report
    assert one["points"] == {"credit": 294, "rectification": 250, "selfchecks": 200, "inspections": None, "reporting": None}
    assert (one["sum"], one["weight"], one["score"], one["rank"]) == (744, 75, 992, 1)
    # credit 75/100 × 30 = 22.5, rectification 1/3 × 25 = 8.3, self-checks 1/3 × 20 = 6.7; 37.5 of 75
    assert other["points"] == {"credit": 225, "rectification": 83, "selfchecks": 67, "inspections": None, "reporting": None}
    assert (other["sum"], other["weight"], other["score"], other["rank"]) == (375, 75, 500, 2)
    assert (found["red"], found["black"]) == ([good.code], [bad.code])
    data = {"place": {"level": "township"}, "ranking": found}
    shown = said(ranking.blocks(data, Words("township_monthly", "zh")))
    assert "逾期未改隐患1项" in shown
    assert "33.3%（1/3）" in shown
    for row in found["institutions"]:
        assert row["sum"] == sum(each or 0 for each in row["points"].values())


def test_equal_scores_share_a_rank_and_too_little_known_has_none(district: Scope) -> None:
    here = make.make_township()
    twins = [make.make_facility(here) for _ in range(2)]
    third, unknown = make.make_facility(here), make.make_facility(here)
    for home in twins:
        rounds(home, date(2026, 10, 5), {"done": 2})
    rounds(third, date(2026, 10, 5), {"done": 1, "missed": 1})
    found = ranking.collect(gathered(of_township(here), audience="township"))
    assert found
    assert {row["code"]: row["rank"] for row in found["institutions"]} == {
        twins[0].code: 1, twins[1].code: 1, third.code: 3, unknown.code: None,
    }  # fmt: skip
    assert found["institutions"][-1]["code"] == unknown.code


def test_a_major_hazard_makes_a_bad_example_whatever_the_score(district: Scope) -> None:
    make.make_hazard_table()
    here = make.make_township()
    home = make.make_facility(here)
    rounds(home, date(2026, 10, 5), {"done": 9})
    hazard(home, date(2026, 11, 20), None, "major", ordered=date(2026, 10, 7))
    found = ranking.collect(gathered(of_township(here), audience="township"))
    assert found
    assert found["institutions"][0]["score"] == 1000
    assert (found["red"], found["black"]) == ([], [home.code])


def test_a_facility_knows_nothing_of_the_others(district: Scope) -> None:
    home = make.make_facility()
    db.session.flush()
    assert ranking.collect(gathered(of_facility(home), audience="facility")) is None


# ---- the next period --------------------------------------------------------------------------------


def test_no_home_of_a_visit_that_is_not_told_is_named(district: Scope) -> None:
    here = make.make_township()
    secret, drawn, open_ = (make.make_facility(here) for _ in range(3))
    make.make_visit(secret, kind="case", planned_on=date(2026, 12, 2), shown=False)
    make.make_visit(drawn, kind="double_random", planned_on=date(2026, 12, 3), shown=False)
    make.make_visit(open_, kind="daily", planned_on=date(2026, 12, 15))
    whole = next_month.collect(gathered(district, NOVEMBER))
    assert whole
    kinds = [kind for row in whole["visits"] for kind in row["kinds"]]
    assert sorted(kinds) == ["daily", "double_random"]  # a case check is not even a number
    assert {(row["from"], row["to"]) for row in whole["visits"]} == {("2026-12-01", "2026-12-06"), ("2026-12-14", "2026-12-20")}
    own = next_month.collect(gathered(of_township(here), NOVEMBER, "township"))
    assert own
    assert [row["kinds"] for row in own["visits"]] == [{"daily": 1}]
    for home in (secret, drawn, open_):
        assert home.name not in render.canonical(whole).decode() + render.canonical(own).decode()
    told = next_month.collect(gathered(of_facility(open_), NOVEMBER, "facility"))
    untold = next_month.collect(gathered(of_facility(drawn), NOVEMBER, "facility"))
    assert told
    assert untold
    assert told["told"] == [{"day": "2026-12-15", "kind": "daily"}]
    assert untold["told"] == []
    assert untold["visits"] == []


def test_days_off_licences_hazards_and_rounds_of_the_next_period(district: Scope) -> None:
    home = make.make_facility()
    db.session.add_all([DayOff(day=date(2027, 1, 1), is_off=True, name="元旦"), DayOff(day=date(2027, 1, 2), is_off=False, name="元旦")])
    make.make_licence(home, valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 9))
    make.make_licence(home, licence_type="fire", valid_from=date(2026, 1, 1), valid_to=date(2027, 2, 1))  # later
    make.make_licence(home, licence_type="business", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 1))  # over by then
    hazard(home, date(2027, 1, 20), None, ordered=date(2026, 12, 20))
    hazard(home, date(2026, 12, 20), None)
    found = next_month.collect(gathered(of_facility(home), Month(2026, 12), "facility"))
    assert found
    assert (found["period"], found["workdays"]) == ("2027-01", 21)
    assert found["days_off"] == [
        {"from": "2027-01-01", "to": "2027-01-01", "off": True, "name": "元旦"},
        {"from": "2027-01-02", "to": "2027-01-02", "off": False, "name": "元旦"},
    ]
    assert [(each["licence_type"], each["count"]) for each in found["licences"]] == [("food", 1)]
    assert found["hazards"] == {"general": [1, 1]}
    data = {"place": {"level": "facility"}, "next_month": found, "texts": {}}
    shown = said(next_month.blocks(data, Words("facility_monthly", "zh")))
    assert "元旦" in shown
    assert "另有期末已逾期1项" in shown


def test_what_people_write_stands_in_a_draft_as_a_free_place() -> None:
    words = Words("monthly_oversight", "zh")
    assert assessment.blocks({"texts": {"open": True}}, words)[0]["is"] == "empty"
    assert assessment.blocks({"texts": {"open": False}}, words) == []
    assert assessment.blocks({"texts": {"assessment": ["总体平稳。"]}}, words)[0]["list"] == ["总体平稳。"]


# ---- the ledger of rectification --------------------------------------------------------------------


def test_the_ledger_holds_every_hazard_open_or_closed_in_the_period_as_it_stood_then(district: Scope) -> None:
    here = make.make_township()
    home, other = make.make_facility(here), make.make_facility(here)
    late = hazard(home, date(2026, 10, 10), date(2026, 10, 12))
    still = hazard(other, date(2026, 10, 20), None)
    after = hazard(home, date(2026, 10, 28), date(2026, 11, 3))  # put right after the month: open in it
    hazard(home, date(2026, 9, 10), date(2026, 9, 9))  # done with before
    found = ledger.collect(gathered(of_township(here), audience="any"))
    sums = ledger_sums.collect(gathered(of_township(here), audience="any"))
    assert found
    assert sums
    assert {row["number"]: (row["right_on"], row["late"]) for row in found["rows"]} == {
        late.number: ("2026-10-12", 2), still.number: (None, 11), after.number: (None, 3),
    }  # fmt: skip
    assert found["total"] == 3
    assert found["rows"][-1]["number"] == late.number  # what is open comes first
    assert {key: sums[key] for key in ("due", "in_time", "open", "overdue")} == {"due": 3, "in_time": 0, "open": 2, "overdue": 2}
    assert sum(row["open"] for row in sums["rows"]) == sums["open"]
    own = ledger.collect(gathered(of_facility(home), audience="any"))
    assert own
    assert {row["number"] for row in own["rows"]} == {late.number, after.number}


def test_a_report_is_asked_for_the_periods_it_is_made_for(district: Scope, sign_in: Any) -> None:
    officer = make.make_user(Role.DISTRICT_OFFICER)
    page = fetch(sign_in(officer), "/reporting/new?kind=quarterly-oversight").text
    assert 'value="2026Q3"' in page
    assert 'value="2026-10"' not in page
    assert 'value="2026Q4"' not in page  # not over yet
    assert 'value="2025"' in fetch(sign_in(officer), "/reporting/new?kind=rectification-ledger").text
    assert [str(each) for each in queries.periods("annual", date(2026, 11, 24))] == ["2025", "2024", "2023"]
    with pytest.raises(Refused, match="period_wrong"):
        queries.period_of("2026-10", ended_before=date(2026, 11, 24), cadence="quarterly")
    assert queries.place_named(Scope.system("test").enter(), "any", None).code == ""


# ---- a brief comes by itself ------------------------------------------------------------------------


@pytest.fixture
def here(fresh_app: Flask) -> House:
    """A home and its people, kept."""
    found = house()
    db.session.commit()
    return found


def briefs() -> list[Report]:
    Scope.system(P.REPORT_BUILD).enter()
    return list(db.session.scalars(select(Report).where(Report.kind == "incident-brief").order_by(Report.id)))


def test_a_grave_incident_has_its_brief_as_soon_as_the_worker_has_a_hand_free(fresh_app: Flask, here: House) -> None:
    incident = reported(here, DEADLY | {"summary": f"{here.resident.name}在院内台阶跌倒，电话13812345678。"})
    number = incident.number
    db.session.commit()
    worker.drain(fresh_app)
    [brief] = briefs()
    assert (brief.state, brief.edition, brief.subject, brief.is_internal) == ("draft", 1, f"incident:{incident.id}", True)
    sealed = render.canonical(brief.dataset).decode()
    assert brief.dataset["incident"]["number"] == number
    assert brief.dataset["incident"]["dead"] == 1
    assert here.resident.name not in sealed  # people are counted, never named
    assert "13812345678" not in sealed
    assert {each["what"]["zh"] for each in brief.dataset["incident"]["deadlines"]} >= {"区级签收报告"}
    here.scope("manager", P.REPORT_READ)
    assert not db.session.scalars(select(Report)).all()  # behind the wall the home sees none
    assert not [run for run in db.session.scalars(select(Run)) if run.kind == "incident-brief"]


def test_a_fall_has_none_until_it_is_raised_and_another_edition_when_somebody_dies(fresh_app: Flask, here: House) -> None:
    incident = reported(here, FALL)
    db.session.commit()
    worker.drain(fresh_app)
    assert briefs() == []
    officer = here.scope("district", P.INCIDENT_REVIEW)
    incidents.change_grade(officer, incident.id, rules(), "E1", "伤情恶化")
    db.session.commit()
    worker.drain(fresh_app)
    officer = here.scope("district", P.INCIDENT_REVIEW)
    incidents.change_figures(officer, incident.id, rules(), "抢救无效", dead=1, injured=1, serious=1, ill=0, loss_fen=0)
    db.session.commit()
    worker.drain(fresh_app)
    first, second = briefs()
    assert (first.edition, second.edition) == (1, 2)
    assert (first.dataset["incident"]["dead"], second.dataset["incident"]["dead"]) == (0, 1)
    assert [each["pairs"] for each in second.dataset["incident"]["changes"]][-1][-1][0] in {"dead", "injured", "serious"}


def test_scores_are_exact() -> None:
    assert ranking._half_up(5, 10) == 1
    assert ranking._tenths(992) == "99.2"
    assert ranking._half_up(1000 * 947, 1000) == 947
