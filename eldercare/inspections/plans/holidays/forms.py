"""The form of a year's days off."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Form, LongText, Pick
from eldercare.core.uploads import Upload


class YearForm(Form):
    """A year's days off and make-up days, pasted or from a workbook."""

    year = Pick(_l("Year"), required=True, coerce=int)
    lines = LongText(
        _l("Days"), rows=18, longest=20000,
        help=_l(
            "A line each: the day (or the first and the last), “off” or “worked”, what for. Such as 2027-10-01 2027-10-07 off"
            " National Day, or 2027-10-09 worked. Weekends need no line. Replaces all the days of the year."
        ),
    )  # fmt: skip
    book = Upload(
        _l("Or a workbook"), kinds=("xlsx", "csv"), most_mb=1,
        help=_l("Columns: first day, last day, off or worked, what for. When a file is given, the lines above are not read."),
    )  # fmt: skip
