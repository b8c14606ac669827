"""Whose day, which day: read from the address."""

from datetime import date

from flask import request
from flask_login import current_user

from eldercare.accounts.officers import queries as officers
from eldercare.accounts.officers.models import Officer
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import can


def day_asked() -> date:
    """The day of the address; today where it says none or makes no sense."""
    try:
        day = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return calendar.today()
    return day if 2000 <= day.year <= 2100 else calendar.today()


def is_own_alone() -> bool:
    """Whether the person sees but their own day: an inspector, unless they plan for the district."""
    return can(P.INSPECTION_DO) and not can(P.INSPECTION_PLAN)


def own_officer(scope: Scope) -> Officer | None:
    """The officer the person is."""
    return officers.officer_of(scope, current_user.id)


def must_be_officer(scope: Scope) -> int:
    """The officer the person is; Refused route.not_officer."""
    own = own_officer(scope)
    if own is None:
        raise Refused("route.not_officer")
    return own.id


def whose(scope: Scope) -> int | None:
    """The officer whose day is shown, None for everybody's; one's own (0 without a certificate) where one sees no other."""
    if is_own_alone():
        own = own_officer(scope)
        return own.id if own else 0
    return request.values.get("officer", type=int)
