"""Major hazards: the board by article, the cases, judging, listing, measures and plan."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from eldercare.core import attachments, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards import queries as hazards
from eldercare.hazards.major import forms, queries, services
from eldercare.hazards.major import listing as words
from eldercare.hazards.orders import queries as orders

room = Room("major", __name__, url_prefix="/hazards/major")


def _bound(scope: Scope, args: Any) -> Any:
    choices = words.choices(scope, facilities.townships(scope))
    return words.listing(words.month_of(args)).bind(args, path="/hazards/major/cases/", choices=choices)


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """The table of situations with a month's figures, each opening its list."""
    month = words.month_of(request.args)
    articles = queries.by_article(scope, *words.period(month))
    everything = queries.total([row for each in articles for row in each.rows])
    waiting = queries.to_judge(scope)
    shown = {"articles": articles, "total": everything, "waiting": waiting, "is_officer": orders.me(scope) is not None}
    return page("hazards/major/index.html", month=month, words=words, **shown)


@room.get("/cases/", allow=P.HAZARD_READ)
def cases(scope: Scope) -> Any:
    """The cases behind a figure, or all."""
    return page("hazards/major/cases.html", cases=_bound(scope, request.args).load(db.session, queries.cases(scope)))


@room.post("/export", allow=P.HAZARD_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    return done("reporting.show_run", run_id=runs.enqueue(scope, "major_export", query=_bound(scope, request.form).query).id)


@room.get("/<int:case_id>", allow=P.HAZARD_READ)
def show(scope: Scope, case_id: int) -> Any:
    """One major hazard: judgement, listing, measures and plan."""
    case = queries.case(scope, case_id)
    papers, enclosed = queries.papers(scope, case_id), attachments.of(scope, case)
    history = words.in_words(queries.history(scope, case_id))
    return page(
        "hazards/major/show.html",
        case=case,
        row=queries.row_of(scope, case),
        wanted=words.wanted(case, papers),
        enclosed=enclosed,
        history=history,
        words=words,
    )


@room.get("/of-hazard/<int:hazard_id>", allow=P.HAZARD_READ)
def of_hazard(scope: Scope, hazard_id: int) -> Any:
    """The part of a hazard's record that tells whether it was judged a major one."""
    hazard, case = hazards.hazard(scope, hazard_id), queries.of_hazard(scope, hazard_id)
    row, is_officer = queries.row_of(scope, case) if case else None, orders.me(scope) is not None
    return page("hazards/major/_of_hazard.html", hazard=hazard, case=case, row=row, is_officer=is_officer, words=words)


@room.route("/of-hazard/<int:hazard_id>/judge", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def judge(scope: Scope, hazard_id: int) -> Any:
    """A hazard judged to be a row of the table."""
    hazard = hazards.hazard(scope, hazard_id)
    form = forms.JudgeForm(hazard_code=getattr(hazard, "hazard_code", None)).over(words.rows_on_offer(scope))
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.judge(scope, hazard_id, forms.values(form), words.times(), form.papers.data)
        if attempt.ok:
            return done(".show", case_id=made.id)
        hazard = hazards.hazard(scope, hazard_id)
    return page("hazards/major/judge.html", form=form, hazard=hazard, times=words.times())


LIST = Act(
    _l("List a major hazard for supervision"),
    _l("List it"),
    lambda _scope, _row: forms.ListForm(),
    lambda scope, row_id, form: services.put_on_list(scope, row_id, form.list_level.data, form.reason.data),
    possible=leads_to("listed"),
)
TAKE_OFF = Act(
    _l("Take a major hazard off the list"),
    _l("Take it off"),
    lambda _scope, _row: forms.ReasonForm(),
    lambda scope, row_id, form: services.take_off(scope, row_id, form.reason.data),
    why=_l("Once its recheck has passed. Say what was seen."),
    possible=leads_to("delisted"),
)
WITHDRAW = Act(
    _l("Withdraw a judgement"),
    _l("Withdraw the judgement"),
    lambda _scope, _row: forms.ReasonForm(),
    lambda scope, row_id, form: services.withdraw(scope, row_id, form.reason.data),
    why=_l("Where it was no major hazard. It counts among them no longer; the order to put it right stands."),
    danger=True,
    possible=leads_to("withdrawn"),
)


@room.route("/<int:case_id>/list", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def put_on_list(scope: Scope, case_id: int) -> Any:
    """Listed for supervision."""
    return perform(scope, LIST, queries.case, "hazards/major/act.html", ".show", case_id=case_id)


@room.route("/<int:case_id>/take-off", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def take_off(scope: Scope, case_id: int) -> Any:
    """Off the list."""
    return perform(scope, TAKE_OFF, queries.case, "hazards/major/act.html", ".show", case_id=case_id)


@room.route("/<int:case_id>/withdraw", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def withdraw(scope: Scope, case_id: int) -> Any:
    """A judgement that does not hold."""
    return perform(scope, WITHDRAW, queries.case, "hazards/major/act.html", ".show", case_id=case_id)


MEASURES = Act(
    _l("Hand in the measures taken"),
    _l("Hand in"),
    lambda _scope, _row: forms.MeasuresForm(),
    lambda scope, row_id, form: services.hand_in(scope, row_id, "measures", forms.values(form), form.papers.data),
)
PLAN = Act(
    _l("Hand in the plan of rectification"),
    _l("Hand in"),
    lambda _scope, _row: forms.PlanForm(),
    lambda scope, row_id, form: services.hand_in(scope, row_id, "plan", forms.values(form), form.papers.data),
)


@room.route("/<int:case_id>/measures", allow=P.HAZARD_REPLY, methods=["GET", "POST"])
def measures(scope: Scope, case_id: int) -> Any:
    """What was done at once."""
    return perform(scope, MEASURES, queries.case, "hazards/major/act.html", ".show", case_id=case_id)


@room.route("/<int:case_id>/plan", allow=P.HAZARD_REPLY, methods=["GET", "POST"])
def plan(scope: Scope, case_id: int) -> Any:
    """How and until when it is put right."""
    return perform(scope, PLAN, queries.case, "hazards/major/act.html", ".show", case_id=case_id)


@room.route("/papers/<int:paper_id>/decide", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def decide(scope: Scope, paper_id: int) -> Any:
    """Accepted, or sent back."""
    paper, form = queries.paper(scope, paper_id), forms.PaperForm()
    case = queries.case(scope, paper.case_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.decide(scope, paper_id, words.times(), accept=form.result.data == "accepted", note=form.note.data)
        if attempt.ok:
            return done(".show", case_id=case.id)
        paper, case = queries.paper(scope, paper_id), queries.case(scope, case.id)
    return page("hazards/major/decide.html", form=form, paper=paper, case=case, words=words)


doors(
    room,
    "/<int:case_id>/papers",
    find=queries.case,
    kinds=words.PAPER_WORDS,
    read=P.HAZARD_READ,
    edit=P.HAZARD_REPLY,
    back="show",
    anchor="papers",
    label=lambda case_: case_.hazard.number,
    is_over=lambda case_: case_.state in ("withdrawn", "delisted"),
    is_kept=lambda case_: case_.state in ("judged", "listed"),
)
doors(
    room,
    "/<int:case_id>/proof",
    find=queries.case,
    kinds=words.PROOF_WORDS,
    read=P.HAZARD_READ,
    edit=P.HAZARD_SUPERVISE,
    back="show",
    anchor="papers",
    label=lambda case_: case_.hazard.number,
    prefix="proof_",
    is_over=lambda case_: case_.state in ("withdrawn", "delisted"),
)
