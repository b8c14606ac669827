"""One form for each act on plans and planned visits."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Pick, PickMany, PickOne, Tick
from eldercare.inspections.models import DRAWN, KIND_WORDS, NOTICE_WORDS
from eldercare.inspections.plans.models import HAND_KINDS, Terms

Window = tuple[time | None, time | None]


class DraftForm(Form):
    """A plan of a year or a month."""

    year = Pick(_l("Year"), required=True, coerce=int)
    month = Pick(
        _l("Month"), coerce=int, empty=_l("the whole year"),
        help=_l("A plan of a month takes in what the year’s plan leaves short: a class that changed, visits that were missed."),
    )  # fmt: skip
    purpose = LongText(_l("Purpose of the plan"), rows=3, help=_l("What the plan is for, as it stands on its first page."))


class NoteForm(Form):
    """A word on an approval or an end."""

    note = LongText(_l("Note"), rows=3)


class ReasonForm(Form):
    """Why."""

    reason = LongText(_l("Reason"), required=True, rows=3)


class SeatsForm(Form):
    """Who goes."""

    team = Pick(
        _l("Lead"), required=True, coerce=int, help=_l("Writes the record. Both hold a certificate that counts on this day.")
    )
    second = Pick(_l("Second officer"), required=True, coerce=int)
    third = Pick(_l("Third officer"), coerce=int, empty=_l("nobody"))

    def offer(self, officers: Iterable[Any]) -> None:
        """Who can be chosen for each seat."""
        pairs = [(each.id, each.name) for each in officers]
        for field in (self.team, self.second, self.third):
            field.offer(pairs)

    def chosen(self) -> list[int]:
        """The team, the lead first."""
        return [each for each in (self.team.data, self.second.data, self.third.data) if each is not None]

    def sit(self, team: Sequence[Any]) -> None:
        """Begin with who goes now."""
        for field, officer in zip((self.team, self.second, self.third), team, strict=False):
            field.data = field.data if field.raw_data else officer.id


class ReseatForm(SeatsForm):
    """Other officers for a visit, with the reason."""

    reason = LongText(_l("Why the team changes"), required=True, rows=3, help=_l("It stays with the visit."))


class TeamForm(SeatsForm):
    """When, and who goes."""

    planned_on = Day(_l("Day"), required=True, help=_l("A working day, today or later."))
    slot = Pick(_l("Time of the visit"), required=True)
    outside = Tick(_l("Go outside the opening hours all the same"))

    def seat(self, officers: Iterable[Any], terms: Terms) -> None:
        """Offer the officers and the times of a day."""
        self.offer(officers)
        self.slot.offer([(slot_value(slot), slot_words(slot)) for slot in terms.slots])

    def window(self) -> Window:
        """The time chosen."""
        starts, _dash, ends = str(self.slot.data).partition("-")
        return time.fromisoformat(starts), time.fromisoformat(ends)

    def asked(self) -> dict[str, Any]:
        """The time, the team, and whether the visit may fall outside the opening hours, as the acts take them."""
        return {"window": self.window(), "team": self.chosen(), "outside": self.outside.data}

    def stand(self, row: Any, team: Sequence[Any]) -> None:
        """Begin with what a planned visit or a visit has; its own hours stay on offer, whatever the times of the plan are."""
        if row.window_from and row.window_to:
            own = (row.window_from, row.window_to)
            offered = dict(self.slot.values)  # type: ignore[arg-type]
            if slot_value(own) not in offered:
                self.slot.offer([(slot_value(own), slot_words(own)), *offered.items()])
            self.slot.data = self.slot.data if self.slot.raw_data else self.slot.data or slot_value(own)
        self.sit(team)


class MoveForm(TeamForm):
    """Another day, time or team, with the reason."""

    reason = LongText(_l("Reason"), required=True, rows=3, help=_l("Stays with the visit and in the log."))


class AddForm(TeamForm):
    """A visit put into a plan by hand."""

    facility = Pick(_l("Facility"), required=True, coerce=int)
    kind = Pick(_l("Kind of visit"), required=True, choices=[(kind, KIND_WORDS[kind]) for kind in HAND_KINDS])


class PlaceForm(Form):
    """Where."""

    facility = Pick(_l("Facility"), required=True, coerce=int)


class VisitForm(TeamForm):
    """A visit for its own sake."""

    kind = PickOne(
        _l("Kind of visit"), required=True, choices=[(kind, said) for kind, said in KIND_WORDS.items() if kind not in DRAWN]
    )
    notice = PickOne(
        _l("Notice"), required=True, choices=tuple(NOTICE_WORDS.items()),
        help=_l("A case check is never told beforehand. The others are told some working days before, in principle."),
    )  # fmt: skip
    versions = PickMany(_l("Lists to fill in"), required=True, coerce=int)
    purpose = LongText(_l("What is looked at"), required=True, rows=2)
    basis = LongText(_l("Legal basis"), rows=2)


def slot_value(slot: Window) -> str:
    """A time as a form sends it."""
    return f"{slot[0]:%H:%M}-{slot[1]:%H:%M}"


def slot_words(slot: Window) -> str:
    """A time as people read it."""
    return f"{slot[0]:%H:%M}–{slot[1]:%H:%M}"
