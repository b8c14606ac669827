"""What a telephone sends while a round is walked."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.checklists.checks.services import Answer
from eldercare.core.forms import Form, LongText, PickOne, Scan, Text
from eldercare.selfchecks.filling.services import Start

# reasons at hand, by the answer they belong to: one tap instead of typing
REASON_WORDS: dict[str, list[Any]] = {
    "nonconform": [_l("Blocked"), _l("Locked"), _l("Damaged"), _l("Missing"), _l("Out of order"), _l("Nobody there")],
    "partial": [_l("Put right at once"), _l("Only in one place"), _l("Repair is ordered")],
    "not_applicable": [_l("We have none"), _l("Not in use today"), _l("No works today")],
}


class BeginForm(Form):
    """Who walks, and where the telephone is (by itself, when it may)."""

    member = PickOne(_l("Who walks this round?"))
    lon, lat, accuracy = HiddenField(), HiddenField(), HiddenField()

    def start(self) -> Start:
        """What the service takes; a position that makes no sense is none."""
        member = int(self.member.data) if (self.member.data or "").isdigit() else None
        try:
            lon, lat, accuracy = (float(each.data) for each in (self.lon, self.lat, self.accuracy))
        except (TypeError, ValueError):
            return Start(member)
        inside = -180 <= lon <= 180 and -90 <= lat <= 90 and 0 <= accuracy <= 100_000  # and so no NaN
        return Start(member, (round(lon, 6), round(lat, 6), round(accuracy)) if inside else None)


class AnswerForm(Form):
    """An item's answer; `phrase` is a reason at hand, `reason` what is typed, which counts more."""

    code = Text(_l("Item"), required=True, longest=60)
    result = Text(_l("Result"), required=True, longest=20)
    phrase = Text(_l("Reason"), longest=100)
    reason = LongText(_l("In your own words"), longest=500, rows=2)

    def answer(self) -> Answer:
        """What the service takes."""
        return Answer(self.result.data or "", self.reason.data or self.phrase.data)


class PhotoForm(Form):
    """A photo of an item."""

    code = Text(_l("Item"), required=True, longest=60)
    photo = Scan(_l("Photo"), required=True)
