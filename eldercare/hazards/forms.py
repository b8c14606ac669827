"""One form for each act on a hazard."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, PickOne


class ReplyForm(Form):
    """What was done."""

    measures = LongText(_l("What was done"), required=True, help=_l("What was put right, how, by whom, and how it stays so."))


class RecheckForm(Form):
    """What the recheck found."""

    passed = PickOne(
        _l("Is it put right?"), required=True, choices=(("passed", _l("Yes, it passes")), ("failed", _l("No, not yet")))
    )
    findings = LongText(
        _l("What was found"), required=True, help=_l("What you saw, where and when. Where it fails: what is missing.")
    )


class ExtendForm(Form):
    """A later deadline, once."""

    due_on = Day(_l("New deadline"), required=True, help=_l("Once only, and only before the present deadline has passed."))
    reason = LongText(_l("Why more time is needed"), required=True, rows=3)


def values(form: Form) -> dict[str, Any]:
    """What was typed, by name."""
    return {field.name: field.data for field in form if field.name != "csrf_token"}
