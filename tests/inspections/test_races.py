"""Two connections at once: one record, one photo, one edition; whoever comes second is told so."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.inspections import services
from eldercare.inspections.field import services as tablets
from eldercare.inspections.field.models import Rules, VisitPhoto
from eldercare.inspections.models import RecordCheck, Visit, VisitRecord
from eldercare.inspections.services.corrections import Changes
from tests import make
from tests.inspections.tablet import jpeg, record_of, sha, with_fault


class Stage:
    """A committed visit and its lead's scope."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        scope = Scope.system("test").enter()
        lead = make.make_user(Role.INSPECTOR)
        visit = make.make_visit(make.make_facility(), team=[make.make_officer(lead), make.make_officer()])
        self.uid, self.visit_id = visit.uid, visit.id
        self.lead = Scope(permission="inspection:do", person_id=lead.id, person_name=lead.username, everywhere=True)
        self.body = json.dumps(with_fault(record_of(visit.id)), ensure_ascii=False).encode()
        self.other = json.dumps(record_of(visit.id, notes="other"), ensure_ascii=False).encode()
        self.rules = Rules.of(app.config)
        db.session.commit()
        assert scope.everywhere

    def send(self, body: bytes) -> Any:
        return tablets.take_in(self.lead.enter(), self.uid, body, sha(body), self.rules)

    def together(self, *acts: Callable[[], Any]) -> list[str]:
        """Each act on a connection of its own, at the same moment: "done", or the code it was refused with."""
        gate, out = threading.Barrier(len(acts)), [""] * len(acts)

        def run(at: int) -> None:
            with self.app.app_context():
                gate.wait()
                try:
                    acts[at]()
                    db.session.commit()
                    out[at] = "done"
                except Refused as refusal:
                    db.session.rollback()
                    out[at] = refusal.code
                except Exception as error:  # noqa: BLE001
                    db.session.rollback()
                    refusal = refusal_of(error) if hasattr(error, "orig") else None
                    out[at] = refusal.code if refusal else repr(error)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        Scope.system("test").enter()
        return sorted(out)

    def count(self, model: Any) -> int:
        return len(db.session.scalars(Scope.system("test").enter().select(model)).all())


@pytest.fixture
def stage(fresh_app: Flask) -> Stage:
    return Stage(fresh_app)


def test_the_same_record_twice_at_once_is_one_record(stage: Stage) -> None:
    receipts: list[Any] = []
    acts = [lambda: receipts.append(stage.send(stage.body).is_new)] * 4
    assert stage.together(*acts) == ["done"] * 4
    assert sorted(receipts) == [False, False, False, True]
    assert (stage.count(VisitRecord), stage.count(RecordCheck)) == (1, 1)


def test_of_two_records_at_once_one_is_kept_and_the_other_is_told(stage: Stage) -> None:
    assert stage.together(lambda: stage.send(stage.body), lambda: stage.send(stage.other)) == ["done", "visit.sent_otherwise"]
    assert stage.count(VisitRecord) == 1


def test_a_record_and_a_cancelling_at_once_are_never_both(stage: Stage) -> None:
    def cancel() -> None:
        services.cancel_visit(Scope.system("inspection:plan").enter(), stage.visit_id, "示例")

    told = stage.together(lambda: stage.send(stage.body), cancel)
    assert told in (["done", "move.not_allowed"], ["done", "visit.is_cancelled"])
    visit = db.session.get_one(Visit, stage.visit_id)
    assert (visit.state, stage.count(VisitRecord)) in {("sent", 1), ("cancelled", 0)}


def test_the_same_photo_at_once_is_one_photo(stage: Stage) -> None:
    data = jpeg(1, (400, 300))
    act = lambda: tablets.keep_photo(stage.lead.enter(), stage.uid, sha(data), data)  # noqa: E731
    assert stage.together(act, act, act) == ["done"] * 3
    assert stage.count(VisitPhoto) == 1


def test_drafts_at_once_keep_the_newest_of_each_entry(stage: Stage) -> None:
    def write(seq: int) -> Callable[[], Any]:
        text = json.dumps({"device": "a", "seq": seq, "entries": {f"k{n}": {"seq": seq} for n in range(5)}})
        return lambda: tablets.keep_draft(stage.lead.enter(), stage.uid, text)

    assert stage.together(*(write(seq) for seq in (3, 1, 4, 2))) == ["done"] * 4
    from eldercare.inspections.field import queries

    assert {each.seq for each in queries.drafts(Scope.system("test").enter(), stage.visit_id)} == {4}


def test_of_two_corrections_at_once_one_is_made_over_what_it_read(stage: Stage) -> None:
    stage.send(stage.body)
    db.session.commit()

    def correct(notes: str) -> Callable[[], Any]:
        return lambda: services.correct(stage.lead.enter(), stage.visit_id, sha(stage.body), Changes(notes=notes), "示例")

    assert stage.together(correct("a"), correct("b")) == ["done", "row.changed"]
    assert stage.count(VisitRecord) == 2


def test_two_tablets_of_different_visits_get_different_numbers(stage: Stage) -> None:
    others = [Stage(stage.app) for _ in range(3)]
    assert stage.together(*((lambda each=each: each.send(each.body)) for each in (stage, *others))) == ["done"] * 4
    numbers = db.session.scalars(Scope.system("test").enter().columns(Visit, Visit.number)).all()
    assert sorted(filter(None, numbers)) == [f"JC2026-{n:05d}" for n in range(1, 5)]
