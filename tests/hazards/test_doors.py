"""The pages of hazards as people use them: report, confirm, order, reply with photos, recheck, boards."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.core import attachments, calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import refusal_of
from eldercare.core.scope import Scope
from eldercare.hazards import queries, services
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders.models import RectificationOrder
from tests import make
from tests.hazards.made import Place, confirmed, deadlines, issued, ordered, place, reported
from tests.page import fetch
from tests.scans import picture

DAY = timedelta(days=1)


@pytest.fixture
def here(app: Any, monkeypatch: pytest.MonkeyPatch, district: Scope) -> Place:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return place()


def hazard_of(here: Place, number: int | None = None) -> Hazard:
    """The newest hazard of the place, or one of them."""
    scope = Scope.system("test").enter()
    if number is not None:
        return scope.get(Hazard, number)
    return db.session.scalars(scope.select(Hazard).where(Hazard.facility_id == here.home.id).order_by(Hazard.id.desc())).first()


def photo(name: str = "p.jpg", colour: str = "seagreen") -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture(colour=colour)), name


FOUND = {"description": "二楼安全出口上锁", "severity": "serious", "place_note": "二楼东侧", "demand": "立即开锁"}


def test_a_supervisor_reports_with_a_photo_and_cannot_confirm(here: Place, sign_in: Any) -> None:
    client = sign_in(here.stationed)
    assert client.get("/hazards/new").headers["Location"].endswith(f"/hazards/new/{here.home.id}")  # one place: straight on
    form = client.get(f"/hazards/new/{here.home.id}").get_data(as_text=True)
    assert "becomes" not in form
    sent = client.post(f"/hazards/new/{here.home.id}", data=FOUND | {"photos": photo(), "becomes": "order"})
    assert sent.status_code == 303
    hazard = hazard_of(here)
    assert (hazard.state, hazard.finder, hazard.found_by) == ("reported", "stationed", here.stationed.name)
    assert [each.kind for each in attachments.of(Scope.system("test").enter(), hazard)] == ["before"]
    assert client.post(f"/hazards/{hazard.id}/confirm", data={"severity": "general", "demand": "x"}).status_code == 403
    assert hazard_of(here).state == "reported"


def test_an_officer_orders_at_once_or_sees_it_put_right(here: Place, sign_in: Any) -> None:
    client = sign_in(here.inspector)
    client.post(f"/hazards/new/{here.home.id}", data=FOUND | {"becomes": "order"})
    assert hazard_of(here).state == "issued"
    client.post(f"/hazards/new/{here.home.id}", data=FOUND | {"becomes": "fixed"})
    assert (hazard_of(here).state, hazard_of(here).fixed_on_spot) == ("closed", True)


def test_what_decides_on_an_order_or_a_report_is_for_certified_officers(here: Place, sign_in: Any) -> None:
    hazard, running = reported(here), ordered(here)
    services.ask(here.scope("manager", P.HAZARD_REPLY), running.id, running.due_on + 3 * DAY, "等配件", deadlines())
    hazard_id, running_id, wanted = hazard.id, running.id, (running.due_on + 3 * DAY).isoformat()
    acts = [
        (hazard_id, "confirm", {"severity": "general", "demand": "清理"}), (hazard_id, "dismiss", {"reason": "不属隐患"}),
        (running_id, "extend", {"due_on": wanted, "reason": "属实"}), (running_id, "refuse", {"reason": "条件已具备"}),
    ]
    client = sign_in(here.township)  # may order there, and holds no certificate
    for number, act, data in acts:
        assert f"/hazards/{number}/{act}" not in client.get(f"/hazards/{number}").get_data(as_text=True)
        answer = client.post(f"/hazards/{number}/{act}", data=data)
        assert (answer.status_code, "执法" in answer.get_data(as_text=True)) == (422, True), act
    officer = sign_in(here.inspector)
    assert officer.post(f"/hazards/{hazard_id}/dismiss", data={"reason": "不属隐患"}).status_code == 303
    assert officer.post(f"/hazards/{running_id}/refuse", data={"reason": "条件已具备"}).status_code == 303


def test_what_an_order_rests_on_is_added_to_and_not_taken_away(here: Place, sign_in: Any) -> None:
    free, hazard = reported(here, photos=[picture(colour="teal")]), ordered(here, photos=[picture()])
    scope = Scope.system("test").enter()
    (loose,), (kept,) = ([each.id for each in attachments.of(scope, row)] for row in (free, hazard))
    number, free_number = hazard.id, free.id
    client = sign_in(here.inspector)
    page = client.get(f"/hazards/{number}").get_data(as_text=True)
    assert f"/hazards/{number}/found/new" in page
    assert f"/hazards/{number}/found/{kept}/remove" not in page
    refused = client.post(f"/hazards/{number}/found/{kept}/remove", data={"reason": "误传"})
    assert (refused.status_code, "证据不能撤下" in refused.get_data(as_text=True)) == (409, True)
    assert client.post(f"/hazards/{number}/found/new", data={"kind": "before", "files": photo(colour="navy")}).status_code == 303
    assert client.post(f"/hazards/{free_number}/found/{loose}/remove", data={"reason": "误传"}).status_code == 303  # nobody ordered it
    scope = Scope.system("test").enter()
    for statement in ("UPDATE attachments SET removed_at = now(), removed_reason = 'x' WHERE id = :i", "DELETE FROM attachments WHERE id = :i"):
        with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
            db.session.execute(text(statement).bindparams(i=kept).execution_options(audited="test"))
        assert refusal_of(caught.value).code == "attachment.kept"
    assert len(attachments.of(scope, hazard_of(here, number))) == 2


def test_a_major_hazard_without_its_row_is_told_at_the_field(here: Place, sign_in: Any) -> None:
    make.make_hazard_table()
    client = sign_in(here.inspector)
    answer = client.post(f"/hazards/new/{here.home.id}", data=FOUND | {"severity": "major", "becomes": "order"})
    assert answer.status_code == 422
    assert "重大事故隐患须对应判定标准中的一条" in answer.get_data(as_text=True)
    assert client.post(f"/hazards/new/{here.home.id}", data=FOUND | {"severity": "major", "hazard_code": "MH-8", "becomes": "order"}).status_code == 303


def test_the_photos_of_before_and_after_stand_side_by_side(here: Place, sign_in: Any) -> None:
    hazard = ordered(here, photos=[picture(colour="firebrick")])
    client = sign_in(here.manager)
    assert client.post(f"/hazards/{hazard.id}/reply", data={"measures": "已清理", "photos": photo()}).status_code == 303
    looked = sign_in(here.inspector)
    answer = looked.post(f"/hazards/{hazard.id}/recheck", data={"passed": "passed", "findings": "通畅", "photos": photo(colour="gold")})
    assert answer.status_code == 303
    Scope.system("test").enter()
    read = hazard_of(here)
    reply_id = db.session.scalar(text("SELECT id FROM hazard_replies WHERE hazard_id = :h").bindparams(h=read.id))
    shown = looked.get(f"/hazards/{hazard.id}").get_data(as_text=True)
    both = shown[shown.index("before-after") : shown.index("</section>", shown.index("before-after"))]
    assert both.count(f"/hazards/{hazard.id}/found/") >= 1
    assert both.count(f"/hazards/{hazard.id}/replies/{reply_id}/photos/") >= 2  # after, and at the recheck


def test_a_place_takes_away_no_photo_an_officer_took(here: Place, sign_in: Any) -> None:
    hazard = ordered(here, photos=[picture()])
    number, (kept,) = hazard.id, [each.id for each in attachments.of(Scope.system("test").enter(), hazard)]
    client = sign_in(here.manager)
    assert client.post(f"/hazards/{number}/photos/{kept}/remove", data={"reason": "误传"}).status_code == 404
    assert client.post(f"/hazards/{number}/found/{kept}/remove", data={"reason": "误传"}).status_code == 403


def test_more_time_is_asked_and_granted_by_the_page(here: Place, sign_in: Any) -> None:
    hazard = ordered(here)
    wanted = hazard.due_on + 3 * DAY
    sign_in(here.manager).post(f"/hazards/{hazard.id}/ask", data={"due_on": wanted.isoformat(), "reason": "等配件"})
    client = sign_in(here.inspector)
    assert f'value="{wanted.isoformat()}"' in client.get(f"/hazards/{hazard.id}/extend").get_data(as_text=True)  # what was asked stands there
    client.post(f"/hazards/{hazard.id}/extend", data={"due_on": wanted.isoformat(), "reason": "情况属实"})
    assert hazard_of(here).due_on == wanted


def test_who_was_not_asked_to_recheck_takes_it_over_knowingly(here: Place, sign_in: Any) -> None:
    hazard = ordered(here)
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已清理", deadlines())
    first = sign_in(here.inspector)
    offered = first.get(f"/hazards/{hazard.id}/assign").get_data(as_text=True)
    assert here.second.name in offered
    assert f'<option value="{here.manager.id}"' not in offered
    first.post(f"/hazards/{hazard.id}/assign", data={"rechecker": here.second.id})
    data = {"passed": "passed", "findings": "通畅"}
    waits = select(Alert.person_id, Alert.level, Alert.due_at.is_not(None)).where(Alert.kind == "hazard.assigned", Alert.settled_at.is_(None))
    Scope.system("test").enter()
    assert db.session.execute(waits).all() == [(here.second.id, "district", True)]  # who is asked hears of it, and until when
    assert hazard.number in sign_in(here.second).get("/inbox/").get_data(as_text=True)
    assert first.post(f"/hazards/{hazard.id}/recheck", data=data).status_code == 422
    assert first.post(f"/hazards/{hazard.id}/recheck", data=data | {"takes_over": "y"}).status_code == 303
    assert hazard_of(here).rechecker == here.inspector.name
    assert db.session.execute(waits).all() == []


def test_an_order_is_issued_served_confirmed_and_withdrawn_by_its_pages(here: Place, sign_in: Any) -> None:
    one, other, home = reported(here, demand="立即清理").id, reported(here, demand="").id, here.home.id
    second, certificate = here.officers[1].id, here.officers[1].certificate_no
    manager, client = sign_in(here.manager), sign_in(here.inspector)
    assert f"/hazards/orders/new/{home}" in client.get("/hazards/orders/new").headers["Location"]
    said = {"hazards": [one, other], "second": second, f"demand_{one}": "立即清理", f"demand_{other}": ""}
    assert client.post(f"/hazards/orders/new/{home}", data=said).status_code == 422
    Scope.system("test").enter()
    assert db.session.scalar(select(RectificationOrder.id)) is None
    due = (calendar.today() + 4 * DAY).isoformat()
    made = client.post(f"/hazards/orders/new/{home}", data=said | {f"demand_{other}": "补齐记录", f"due_{other}": due})
    assert made.status_code == 303
    path = made.headers["Location"]
    shown = client.get(path).get_data(as_text=True)
    assert "补齐记录" in shown
    assert certificate in shown
    assert manager.post(f"{path}/confirm").status_code == 303
    assert manager.post(f"{path}/withdraw", data={"reason": "x"}).status_code == 403
    receipt = {"way": "left", "received_by": "王某", "received_at": f"{calendar.local(calendar.now()):%Y-%m-%dT%H:%M}"}
    assert client.post(f"{path}/receipt", data=receipt).status_code == 422  # no witness
    assert client.post(f"{path}/receipt", data=receipt | {"witness": "李某", "photos": photo()}).status_code == 303
    assert client.post(f"{path}/withdraw", data={"reason": "对象有误"}).status_code == 303
    assert "对象有误" in client.get(path).get_data(as_text=True)


def test_only_a_certified_officer_gets_the_form_of_an_order(here: Place, sign_in: Any) -> None:
    path = f"/hazards/orders/new/{reported(here).facility_id}"
    clients = {who: sign_in(getattr(here, who)) for who in ("township", "district", "lapsed", "stationed")}
    asked = {who: client.get(path) for who, client in clients.items()}
    assert {who: answer.status_code for who, answer in asked.items()} == {"township": 200, "district": 200, "lapsed": 200, "stationed": 403}
    assert not any("second" in asked[who].get_data(as_text=True) for who in ("township", "district", "lapsed"))
    sent = {who: client.post(path, data={"hazards": [1], "second": 1}).status_code for who, client in clients.items()}
    assert sent == {"township": 409, "district": 409, "lapsed": 409, "stationed": 403}


def test_the_place_states_its_view_and_it_stands_beside_the_hazard_in_the_order(here: Place, sign_in: Any) -> None:
    hazard = reported(here)
    order = issued(here, hazard)
    sign_in(here.manager).post(f"/hazards/{hazard.id}/state", data={"statement": "当日为消防演练临时堆放"})
    for path in (f"/hazards/{hazard.id}", f"/hazards/orders/{order.id}"):
        assert "当日为消防演练临时堆放" in sign_in(here.district).get(path).get_data(as_text=True)
    district = sign_in(here.district)
    assert district.post(f"/hazards/{hazard.id}/publish").status_code == 303
    assert district.post(f"/hazards/{hazard.id}/unpublish", data={"reason": "复核"}).status_code == 303


def test_each_board_shows_what_is_whose(here: Place, sign_in: Any) -> None:
    there = place()
    mine, waits = ordered(here, description="灭火器过期"), ordered(here, description="电线私拉")
    ordered(there, description="别家的隐患")
    services.reply(here.scope("manager", P.HAZARD_REPLY), waits.id, "已改", deadlines())
    services.assign(here.scope("inspector", P.HAZARD_RECHECK), waits.id, here.second.id)
    number, manager, second, district = mine.number, sign_in(here.manager), sign_in(here.second), sign_in(here.district)
    board = manager.get("/hazards/boards/mine").get_data(as_text=True)
    assert "灭火器过期" in board
    assert "电线私拉" in board
    assert "别家的隐患" not in board
    assert "电线私拉" in second.get("/hazards/boards/rechecks?who=mine").get_data(as_text=True)
    assert "电线私拉" not in second.get("/hazards/boards/rechecks?who=nobody").get_data(as_text=True)
    assert manager.get("/hazards/boards/rechecks").status_code == 403
    assert number in district.get("/hazards/").get_data(as_text=True)


def test_each_number_of_the_overview_opens_the_list_it_counts(here: Place, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    today, there = calendar.today(), place()
    version = make.make_checklist()
    code = db.session.scalar(text("SELECT min(code) FROM checklist_items WHERE version_id = :v").bindparams(v=version.id))
    make.make_hazard_table()
    in_every_state(here, today, monkeypatch, {"checklist_item": (version.id, code)})
    in_every_state(there, today, monkeypatch, {"severity": "major", "hazard_code": "MH-8"})
    client = sign_in(here.district, language="en")
    links = numbers(fetch(client, "/hazards/boards/overview"))
    shown = {(number, path): int(re.search(r"([\d,]+) record", client.get(path).get_data(as_text=True))[1]) for number, path in links}
    assert shown == {(number, path): number for number, path in links}
    by_path = {path: number for number, path in links}
    assert all(any(part in path for path in by_path) for part in ("age=", "home=", "q=", "stage=reported", "stage=replied"))
    assert [by_path[f"/hazards/?{query}"] for query in ("stage=ordered", "overdue=1", "stage=ordered&severity=major")] == [12, 8, 6]
    town = here.home.township.code
    assert [by_path[f"/hazards/?township={town}&{query}"] for query in ("stage=ordered", "overdue=1")] == [6, 4]
    counted = queries.waiting(Scope.system("test").enter(), today)
    assert (counted["overdue"], counted["replied_in_time"]) == (8, 2)
    late, due = zip(*queries.falling_due(Scope.system("test").enter(), today, today + 30 * DAY).values(), strict=True)
    assert (sum(late), sum(due)) == (8, 4)  # what is due today is not overdue yet, and falls due
    # the ladder's own filter means the same
    assert re.search(r"(\d+) record", client.get("/hazards/ladder/?late=1").get_data(as_text=True))[1] == "8"


def in_every_state(here: Place, today: Any, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]) -> None:
    """Hazards in every state: six of them ordered and not put right, four of these overdue today, one due today."""
    begun = today - 20 * DAY
    home = lambda: here.scope("manager", P.HAZARD_REPLY)  # noqa: E731
    officer = lambda: here.scope("inspector", P.HAZARD_RECHECK)  # noqa: E731

    def on(day: Any) -> None:
        monkeypatch.setattr(calendar, "today", lambda: day)

    def given(days: int) -> Hazard:
        return confirmed(here, reported(here, found_on=calendar.today(), **said), due_on=calendar.today() + days * DAY)

    def rechecked(hazard: Hazard, *, passed: bool) -> None:
        services.reply(home(), hazard.id, "已清理", deadlines())
        services.recheck(officer(), hazard.id, passed=passed, findings="现场查看")

    on(begun)
    late, answered, late_right, closed, in_time, failed = (given(2) for _ in range(6))
    services.reply(home(), answered.id, "已清理", deadlines())  # in time, and nobody has looked: overdue by the letter
    for each in (failed, in_time):
        rechecked(each, passed=each is in_time)
    services.order(here.scope("inspector", P.HAZARD_ORDER), here.home.id, source=None, description="当场改正", severity="general",
                   deadlines=deadlines(), fixed_on_spot=True)
    on(begun + 5 * DAY)
    for each in (late_right, closed):
        rechecked(each, passed=True)
    services.close(here.scope("district", P.HAZARD_CLOSE), closed.id)
    services.reply(home(), late.id, "已清理", deadlines())
    services.dismiss(here.scope("inspector", P.HAZARD_ORDER), reported(here, found_on=calendar.today(), **said).id, "不属隐患")
    on(today - 3 * DAY)
    received = given(2)
    services.receive(home(), received.id)
    due_today = given(3)
    on(today)
    rechecked(due_today, passed=False)  # its time is not over
    services.begin(home(), services.receive(home(), given(2).id).id)
    reported(here, found_on=today, **said)


def numbers(page: Any) -> list[tuple[int, str]]:
    """(number, address) of what leads to the ledger: figures on top, the ages, numbers in the tables."""
    found = []
    for link in page.all("a"):
        said = next((each for each in link.iter("span") if each.get("class") == "figure-value"), link)
        number = re.search(r"([\d,]+)$", page.words(said))
        if number and link.get("href", "").startswith("/hazards/?"):
            found.append((int(number[1].replace(",", "")), link.get("href")))
    return found


def test_orders_at_the_wire_and_as_a_workbook(here: Place, app: Any, sign_in: Any) -> None:
    from eldercare.accounts import services as accounts
    from eldercare.core import files
    from eldercare.core.runs import HANDLERS, Run

    order, other = issued(here), issued(place())
    token = accounts.make_token(Scope.system("test").enter(), here.manager.id, "test", 30)
    db.session.commit()
    client, head = app.test_client(), {"Authorization": f"Bearer {token[0]}"}
    listed = client.get("/api/v1/hazards/orders/", headers=head)
    assert [each["number"] for each in listed.json["items"]] == [order.number]
    one = client.get(f"/api/v1/hazards/orders/{order.id}", headers=head)
    assert (one.json["state"], len(one.json["hazards"]), one.json["receipts"]) == ("issued", 1, [])
    assert client.get(f"/api/v1/hazards/orders/{other.id}", headers=head).status_code == 404
    assert sign_in(here.district).post("/hazards/orders/export").status_code == 303
    with app.test_request_context():
        made = HANDLERS["orders_export"](Scope.system("test").enter(), Run(kind="orders_export", params={"query": {}}))
        assert made["rows"] == 2
        assert files.get(made["file"])[:2] == b"PK"


ACTS = {"manager": ("reply", "ask"), "inspector": ("confirm", "dismiss", "extend", "refuse", "recheck", "assign")}


def test_a_step_opens_where_the_record_offers_it_and_leads_back_where_it_is_over(here: Place, sign_in: Any) -> None:
    asked, replied, over = ordered(here), ordered(here), ordered(here)
    services.ask(here.scope("manager", P.HAZARD_REPLY), asked.id, asked.due_on + 3 * DAY, "等配件", deadlines())
    for each in (replied, over):
        services.reply(here.scope("manager", P.HAZARD_REPLY), each.id, "已清理", deadlines())
    services.recheck(here.scope("inspector", P.HAZARD_RECHECK), over.id, passed=True, findings="已畅通")
    services.close(here.scope("district", P.HAZARD_CLOSE), over.id)
    numbers, over_id = [reported(here).id, ordered(here).id, asked.id, replied.id], over.id
    seen = set()
    for who, acts in ACTS.items():
        client = sign_in(getattr(here, who))
        for number in numbers:
            record = client.get(f"/hazards/{number}").get_data(as_text=True)
            offered = [act for act in acts if f'/hazards/{number}/{act}"' in record]
            seen |= set(offered)
            assert {act: client.get(f"/hazards/{number}/{act}").status_code for act in offered} == dict.fromkeys(offered, 200)
        for act in acts:
            back = client.get(f"/hazards/{over_id}/{act}", follow_redirects=True)
            assert (back.request.path, "现在不能做这一步" in back.get_data(as_text=True)) == (f"/hazards/{over_id}", True), act
    assert seen == {act for acts in ACTS.values() for act in acts}
