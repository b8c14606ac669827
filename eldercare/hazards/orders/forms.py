"""One form for each act on a rectification order."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Moment, Pick, PickMany, PickOne, Scans, Text
from eldercare.hazards.orders.models import SERVICE, WAY_WORDS


class PlaceForm(Form):
    """Whose hazards are ordered."""

    facility_id = Pick(_l("Facility"), required=True, coerce=int)


class IssueForm(Form):
    """An order: which hazards, with whom; `issue_form` adds what is asked of each hazard."""

    hazards = PickMany(_l("Hazards"), coerce=int)
    second = Pick(_l("Second officer"), required=True, coerce=int, help=_l("Signs with you; the certificate must count today."))
    note = LongText(_l("Note"), rows=2, longest=1000)


def issue_form(found: list[Any], **given: Any) -> IssueForm:
    """The form for these hazards: demand, deadline and rule of each (`demand_7`, `due_7`, `clause_7`)."""
    asked: dict[str, Any] = {}
    for each in found:
        asked[f"demand_{each.id}"] = LongText(_l("What is demanded"), rows=2, longest=1000, default=each.demand or None)
        asked[f"clause_{each.id}"] = Text(_l("Rule it breaks, beside those above"), longest=200)
        if each.due_on is None:
            asked[f"due_{each.id}"] = Day(_l("Deadline"), help=_l("Left empty: the usual days for how grave it is."))
    form: IssueForm = type("IssueOf", (IssueForm,), asked)(**given)
    form.hazards.offer([(each.id, each.number) for each in found])
    return form


def of_each(form: IssueForm, name: str) -> dict[int, Any]:
    """What was said of the chosen hazards under a name, by hazard id."""
    found = {each: form._fields.get(f"{name}_{each}") for each in form.hazards.data or []}
    return {each: field.data for each, field in found.items() if field is not None and field.data}


class ReceiptForm(Form):
    """送达回证."""

    way = PickOne(_l("Way of service"), required=True, choices=tuple((way, WAY_WORDS[way]) for way in SERVICE))
    received_by = Text(_l("Received by"), required=True, longest=60, help=_l("Name and post of whoever took it."))
    received_at = Moment(_l("Received at"), required=True)
    witness = Text(_l("Witness"), longest=100, help=_l("For an order left at the place: who saw it, or the video."))
    consent = Text(_l("Consent to electronic service"), longest=200, help=_l("For electronic service: where the place agreed."))
    post_no = Text(_l("Number of the letter"), longest=60, help=_l("For an order sent by post."))
    note = LongText(_l("Note"), rows=2, longest=500)
    photos = Scans(_l("Photo or scan of the receipt"))


class ReasonForm(Form):
    """An act that needs a reason and nothing else."""

    reason = LongText(_l("Reason"), required=True, rows=3, longest=1000)
