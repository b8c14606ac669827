"""Keeping longer; removing."""

from flask_babel import lazy_gettext as _l

from eldercare.core.fields import Day, LongText, Whole
from eldercare.core.forms import Form


class KeepForm(Form):
    """A later day, and why."""

    until = Day(_l("Keep until"), required=True, help=_l("The last day it is kept. It can be moved later again, never earlier."))
    reason = LongText(
        _l("Reason"), required=True, rows=3, longest=600,
        help=_l("A lawsuit, an investigation, a claim: it stands on the page of each of them. No names of residents."),
    )


class RemoveForm(Form):
    """The number of files, typed by whoever has looked at the list."""

    count = Whole(_l("How many files are removed"), required=True, least=1, most=10_000,
                  help=_l("Type the number that stands above. It cannot be undone."))  # fmt: skip
