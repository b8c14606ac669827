"""Assessing a person, looking at an assessment, declaring one void."""

from typing import Any

from flask import current_app

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.residents import queries
from eldercare.residents.assessments import models, services
from eldercare.residents.assessments.forms import ITEM, AssessmentForm, ResultForm, VoidForm
from eldercare.residents.dossier import queries as dossier
from eldercare.residents.models import Assessment

room = Room("assessments", __name__, url_prefix="/residents/<int:resident_id>/assessments")


def _settings() -> dict[str, Any]:
    config = current_app.config
    return {"months": config["ASSESSMENT_MONTHS"], "add_up": config["ASSESSMENT_ADJUSTMENTS_ADD"]}


def _standing(form: Any) -> dict[str, Any]:
    """How a half-filled form stands: points and answers by group, level so far."""
    groups = models.score_by_group(form.items)
    score, answered = sum(each[1] for each in groups), sum(each[2] for each in groups)
    whole = answered == len(models.INDICATORS)
    raw = models.raw_level(score) if whole else None
    final = models.final_level(raw, form.adjustments.data or [], add_up=_settings()["add_up"]) if raw is not None else None
    return {"groups": groups, "score": score, "answered": answered, "raw": raw, "final": final, "ITEM": ITEM, "models": models}


@room.route("/new", allow=P.RESIDENT_ASSESS, methods=["GET", "POST"])
def new(scope: Scope, resident_id: int) -> Any:
    """Assess by the 26 indicators."""
    return _entry(scope, resident_id, AssessmentForm(), "residents/assessments/new.html")


@room.route("/result", allow=P.RESIDENT_ASSESS, methods=["GET", "POST"])
def result(scope: Scope, resident_id: int) -> Any:
    """Enter a result whose sheet is elsewhere."""
    return _entry(scope, resident_id, ResultForm(), "residents/assessments/result.html")


def _entry(scope: Scope, resident_id: int, form: Any, template: str) -> Any:
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.assess(scope, resident_id, **form.values(), **_settings())
        if attempt.ok:
            return done(".show", resident_id=resident_id, assessment_id=made.id)
    standing = _standing(form) if hasattr(form, "items") else {}
    return page(template, person=queries.record(scope, resident_id), form=form, **standing)


@room.post("/total", allow=P.RESIDENT_ASSESS)
def total(scope: Scope, resident_id: int) -> Any:
    """While entering: how the points stand."""
    queries.record(scope, resident_id)
    return page("residents/assessments/_total.html", **_standing(AssessmentForm()), resident_id=resident_id)[0]


@room.get("/<int:assessment_id>", allow=P.RESIDENT_READ)
def show(scope: Scope, resident_id: int, assessment_id: int) -> Any:
    """One assessment with every point."""
    person = queries.record(scope, resident_id)
    row = dossier.of_resident(scope, Assessment, resident_id, assessment_id)
    groups = models.score_by_group(row.items)
    return page("residents/assessments/show.html", person=person, row=row, groups=groups, models=models)


@room.route("/<int:assessment_id>/void", allow=P.RESIDENT_ASSESS, methods=["GET", "POST"])
def void(scope: Scope, resident_id: int, assessment_id: int) -> Any:
    """Declare an assessment void."""
    form = VoidForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.void(scope, resident_id, assessment_id, form.reason.data or "")
        if attempt.ok:
            return done("residents.show", resident_id=resident_id)
    row = dossier.of_resident(scope, Assessment, resident_id, assessment_id)
    return page("residents/assessments/void.html", person=queries.record(scope, resident_id), row=row, form=form)
