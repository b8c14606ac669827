"""The acts done right on the board: back, leave, hospital, another bed, moving in, a bed out of use."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.beds import queries
from eldercare.beds.places import services as places
from eldercare.beds.queries import BoardBed
from eldercare.beds.stays import services
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.forms import Day, Form, Pick, Text
from eldercare.core.scope import Scope
from eldercare.core.secrets import mask_name
from eldercare.core.web import can

REASONS = (_l("Care has changed"), _l("At the family’s wish"), _l("Does not get on in the room"), _l("The room is repaired"))


class Act(Form):
    """One act on a bed of the board. `seen`: the stay the sheet showed; another one there meanwhile is refused."""

    NAME: ClassVar[str]
    VERB: ClassVar[Any]
    SAVED: ClassVar[Any]
    STATES: ClassVar[tuple[str, ...]]  # of a bed on which it is possible
    seen = HiddenField()

    @classmethod
    def for_bed(cls, bed: BoardBed, scope: Scope, to: int | None = None) -> "Act":
        """The form for a bed as it is now; names begin with the act's, since a sheet holds several."""
        form = cls(prefix=f"{cls.NAME}-")
        if not form.seen.data:
            form.seen.data = f"{bed.stay_id or 0}.{bed.version or 0}"
        form.prepare(scope, bed, to)
        return form

    def prepare(self, scope: Scope, bed: BoardBed, to: int | None) -> None:
        """What is offered, where it depends on the bed."""

    def whose(self, bed: BoardBed) -> dict[str, int]:
        """The stay and its version as the sheet showed them; row.changed when somebody else sleeps there now."""
        stay, _dot, version = (self.seen.data or "").partition(".")
        if stay != str(bed.stay_id) or not version.isdecimal():
            raise Refused("row.changed")
        return {"stay_id": bed.stay_id or 0, "version": int(version)}

    def outdated(self, bed: BoardBed) -> Refused | None:
        """Why the sheet this was sent from no longer holds, before anything else is judged."""
        return None if (self.seen.data or "").partition(".")[0] == str(bed.stay_id or 0) else Refused("row.changed")

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """Do it; the beds that look different now, the one to show first."""
        raise NotImplementedError


def _today(label: Any) -> Day:
    return Day(label, required=True, default=calendar.today)


class ComeBack(Act):
    """返院."""

    NAME, VERB, SAVED, STATES = "come-back", _l("Came back"), _l("Back: saved."), ("on_leave", "hospitalised")
    on = _today(_l("Came back on"))

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """The bed was held; it is slept in again."""
        services.come_back(scope, **self.whose(bed), on=self.on.data)
        return [bed.bed_id]


class Leave(Act):
    """请假外出."""

    NAME, VERB, SAVED, STATES = "leave", _l("On leave"), _l("On leave: saved. The bed is held."), ("taken",)
    on = _today(_l("Leaves on"))
    expected_back_on = Day(_l("Expected back on"), required=True, default=lambda: calendar.today() + timedelta(days=1))
    companion = Text(_l("With whom"), required=True, longest=50, help=_l("Name and relation."))

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """The bed is held."""
        services.leave(
            scope, **self.whose(bed), on=self.on.data, expected_back_on=self.expected_back_on.data,
            companion=self.companion.data,
        )  # fmt: skip
        return [bed.bed_id]


class Hospital(Act):
    """住院."""

    NAME, VERB, SAVED, STATES = "hospital", _l("To hospital"), _l("In hospital: saved. The bed is held."), ("taken",)
    on = _today(_l("Taken there on"))
    hospital = Text(_l("Hospital"), required=True, longest=80)
    accompanied_by = Text(_l("Accompanied by"), required=True, longest=50)

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """The bed is held."""
        services.hospital(
            scope, **self.whose(bed), on=self.on.data, hospital=self.hospital.data, accompanied_by=self.accompanied_by.data
        )
        return [bed.bed_id]


