"""Reads of villages within reach."""

from typing import Any

from sqlalchemy import Select, func, select
from werkzeug.exceptions import NotFound

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township, Village
from eldercare.facilities.queries import GONE, townships

T, V = Township.__table__, Village.__table__


def villages(scope: Scope) -> Select[Any]:
    """The villages of the townships in reach, with their facilities that are open counted."""
    counted = scope.columns(Facility, func.count()).where(Facility.village_id == V.c.id, Facility.state.not_in(GONE))
    return (
        select(*V.c, T.c.code.label("township_code"), T.c.name.label("township"), T.c.name_en.label("township_en"),
               counted.correlate(V).scalar_subquery().label("facilities"))
        .select_from(V.join(T, T.c.id == V.c.township_id))
        .where(V.c.township_id.in_([each.id for each in townships(scope)]))
    )  # fmt: skip


def village(scope: Scope, village_id: int) -> Village:
    """One village in reach; 404 otherwise."""
    found = db.session.get(Village, village_id)
    if found is None or not scope.covers(found.township_id):
        raise NotFound
    return found
