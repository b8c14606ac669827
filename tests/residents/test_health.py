"""What carers must know of a resident: allergies never silent, risks in time, hidden notes behind a reason, papers of the file."""

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from eldercare.core import alerts, attachments, audit, runs, secrets
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.residents.health import queries, services
from eldercare.residents.health.models import MEASURES, RISKS, WATCH, HealthProfile, RiskAssessment
from tests import scans
from tests.make import make_allergy, make_facility, make_health, make_resident, make_risks, make_township, make_user
from tests.page import fetch

TODAY = date(2026, 11, 24)
NONE = dict.fromkeys(RISKS, "none")


@pytest.fixture
def elder(district: Scope) -> Any:
    township = make_township()
    home = make_facility(township)
    return make_resident(township, facility_id=home.id, living_arrangement="institution")


def manager(sign_in: Any, elder: Any) -> FlaskClient:
    from eldercare.facilities.models import Facility

    client: FlaskClient = sign_in(make_user(Role.FACILITY_MANAGER, db.session.get(Facility, elder.facility_id)), language="en")
    return client


def post(client: FlaskClient, path: str, form: str = "", **data: Any) -> Any:
    page = client.get(form or path).get_data(as_text=True)
    token = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    return client.post(path, data={**data, "csrf_token": token})


def assess(scope: Scope, elder: Any, day: date = TODAY, **levels: str) -> RiskAssessment:
    return services.assess_risks(scope, elder.id, occasion="regular", assessed_on=day, assessor="示例", levels=NONE | levels)


# ---- risks and watch-lists ----------------------------------------------------------------------


def test_all_nine_risks_must_be_judged(district: Scope, elder: Any) -> None:
    for levels in ({}, {key: value for key, value in NONE.items() if key != "fall"}, NONE | {"fall": None}):
        with pytest.raises(Refused) as caught:
            services.assess_risks(district, elder.id, occasion="regular", assessed_on=TODAY, assessor="示例", levels=levels)
        assert caught.value.code == "risk.missing"


def test_a_high_risk_is_looked_at_again_sooner(district: Scope, elder: Any) -> None:
    assert assess(district, elder, fall="some").next_due_on == date(2027, 11, 24)
    assert assess(district, elder, fall="high").next_due_on == date(2027, 2, 24)


@pytest.mark.parametrize("day", [TODAY + timedelta(1), date(1930, 1, 1)])
def test_an_assessment_lies_between_birth_and_today(district: Scope, elder: Any, day: date) -> None:
    with pytest.raises(Refused) as caught:
        assess(district, elder, day)
    assert (caught.value.code, caught.value.field) == ("health.day_wrong", "assessed_on")


def test_a_void_assessment_lets_the_one_before_count_again(district: Scope, elder: Any) -> None:
    first, second = assess(district, elder, TODAY - timedelta(9), choking="high"), assess(district, elder)
    assert queries.watch_lists(district, [elder.id], TODAY) == {}
    services.void_risks(district, elder.id, second.id, "示例原因")
    assert queries.watch_lists(district, [elder.id], TODAY) == {elder.id: ["swallowing"]}
    assert queries.health(district, elder.id).risk is first
    with pytest.raises(Refused):
        services.void_risks(district, elder.id, second.id, "again")


@pytest.mark.parametrize(
    ("risks", "profile", "dementia", "lists"),
    [
        ({}, {}, False, []), ({}, {"mobility": "bedridden"}, False, ["bedridden"]), ({"signs": ["bedridden"]}, {}, False, ["bedridden"]),
        ({"levels": {"choking": "some"}}, {}, False, ["swallowing"]), ({}, {"texture": "pureed"}, False, ["swallowing"]),
        ({}, {"texture": "soft"}, False, []), ({"levels": {"elopement": "some"}}, {}, True, ["elopement"]),
        ({"levels": {"elopement": "high"}}, {}, False, []), ({"signs": ["fell"]}, {}, False, ["falls"]),
        ({"levels": {"fall": "high"}}, {}, False, []), ({"signs": ["suicidal"]}, {}, False, ["suicidal"]),
        ({}, {"devices": ["oxygen"]}, False, ["devices"]),
        ({"signs": ["fell", "suicidal"], "levels": {"choking": "high"}}, {"devices": ["catheter"]}, False, ["swallowing", "falls", "suicidal", "devices"]),
    ],
)  # fmt: skip
def test_who_is_on_which_watch_list(district: Scope, risks: Any, profile: Any, dementia: bool, lists: list[str]) -> None:
    elder = make_resident(dementia=dementia)
    make_risks(elder, **risks)
    make_health(elder, **profile)
    assert queries.watch_lists(district, [elder.id], TODAY).get(elder.id, []) == lists
    assert set(lists) <= set(WATCH)


