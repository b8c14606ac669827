"""One form for each act on a hazard."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Pick, PickOne, Scans, Text, Tick
from eldercare.hazards.models import SEVERITY_WORDS

_SEVERITIES = tuple(SEVERITY_WORDS.items())
_ROW_HELP = _l("For a major accident hazard only: the row of the criteria it falls under.")


class PlaceForm(Form):
    """Where it was found."""

    facility_id = Pick(_l("Facility"), required=True, coerce=int)


class ReportForm(Form):
    """What was found; `becomes` is asked of certified officers alone."""

    description = LongText(_l("What is wrong"), required=True, rows=4, help=_l("What you saw, so that somebody else finds it."))
    place_note = Text(_l("Where"), longest=100, help=_l("Building, floor, room: 3rd floor, east stairs."))
    severity = PickOne(_l("How grave is it?"), required=True, choices=_SEVERITIES)
    hazard_code = Pick(_l("Row of the major hazards"), help=_ROW_HELP)
    item = Pick(_l("Item of the checklist"), help=_l("The item it breaks, where there is one: the order then names its rule."))
    demand = LongText(_l("What is demanded"), rows=2, help=_l("What has to be done so that it is right."))
    photos = Scans(_l("Photos as it was found"))
    becomes = PickOne(
        _l("What becomes of it?"),
        choices=(
            ("order", _l("Order it to be put right")), ("fixed", _l("It was put right on the spot, I saw it")),
            ("report", _l("Leave it to another officer")),
        ),
        default="order",
    )  # fmt: skip


class ConfirmForm(Form):
    """An officer's own judgement of what was reported."""

    severity = PickOne(_l("How grave is it?"), required=True, choices=_SEVERITIES)
    hazard_code = Pick(_l("Row of the major hazards"), help=_ROW_HELP)
    demand = LongText(_l("What is demanded"), required=True, rows=3, help=_l("What has to be done so that it is right."))
    due_on = Day(_l("Deadline"), help=_l("Left empty: the usual days for how grave it is."))


class ReasonForm(Form):
    """An act that needs a reason and nothing else."""

    reason = LongText(_l("Reason"), required=True, rows=3, longest=1000)


class ReplyForm(Form):
    """What was done."""

    measures = LongText(_l("What was done"), required=True, help=_l("What was put right, how, by whom, and how it stays so."))
    photos = Scans(_l("Photos as it is now"))


class RecheckForm(Form):
    """What the recheck found; `takes_over` is asked where somebody else was to do it."""

    passed = PickOne(
        _l("Is it put right?"), required=True, choices=(("passed", _l("Yes, it passes")), ("failed", _l("No, not yet")))
    )
    findings = LongText(
        _l("What was found"), required=True, help=_l("What you saw, where and when. Where it fails: what is missing.")
    )
    photos = Scans(_l("Photos of the recheck"))
    takes_over = Tick(_l("I take it over from whoever was asked"))


class AssignForm(Form):
    """Who rechecks."""

    rechecker = Pick(_l("To be rechecked by"), required=True, coerce=int, help=_l("Whoever replied is not on offer."))


class AskForm(Form):
    """More time, asked for."""

    due_on = Day(_l("Wanted deadline"), required=True, help=_l("Once only, and only before the present deadline has passed."))
    reason = LongText(_l("Why more time is needed"), required=True, rows=3)


class ExtendForm(Form):
    """A later deadline, once."""

    due_on = Day(_l("New deadline"), required=True, help=_l("Once only, and only before the present deadline has passed."))
    reason = LongText(_l("Why more time is needed"), required=True, rows=3)


class StateForm(Form):
    """The place's own word."""

    statement = LongText(
        _l("What the place says"), required=True, rows=6, longest=4000,
        help=_l("It stands beside the hazard wherever it is shown. It can be said once. No names of residents."),
    )  # fmt: skip


def values(form: Form) -> dict[str, Any]:
    """What was typed, by name."""
    return {field.name: field.data for field in form if field.name != "csrf_token"}
