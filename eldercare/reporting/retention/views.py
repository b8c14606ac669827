"""What is kept until when; keeping longer, and removing files whose years are over."""

from collections.abc import Callable
from typing import Any

from flask import request

from eldercare.core import runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.jinja import lang
from eldercare.core.listing import BoundListing
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.reporting.retention import jobs, listing, queries, services
from eldercare.reporting.retention.forms import KeepForm, RemoveForm

room = Room("retention", __name__, url_prefix="/reporting/retention")
AFTER = {"keep": "longer", "remove": "gone"}  # what the list shows then: what was done


def _bound(scope: Scope) -> BoundListing:
    return listing.RETENTION.bind(request.args, path=request.path, choices=listing.choices(scope))


@room.get("/", allow=P.REPORT_RETAIN)
def index(scope: Scope) -> Any:
    """What is due; by the filters whatever is kept, or was."""
    bound = _bound(scope).load(db.session, queries.kept(scope, lang()))
    return page("reporting/retention/index.html", reports=bound, standing=queries.standing(scope), acts=listing.acts_on(bound))


@room.post("/export", allow=P.REPORT_RETAIN)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    query = listing.EXPORT.bind(request.form, choices=listing.choices(scope)).query
    return done("reporting.show_run", run_id=runs.enqueue(scope, jobs.LIST, query=query).id)


@room.route("/keep", allow=P.REPORT_RETAIN, methods=["GET", "POST"])
def keep(scope: Scope) -> Any:
    """Keep longer whatever the filters leave."""
    form = KeepForm()
    return _act(scope, form, "keep", queries.HELD,
                lambda chosen: services.keep_longer(scope, chosen, form.until.data, form.reason.data))  # fmt: skip


@room.route("/remove", allow=P.REPORT_RETAIN, methods=["GET", "POST"])
def remove(scope: Scope) -> Any:
    """Remove the files of what the filters leave and is due."""
    form = RemoveForm()
    return _act(scope, form, "remove", queries.is_due(), lambda chosen: services.remove(scope, chosen, form.count.data))


def _act(scope: Scope, form: Any, name: str, may: Any, do: Callable[[list[Any]], int]) -> Any:
    """One act on the editions a list holds, in every language."""
    bound = _bound(scope)
    chosen, sent = queries.editions(bound.narrowed(queries.asked(scope)), may), form.validate_on_submit()
    with trying(form) as attempt:
        services.must_be_some(chosen)
        if sent:
            do(chosen)
    if sent and attempt.ok:
        return done(".index", **(bound.query | {"standing": AFTER[name]}))
    bound.load(db.session, queries.kept(scope, lang()).where(may))
    return page(f"reporting/retention/{name}.html", form=form, reports=bound, count=queries.files_of(scope, chosen))