def test_from_which_level_a_risk_counts_is_a_setting(district: Scope, elder: Any) -> None:
    make_risks(elder, levels={"choking": "some"})
    assert queries.watch_lists(district, [elder.id], TODAY, "high") == {}


def test_a_watch_list_stands_as_of_a_day_and_behind_the_wall(district: Scope, elder: Any) -> None:
    make_risks(elder, signs=["fell"])
    assert queries.watch_lists(district, [elder.id], TODAY - timedelta(1)) == {}
    other = Scope(P.STAY_READ, person_id=1, facilities=frozenset({make_facility().id})).enter()
    assert queries.watch_lists(other, [elder.id], TODAY) == {}


# ---- overdue ------------------------------------------------------------------------------------


def test_an_overdue_assessment_is_told_once_to_the_home_and_settled_when_made(district: Scope, elder: Any) -> None:
    make_risks(elder, assessed_on=TODAY - timedelta(400))
    assert services.remind(district, TODAY)["made"] == 1
    assert services.remind(district, TODAY + timedelta(1))["made"] == 0
    (alert,) = db.session.scalars(select(alerts.Alert))
    assert (alert.kind, alert.level, alert.facility_id, alert.entity_id) == ("risk_assessment_due", "facility", elder.facility_id, elder.id)
    assert elder.name not in json.dumps(alert.details)
    assess(district, elder)
    db.session.refresh(alert)
    assert alert.settled_at is not None
    assert services.remind(district, TODAY)["made"] == 0


def test_a_void_assessment_leaves_what_was_overdue_to_do_again(district: Scope, elder: Any) -> None:
    make_risks(elder, assessed_on=TODAY - timedelta(400))
    services.remind(district, TODAY)
    made = assess(district, elder)
    services.void_risks(district, elder.id, made.id, "示例:录错")
    assert services.remind(district, TODAY) == {"made": 1, "settled": 0}
    assert services.remind(district, TODAY) == {"made": 0, "settled": 0}


def test_who_was_never_assessed_is_overdue_and_who_lives_at_home_is_not(district: Scope, elder: Any) -> None:
    make_resident()
    assert queries.risks_overdue(district, TODAY) == {elder.id: None}


def test_who_moves_to_another_home_is_told_there_and_no_longer_here(district: Scope, elder: Any) -> None:
    services.remind(district, TODAY)
    there = make_facility()
    elder.township_id, elder.facility_id = there.township_id, there.id
    audit.record(district, "resident.relocated", elder)
    assert services.remind(district, TODAY) == {"made": 1, "settled": 1}
    open_ones = db.session.scalars(select(alerts.Alert.facility_id).where(alerts.Alert.settled_at.is_(None))).all()
    assert open_ones == [there.id]


def test_the_clock_tells_of_the_overdue_every_day(district: Scope, elder: Any) -> None:
    run = runs.Run(kind="risk_assessments_due", period=TODAY.isoformat())
    assert runs.HANDLERS["risk_assessments_due"](district, run) == {"made": 1, "settled": 0}
    assert runs.SCHEDULES["risk_assessments_due"].every is None  # daily


# ---- allergies ----------------------------------------------------------------------------------


def test_nobody_asked_none_known_and_allergic_are_three_things(sign_in: Any, elder: Any) -> None:
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health"
    assert "Nobody has asked about allergies" in client.get(path).get_data(as_text=True)
    assert post(client, f"{path}/allergies/none", path).status_code == 303
    assert "No allergy known, asked on 24 Nov 2026" in client.get(path).get_data(as_text=True)
    added = post(client, f"{path}/allergies/new", kind="drug", substance="示例青霉素", severity="severe", reaction="皮疹")
    assert added.status_code == 303
    page = client.get(path).get_data(as_text=True)
    assert "Allergic to" in page
    assert "No allergy known, asked" not in page
    assert "示例青霉素" in client.get(f"{path}/summary").get_data(as_text=True)


def test_an_allergy_twice_is_refused_and_none_known_does_not_hide_one(district: Scope, elder: Any) -> None:
    given = {"kind": "drug", "substance": "示例青霉素", "reaction": None, "severity": "mild"}
    row = services.add_allergy(district, elder.id, **given)
    with pytest.raises(Refused) as caught:
        services.add_allergy(district, elder.id, **given)
    assert (caught.value.code, caught.value.field) == ("allergy.twice", "substance")
    with pytest.raises(Refused) as caught:
        services.none_known(district, elder.id)
    assert caught.value.code == "allergy.some_known"
    services.end_allergy(district, elder.id, row.id, "示例原因")
    services.none_known(district, elder.id)
    services.add_allergy(district, elder.id, **given)


def test_the_gravest_allergy_comes_first(district: Scope, elder: Any) -> None:
    for substance, severity in (("甲", "mild"), ("乙", "life_threatening"), ("丙", "severe")):
        make_allergy(elder, substance=substance, severity=severity)
    assert [each.substance for each in queries.allergies_of(district, [elder.id])[elder.id]] == ["乙", "丙", "甲"]


