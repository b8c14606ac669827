"""One form for each act on a posting or a day on post."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.core.forms import Day, Form, LongText, Moment, Pick, PickMany, PickOne, Scans, Text
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.inspections.postings.models import ANSWER_WORDS, AREA_WORDS, NOTE_WORDS, WEEKDAYS
from eldercare.inspections.postings.services import OWN_NOTES

_DAYS = tuple((str(number), word) for number, word in enumerate(WEEKDAYS, 1))


class _Weekly(Form):
    organisation = Text(_l("Third party"), longest=100, help=_l("Where the person comes from; empty for the bureau's own."))
    weekdays = PickMany(_l("Days of the week"), required=True, choices=_DAYS)

    def days(self) -> list[int]:
        """1 Monday to 7 Sunday."""
        return [int(each) for each in self.weekdays.data]


class PostForm(_Weekly):
    """A person stationed at a home."""

    user_id = Pick(
        _l("Person"), required=True,
        help=_l("Who holds the duty of stationed supervision at this home. The administrator grants it."),
    )
    starts_on = Day(_l("From"), required=True)
    ends_on = Day(_l("Until"), help=_l("Empty: until further notice."))


class ChangeForm(_Weekly):
    """Other days of the week."""


class EndForm(Form):
    """The end of a posting."""

    ends_on = Day(_l("Last day"), required=True)
    reason = LongText(_l("Reason"), required=True, rows=2)


class ArriveForm(Form):
    """Arriving: where the device is, where it says so (filled by the page itself)."""

    lon, lat, accuracy = HiddenField(), HiddenField(), HiddenField()

    def position(self) -> tuple[float, float, float] | None:
        """(lon, lat, metres), or None where the device said nothing that can be."""
        try:
            lon, lat, accuracy = (float(field.data) for field in (self.lon, self.lat, self.accuracy))
        except (TypeError, ValueError):
            return None
        return (lon, lat, accuracy) if -180 <= lon <= 180 and -90 <= lat <= 90 and 0 <= accuracy < 1e6 else None


class LateForm(Form):
    """A day written down afterwards."""

    arrived_at = Moment(_l("Arrived"), required=True)


class WriteForm(Form):
    """When one came and left, and where one walked."""

    arrived_at = Moment(_l("Arrived"), required=True)
    left_at = Moment(_l("Left"), help=_l("Empty while you are still there."))
    areas = PickMany(_l("Walked"), choices=tuple(AREA_WORDS.items()))


class NoteForm(Form):
    """What was seen, advised or taught."""

    kind = PickOne(_l("What is it?"), required=True, choices=tuple((each, NOTE_WORDS[each]) for each in OWN_NOTES))
    text = LongText(_l("In words"), required=True, rows=3, help=_l("Where, what, and what you suggest. No names of residents."))
    photos = Scans(_l("Photos"))


class HazardForm(Form):
    """A hazard reported to the bureau."""

    severity = PickOne(
        _l("How grave is it?"), required=True,
        choices=tuple((each, word) for each, word in SEVERITY_WORDS.items() if each != "major"),
        help=_l("Where it may be a major accident hazard, report it as serious and call the bureau: an officer decides that."),
    )
    description = LongText(_l("What is wrong"), required=True, rows=3)
    place_note = Text(_l("Where in the home"), longest=100)
    photos = Scans(_l("Photos"))


class CommentForm(Form):
    """The home's own word."""

    comment = LongText(_l("The home's comment"), required=True, rows=3)


class AnswerForm(Form):
    """The home's answer to advice."""

    verdict = PickOne(_l("Is the advice adopted?"), required=True, choices=tuple(ANSWER_WORDS.items()))
    reason = LongText(_l("Reason"), rows=2, help=_l("Needed where it is not adopted."))


def values(form: Form, *names: str) -> dict[str, Any]:
    """What was typed, by name."""
    return {name: form[name].data for name in names}