class Transfer(Act):
    """转床."""

    NAME, VERB, SAVED, STATES = "transfer", _l("Transfer"), _l("Transferred: saved."), ("taken", "trial")
    bed_id = Pick(_l("To bed"), required=True, coerce=int, judged=True)
    reason = Text(_l("Reason"), required=True, longest=200, render_kw={"list": "transfer-reasons"})
    on = _today(_l("From the night of"))

    def prepare(self, scope: Scope, bed: BoardBed, to: int | None) -> None:
        """Free beds in rooms for this person; `to`: the one chosen on the board."""
        self.bed_id.offer(bed_words(queries.free_beds(scope, bed.facility_id, bed.sex or "")))
        if to is not None and self.bed_id.data is None:
            self.bed_id.data = to

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """Two tiles change."""
        services.transfer(
            scope, **self.whose(bed), bed_id=self.bed_id.data, on=self.on.data, reason=self.reason.data
        )
        return [self.bed_id.data, bed.bed_id]


class MoveIn(Act):
    """入住: somebody whose contract is signed."""

    NAME, VERB, SAVED, STATES = "move-in", _l("Move in"), _l("Moved in: saved."), ("free", "reserved")
    stay_id = Pick(_l("Who moves in"), required=True, coerce=int)
    on = _today(_l("First night"))

    def prepare(self, scope: Scope, bed: BoardBed, to: int | None) -> None:
        """Whoever signed a contract, may sleep in this room and has no other bed kept; of a kept bed, for whom it is kept."""
        waiting = queries.applicants(scope, bed.facility_id, bed.sex_policy)
        fitting = [each for each in waiting if each.reserved_bed_id in (None, bed.bed_id)]
        if bed.kept_for is not None:
            fitting = [each for each in fitting if each.id == bed.kept_for]
        self.stay_id.offer([(each.id, mask_name(each.name)) for each in fitting])
        if len(fitting) == 1 and self.stay_id.data is None:
            self.stay_id.data = fitting[0].id

    def outdated(self, bed: BoardBed) -> Refused | None:
        """Somebody else moved in meanwhile, or the same person by a second tap."""
        return None if bed.stay_id is None else Refused("bed.taken")

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """The contract's service takes it from here."""
        services.move_in(scope, self.stay_id.data, bed_id=bed.bed_id, on=self.on.data)
        return [bed.bed_id]


ACTS: dict[str, type[Act]] = {each.NAME: each for each in (ComeBack, Leave, Hospital, Transfer, MoveIn)}


class Condition(Act):
    """A bed taken out of use or put (back) into use."""

    reason = Text(_l("Reason"), required=True, longest=200)

    def carry_out(self, scope: Scope, bed: BoardBed) -> list[int]:
        """The place's service judges it."""
        places.move_bed(scope, bed.bed_id, self.NAME, self.reason.data)
        return [bed.bed_id]


class OutOfUse(Condition):
    """停用."""

    NAME, VERB, SAVED, STATES = "maintenance", _l("Take out of use"), _l("Out of use: saved."), ("free",)


class IntoUse(Condition):
    """启用."""

    NAME, VERB, SAVED, STATES = "available", _l("Put into use"), _l("In use: saved."), ("maintenance", "planned")


CONDITIONS: dict[str, type[Act]] = {each.NAME: each for each in (OutOfUse, IntoUse)}


def bed_words(beds: Iterable[Any]) -> list[tuple[int, str]]:
    """Beds to choose from: where they stand."""
    return [(each.id, place_words(each.building, each.floor, each.room, each.number)) for each in beds]


def place_words(building: str, floor: int, room: str, number: str) -> str:
    """Building 1, floor 2, room 201, bed 1, as short as it can be said."""
    return " ".join(filter(None, (building, _("Floor %(floor)s", floor=floor), f"{room}-{number}")))


def acts_on(scope: Scope, bed: BoardBed, to: int | None = None) -> list[Act]:
    """The forms of what this person may do with the bed as it is now, the likeliest first."""
    kinds = [*(ACTS.values() if can(P.STAY_EDIT, bed) else ()), *(CONDITIONS.values() if can(P.BED_EDIT, bed) else ())]
    return [kind.for_bed(bed, scope, to) for kind in kinds if bed.state in kind.STATES]
