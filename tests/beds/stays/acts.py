"""What the tests of stays share: an applicant brought to a state, and several people acting at one moment."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from eldercare.beds.models import Stay
from eldercare.beds.stays import services
from eldercare.beds.stays.services.admissions import Terms
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.residents.health.models import RISKS
from tests import make

TODAY = date(2026, 11, 24)
NONE = dict.fromkeys(RISKS, "none")
RESULT = {
    "assessed_on": TODAY - timedelta(3), "kind": None, "assessor": "示例甲", "second_assessor": "示例乙", "adjustments": [],
    "note": None, "items": None, "score": 60,
}
CONTACT = {"contact_name": "示例女儿", "contact_relation": "女儿", "contact_phone": "10000004321"}


def terms(**values: Any) -> Terms:
    """A contract for a year from today."""
    given = {"contract_no": "示例2026-1", "signed_on": TODAY, "ends_on": calendar.add_years(TODAY, 1), "care_level": "nursed"}
    return Terms(**{**given, "fee_bed_fen": 150000, "fee_care_fen": 90000, "fee_meals_fen": 60000, "deposit_fen": 300000, **values})


def manager_of(*homes: Any) -> Scope:
    """The reach of a manager, entered."""
    return Scope(P.STAY_EDIT, person_id=1, person_name="manager", facilities=frozenset(home.id for home in homes)).enter()


def applicant(scope: Scope, home: Any, person: Any = None) -> Stay:
    """Somebody of another township who asks the home."""
    if person is None:
        Scope.system("test").enter()
        person = make.make_resident()
        db.session.flush()
        scope.enter()
    number = person.id_number.reveal()
    return services.apply(scope, home.id, id_number=number, name=person.name, **CONTACT, papers=["id_card"])


def assessed(scope: Scope, home: Any, person: Any = None) -> Stay:
    """An application with its assessment."""
    stay = applicant(scope, home, person)
    return services.assess(scope, stay.id, on=TODAY, risks=NONE, result=RESULT)


def contracted(scope: Scope, home: Any, person: Any = None, **more: Any) -> Stay:
    """An application with a signed contract."""
    return services.sign_contract(scope, assessed(scope, home, person).id, terms=terms(), **more)


def moved_in(scope: Scope, home: Any, bed: Any, on: date = TODAY - timedelta(10), person: Any = None) -> Stay:
    """Somebody who lives there."""
    return services.move_in(scope, contracted(scope, home, person).id, bed_id=bed.id, on=on)


def at_once(app: Flask, *acts: Callable[[Scope], Any]) -> list[str]:
    """Every act on a connection of its own, all at the same moment: "done" or the code of the refusal, in order."""
    told = [""] * len(acts)
    start = threading.Barrier(len(acts))

    def run(number: int) -> None:
        with app.app_context():
            try:
                scope = Scope.system(P.STAY_EDIT).enter()
                db.session.connection()
                start.wait()
                acts[number](scope)
                db.session.commit()
                told[number] = "done"
            except (Refused, DBAPIError) as error:
                db.session.rollback()
                refusal = error if isinstance(error, Refused) else refusal_of(error)
                told[number] = refusal.code if refusal else repr(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