# ---- hidden notes and the card ------------------------------------------------------------------


def test_hidden_notes_are_sealed_shown_after_a_reason_and_logged_without_their_words(sign_in: Any, elder: Any) -> None:
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health"
    words = "示例药片 5mg 每日一次"
    saved = post(client, f"{path}/notes/save", path, medications=words, infections="", notes="示例备注")
    assert saved.status_code == 303
    assert words not in client.get(path).get_data(as_text=True)
    assert words not in client.get(f"{path}/notes").get_data(as_text=True)
    assert post(client, f"{path}/notes", reason="").status_code == 422
    shown = post(client, f"{path}/notes", reason="示例查看原因")
    assert words in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    Scope.system("test").enter()
    stored = db.session.execute(select(func.encode(HealthProfile.__table__.c.medications, "escape"))).scalar_one()
    assert "5mg" not in stored
    entries = db.session.scalars(select(AuditEntry)).all()
    assert not [each for each in entries if "5mg" in json.dumps(each.changes) or "每日一次" in json.dumps(each.changes, ensure_ascii=False)]
    (look,) = [each for each in entries if each.action == "health.looked"]
    assert (look.entity_id, look.details["reason"]) == (elder.id, "示例查看原因")


def test_the_card_for_an_ambulance_tells_what_a_doctor_needs_and_is_logged(sign_in: Any, elder: Any) -> None:
    from eldercare.residents.dossier import services as dossier

    scope = Scope.system("test").enter()
    dossier.add_contact(scope, elder.id, kind="emergency", name="示例儿子", relation="daughter", phone="13800000001", may_contact=True, legal_basis=None)
    services.write_notes(scope, elder.id, {"medications": "示例药片"})
    make_allergy(elder)
    number, name = elder.id_number.reveal(), elder.name
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health/card"
    asked = fetch(client, path)
    assert "13800000001" not in asked.text
    card = post(client, path, reason="ambulance").get_data(as_text=True)
    for told in (name, "示例儿子", "13800000001", "示例药片", "示例青霉素", "Daughter"):
        assert told in card
    assert number not in card
    Scope.system("test").enter()
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "health.card_shown")).one().details == {"reason": "ambulance"}


def test_family_is_called_by_a_tap_once_the_number_is_shown(sign_in: Any, elder: Any) -> None:
    from eldercare.residents.dossier import services as dossier

    scope = Scope.system("test").enter()
    row = dossier.add_contact(scope, elder.id, kind="emergency", name="示例女儿", relation="女儿", phone="13800000002", may_contact=True, legal_basis=None)
    contact = row.id
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health"
    page = client.get(path).get_data(as_text=True)
    assert "138****0002" in page
    assert "13800000002" not in page
    shown = post(client, f"/residents/{elder.id}/dossier/contacts/{contact}/unmask/phone", path, reason="示例联系家属")
    assert 'href="tel:13800000002"' in shown.get_data(as_text=True)


# ---- profile and care level ---------------------------------------------------------------------


def test_two_who_correct_a_profile_at_once_do_not_overwrite_one_another(district: Scope, elder: Any) -> None:
    row = services.correct(district, elder.id, 0, {"texture": "soft", "mobility": "aided"})
    version = row.version
    services.correct(district, elder.id, version, {"texture": "pureed"})
    with pytest.raises(Refused) as caught:
        services.correct(district, elder.id, version, {"texture": "ordinary"})
    assert caught.value.code == "row.changed"
    assert row.texture == "pureed"


def test_a_manager_fills_in_profile_and_risks_on_the_page(sign_in: Any, elder: Any) -> None:
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health"
    saved = post(client, f"{path}/edit", texture="minced", mobility="wheelchair", precautions="none", devices=["oxygen"], version="0")
    assert saved.status_code == 303
    given = {f"level_{code}": "none" for code in RISKS} | {"level_fall": "high", "against_fall": ["escort", "shoes"]}
    form = {"occasion": "admission", "assessed_on": "2026-11-20", "assessor": "示例评估员", "signs": ["fell"]}
    assert post(client, f"{path}/risks/new", **form, **{k: v for k, v in given.items() if k != "level_harm"}).status_code == 422
    assert post(client, f"{path}/risks/new", **form, **given).status_code == 303
    page = fetch(client, path).text
    for told in ("Minced food", "Oxygen", "Accompanied when walking, Non-slip shoes and floor", "Fall history", "Swallowing risk"):
        assert told in page
    again = client.get(f"{path}/risks/new").get_data(as_text=True)
    assert 'value="high" id="level_fall-2" checked' in again


