"""One form for each act of a report's life."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import StopValidation

from eldercare.core.forms import Form, LongText, Pick, Whole
from eldercare.reporting import render
from eldercare.reporting.approval.models import LONGEST, TEXT_WORDS, TEXTS


class Drawable:
    """Every character has a glyph in an installed font: what cannot be printed is refused where it is typed."""

    def __call__(self, _form: Any, field: Any) -> None:
        lost = render.without_glyph(field.data or "")
        if lost:
            raise StopValidation(_l(
                "No installed font can print %(characters)s. Write it in another way, or have a font installed that has it.",
                characters=" ".join(lost[:5]),
            ))  # fmt: skip


def _visible(value: Any) -> Any:
    """Without signs nobody sees, such as those that turn the direction of writing."""
    return "".join(c for c in value if unicodedata.category(c) != "Cf") if isinstance(value, str) else value


class TextsForm(Form):
    """The text parts of a draft, each a few plain paragraphs."""

    version = HiddenField()
    assessment = LongText(
        TEXT_WORDS["assessment"], rows=8, longest=LONGEST["assessment"], rules=[Drawable()],
        help=_l("How the month is judged. A line is a paragraph. No names of residents: figures come from the register alone."),
    )
    requirements = LongText(
        TEXT_WORDS["requirements"], rows=8, longest=LONGEST["requirements"], rules=[Drawable()],
        help=_l("What townships and places have to do, until when."),
    )
    next_month = LongText(
        TEXT_WORDS["next_month"], rows=6, longest=LONGEST["next_month"], rules=[Drawable()],
        help=_l("What the bureau does next month: checks, meetings, holidays, weather."),
    )

    @property
    def seen(self) -> int:
        """The version the person at the screen had open; below zero when it was lost."""
        return int(self.version.data) if (self.version.data or "").isdecimal() else -1

    def values(self) -> dict[str, list[str]]:
        """Paragraphs by part."""
        return {part: paragraphs(self[part].data) for part in TEXTS}


def paragraphs(text: str | None) -> list[str]:
    """The lines of a text that hold anything."""
    lines = (_visible(line).strip().strip("\u3000") for line in (text or "").split("\n"))
    return [line for line in lines if line]


class CommentForm(Form):
    """What is to be said about a part."""

    part = Pick(_l("Part"), empty=_l("The whole report"))
    body = LongText(_l("Comment"), required=True, rows=3, longest=600)


class ConfirmForm(Form):
    """An act that is only confirmed."""


class PublishForm(Form):
    """Publication; the number is asked for where the office keeps the register itself."""

    number = Whole(
        _l("Issue number"), required=True, least=1, most=9999,
        help=_l("From the office’s register: the number of this issue in its year, without letters."),
    )


class ReasonForm(Form):
    """Back to draft."""

    reason = LongText(
        _l("Reason"), required=True, rows=3, longest=600, help=_l("What has to be changed, so that its writer knows."),
    )


class WithdrawForm(Form):
    """A published edition counts no longer."""

    reason = LongText(
        _l("Reason"), required=True, rows=3, longest=600,
        help=_l("It stands over the report for everybody who reads it. No names of residents."),
    )
    replaced_by = Pick(
        _l("Replaced by"), empty=_l("None yet: the next edition that is published"), coerce=int,
        help=_l("The published edition that counts instead."),
    )
