"""The boards put into words: columns by due day, charts whose titles say what they show."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import charts, jinja
from eldercare.core.listing import Badge
from eldercare.hazards.boards.queries import Picture
from eldercare.hazards.listing import AGE_WORDS
from eldercare.hazards.models import TO_PUT_RIGHT, Hazard

WHO_WORDS: dict[str, Any] = {"mine": _l("Assigned to me"), "nobody": _l("Assigned to nobody"), "all": _l("All")}


@dataclass(frozen=True)
class Lane:
    """A column of a board: what stands in it, its sign, what it says when empty."""

    title: Any
    tone: str
    hazards: list[Hazard]
    empty: Any


def _soon() -> int:
    days: int = current_app.config["HAZARD_BOARD_DAYS"]
    return days


def of_place(found: list[Hazard], today: date) -> list[Lane]:
    """A place's hazards by what is to be done until when."""
    turn = [each for each in found if each.state in TO_PUT_RIGHT and each.due_on is not None]
    days, last = _soon(), today + timedelta(_soon())
    late = [each for each in turn if each.due_on and each.due_on < today]
    week = [each for each in turn if each.due_on and today <= each.due_on <= last]
    later = [each for each in turn if each.due_on and each.due_on > last]
    others = [each for each in found if each.state not in TO_PUT_RIGHT]
    return [
        Lane(_l("Overdue"), "bad", late, _l("Nothing is overdue.")),
        Lane(ngettext("Due within %(num)d day", "Due within %(num)d days", days), "watch", week, _l("Nothing falls due soon.")),
        Lane(_l("Due later"), "active", later, _l("Nothing falls due later.")),
        Lane(_l("Waits for others"), "quiet", others, _l("Nothing waits for an officer.")),
    ]


def to_recheck(found: list[Hazard], unanswered: list[Hazard], today: date) -> list[Lane]:
    """Rechecks by the day they are due; last what nobody answered in time."""
    days, last = _soon(), today + timedelta(_soon())
    late = [each for each in found if recheck_by(each) < today]
    week = [each for each in found if today <= recheck_by(each) <= last]
    later = [each for each in found if recheck_by(each) > last]
    return [
        Lane(_l("Recheck overdue"), "bad", late, _l("No recheck is overdue.")),
        Lane(
            ngettext("Recheck within %(num)d day", "Recheck within %(num)d days", days), "watch", week,
            _l("No recheck falls due soon."),
        ),
        Lane(_l("Recheck later"), "active", later, _l("No recheck falls due later.")),
        Lane(_l("Deadline passed without a reply"), "bad", unanswered, _l("Every place has replied in time.")),
    ]


def recheck_by(hazard: Hazard) -> date:
    """The last day for the recheck of the reply that waits."""
    return next(each.recheck_by for each in hazard.replies if each.result is None)


def recheck_badge(hazard: Hazard, today: date) -> Badge:
    """How long there is for the recheck."""
    left = (recheck_by(hazard) - today).days
    if left < 0:
        return Badge(ngettext("recheck %(num)d day overdue", "recheck %(num)d days overdue", -left), "bad")
    if left == 0:
        return Badge(_("recheck today"), "watch")
    return Badge(ngettext("recheck within %(num)d day", "recheck within %(num)d days", left), "watch" if left <= 3 else "quiet")


# ---- the overview -----------------------------------------------------------------------------------


def period(shown: Picture) -> dict[str, str]:
    """What was found in the period, as the ledger's filters take it."""
    return found_between(shown.first, shown.last)


def found_between(first: date, last: date) -> dict[str, str]:
    """What was found between two days and not dismissed, as the ledger's filters take it."""
    return {"found_from": first.isoformat(), "found_to": last.isoformat(), "stage": "found"}


def ages_chart(shown: Picture) -> dict[str, Any]:
    """Open hazards by age, the title saying how many are old."""
    total = sum(each.count for each in shown.ages)
    old = sum(each.count for each in shown.ages if each.code in {"two_months", "longer"})
    if not total:
        title = _("No ordered hazard is open")
    elif old:
        title = ngettext("%(num)d open hazard is older than 30 days", "%(num)d open hazards are older than 30 days", old)
    else:
        title = _("No open hazard is older than 30 days")
    rows = [(str(AGE_WORDS[each.code]), each.count, _bar(each)) for each in shown.ages]
    table = [[str(AGE_WORDS[each.code]), each.count, each.serious, each.major, each.overdue] for each in shown.ages]
    columns = [_("Since the order"), _("Open"), _("Serious"), _("Major"), _("Overdue")]
    spec = charts.bars(rows, width="container", row_height=30)
    return {"spec": spec, "title": title, "table": {"columns": columns, "rows": table}}


def _bar(age: Any) -> str:
    if not age.count:
        return "0"
    return _("%(count)d, %(late)d overdue", count=age.count, late=age.overdue) if age.overdue else str(age.count)


def months_chart(shown: Picture) -> dict[str, Any]:
    """Found and put right by month, the title saying which way it goes."""
    last_found, last_right = (sum(row[at] for row in shown.months[-3:]) for at in (1, 2))
    if last_found > last_right:
        title = _("More was found than put right in the last three months")
    elif last_found < last_right:
        title = _("More was put right than found in the last three months")
    else:
        title = _("As much was put right as found in the last three months")
    labels = [jinja.month_label(row[0]) for row in shown.months]
    series = {_("Found"): [row[1] for row in shown.months], _("Put right"): [row[2] for row in shown.months]}
    january = jinja.january(row[0] for row in shown.months)
    spec = charts.trend(labels, series, text=lambda value: f"{value:.0f}", width="container", height=190, zero=True, year=january)
    rows = [[str(month), found, right] for month, found, right in shown.months]
    return {"spec": spec, "title": title, "table": {"columns": [_("Month"), _("Found"), _("Put right")], "rows": rows}}


def answered(shown: Picture) -> str | None:
    """How many of the overdue were answered in time and wait for their recheck; they count until it has passed (§5.4)."""
    number = shown.waiting["replied_in_time"]
    return ngettext("%(num)d replied in time", "%(num)d replied in time", number) if number else None


def rate(shown: Picture) -> str | None:
    """Put right in time of what fell due, as a percentage."""
    return f"{100 * shown.counts.in_time / shown.counts.due:.1f}%" if shown.counts.due else None


def repeat_months() -> int:
    """Within how many months an item found wrong again is a repeat."""
    months: int = current_app.config["HAZARD_REPEAT_MONTHS"]
    return months
