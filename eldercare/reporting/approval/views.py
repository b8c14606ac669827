"""The acts of a report's life: words, comments, review, approval, publication, withdrawal."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.reporting import queries as reporting
from eldercare.reporting.approval import forms, queries, services
from eldercare.reporting.approval import listing as words
from eldercare.reporting.listing import kind_words
from eldercare.reporting.models import Report

room = Room("approval", __name__, url_prefix="/reporting/<int:report_id>/approval")


@room.route("/texts", allow=P.REPORT_BUILD, methods=["GET", "POST"])
def texts(scope: Scope, report_id: int) -> Any:
    """The text parts of a draft; whoever is second to save sees both and keeps their own."""
    report = reporting.report(scope, report_id)
    form = _texts_form(report)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.write(scope, report_id, form.seen, form.values())
        if attempt.ok:
            return done("reporting.show", report_id=report_id)
        report = reporting.report(scope, report_id)
    theirs = _theirs(form, report)
    return page("reporting/approval/texts.html", form=form, report=report, theirs=theirs, kind_words=kind_words)


def _texts_form(report: Report) -> forms.TextsForm:
    stands = {part: "\n".join(said) for part, _words, said in words.texts(report)}
    return forms.TextsForm(version=str(report.texts_version), **stands)


def _theirs(form: forms.TextsForm, report: Report) -> dict[str, list[str]]:
    """What somebody else saved meanwhile, by part; the form goes on from there."""
    if request.method != "POST" or form.seen == report.texts_version:
        return {}
    form.version.data = str(report.texts_version)
    typed = form.values()
    return {part: said for part, _words, said in words.texts(report) if said != typed[part]}


@room.post("/take-over", allow=P.REPORT_BUILD)
def take_over(scope: Scope, report_id: int) -> Any:
    """Begin with the words of the issue before."""
    services.take_over(scope, report_id)
    return done(".texts", report_id=report_id)


@room.route("/comment", allow=P.REPORT_COMMENT, methods=["GET", "POST"])
def comment(scope: Scope, report_id: int) -> Any:
    """Say something about a part."""
    report = reporting.report(scope, report_id)
    form = forms.CommentForm(part=request.args.get("part"))
    form.part.offer(list(words.part_words(reporting.parts(report, lang())).items()))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.comment(scope, report_id, form.part.data or "", form.body.data)
        if attempt.ok:
            return done("reporting.show", report_id=report_id, _anchor="comments")
    return page("reporting/approval/comment.html", form=form, report=report, kind_words=kind_words)


@room.post("/comments/<int:comment_id>/settle", allow=P.REPORT_COMMENT)
def settle(scope: Scope, report_id: int, comment_id: int) -> Any:
    """A comment is settled."""
    services.resolve(scope, report_id, comment_id)
    return done("reporting.show", report_id=report_id, _anchor="comments")


# ---- judged -----------------------------------------------------------------------------------------

REVIEW = Act(
    _l("Review the draft"), _l("It is right: reviewed"), lambda _scope, _row: forms.ConfirmForm(),
    lambda scope, number, _form: services.review(scope, number),
    _l("You have read every page and compared its words with its figures. It then goes to be approved, under your name."),
    possible=leads_to("reviewed"),
)  # fmt: skip
TAKE_BACK = Act(
    _l("Take back to draft"), _l("Take back to draft"), lambda _scope, _row: forms.ReasonForm(),
    lambda scope, number, form: services.send_back(scope, number, form.reason.data),
    _l("Review and approval fall away; the reason stands on the draft."), danger=True, possible=leads_to("draft"),
)  # fmt: skip
SEND_BACK = Act(
    _l("Send back to draft"), _l("Send it back"), lambda _scope, _row: forms.ReasonForm(),
    lambda scope, number, form: services.send_back(scope, number, form.reason.data),
    _l("Review and approval fall away; the reason stands on the draft."), danger=True, possible=leads_to("draft"),
)  # fmt: skip


def _approve(scope: Scope, report_id: int, form: forms.PublishForm) -> None:
    services.approve(scope, report_id)
    if words.is_published_at_approval():
        services.ask_publication(scope, report_id, counted=words.is_counted(), number=_typed(form))


def _typed(form: forms.PublishForm) -> int | None:
    return form.number.data if "number" in form else None


def _publish_form(_scope: Scope, _row: Any) -> forms.PublishForm:
    form = forms.PublishForm()
    if words.is_counted():
        del form.number
    return form


def _approve_form(scope: Scope, row: Any) -> Any:
    return _publish_form(scope, row) if words.is_published_at_approval() else forms.ConfirmForm()


APPROVE = Act(
    _l("Approve the report"), _l("Approve"), _approve_form, _approve,
    _l("It may be published as it stands, under your name. Whoever wrote or reviewed it does not approve it."),
    possible=leads_to("approved"),
)  # fmt: skip
PUBLISH = Act(
    _l("Publish the report"), _l("Publish"), _publish_form,
    lambda scope, number, form: services.ask_publication(scope, number, counted=words.is_counted(), number=_typed(form)),
    _l("The final pages are drawn with the number of the issue and sealed. From then on they never change."),
    possible=leads_to("published"),
)  # fmt: skip


def _withdraw_form(scope: Scope, row: Any) -> forms.WithdrawForm:
    form = forms.WithdrawForm()
    form.replaced_by.offer([(each.id, words.edition(each)) for each in queries.others(scope, row) if each.state == "published"])
    return form


WITHDRAW = Act(
    _l("Withdraw the report"), _l("Withdraw"), _withdraw_form,
    lambda scope, number, form: services.withdraw(scope, number, form.reason.data, form.replaced_by.data),
    _l("It stays to be read, under a band that says it counts no longer; the check page says so too."), danger=True,
    possible=leads_to("withdrawn"),
)  # fmt: skip


def _act(scope: Scope, act: Act, report_id: int) -> Any:
    return perform(scope, act, reporting.report, "reporting/approval/act.html", "reporting.show", report_id=report_id)


@room.route("/review", allow=P.REPORT_REVIEW, methods=["GET", "POST"])
def review(scope: Scope, report_id: int) -> Any:
    """The draft is right."""
    return _act(scope, REVIEW, report_id)


@room.route("/take-back", allow=P.REPORT_REVIEW, methods=["GET", "POST"])
def take_back(scope: Scope, report_id: int) -> Any:
    """Back to draft, by a reviewer."""
    return _act(scope, TAKE_BACK, report_id)


@room.route("/approve", allow=P.REPORT_APPROVE, methods=["GET", "POST"])
def approve(scope: Scope, report_id: int) -> Any:
    """It may be published."""
    return _act(scope, APPROVE, report_id)


@room.route("/send-back", allow=P.REPORT_APPROVE, methods=["GET", "POST"])
def send_back(scope: Scope, report_id: int) -> Any:
    """Back to draft, by who approves."""
    return _act(scope, SEND_BACK, report_id)


@room.route("/publish", allow=P.REPORT_BUILD, methods=["GET", "POST"])
def publish(scope: Scope, report_id: int) -> Any:
    """The final pages, with a number."""
    return _act(scope, PUBLISH, report_id)


@room.route("/withdraw", allow=P.REPORT_APPROVE, methods=["GET", "POST"])
def withdraw(scope: Scope, report_id: int) -> Any:
    """It counts no longer."""
    return _act(scope, WITHDRAW, report_id)
