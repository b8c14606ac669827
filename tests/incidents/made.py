"""A home with somebody in it, people of each role, and incidents reported there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from eldercare.accounts.models import User
from eldercare.beds.models import Stay
from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.hazards.models import Deadlines
from eldercare.incidents import services
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.models import Incident
from eldercare.residents.models import Resident
from tests import make

FALL: dict[str, Any] = {"family": "service_risk", "type": "fall", "place_kind": "room", "care": "treated"}
GRAVE: dict[str, Any] = FALL | {"care": "admitted", "signs": ["fracture"]}
DEADLY: dict[str, Any] = {"family": "death", "type": "accidental_death", "place_kind": "yard", "dead": 1}
FIRE: dict[str, Any] = {"family": "accident", "type": "fire", "place_kind": "kitchen"}


@dataclass
class House:
    """A home, who lives there, and who answers for it."""

    home: Facility
    resident: Resident
    manager: User
    deputy: User
    township: User
    district: User

    def scope(self, who: str, permission: P) -> Scope:
        """The reach of one of its people, entered."""
        found = scope_of(getattr(self, who), permission)
        assert found is not None
        return found.enter()


def house() -> House:
    """A home with one resident since a month."""
    Scope.system("test").enter()
    home = make.make_facility()
    resident = make.make_resident(home_township(home), facility_id=home.id, living_arrangement="institution")
    move_in(home, resident)
    town = home_township(home)
    return House(
        home, resident, make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.FACILITY_MANAGER, home),
        make.make_user(Role.TOWNSHIP_OFFICER, town), make.make_user(Role.DISTRICT_OFFICER),
    )


def home_township(home: Facility) -> Any:
    """The township of a home."""
    from eldercare.facilities.models import Township

    return db.session.get_one(Township, home.township_id)


def move_in(home: Facility, resident: Resident, days: int = 30) -> Stay:
    """A stay in a bed of the home."""
    since = calendar.today() - timedelta(days=days)
    return make.make_stay(home, since, bed=make.make_bed(home), resident=resident)


def rules() -> Rules:
    """The settings in force."""
    return Rules.of(current_app.config)


def deadlines() -> Deadlines:
    """The deadlines of hazards in force."""
    return Deadlines.of(current_app.config)


def reported(here: House, values: dict[str, Any] = FALL, who: str = "manager", **more: Any) -> Incident:
    """An incident of the resident's, reported by the manager."""
    scope = here.scope(who, P.INCIDENT_REPORT)
    residents = more.pop("residents", [here.resident.id])
    return services.report(scope, here.home.id, values | more.pop("times", {}), rules(), residents=residents, **more)


class Clock:
    """The moment it is, as the test says."""

    def __init__(self, monkeypatch: Any) -> None:
        self.at: datetime = calendar.now()
        monkeypatch.setattr(calendar, "now", lambda: self.at)

    def forward(self, **span: float) -> datetime:
        """So much later."""
        self.at += timedelta(**span)
        return self.at
