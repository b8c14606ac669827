"""Lists from bureaus: send one, see what it would change, confirm it, take the refused rows back."""

from io import BytesIO
from typing import Any

from flask import request, send_file

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.residents import queries as people
from eldercare.residents.intake import jobs, listing, queries, services
from eldercare.residents.intake.forms import SendForm

room = Room("intake", __name__, url_prefix="/residents/intake")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@room.get("/", allow=P.INTAKE_RUN)
def index(scope: Scope) -> Any:
    """The lists that were sent."""
    bound = listing.INTAKES.bind(request.args, path=request.path)
    bound.load(db.session, queries.intakes(scope))
    commits = queries.commits_of(scope, [run.id for run in bound.rows])
    for run in bound.rows:
        run.standing = listing.standing(run, commits.get(run.id))
    return page("residents/intake/index.html", intakes=bound)


@room.route("/new", allow=P.INTAKE_RUN, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Send a list."""
    form = SendForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            run = services.ask(scope, *form.content())
        if attempt.ok:
            return done(".show", run_id=run.id)
    return page("residents/intake/new.html", form=form)


@room.get("/form", allow=P.INTAKE_RUN)
def form(_scope: Scope) -> Any:
    """The official form, empty."""
    out = BytesIO()
    jobs.write_template(out)
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name="residents-intake-form.xlsx")


@room.get("/<int:run_id>", allow=P.INTAKE_RUN)
def show(scope: Scope, run_id: int) -> Any:
    """One list: how far it is, what it would change, what became of it."""
    run = queries.intake(scope, run_id)
    commit = queries.commit_of(scope, run)
    found = run.result if run.state == "done" else {}
    return page("residents/intake/show.html", run=run, commit=commit, found=found, standing=listing.standing(run, commit),
                listing=listing, places=people.place_names() if found else {})


@room.post("/<int:run_id>/confirm", allow=P.INTAKE_RUN)
def confirm(scope: Scope, run_id: int) -> Any:
    """Take the list in as it was previewed."""
    services.confirm(scope, run_id)
    return done(".show", run_id=run_id)


@room.post("/<int:run_id>/again", allow=P.INTAKE_RUN)
def again(scope: Scope, run_id: int) -> Any:
    """A new preview of the same list."""
    return done(".show", run_id=services.look_again(scope, run_id).id)


@room.get("/<int:run_id>/refused", allow=P.INTAKE_RUN)
def refused(scope: Scope, run_id: int) -> Any:
    """The refused rows, as the same workbook with the reasons."""
    data = services.refused_rows(scope, queries.intake(scope, run_id))
    name = f"refused-{calendar.today():%Y%m%d}-{run_id}.xlsx"
    return send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
