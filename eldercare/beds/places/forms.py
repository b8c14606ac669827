"""Setting rooms and beds up: by hand, by pattern, from Excel; and the preview that is confirmed."""

import re
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import HiddenField
from wtforms.validators import StopValidation

from eldercare.beds.places import imports, queries, services
from eldercare.beds.places.models import SEX_POLICY_WORDS, Line
from eldercare.core.errors import Refused
from eldercare.core.forms import Form, LongText, PickOne, Text, Upload, Whole, Yuan
from eldercare.core.scope import Scope
from eldercare.facilities.models import BED_CONDITION_WORDS, BED_KIND_WORDS, Bed

SECONDS = 3600  # a preview is confirmed within the hour, or made again
BUILDING = {
    "label": _l("Building"), "longest": imports.LONGEST["building"], "width": "short",
    "help": _l("Leave it empty where there is only one."),
}  # fmt: skip
NEW_CONDITIONS = [(key, BED_CONDITION_WORDS[key]) for key in ("available", "planned")]
_APART = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")  # blanks, and the commas people write instead, full width too
PRICE_HELP = _l("What the bed costs a month, without care and meals. Leave it empty where it is not settled.")


def _floor() -> Whole:
    return Whole(_l("Floor"), required=True, least=imports.FLOORS[0], most=imports.FLOORS[-1],
                 help=_l("Below the ground: -1."), rules=[_not_zero])


def _not_zero(_form: Any, field: Any) -> None:
    if field.data == 0:
        raise StopValidation(_l("There is no floor 0. The ground floor is 1, the one below -1."))


def _kind() -> PickOne:
    return PickOne(_l("Kind"), choices=tuple(BED_KIND_WORDS.items()), required=True, default="general")


def _policy() -> PickOne:
    return PickOne(_l("Who may live there"), choices=tuple(SEX_POLICY_WORDS.items()), required=True, default="any",
                   help=_l("A room for women takes women only; moving in and transfer keep to it."))


class RoomForm(Form):
    """Where a room is and for whom."""

    building = Text(**BUILDING)
    floor = _floor()
    name = Text(_l("Room"), required=True, longest=imports.LONGEST["room"], width="short")
    sex_policy = _policy()

    def values(self) -> dict[str, Any]:
        """The room's columns."""
        return {
            "building": self.building.data or "", "floor": self.floor.data, "name": self.name.data,
            "sex_policy": self.sex_policy.data,
        }  # fmt: skip


class NewRoomForm(RoomForm):
    """A room and the beds in it."""

    beds = Whole(_l("Beds"), required=True, least=0, most=20, default=2, help=_l("They are numbered from 1."))
    bed_kind = _kind()
    price = Yuan(_l("Price a month"), help=PRICE_HELP)

    def beds_asked(self) -> dict[str, Any]:
        """What `services.add_room` takes besides."""
        return {"beds": self.beds.data, "bed_kind": self.bed_kind.data, "price_fen": self.price.fen}


class BedForm(Form):
    """A bed of a room."""

    number = Text(_l("Bed"), required=True, longest=imports.LONGEST["number"], width="short")
    bed_kind = _kind()
    price = Yuan(_l("Price a month"), help=PRICE_HELP)
    condition = PickOne(_l("State"), choices=NEW_CONDITIONS, required=True, default="available")

    @classmethod
    def of(cls, bed: Bed) -> "BedForm":
        """The form of a bed on file; its state changes by acts of its own."""
        price = None if bed.price_fen is None else bed.price_fen / 100
        form = cls(number=bed.number, bed_kind=bed.bed_kind, price=price)
        del form.condition
        return form

    def values(self) -> dict[str, Any]:
        """The bed's columns."""
        said = {"number": self.number.data, "bed_kind": self.bed_kind.data, "price_fen": self.price.fen}
        return said | ({"condition": self.condition.data} if "condition" in self else {})


class MoveForm(Form):
    """Why a bed is taken out of use, put back or retired."""

    reason = LongText(_l("Reason"), required=True, longest=200, rows=2)


class PatternForm(Form):
    """Rooms that are alike: 201 to 220 on floor 2, two beds each."""

    building = Text(**BUILDING)
    floor = _floor()
    first = Text(_l("First room"), required=True, longest=12, width="short")
    last = Text(_l("Last room"), required=True, longest=12, width="short")
    without = Text(_l("Without"), longest=200, help=_l("Rooms to leave out, with blanks between them: 204 214"))
    beds = Whole(_l("Beds in each room"), required=True, least=1, most=20, default=2)
    bed_kind = _kind()
    sex_policy = _policy()
    price = Yuan(_l("Price a month"), help=PRICE_HELP)
    condition = PickOne(_l("State"), choices=NEW_CONDITIONS, required=True, default="available")

    def validate_last(self, field: Any) -> None:
        """The two names belong together."""
        if not self.names():
            raise StopValidation(_l("Write the first and the last room alike, as 201 and 220 or A01 and A12."))

    def names(self) -> list[str]:
        """The rooms' names; empty when the ends do not belong together."""
        without = _APART.split(self.without.data or "")
        return imports.room_names(self.first.data or "", self.last.data or "", without) or []

    def lines(self) -> list[Line]:
        """The beds it means."""
        return imports.pattern(
            self.names(), self.beds.data, building=self.building.data or "", floor=self.floor.data,
            sex_policy=self.sex_policy.data, bed_kind=self.bed_kind.data, price_fen=self.price.fen, condition=self.condition.data,
        )  # fmt: skip


class SheetForm(Form):
    """A workbook with a bed a row."""

    file = Upload(
        _l("The list of beds"), kinds=("xlsx", "xls", "csv", "et"), most_mb=5, required=True,
        help=_l(".xlsx, .xls or .csv. Columns are recognised by their headings; their order does not matter."),
    )

    def content(self) -> bytes:
        """The bytes of what was sent."""
        sent = self.file.data
        return sent.read() if sent is not None else b""


# ---- the preview ----------------------------------------------------------------------------------


class DraftForm(Form):
    """What a preview showed, signed, so that nothing else is made than what was seen."""

    draft = HiddenField()


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="beds.places")


def draft(scope: Scope, facility_id: int, source: str, lines: Sequence[Line], sha256: str = "") -> DraftForm:
    """The form that confirms a preview."""
    said = [facility_id, scope.person_id, source, sha256, [list(line) for line in lines]]
    return DraftForm(formdata=None, draft=_seal().dumps(said))


def make(scope: Scope, facility_id: int, form: DraftForm) -> queries.Plan:
    """Make what this person was shown for this home; places.draft_old for anything else."""
    try:
        home, person, source, sha256, lines = _seal().loads(form.draft.data or "", max_age=SECONDS)
    except BadData:
        raise Refused("places.draft_old") from None
    if (home, person) != (facility_id, scope.person_id):
        raise Refused("places.draft_old")
    return services.make(scope, facility_id, [Line(*line) for line in lines], source=source, sha256=sha256)

