"""What a tap on the roster sends."""

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from eldercare.core import calendar
from eldercare.core.forms import Form, Pick, PickOne, Text
from eldercare.facilities.staff.models import POST_WORDS
from eldercare.facilities.staff.roster.models import SHIFT_WORDS, SHIFTS


class TapForm(Form):
    """The pen (which shift, on which post) and the cell it was put to: "<member>/<day>"."""

    shift = PickOne(_l("Shift"), choices=SHIFT_WORDS.items(), required=True, default=SHIFTS[0])
    duty = Pick(_l("On the post of"), choices=POST_WORDS.items(), empty=_l("Main post"))
    cell = Text(_l("Cell"), required=True, longest=40)

    def where(self) -> tuple[int, date] | None:
        """(the member's id, the day), or None when it is no cell."""
        member, _slash, day = (self.cell.data or "").partition("/")
        try:
            return int(member), date.fromisoformat(day)
        except ValueError:
            return None

    def validate_cell(self, _field: Any) -> None:
        """A cell of the week, nothing else."""
        if self.where() is None:
            raise ValidationError(_l("This is none of the choices."))


def week_asked(text: Any) -> date:
    """The Monday of the week asked for, this week's when it cannot be read."""
    today = calendar.today()
    try:
        day = date.fromisoformat(str(text or ""))
    except ValueError:
        day = today
    if not today - timedelta(3660) <= day <= today + timedelta(366):
        day = today
    return day - timedelta(day.weekday())
