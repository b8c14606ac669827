"""Rules of recurrence: the list, proposing, approving, ending."""

from typing import Any

from eldercare.checklists import queries as checklists
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.inspections.plans.rules import forms, queries, services
from eldercare.inspections.plans.rules import listing as words

room = Room("rules", __name__, url_prefix="/inspections/plans/rules")


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """The rules, those in force first."""
    rules = sorted(db.session.scalars(queries.rules(scope)), key=words.order)
    return page("inspections/plans/rules/index.html", rules=rules, counts=queries.counts(scope), words=words)


@room.route("/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """A rule is proposed."""
    form = forms.RuleForm(starts_on=calendar.today())
    lists = [each for each in checklists.standings(scope, drafts=False) if each.checklist.kind == "items"]
    form.checklists.offer([(each.checklist.code, words.list_words(each.shown)) for each in lists])
    if form.validate_on_submit():
        values = {field.name: field.data for field in form if field.name != "csrf_token"}
        with trying(form) as attempt:
            services.propose(scope, **values)
        if attempt.ok:
            return done(".index")
    return page("inspections/plans/rules/new.html", form=form)


@room.post("/<int:rule_id>/approve", allow=P.INSPECTION_APPROVE)
def approve(scope: Scope, rule_id: int) -> Any:
    """Somebody else approves."""
    services.approve(scope, rule_id)
    return done(".index")


@room.post("/<int:rule_id>/end", allow=P.INSPECTION_PLAN)
def end(scope: Scope, rule_id: int) -> Any:
    """The rule asks for nothing any more."""
    services.end(scope, rule_id, calendar.today())
    return done(".index")
