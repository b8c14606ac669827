"""The form of a schedule."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.accounts.models import ROLE_WORDS
from eldercare.core.forms import Form, PickMany, PickOne, Whole
from eldercare.reporting.listing import LANGUAGES
from eldercare.reporting.schedules import queries
from eldercare.reporting.schedules.models import IF_OFF_WORDS, WAY_WORDS, ReportSchedule


class ScheduleForm(Form):
    """When, for which places, in which languages, and who hears of it."""

    way = PickOne(_l("Counted"), choices=tuple(WAY_WORDS.items()), required=True)
    day = Whole(
        _l("Which day"), least=1, most=28, required=True,
        help=_l("The day of the month after the period, 1 to 28; or which working day of that month, 1 to 15."),
    )  # fmt: skip
    if_off = PickOne(
        _l("When that is no working day"), choices=tuple(IF_OFF_WORDS.items()), required=True,
        help=_l("Working days are those of the table of days off. Counting working days, this does not matter."),
    )  # fmt: skip
    hour = Whole(_l("Hour"), least=0, most=23, required=True)
    minute = Whole(_l("Minute"), least=0, most=59, required=True)
    languages = PickMany(_l("Languages"), choices=tuple(LANGUAGES.items()), required=True)
    places = PickMany(_l("Only for"), help=_l("None ticked: all of them, also those that come later."))
    roles = PickMany(
        _l("Duties that are told"),
        help=_l("Whoever holds the duty at the report’s place finds a line in the inbox, and a mail with a link, never the PDF."),
    )  # fmt: skip
    people = PickMany(_l("People who are told as well"), coerce=int)

    def offer(self, scope: Any, kind: str, language: str) -> "ScheduleForm":
        """What can be chosen for this kind of report."""
        audience = queries.kind(kind).AUDIENCE
        self.places.offer(queries.place_choices(scope, kind, language))
        self.roles.offer([(str(role), ROLE_WORDS[role]) for role in queries.roles(audience)])
        self.people.offer([(each.id, each.name) for each in queries.readers(scope, audience)])
        return self

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {field.name: field.data for field in self if field.name != "csrf_token"}

    def drafted(self, kind: str, row: ReportSchedule | None) -> ReportSchedule | None:
        """The schedule as the form has it, to be said in words; None while its numbers cannot be read."""
        way, if_off, numbers = self.way.data, self.if_off.data or "keep", (self.day.data, self.hour.data, self.minute.data)
        most = 15 if way == "working_day" else 28
        if way not in WAY_WORDS or if_off not in IF_OFF_WORDS or None in numbers:
            return None
        if not (0 < numbers[0] <= most and 0 <= numbers[1] < 24 and 0 <= numbers[2] < 60):
            return None
        return ReportSchedule(
            id=row.id if row else 0, kind=kind, way=way, day=numbers[0], hour=numbers[1], minute=numbers[2],
            if_off=if_off, first=row.first if row else "",
        )  # fmt: skip


def asked(kind: str) -> dict[str, Any]:
    """What the form of a new schedule begins with: what a report is set up with."""
    languages = list(queries.kind(kind).LANGUAGES)
    return {"way": "day", "day": 1, "if_off": "keep", "hour": 2, "minute": 0, "languages": languages}


def held(row: ReportSchedule) -> dict[str, Any]:
    """What the form of a schedule begins with: what stands."""
    names = ("way", "day", "if_off", "hour", "minute", "languages", "places", "roles", "people")
    return {name: getattr(row, name) for name in names}
