"""A filled list where it can be read: every answer beside the version it was given to."""

from typing import Any

from werkzeug.exceptions import NotFound

from eldercare.checklists.checks import listing, queries
from eldercare.core.access import P
from eldercare.core.audit import history
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.core.words import told

room = Room("checks", __name__, url_prefix="/checklists/checks")


@room.get("/<int:check_id>", allow=P.CHECKLIST_READ)
def show(scope: Scope, check_id: int) -> Any:
    """One check: result, areas, answers, editions."""
    check = queries.check(scope, check_id)
    if not listing.may_read(check):
        raise NotFound
    answers = queries.answers(scope, check_id)
    entries = db.session.scalars(history(scope, "check", check_id))
    return page("checklists/checks/show.html", check=check, answers=answers, areas=listing.by_area(answers), words=listing,
                editions=queries.editions(scope, check), intact=listing.intact(check, answers), history=told(entries))
