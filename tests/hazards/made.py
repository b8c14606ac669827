"""A home, its people, two certified officers; hazards found, reported and ordered there."""

from dataclasses import dataclass
from typing import Any

from flask import current_app

from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer
from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import services
from eldercare.hazards.models import Deadlines, Hazard
from eldercare.hazards.orders import services as orders
from eldercare.hazards.orders.models import RectificationOrder, Terms
from tests import make


@dataclass
class Place:
    """A home and who has to do with it; `inspector` and `second` hold certificates, `lapsed` no longer does."""

    home: Facility
    manager: User
    township: User
    district: User
    stationed: User
    inspector: User
    second: User
    lapsed: User
    officers: tuple[Officer, Officer]

    def scope(self, who: str, permission: P) -> Scope:
        """The reach of one of its people, entered."""
        found = scope_of(getattr(self, who), permission)
        assert found is not None
        return found.enter()


def place(home: Facility | None = None) -> Place:
    """A home of its own, or this one."""
    Scope.system("test").enter()
    home = home or make.make_facility()
    town = db.session.get_one(Township, home.township_id)
    inspector, second, lapsed = (make.make_user(Role.INSPECTOR) for _ in range(3))
    pair = (make.make_officer(inspector), make.make_officer(second))
    make.make_officer(lapsed, valid_to=calendar.today() - make.timedelta(days=1))
    return Place(
        home, make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.TOWNSHIP_OFFICER, town),
        make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.STATIONED_SUPERVISOR, home), inspector, second, lapsed, pair,
    )


def deadlines() -> Deadlines:
    """The deadlines in force."""
    return Deadlines.of(current_app.config)


def terms() -> Terms:
    """What orders say, by the settings."""
    return Terms.of(current_app.config)


def reported(here: Place, who: str = "stationed", **more: Any) -> Hazard:
    """A hazard somebody reported."""
    said = {"severity": "general", "description": "疏散通道堆放杂物", "demand": "立即清理并保持畅通"} | more
    return services.report(here.scope(who, P.HAZARD_REPORT), here.home.id, **said)


def confirmed(here: Place, hazard: Hazard, **more: Any) -> Hazard:
    """Confirmed by the inspector."""
    return services.confirm(here.scope("inspector", P.HAZARD_ORDER), hazard.id, deadlines=deadlines(), **more)


def ordered(here: Place, **more: Any) -> Hazard:
    """A hazard that runs: reported, and confirmed."""
    return confirmed(here, reported(here, **more))


def issued(here: Place, *hazards: Hazard, **more: Any) -> RectificationOrder:
    """An order for these hazards (a new one, when none is named), issued by the inspector."""
    found = hazards or (reported(here),)
    said = {"officers": tuple(each.id for each in here.officers), "deadlines": deadlines(), "terms": terms()} | more
    scope = here.scope("inspector", P.HAZARD_ORDER)
    return orders.issue(scope, here.home.id, [each.id for each in found], **said)
