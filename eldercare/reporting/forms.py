"""Asking for a report by hand."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.calendar import Month, today
from eldercare.core.forms import Form, LongText, Pick
from eldercare.reporting import queries
from eldercare.reporting.listing import KINDS, LANGUAGES, period_words


def months() -> list[tuple[str, str]]:
    """The eighteen months that have ended, newest first."""
    last = Month.of(today()).plus(-1)
    return [(str(last.plus(-n)), str(last.plus(-n))) for n in range(18)]


def periods() -> list[tuple[str, str]]:
    """What the lists can be narrowed to: eighteen months, the quarters and years of three years, newest first."""
    year = today().year
    longer = [f"{each}{part}" for each in range(year, year - 3, -1) for part in ("", "Q4", "Q3", "Q2", "Q1")]
    return [*months(), *((each, each) for each in longer)]


def periods_of(kind: str | None) -> list[tuple[str, str]]:
    """The periods a kind of report can be asked for; of no kind yet, the months."""
    module = queries.kinds().get(kind or "")
    cadence = module.CADENCE if module and module.CADENCE in queries.PERIODS else "monthly"
    return [(str(each), period_words(each)) for each in queries.periods(cadence, today())]


class AskForm(Form):
    """Which report, of which period, about which place."""

    kind = Pick(_l("Report"), choices=tuple(KINDS.items()), required=True)
    period = Pick(_l("Period"), required=True, help=_l("Only what has ended."))
    place = Pick(
        _l("Place"), empty=_l("Whole district"),
        help=_l("The whole district, a township or a facility: whichever the report is about."),
    )
    language = Pick(_l("Language"), choices=tuple(LANGUAGES.items()), required=True)
    reason = LongText(
        _l("Why another edition is wanted"), rows=2, longest=600,
        help=_l("Only where the month has a published edition already: late figures, a mistake. It stands on the report’s page."),
    )

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"kind": self.kind.data, "period": self.period.data, "place": self.place.data,
                "languages": [self.language.data], "reason": self.reason.data}
