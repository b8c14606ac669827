"""The pages of days off: what is known of each year, and entering one."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.inspections.plans.holidays import forms, imports, queries, services

room = Room("holidays", __name__, url_prefix="/inspections/plans/holidays")


def _years() -> list[int]:
    """Last year to the year after the next."""
    return [calendar.today().year + n for n in range(-1, 3)]


def _asked(text: str | None) -> int:
    return int(text) if text and text.isdigit() and int(text) in _years() else calendar.today().year


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """Each year's days off and make-up days."""
    years = [(each, queries.spans(scope, each)) for each in _years()]
    return page("inspections/plans/holidays/index.html", years=years)


@room.route("/enter", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def enter(scope: Scope) -> Any:
    """A year's days, as the notice gives them."""
    year = _asked(request.args.get("year"))
    form = forms.YearForm(year=year, lines=_lines(queries.spans(scope, year)))
    form.year.offer([(each, str(each)) for each in _years()])
    if form.validate_on_submit():
        with trying(form) as attempt:
            text = imports.lines(form.book.data.read()) if form.book.data else form.lines.data
            services.load(scope, form.year.data, services.of_text(text or ""))
        if attempt.ok:
            return done(".index")
    return page("inspections/plans/holidays/enter.html", form=form)


def _lines(spans: list[Any]) -> str:
    """What there is, as lines to change."""
    return "\n".join(
        f"{first} {last if last != first else ''} {_('off') if is_off else _('worked')} {name}".replace("  ", " ").strip()
        for first, last, is_off, name in spans
    )
