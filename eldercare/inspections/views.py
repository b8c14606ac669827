"""Visits: list, record, acts. A home reads here what it was shown, and answers."""

import hashlib
from typing import Any

from flask import current_app, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import Forbidden, NotFound

from eldercare.accounts import queries as accounts
from eldercare.accounts.officers import queries as officers
from eldercare.core import calendar, files, runs, uploads
from eldercare.core.access import SIGNED_IN, P
from eldercare.core.attachments import JPEG
from eldercare.core.db import db
from eldercare.core.enclosures import served
from eldercare.core.errors import Refused
from eldercare.core.fields import clean_text
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, step_into, trying
from eldercare.facilities import queries as facilities
from eldercare.inspections import forms, queries, services
from eldercare.inspections import listing as words
from eldercare.inspections.field import queries as field
from eldercare.inspections.field import services as tablets
from eldercare.inspections.field.listing import by_tablet
from eldercare.inspections.field.models import Rules
from eldercare.inspections.models import UNTOLD
from eldercare.inspections.plans import forms as plan_forms
from eldercare.inspections.plans import listing as plans
from eldercare.inspections.plans import queries as people
from eldercare.inspections.plans import services as planning
from eldercare.inspections.services.corrections import Changes

room = Room("inspections", __name__, url_prefix="/inspections")


def _reading() -> Scope:
    """The reach of who reads: officers of all kinds theirs; a home what it was shown."""
    scope = step_into(P.INSPECTION_READ) or step_into(P.INSPECTION_ANSWER)
    if scope is None:
        raise Forbidden
    return scope


def _bound(scope: Scope, args: Any) -> Any:
    if scope.permission == P.INSPECTION_ANSWER:
        return words.SHOWN.bind(args, path="/inspections/")
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    offered = words.choices(facilities.townships(scope), homes, queries.officers_named(scope))
    return words.VISITS.bind(args, path="/inspections/", choices=offered)


@room.get("/", allow=SIGNED_IN)
def index(_scope: Scope) -> Any:
    """Visits within reach."""
    scope = _reading()
    visits = _bound(scope, request.args).load(db.session, queries.listed(scope))
    return page("inspections/index.html", visits=visits, is_home=scope.permission == P.INSPECTION_ANSWER)


