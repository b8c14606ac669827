"""The choices of an ad-hoc report: they live in the address of the form, so a link carries them."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core import jinja
from eldercare.core.calendar import Month, today
from eldercare.core.forms import Form, Pick, PickMany, Text
from eldercare.reporting import queries
from eldercare.reporting.listing import LANGUAGES, period_words

MONTHS = 60


def _months() -> list[tuple[str, str]]:
    last = Month.of(today()).plus(-1)
    return [(str(last.plus(-n)), jinja.month(last.plus(-n))) for n in range(MONTHS)]


def _periods() -> list[tuple[str, str]]:
    return [(str(each), period_words(each)) for each in queries.periods("request", today())]


class AdHocForm(Form):
    """Which parts, which place, which time."""

    parts = PickMany(_l("Parts"), required=True)
    place = Pick(_l("Place"))
    townships = PickMany(_l("or several townships together"))
    period = Pick(_l("Month, quarter or year"), choices=_periods)
    month_from = Pick(_l("or from the month"), choices=_months)
    month_to = Pick(_l("to the month"), choices=_months)
    language = Pick(_l("Language"), choices=tuple(LANGUAGES.items()), required=True)
    title = Text(_l("Title of its own"), longest=60, help=_l("In the language of the report. Empty: place and kind name it."))
    name = Text(_l("Name for these choices"), longest=40, help=_l("Only to keep them for another time."))

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        keys = ("parts", "place", "townships", "period", "month_from", "month_to", "language", "title")
        return {key: self[key].data for key in keys}

    def query(self) -> dict[str, Any]:
        """The same as it stands in an address."""
        return {key: value for key, value in self.values().items() if value}
