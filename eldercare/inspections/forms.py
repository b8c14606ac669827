"""One form for each act on a visit."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Optional, Regexp

from eldercare.checklists.checks.models import RESULT_WORDS as ANSWER_WORDS
from eldercare.core.forms import Form, LongText, Pick, PickOne, Text, Upload
from eldercare.inspections.models import RESULT_WORDS, WAY_WORDS


class NoticeForm(Form):
    """The home is told of a visit."""

    way = PickOne(_l("How is it told?"), required=True, choices=tuple(WAY_WORDS.items()))
    to = Text(_l("To whom"), longest=100, help=_l("Name and post of who took it."))
    reason = LongText(_l("Why so late"), rows=2, help=_l("Only where the visit is sooner than the rule asks for."))


class ReasonForm(Form):
    """A visit called off, or a publication taken back."""

    reason = LongText(_l("Reason"), required=True, rows=3, help=_l("It stays with the visit."))


class AnswerForm(Form):
    """The home's own word."""

    words = LongText(
        _l("What the home has to say"), required=True, rows=6,
        help=_l("The district reads it before anything is published, and it stays with the record."),
    )  # fmt: skip


class PublishForm(Form):
    """What the public will read."""

    words = LongText(
        _l("What the public reads"), required=True, rows=8, longest=4000,
        help=_l("No names of persons; names the record knows and long numbers are masked by themselves."),
    )  # fmt: skip


class RescueForm(Form):
    """A rescue file; `kept`: the hash of one that was looked into, to be taken in now."""

    kept = HiddenField(validators=[Optional(), Regexp("^[0-9a-f]{64}$")])
    file = Upload(_l("Rescue file"), kinds=("rescue", "json"), help=_l("The file the tablet made; its name ends in .rescue."))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.file.most_mb = current_app.config["RESCUE_MAX_MB"]

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two."""
        sound = bool(super().validate(extra_validators))
        if sound and not self.kept.data and not (self.file.data and self.file.data.filename):
            self.file.errors = [_l("Choose the file.")]
            return False
        return sound


class CorrectForm(Form):
    """A record corrected: `rows` of answers are added by `correct_form`."""

    base = HiddenField()
    result = Pick(_l("Result of the visit"), required=True, choices=tuple(RESULT_WORDS.items()))
    notes = LongText(_l("Notes"), rows=4, longest=4000)
    reason = LongText(_l("Why it is corrected"), required=True, rows=3, help=_l("It stands on the new edition."))


def correct_form(rows: Sequence[tuple[str, str, dict[str, Any]]], **values: Any) -> CorrectForm:
    """The form for a record: `rows` are (name, words of the item, its answer); fields `a_<name>` and `r_<name>`."""
    fields: dict[str, Any] = {}
    for name, words, said in rows:
        fields[f"a_{name}"] = Pick(words, choices=tuple(ANSWER_WORDS.items()), default=said.get("result", "not_checked"))
        fields[f"r_{name}"] = LongText(_l("Reason"), longest=4000, rows=1, default=said.get("reason") or "")
    made: CorrectForm = type("CorrectForm", (CorrectForm,), fields)(**values)
    return made
