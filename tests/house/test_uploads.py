"""An upload is looked into before the first entry in the log: from that entry until the commit every other writer of the
district waits (`audit_chain`, migration 0001), and a picture takes a second."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from eldercare.checklists.checks.services import Answer
from eldercare.checklists.services import load_catalogue
from eldercare.core import attachments, calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import services as facilities
from eldercare.facilities.staff import services as staff
from eldercare.hazards import services as hazards
from eldercare.hazards.ladder import listing as ladder_words
from eldercare.hazards.ladder import services as ladder
from eldercare.hazards.major import listing as major_words
from eldercare.hazards.major import services as major
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders import services as orders
from eldercare.inspections.field import services as tablets
from eldercare.inspections.field.models import Rules
from eldercare.inspections.postings import services as postings
from eldercare.selfchecks import services as rounds
from eldercare.selfchecks.filling import services as filling
from eldercare.selfchecks.models import SelfCheckRound
from tests import make
from tests.hazards.made import Place, deadlines, issued, ordered, place
from tests.inspections.tablet import jpeg, make_tablet, sha
from tests.scans import pdf, picture
from tests.selfchecks import made

PHOTOS = [picture(), picture(colour="teal")]
SAID: dict[str, Any] = {"severity": "general", "description": "示例"}
Act = Callable[[], Any]
ROOT = Path(__file__).parents[2] / "eldercare"


@contextmanager
def looked() -> Iterator[list[bool]]:
    """Every look into a file inside: whether the log was written to before it."""
    db.session.commit()
    looks: list[bool] = []
    entries: list[str] = []
    run = subprocess.run

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO audit_entries"):
            entries.append(statement)

    def look(*args: Any, **values: Any) -> Any:
        looks.append(bool(entries))
        return run(*args, **values)

    event.listen(db.engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", look)
        try:
            yield looks
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
    assert entries, "nothing was written"


def report(here: Place) -> Act:
    scope = here.scope("stationed", P.HAZARD_REPORT)
    return lambda: hazards.report(scope.enter(), here.home.id, **SAID, photos=PHOTOS)


def order(here: Place) -> Act:
    scope = here.scope("inspector", P.HAZARD_ORDER)
    return lambda: hazards.order(scope.enter(), here.home.id, source=None, deadlines=deadlines(), **SAID, photos=PHOTOS)


def reply(here: Place) -> Act:
    number, scope = ordered(here).id, here.scope("manager", P.HAZARD_REPLY)
    return lambda: hazards.reply(scope.enter(), number, "已改", deadlines(), photos=PHOTOS)


def recheck(here: Place) -> Act:
    number = ordered(here).id
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), number, "已改", deadlines())
    scope = here.scope("inspector", P.HAZARD_RECHECK)
    return lambda: hazards.recheck(scope.enter(), number, passed=True, findings="合格", photos=PHOTOS)


def receipt(here: Place) -> Act:
    number, scope = issued(here).id, here.scope("inspector", P.HAZARD_ORDER)
    said: dict[str, Any] = {"way": "in_person", "received_by": "示例", "received_at": calendar.now()}
    return lambda: orders.enter_receipt(scope.enter(), number, **said, photos=PHOTOS)


def step(here: Place) -> Act:
    scope, said = here.scope("district", P.HAZARD_SUPERVISE), {"step": "talk", "taken_on": calendar.today(), "reason": "示例"}
    return lambda: ladder.take(scope.enter(), ladder_words.thresholds(), said, facility_id=here.home.id, papers=[*PHOTOS, pdf()])


def judged(here: Place, papers: Any = ()) -> Any:
    number, scope = ordered(here, severity="serious").id, here.scope("inspector", P.HAZARD_ORDER)
    said = {"hazard_code": "MH-4-2", "reason": "示例", "evidence": "示例"}
    return lambda: major.judge(scope.enter(), number, said, major_words.times(), papers)


def judge(here: Place) -> Act:
    return judged(here, PHOTOS)


def hand_in(here: Place) -> Act:
    number = judged(here)().id
    scope = here.scope("manager", P.HAZARD_REPLY)
    return lambda: major.hand_in(scope.enter(), number, "measures", {"body": "示例"}, [*PHOTOS, pdf()])


def day(here: Place) -> tuple[Scope, int]:
    said: dict[str, Any] = {"weekdays": range(1, 8), "starts_on": calendar.today(), "ends_on": None}
    posting = postings.post(Scope.system(P.STATION_EDIT).enter(), here.home.id, here.stationed.id, **said)
    scope = here.scope("stationed", P.STATION_LOG)
    return scope, postings.arrive(scope, posting.id, days_back=3).id


def note(here: Place) -> Act:
    scope, number = day(here)
    return lambda: postings.note(scope.enter(), number, "seen", "示例", photos=PHOTOS)


def report_on_post(here: Place) -> Act:
    scope, number = day(here)
    return lambda: postings.report_hazard(scope.enter(), number, **SAID, photos=PHOTOS)


def licence(here: Place) -> Act:
    said = {"licence_type": "food", "number": "示例1", "valid_to": calendar.today() + timedelta(400)}
    return lambda: facilities.add_licence(Scope.system("test").enter(), here.home.id, said, pdf())


def certificate(here: Place) -> Act:
    number, said = make.make_staff(here.home).id, {"kind": "doctor", "number": "示例"}
    return lambda: staff.add_certificate(Scope.system("test").enter(), number, said, pdf())


ACTS = (report, order, reply, recheck, receipt, step, judge, hand_in, note, report_on_post, licence, certificate)


@pytest.mark.parametrize("prepare", ACTS, ids=lambda each: each.__name__)
def test_uploads_are_looked_into_before_the_log_is_written(prepare: Callable[[Place], Act], district: Scope) -> None:
    load_catalogue(district)
    act = prepare(place())
    with looked() as looks:
        act()
    assert looks
    assert not any(looks)


def test_a_rescue_files_photos_are_all_looked_into_before_the_first_is_kept(district: Scope, sign_in: Any, app: Any) -> None:
    tablet = make_tablet(sign_in)
    photos = {sha(data): data for data in (jpeg(1), jpeg(2), b"no picture", jpeg(3))}
    found = tablets.Rescued(UUID(tablet.uid), "lost", None, "", 1, {}, photos, 0)
    with looked() as looks:
        tablets.rescue(Scope.system("test").enter(), found, Rules.of(app.config))
    assert looks == [False] * 4
    assert len(tablet.state()["photos"]) == 3


def test_photos_of_a_round_are_not_looked_into_again_for_its_hazards(district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    house = made.house(monkeypatch)
    made.day_made(house)

    def begun(duty: str, hour: int) -> SelfCheckRound:
        house.at(hour, 5)
        scope = house.scope("manager", P.SELFCHECK_FILL)
        row = filling.begin(scope, house.rounds(duty=duty)[0].id, made.rules(), filling.Start())
        for code, each in filling._answers(scope, row.check_id or 0).items():
            if not each.by_rule:
                filling.answer(scope, row.id, code, Answer("conform"))
        return row

    def found(code: str, row: SelfCheckRound) -> None:
        scope = house.scope("manager", P.SELFCHECK_FILL)
        filling.add_photo(scope, row.id, code, made.picture(len(code)))
        filling.answer(scope, row.id, code, Answer("nonconform", "示例"))

    walked = begun("patrol_day", 9)
    found("FP-06", walked)
    with looked() as looks:
        filling.complete(house.scope("manager", P.SELFCHECK_FILL), walked.id, made.rules(), made.limits())
    found("FP-03", begun("patrol_night", 20))
    rounds.watch(Scope.system("test").enter(), house.at(12, day=made.DAY + timedelta(1)), made.rules())
    with looked() as again:
        assert filling.close_left(Scope.system("test").enter(), house.at(8, day=made.DAY + timedelta(2)), made.rules()) == 1
    assert looks == again == []
    scope = Scope.system("test").enter()
    reports = db.session.scalars(scope.select(Hazard).where(Hazard.facility_id == house.home.id)).all()
    assert {each.item_code: len(attachments.of(scope, each)) for each in reports} == {"FP-06": 1, "FP-03": 1}


def test_a_service_judges_uploads_before_anything_else() -> None:
    def looks(part: ast.AST) -> bool:
        names = (each for each in ast.walk(part) if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name))
        return any((each.value.id, each.attr) in {("attachments", "judged"), ("attachments", "checked")} for each in names)

    late = []
    for file in (*ROOT.glob("**/services.py"), *ROOT.glob("**/services/*.py")):
        for each in ast.walk(ast.parse(file.read_text())):
            if not isinstance(each, ast.FunctionDef):
                continue
            places = [at for at, part in enumerate(each.body) if looks(part)]
            if places and places != [1]:  # behind its docstring
                late.append(f"{file.relative_to(ROOT)}: {each.name}")
    assert late == []
