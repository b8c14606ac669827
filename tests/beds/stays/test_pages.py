"""The pages of stays: what a home's manager, an officer and a program see and may do; what falls due."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from eldercare.accounts import services as accounts
from eldercare.beds.models import Stay
from eldercare.beds.stays import jobs, listing, services
from eldercare.core import alerts, calendar, files
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township
from eldercare.residents.models import Resident
from tests import make
from tests.accounts.browser import send
from tests.beds.stays.acts import NONE, TODAY, applicant, contracted, moved_in, terms
from tests.page import fetch

DAY = timedelta(1)


@pytest.fixture
def home(district: Scope) -> Any:
    return make.make_facility(opened_on=date(2020, 1, 1))


@pytest.fixture
def manager(home: Any, sign_in: Any) -> Any:
    return sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")


def again(stay_id: int) -> Stay:
    Scope.system("test").enter()
    return db.session.scalars(select(Stay).where(Stay.id == stay_id).execution_options(populate_existing=True)).one()


# ---- the list and the record --------------------------------------------------------------------


def test_the_list_is_masked_narrowed_by_its_address_and_leads_to_the_record(home: Any, district: Scope, manager: Any, queries: list[str]) -> None:
    lives = moved_in(district, home, make.make_bed(home))
    asks = applicant(district, home)
    elsewhere = make.make_stay(make.make_facility(), state="applied")
    db.session.commit()
    page = fetch(manager, "/beds/stays/", queries=queries)
    assert f'href="/beds/stays/{lives.id}"' in page.text
    assert f"/beds/stays/{asks.id}" not in page.text
    assert lives.name not in page.text
    asking = fetch(manager, "/beds/stays/?state=asking").text
    assert f"/beds/stays/{asks.id}" in asking
    assert f"/beds/stays/{elsewhere.id}" not in fetch(manager, "/beds/stays/?state=").text
    assert f"/beds/stays/{asks.id}" in fetch(manager, f"/beds/stays/?state=&q={asks.id_last4}").text
    assert f"/beds/stays/{asks.id}" in fetch(manager, f"/beds/stays/?state=&q={asks.name}").text
    assert f"/beds/stays/{asks.id}" not in fetch(manager, "/beds/stays/?state=&q=nobody").text


def test_a_whole_number_finds_the_stay_and_stands_in_no_address(home: Any, district: Scope, manager: Any) -> None:
    person = make.make_resident()
    number = person.id_number.reveal()
    stay = applicant(district, home, person)
    db.session.commit()
    answer = send(manager, "/beds/stays/find", page="/beds/stays/", q=number)
    assert answer.status_code == 303
    assert number not in answer.headers["Location"]
    assert f"/beds/stays/{stay.id}" in fetch(manager, answer.headers["Location"]).text


@pytest.mark.parametrize("due", list(listing.DUE))
def test_what_is_due_is_a_filter(home: Any, district: Scope, manager: Any, due: str) -> None:
    far = {"next_assessment_on": TODAY + 90 * DAY}
    made = {
        "overdue": make.make_stay(home, TODAY - 20 * DAY, state="on_leave", **far),
        "contract": make.make_stay(home, TODAY - 20 * DAY, contract_ends_on=TODAY + 9 * DAY, **far),
        "lapsed": make.make_stay(home, TODAY - 400 * DAY, contract_ends_on=TODAY - DAY, **far),
        "assessment": make.make_stay(home, TODAY - 20 * DAY, next_assessment_on=TODAY + DAY),
        "hospital": make.make_stay(home, TODAY - 20 * DAY, reassess_since=TODAY, **far),
        "trial": make.make_stay(home, TODAY - 20 * DAY, state="trial", trial_ends_on=TODAY + DAY, **far),
    }
    db.session.commit()
    text = fetch(manager, f"/beds/stays/?due={due}").text
    assert {what for what, stay in made.items() if f"/beds/stays/{stay.id}" in text} == {due}


def test_a_record_shows_who_it_is_about_masked_and_one_value_at_a_time(home: Any, district: Scope, manager: Any, queries: list[str]) -> None:
    stay = contracted(district, home)
    db.session.commit()
    page = fetch(manager, f"/beds/stays/{stay.id}", queries=queries)
    assert stay.name not in page.text
    assert "10000004321" not in page.text
    assert "Move in" in page.text
    shown = send(manager, f"/beds/stays/{stay.id}/unmask/contact_phone", page=f"/beds/stays/{stay.id}", reason="call the family")
    assert "10000004321" in shown.text
    Scope.system("test").enter()
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "stay.unmasked")).one()
    assert logged.details == {"field": "contact_phone", "reason": "call the family"}


def test_what_the_nine_risks_are_is_shown_to_those_who_may_read_health(home: Any, district: Scope, manager: Any, sign_in: Any) -> None:
    path = f"/beds/stays/{moved_in(district, home, make.make_bed(home)).id}"
    others = [make.make_user(role) for role in (Role.LEADER, Role.INSPECTOR)]
    assert 'class="risks"' in fetch(manager, path).text
    for other in others:
        text = fetch(sign_in(other, language="en"), path).text
        assert 'class="risks"' not in text
        assert "No risk" not in text  # nor in the history


def test_the_next_acts_follow_from_the_state_and_the_persons_duties(home: Any, district: Scope) -> None:
    scope = Scope(P.STAY_EDIT, facilities=frozenset({home.id}))
    other = Scope(P.STAY_EDIT, facilities=frozenset({make.make_facility().id}))
    inspector = make.make_user(Role.INSPECTOR)
    stay = make.make_stay(home, bed=make.make_bed(home))
    with district_request():
        assert [each.act for each in listing.acts(scope, stay)][:3] == ["leave", "hospital", "transfer"]
        assert [each.is_primary for each in listing.acts(scope, stay)].count(True) == 1
        assert listing.acts(other, stay) == []
        assert listing.acts(inspector, stay) == []
        for state, acts in listing.ACTS.items():
            assert acts[0], state


def district_request() -> Any:
    from flask import current_app

    return current_app.test_request_context()


# ---- acts on pages ------------------------------------------------------------------------------


def test_a_life_in_the_home_by_its_forms(home: Any, district: Scope, manager: Any) -> None:
    person, bed, other = make.make_resident(), make.make_bed(home), make.make_bed(home)
    number, name = person.id_number.reveal(), person.name
    db.session.commit()
    contact = {"contact_name": "示例女儿", "contact_relation": "daughter", "contact_phone": "10000004321", "papers": "id_card"}
    wrong = send(manager, f"/beds/stays/new/{home.id}", id_number=number, name="别的人", **contact)
    assert wrong.status_code == 422
    assert "Not on the register under this number and name" in wrong.text
    made = send(manager, f"/beds/stays/new/{home.id}", id_number=number, name=name, **contact)
    assert made.status_code == 303, made.text
    path = made.headers["Location"]
    stay_id = int(path.rsplit("/", 1)[1])
    risks = {f"risk_{code}": level for code, level in NONE.items()}
    new = {"source": "new", "score": "60", "assessor": "甲", "second_assessor": "乙", "on": TODAY.isoformat()}
    agreed = {"contract_no": "示例1", "signed_on": TODAY.isoformat(), "ends_on": "2027-11-23", "care_level": "nursed", "fee_bed": "1500"}
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("assess", {**new, **risks}, "assessed"),
        ("sign", {**agreed, "deposit": "3000.50", "reserved_bed_id": bed.id}, "contracted"),
        ("move-in", {"bed_id": bed.id, "on": "2026-11-10"}, "in_residence"),
        ("leave", {"on": "2026-11-12", "expected_back_on": "2026-11-14", "companion": "儿子"}, "on_leave"),
        ("return", {"on": "2026-11-14"}, "in_residence"),
        ("hospital", {"on": "2026-11-15", "hospital": "示例医院", "accompanied_by": "护理员"}, "hospitalised"),
        ("return", {"on": "2026-11-18"}, "in_residence"),
        ("reassess", {**new, **risks, "care_level": "special", "fee_care": "900"}, "in_residence"),
        ("transfer", {"bed_id": other.id, "on": "2026-11-19", "reason": "靠窗"}, "in_residence"),
        ("renew", {**agreed, "contract_no": "示例2"}, "in_residence"),
        ("discharge", {"on": "2026-11-20", "reason": "返家", "destination": "own_home", "settlement": "-120"}, "discharged"),
    ]
    for act, values, state in steps:
        fetch(manager, f"{path}/{act}")
        answer = send(manager, f"{path}/{act}", version=again(stay_id).version, **values)
        assert answer.status_code == 303, (act, answer.text)
        assert again(stay_id).state == state, act
    stay = again(stay_id)
    assert (stay.fee_bed_fen, stay.fee_care_fen, stay.deposit_fen, stay.settlement_fen, stay.contract_no) == (150000, None, None, -12000, "示例2")
    page = fetch(manager, path)
    assert "Transferred to another bed" in page.text
    assert "Needs care" in page.text


def test_an_old_form_and_one_sent_twice_are_refused_in_words(home: Any, district: Scope, manager: Any) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    seen, path = stay.version, f"/beds/stays/{stay.id}"
    go = {"on": TODAY.isoformat(), "expected_back_on": TODAY.isoformat(), "companion": "儿子", "version": seen}
    assert send(manager, f"{path}/leave", **go).status_code == 303
    second = send(manager, f"{path}/leave", **go)
    assert second.status_code == 422
    assert "changed this stay while you had it open" in second.text
    assert again(stay.id).state == "on_leave"


def test_a_refusal_stands_at_its_field_and_nothing_is_half_stored(home: Any, district: Scope, manager: Any) -> None:
    taken = make.make_bed(home)
    moved_in(district, home, taken)
    stay, free = contracted(district, home), make.make_bed(home)
    db.session.commit()
    path = f"/beds/stays/{stay.id}/move-in"
    answer = send(manager, path, version=stay.version, bed_id=free.id, on=(TODAY + DAY).isoformat())
    assert answer.status_code == 422
    assert "This day has not come yet" in answer.text
    # the bed was free when the form was drawn: told what happened to it, not that it is "none of the choices"
    elsewhere = make.make_bed(make.make_facility())
    db.session.commit()
    for bed, words in ((taken, "sleeps in this bed"), (elsewhere, "belongs to another home")):
        answer = send(manager, path, version=stay.version, bed_id=bed.id, on=TODAY.isoformat())
        assert answer.status_code == 422
        assert words in answer.text
    assert "none of the choices" in send(manager, path, version=stay.version, bed_id=10**20, on=TODAY.isoformat()).text
    assert again(stay.id).starts_on is None


def test_the_residents_page_leads_to_the_stay_instead_of_the_acts(home: Any, district: Scope, manager: Any) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    db.session.commit()
    page = fetch(manager, f"/residents/{stay.resident_id}")
    assert "on the stay" in page.text
    assert f"/beds/stays/{stay.id}" in manager.get(f"/beds/of-resident/{stay.resident_id}").text


# ---- a program, a workbook ----------------------------------------------------------------------


def test_the_api_gives_the_same_masked(app: Any, home: Any, district: Scope) -> None:
    lives = moved_in(district, home, make.make_bed(home))
    token, _row = accounts.make_token(district, make.make_user(Role.FACILITY_MANAGER, home).id, "test", 90)
    make.make_stay(make.make_facility())
    db.session.commit()
    client, head = app.test_client(), {"Authorization": f"Bearer {token}"}
    told = client.get("/api/v1/beds/stays", headers=head).get_json()
    assert [item["id"] for item in told["items"]] == [lives.id]
    assert told["items"][0]["name"] != lives.name
    one = client.get(f"/api/v1/beds/stays/{lives.id}", headers=head).get_json()
    assert (one["state"], one["starts_on"], one["contract_ends_on"]) == ("in_residence", lives.starts_on.isoformat(), lives.contract_ends_on.isoformat())
    assert client.get("/api/v1/beds/stays?q=370299194605200024", headers=head).status_code == 422


def test_the_list_becomes_a_masked_workbook_and_is_logged(home: Any, district: Scope, manager: Any) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    db.session.commit()
    answer = send(manager, "/beds/stays/export", page="/beds/stays/", state="living")
    assert answer.status_code == 303
    Scope.system("test").enter()
    run = db.session.scalars(select(Run).where(Run.kind == jobs.EXPORT_KIND)).one()
    told = jobs.export(Scope.system(P.RESIDENT_EXPORT).enter(), run)
    rows = CalamineWorkbook.from_filelike(BytesIO(files.get(told["file"], secret=True))).get_sheet_by_index(0).to_python()
    assert told["rows"] == 1
    assert not any(stay.name in str(cell) for row in rows for cell in row)


# ---- what falls due -----------------------------------------------------------------------------


def told(kind: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Alert).where(Alert.kind == f"stay.{kind}", Alert.settled_at.is_(None))) or 0


def test_what_falls_due_becomes_one_todo_and_the_act_settles_it(home: Any, district: Scope) -> None:
    def stay(state: str = "in_residence", **values: Any) -> Stay:
        return make.make_stay(home, TODAY - 90 * DAY, bed=make.make_bed(home), state=state, **{"next_assessment_on": TODAY + 90 * DAY, **values})

    late = stay("on_leave")
    ends, lapsed = stay(contract_ends_on=TODAY + 20 * DAY), stay(contract_ends_on=TODAY - DAY)
    stay(next_assessment_on=TODAY + 5 * DAY)
    stay("trial", trial_ends_on=TODAY + 2 * DAY)
    first = services.remind(district, TODAY)
    assert first == {"return_overdue": 1, "contract_ending": 1, "contract_lapsed": 1, "assessment_ending": 1, "reassess": 0, "trial_ending": 1}
    assert sum(services.remind(district, TODAY).values()) == 0
    services.come_back(district, late.id, on=TODAY)
    assert told("return_overdue") == 0
    assert services.remind(district, TODAY + 14 * DAY)["contract_ending"] == 1  # seven days are left: told anew, once
    assert told("contract_ending") == 1
    for each in (ends, lapsed):
        services.renew(district, each.id, terms=terms())
    assert told("contract_ending") == told("contract_lapsed") == 0


def test_back_from_hospital_owes_an_assessment_at_once(home: Any, district: Scope) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    services.hospital(district, stay.id, on=TODAY - 5 * DAY, hospital="示例医院", accompanied_by="护理员")
    services.come_back(district, stay.id, on=TODAY - DAY, reassess_days=3)
    alert = db.session.scalars(select(Alert).where(Alert.kind == "stay.reassess")).one()
    assert alert.due_at == calendar.at(TODAY + 3 * DAY)
    services.remind(district, TODAY)
    assert told("reassess") == 1
    services.reassess(district, stay.id, on=TODAY, risks=NONE, care_level="special")
    assert told("reassess") == 0


def test_a_todo_of_a_stay_is_the_managers_then_the_townships_then_the_districts(home: Any, district: Scope) -> None:
    make.make_stay(home, TODAY - 90 * DAY, bed=make.make_bed(home), state="on_leave", next_assessment_on=TODAY + 90 * DAY)
    services.remind(district, TODAY)
    town = db.session.get_one(Township, home.township_id)
    people = [make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.TOWNSHIP_OFFICER, town), make.make_user(Role.DISTRICT_OFFICER),
              make.make_user(Role.LEADER)]
    waits = []
    for days in (0, 400, 400):
        alerts.climb(district, calendar.now() + days * DAY)
        waits.append([alerts.counts(district, person)["todo"] for person in people])
    assert waits[0][:1] == [1]
    assert waits[1] == [1, 1, 1, 0]
    assert waits[2] == waits[1]


def test_the_next_home_hears_of_somebody_on_the_way_until_the_application_is_taken(home: Any, district: Scope) -> None:
    there = make.make_facility()
    stay = moved_in(district, home, make.make_bed(home))
    services.discharge(district, stay.id, on=TODAY, reason="转院", destination="other_home", destination_facility_id=there.id)
    alert = db.session.scalars(select(Alert).where(Alert.kind == "stay.incoming")).one()
    assert (alert.facility_id, alert.settled_at) == (there.id, None)
    assert stay.name not in str(alert.details)
    person = db.session.get_one(Resident, stay.resident_id)
    applicant(district, there, person)
    db.session.refresh(alert)
    assert alert.settled_at is not None


def test_a_renewal_begins_with_what_was_agreed(district: Scope, sign_in: Any) -> None:
    home = make.make_facility()
    stay = make.make_stay(home, bed=make.make_bed(home), fee_bed_fen=150_000, fee_meals_fen=None, deposit_fen=300_050)
    browser = sign_in(make.make_user(Role.FACILITY_MANAGER, home))
    page = fetch(browser, f"/beds/stays/{stay.id}/renew")
    typed = {each.get("name"): each.get("value") for each in page.all("input")}
    assert (float(typed["fee_bed"]), typed["fee_meals"] or "", float(typed["deposit"])) == (1500, "", 3000.5)
