"""Act: one act on a row as data; perform(): draw its form, or do it and go back to the row's page.

    REOPEN = Act(_l("Reopen"), _l("Reopen it"), lambda _scope, _row: ReasonForm(), lambda scope, row_id, form: …)

    @room.route("/<int:incident_id>/reopen", allow=P.INCIDENT_CLOSE, methods=["GET", "POST"])
    def reopen(scope, incident_id): return perform(scope, REOPEN, queries.incident, "incidents/act.html", ".show", incident_id=…)

The template gets `row`, `form`, `act` and draws the form's fields in their order (`fields_of`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from eldercare.core.scope import Scope
from eldercare.core.web import done, page, trying


@dataclass(frozen=True)
class Act:
    """What an act is called, the form it asks with, and what it does with the answers.

    form: (scope, row) → a Form. do: (scope, row's id, form). why: a line over the form; danger: a red button.
    possible: whether the row stands where this can be done (`leads_to` a state that can follow); else nobody is asked for words
    that would be refused.
    """

    title: Any
    verb: Any
    form: Callable[[Scope, Any], Any]
    do: Callable[[Scope, int, Any], Any]
    why: Any = ""
    danger: bool = False
    possible: Callable[[Any], bool] = lambda _row: True


def leads_to(*states: str) -> Callable[[Any], bool]:
    """Whether one of these states can follow the row's present one."""
    return lambda row: not set(states).isdisjoint(row.next_states())


def perform(scope: Scope, act: Act, find: Callable[..., Any], template: str, back: str, **ids: Any) -> Any:
    """Draw the form of an act on the row that `find(scope, **ids)` gives, or do it and go to `back`."""
    row = find(scope, **ids)
    if request.method == "GET" and not act.possible(row):
        flash(_("That step is not possible now. This is how it stands."), "watch")
        return done(back, **ids)
    form = act.form(scope, row)
    if form.validate_on_submit():
        with trying(form) as attempt:
            act.do(scope, row.id, form)
        if attempt.ok:
            return done(back, **ids)
        row = find(scope, **ids)  # what the savepoint undid is read again
    return page(template, form=form, row=row, act=act)


def values(form: Any) -> dict[str, Any]:
    """What was typed, by name."""
    return {field.name: field.data for field in form if field.name != "csrf_token"}