@room.post("/export", allow=P.INSPECTION_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, "visits_export", query=_bound(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.get("/<int:visit_id>", allow=SIGNED_IN)
def show(_scope: Scope, visit_id: int) -> Any:
    """One visit: what it was for, what was found, who signed, what came of it."""
    scope = _reading()
    visit = queries.visit(scope, visit_id)
    shown = {"tells_why": visit.kind not in UNTOLD or scope.permission == P.INSPECTION_READ, "me": current_user}
    shown["has_drafts"] = scope.permission == P.INSPECTION_READ and field.has_drafts(scope, visit_id)
    shown["may_correct"] = visit.state == "sent" and queries.may_correct(scope, visit)
    shown["is_untold"] = visit.state == "sent" and queries.is_untold(scope, visit, queries.rechecked(visit))
    return page("inspections/show.html", visit=visit, words=words, **shown, **_of_record(scope, visit))


def _of_record(scope: Scope, visit: Any) -> dict[str, Any]:
    """What belongs to the newest edition of a visit's record."""
    history = words.in_words(queries.history(scope, visit))
    if not visit.records:
        avoids = officers.avoided(scope, visit.facility_id, visit.planned_on)
        return {"body": None, "history": history, "public": None, "unfit": words.unfit(visit, avoids)}
    body = words.Body.of(visit.records[-1])
    photos = field.photos(scope, visit.id)
    checks = [check for _record, check in field.checks_of(scope, [visit.records[-1].id])]
    return {
        "body": body, "history": history, "photos": photos, "checks": checks,
        "faults": queries.faults(scope, [each.id for each in checks]), "findings": field.findings(scope, visit.id),
        "orders": queries.orders_of(scope, visit), "residents": queries.sampled_names(scope, visit),
        "sample": field.sample(scope, visit.id), "public": queries.is_published(scope, visit.id),
    }  # fmt: skip


@room.get("/<int:visit_id>/editions/<int:revision>", allow=SIGNED_IN)
def edition(_scope: Scope, visit_id: int, revision: int) -> Any:
    """What an edition of a record says otherwise than the one before, and its whole text."""
    scope = _reading()
    visit = queries.visit(scope, visit_id)
    if not 1 <= revision <= len(visit.records):
        raise NotFound
    kept, before = visit.records[revision - 1], visit.records[revision - 2] if revision > 1 else None
    items = [each for one in field.lists(scope, [each.version for each in visit.lists]) for each in one.rows]
    differs = words.differences(before, kept, items) if before else []
    return page("inspections/edition.html", visit=visit, record=kept, body=words.Body.of(kept), differs=differs, words=words)


@room.get("/<int:visit_id>/tablets", allow=P.INSPECTION_READ)
def of_tablets(scope: Scope, visit_id: int) -> Any:
    """What tablets sent of a visit that no record holds: the draft of a lost tablet, of a rescue file."""
    visit = queries.visit(scope, visit_id)
    items = [each for one in field.lists(scope, [each.version for each in visit.lists]) for each in one.rows]
    here = by_tablet(field.drafts(scope, visit_id), items, queries.sampled_names(scope, visit))
    people_ = {each.person_id: accounts.person(each.person_id) for each in here if each.person_id}
    photos, days = field.photos(scope, visit_id), current_app.config["VISIT_DRAFT_DAYS"]
    return page("inspections/tablets.html", visit=visit, words=words, here=here, people=people_, photos=photos, days=days)


@room.get("/<int:visit_id>/photos/<int:photo_id>", allow=SIGNED_IN)
def photo(_scope: Scope, visit_id: int, photo_id: int) -> Any:
    """A photo of a visit, drawn anew: without position or any other note."""
    scope = _reading()
    return served((files.get(queries.photo(scope, visit_id, photo_id).clean_sha256, secret=True), JPEG, f"visit-{photo_id}.jpg"))


@room.get("/<int:visit_id>/photos/<int:photo_id>/small", allow=SIGNED_IN)
def photo_small(_scope: Scope, visit_id: int, photo_id: int) -> Any:
    """The small picture of a photo."""
    scope = _reading()
    return served((files.get(queries.photo(scope, visit_id, photo_id).thumb_sha256, secret=True), JPEG, f"visit-{photo_id}.jpg"))


@room.get("/<int:visit_id>/photos/<int:photo_id>/as-it-came", allow=P.INSPECTION_READ)
def photo_as_it_came(scope: Scope, visit_id: int, photo_id: int) -> Any:
    """The very bytes the tablet sent, whose hash stands in the record: evidence; each opening is logged."""
    return served((services.open_photo(scope, visit_id, photo_id), JPEG, f"visit-{photo_id}-evidence.jpg"))


# ---- acts ------------------------------------------------------------------------------------------


@room.route("/<int:visit_id>/notice", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def notice(scope: Scope, visit_id: int) -> Any:
    """Tell the home of a visit."""
    form, earliest = forms.NoticeForm(), words.notice_day()
    if form.validate_on_submit():
        with trying(form) as attempt:
            told = {"way": form.way.data, "to": form.to.data or "", "reason": form.reason.data or ""}
            services.give_notice(scope, visit_id, **told, earliest=earliest)
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/notice.html", form=form, visit=queries.visit(scope, visit_id), words=words, earliest=earliest)


@room.route("/<int:visit_id>/reschedule", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def reschedule(scope: Scope, visit_id: int) -> Any:
    """Another day, time or team: judged as on the plan's own page, and the plan moves with it."""
    visit = queries.visit(scope, visit_id)
    form = _moving(scope, visit, plans.day_asked(request.args.get("day")))
    if form.validate_on_submit():
        with trying(form) as attempt:
            planning.move_visit(scope, visit_id, form.planned_on.data, form.reason.data, **form.asked())
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/reschedule.html", form=form, visit=_again(scope, visit), words=words)


def _moving(scope: Scope, visit: Any, day: Any) -> Any:
    form = plan_forms.MoveForm(planned_on=day or visit.planned_on)
    form.seat(people.inspectors(scope), plans.terms())
    form.stand(visit, [each.officer for each in visit.officers])
    return form


def _again(scope: Scope, visit: Any) -> Any:
    """What a refused act has let go of is read again."""
    return queries.visit(scope, visit.id) if request.method == "POST" else visit


@room.route("/<int:visit_id>/team", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def team(scope: Scope, visit_id: int) -> Any:
    """Other officers, on the same day."""
    visit, form = queries.visit(scope, visit_id), plan_forms.ReseatForm()
    day, late = visit.planned_on, visit.planned_on < calendar.today()
    form.offer(officers.certified(scope, day))
    form.sit([each.officer for each in visit.officers])
    if form.validate_on_submit():
        with trying(form) as attempt:
            planning.move_visit(scope, visit_id, day, form.reason.data, team=form.chosen())
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/team.html", form=form, visit=_again(scope, visit), words=words, late=late)


@room.route("/<int:visit_id>/cancel", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def cancel(scope: Scope, visit_id: int) -> Any:
    """The visit is not made."""
    form = forms.ReasonForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.cancel_visit(scope, visit_id, form.reason.data)
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/cancel.html", form=form, visit=queries.visit(scope, visit_id), words=words)


@room.route("/<int:visit_id>/answer", allow=P.INSPECTION_ANSWER, methods=["GET", "POST"])
def answer(scope: Scope, visit_id: int) -> Any:
    """The home's own word on a record."""
    visit = queries.visit(scope, visit_id)
    form = forms.AnswerForm(words=visit.answer)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.answer(scope, visit_id, form.words.data)
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/answer.html", form=form, visit=queries.visit(scope, visit_id), words=words)


@room.route("/<int:visit_id>/publish", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def publish(scope: Scope, visit_id: int) -> Any:
    """Make the result public."""
    visit = queries.visit(scope, visit_id)
    form = forms.PublishForm(words=words.public_words(visit, words.Body.of(visit.records[-1]) if visit.records else None))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.publish(scope, visit_id, form.words.data, queries.names_of(scope, visit))
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/publish.html", form=form, visit=queries.visit(scope, visit_id), words=words)


@room.route("/<int:visit_id>/unpublish", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def unpublish(scope: Scope, visit_id: int) -> Any:
    """Take a publication back."""
    form = forms.ReasonForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.unpublish(scope, visit_id, form.reason.data)
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/unpublish.html", form=form, visit=queries.visit(scope, visit_id), words=words)


@room.route("/<int:visit_id>/correct", allow=P.INSPECTION_DO, methods=["GET", "POST"])
def correct(scope: Scope, visit_id: int) -> Any:
    """A new edition of a record, with a reason."""
    visit = queries.visit(scope, visit_id)
    form, lists, rows = _correction(scope, visit)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.correct(scope, visit_id, form.base.data, _changes(form, visit, rows), form.reason.data)
        if attempt.ok:
            return done(".show", visit_id=visit_id)
    return page("inspections/correct.html", form=form, visit=queries.visit(scope, visit_id), words=words, lists=lists)


def _correction(scope: Scope, visit: Any) -> tuple[Any, Any, dict[str, Any]]:
    """For who may correct it: the form over the newest edition, its lists, {name of a row: (version, code, what stands)}."""
    if not visit.records:
        raise NotFound
    if not queries.may_correct(scope, visit):
        raise Refused("visit.not_corrector")
    body, lists = words.Body.of(visit.records[-1]), field.lists(scope, [each.version for each in visit.lists])
    said = {one["version_id"]: one.get("answers", {}) for one in body.said.get("lists", [])}
    rows = {
        str(item.id): (item.version_id, item.code, said.get(item.version_id, {}).get(item.code, {}))
        for one in lists for item in one.rows
    }  # fmt: skip
    named = [(str(item.id), f"{item.code} {words.said(item)}", rows[str(item.id)][2]) for one in lists for item in one.rows]
    stands = {"base": visit.records[-1].sha256, "result": visit.result, "notes": body.said.get("notes") or None}
    return forms.correct_form(named, **stands), lists, rows


def _changes(form: Any, visit: Any, rows: dict[str, Any]) -> Changes:
    """What of the form differs from what stands there, as a form writes it: what nobody touched stays to the letter."""
    answers = {}
    for name, (version_id, code, before) in rows.items():
        result, reason = form[f"a_{name}"].data or "not_checked", form[f"r_{name}"].data
        if (result, reason) != (before.get("result", "not_checked"), clean_text(before.get("reason"))):
            answers[version_id, code] = (result, reason)
    notes = form.notes.data or ""
    stood = clean_text(words.Body.of(visit.records[-1]).said.get("notes")) or ""
    return Changes(answers, form.result.data, None if notes == stood else notes)


# ---- the last resort -------------------------------------------------------------------------------


uploads.LARGE["inspections.rescue"] = "RESCUE_MAX_MB"


@room.route("/field/rescue", allow=P.INSPECTION_DO, methods=["GET", "POST"])
def rescue(scope: Scope) -> Any:
    """A file the tablet sealed for the platform: opened, shown, and taken in when that is confirmed."""
    form = forms.RescueForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            data = tablets.kept_file(scope, form.kept.data) if form.kept.data else form.file.data.read()
            found = tablets.open_file(scope, data)
            why = tablets.rescue(scope, found, Rules.of(current_app.config)) if form.kept.data else None
        if attempt.ok:
            return _taken(scope, found, data, why) if form.kept.data else _looked_into(scope, found, data)
    return page("inspections/rescue.html", form=form)


def _taken(scope: Scope, found: Any, data: bytes, why: Refused | None) -> Any:
    """To the visit with its record; or to what is kept of the file where it could not become one."""
    visit = field.in_reach(scope, found.uid)
    if why is None:
        tablets.taken(scope, hashlib.sha256(data).hexdigest())
        return done(".show", visit_id=visit.id)
    flash(_("%(why)s Its entries and photos are kept with the visit, and the district has been told.", why=why.message), "watch")
    return done(".of_tablets", visit_id=visit.id)


def _looked_into(scope: Scope, found: Any, data: bytes) -> Any:
    """What the file holds."""
    visit = field.in_reach(scope, found.uid)
    form = forms.RescueForm(formdata=None, kept=tablets.keep_file(scope, data))
    here = field.photos(scope, visit.id, found.photos)
    return page("inspections/rescue.html", form=form, found=found, visit=visit, words=words, here=len(here))