def test_the_register_shows_the_care_level_in_force(district: Scope, elder: Any) -> None:
    services.set_care_level(district, elder.id, care_level="helped", starts_on=TODAY - timedelta(100))
    services.set_care_level(district, elder.id, care_level="nursed", starts_on=TODAY)
    services.set_care_level(district, elder.id, care_level="special", starts_on=TODAY - timedelta(50), reason="示例补录")
    assert elder.care_level == "nursed"
    assert [each.care_level for each in queries.health(district, elder.id).care_levels] == ["nursed", "special", "helped"]
    for day, level, code in ((TODAY, "helped", "care_level.same_day"), (TODAY - timedelta(1), "special", "care_level.same")):
        with pytest.raises(Refused) as caught:
            services.set_care_level(district, elder.id, care_level=level, starts_on=day)
        assert caught.value.code == code


def test_what_is_known_follows_somebody_to_another_home(district: Scope, elder: Any) -> None:
    make_health(elder)
    make_allergy(elder)
    make_risks(elder)
    there = make_facility()
    elder.township_id, elder.facility_id = there.township_id, there.id
    audit.record(district, "resident.relocated", elder)
    db.session.expire_all()
    mine = Scope(P.HEALTH_READ, person_id=None, facilities=frozenset({there.id})).enter()
    found = queries.health(mine, elder.id)
    assert found.profile
    assert found.allergies
    assert found.risk


# ---- papers and the list ------------------------------------------------------------------------


def test_the_file_says_which_papers_are_missing(sign_in: Any, elder: Any, district: Scope) -> None:
    client, path = manager(sign_in, elder), f"/residents/{elder.id}/health"
    page = client.get(path).get_data(as_text=True)
    assert "Missing: Service contract, Consent form, Copy of the ID card, Health check." in page
    new = f"{path}/papers/new"
    token = client.get(new).get_data(as_text=True).split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    sent = {"kind": "contract", "csrf_token": token, "files": [(io.BytesIO(scans.with_position()), "示例合同.jpg")]}
    assert client.post(new, data=sent, content_type="multipart/form-data").status_code == 303
    page = client.get(path).get_data(as_text=True)
    assert "Missing: Consent form, Copy of the ID card, Health check." in page
    Scope.system("test").enter()
    (paper,) = attachments.of(Scope.system("test"), elder)
    assert (paper.entity, paper.facility_id) == ("resident", elder.facility_id)
    assert client.get(f"{path}/papers/{paper.id}").headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_list_is_narrowed_to_what_must_be_watched_and_exported_masked(sign_in: Any, elder: Any, queries: list[str]) -> None:
    calm = make_resident(name="示例安稳")
    make_risks(elder, signs=["fell"], assessed_on=TODAY - timedelta(500))
    number = elder.id
    client = manager(sign_in, elder)
    page = fetch(client, "/residents/health/", queries=queries).text
    assert f"/residents/{number}/health" in page
    assert f"/residents/{calm.id}/health" not in page
    for asked, there in (("watch=falls", True), ("watch=any", True), ("watch=devices", False), ("due=overdue", True), ("due=never", False),
                         ("papers=missing", True), ("allergies=some", False)):
        assert (f"/residents/{number}/health" in client.get(f"/residents/health/?{asked}").get_data(as_text=True)) is there, asked


def test_the_workbook_of_the_list_is_masked_and_logged(district: Scope, elder: Any) -> None:
    run = runs.Run(kind="health_export", params={"query": {}, "language": "en"})
    db.session.add(run)
    db.session.flush()
    made = runs.HANDLERS["health_export"](district, run)
    assert (made["rows"], made["secret"]) == (1, True)
    from eldercare.core import files

    book = files.get(made["file"], secret=True)
    import zipfile

    parts = zipfile.ZipFile(io.BytesIO(book))
    text = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert elder.name not in text
    assert secrets.mask_name(elder.name) in text
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "health.exported")).one().details["rows"] == 1


def test_who_may_not_read_health_sees_none_of_it(sign_in: Any, elder: Any, district: Scope) -> None:
    make_allergy(elder)
    from eldercare.facilities.models import Township

    path = f"/residents/{elder.id}"
    officer = sign_in(make_user(Role.TOWNSHIP_OFFICER, db.session.get(Township, elder.township_id)), language="en")
    assert officer.get(f"{path}/health").status_code == 403
    record = officer.get(path).get_data(as_text=True)
    assert "示例青霉素" not in record
    assert "/health/summary" not in record


def test_a_row_of_somebody_else_is_not_there(district: Scope, elder: Any) -> None:
    other = make_resident()
    row = make_allergy(other)
    with pytest.raises(NotFound):
        services.end_allergy(district, elder.id, row.id, "x")


def test_every_risk_has_measures_in_words() -> None:
    assert set(MEASURES) == set(RISKS)
    assert len(RISKS) == 9
