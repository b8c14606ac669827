"""One form for each act on an incident; the first report is made for a thumb."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.core.forms import Form, LongText, Moment, Pick, PickMany, PickOne, Text, Tick, Whole, Yuan
from eldercare.core.secrets import mask_name
from eldercare.incidents.grading.models import (
    CARE_WORDS,
    GRADE_WORDS,
    MISSING_WORDS,
    PAIRS,
    PLACE_WORDS,
    SIGNS,
    TYPES,
    USUAL,
)
from eldercare.incidents.models import OUTCOME_WORDS, ROLE_WORDS, Incident
from eldercare.incidents.queries import Neighbour

AGO = {
    "0": _l("Just now"),
    "10": _l("10 minutes ago"),
    "30": _l("Half an hour ago"),
    "60": _l("An hour ago"),
    "other": _l("At another time"),
}


def kinds(usual: bool | None = None) -> list[tuple[str, Any]]:  # noqa: FBT001
    """(family.type, words): the usual ones, the others, or all."""
    pairs = PAIRS if usual is None else USUAL if usual else tuple(each for each in PAIRS if each not in USUAL)
    return [(pair, TYPES[pair.split(".")[0]][pair.split(".")[1]]) for pair in pairs]


class GravityForm(Form):
    """How grave it is, in plain questions."""

    kind = PickOne(_l("What happened?"), choices=kinds(), required=True)
    care = PickOne(_l("How is the person now?"), choices=tuple(CARE_WORDS.items()), required=True)
    missing = PickOne(_l("Is somebody missing?"), choices=tuple(MISSING_WORDS.items()), default="no")
    signs = PickMany(_l("Which of these is so?"), choices=[(code, words) for code, (words, _of) in SIGNS.items()])
    injured = Whole(_l("How many are hurt?"), most=9999, unit=_l("people"))
    serious = Whole(_l("Of them seriously"), most=9999, unit=_l("people"))
    ill = Whole(_l("How many are ill?"), most=9999, unit=_l("people"))
    dead = Whole(_l("How many have died?"), most=9999, unit=_l("people"))
    grade = Pick(_l("Another grade"), choices=tuple(GRADE_WORDS.items()), empty=_l("As the rule says"))
    grade_reason = Text(_l("Why another grade"), longest=300)

    def gravity(self) -> dict[str, Any]:
        """The named answers."""
        family, _dot, kind = (self.kind.data or ".").partition(".")
        names = ("care", "missing", "injured", "serious", "ill", "dead", "grade", "grade_reason")
        found = {name: getattr(self, name).data for name in names} | {"family": family, "type": kind}
        signs = [sign for sign in self.signs.data or [] if not SIGNS[sign][1] or {family, kind} & set(SIGNS[sign][1])]
        return found | {"signs": signs, "missing": (self.missing.data or "no") if kind == "elopement" else "no"}


class ReportForm(GravityForm):
    """首报 the first report: what, where, who, how grave; under a minute."""

    one_home = False  # whether there is but one home to choose
    key = HiddenField()
    facility_id = Pick(_l("At which home?"), coerce=int, required=True)
    place_kind = PickOne(_l("Where?"), choices=tuple(PLACE_WORDS.items()), required=True)
    resident_id = Pick(_l("Who? (by bed)"), coerce=int, empty=_l("No resident, or choose later"))
    place_text = Text(_l("Place in words"), longest=100)
    ago = PickOne(_l("When did it happen?"), choices=tuple(AGO.items()), default="0")
    occurred_at = Moment(_l("Happened at"))
    discovered_at = Moment(_l("Discovered at"), help=_l("If not at once."))
    known_at = Moment(_l("Head learnt of it at"), help=_l("The deadlines run from here. Empty: now."))
    summary = LongText(_l("In a sentence"), longest=1000, rows=2, help=_l("What happened and what you did. No names."))

    def values(self) -> dict[str, Any]:
        """The named answers; times that follow from "ago" are the service's now less so many minutes."""
        own = {name: getattr(self, name).data for name in ("place_kind", "place_text", "summary")}
        return self.gravity() | own

    def uuid(self) -> UUID | None:
        """The form's own key; one is made where none came."""
        try:
            return UUID(self.key.data or "")
        except ValueError:
            return None

    def validate(self, extra_validators: Any = None) -> bool:
        """A time is asked for where none of the quick ones fits."""
        sound = bool(super().validate(extra_validators))
        if "ago" in self and self.ago.data == "other" and not self.occurred_at.data and not self.occurred_at.errors:
            self.occurred_at.errors = [*self.occurred_at.errors, _("Fill this in.")]
            return False
        return sound


def fresh_key(form: ReportForm) -> None:
    """A key of its own for a form that is drawn anew."""
    if not form.is_submitted():
        form.key.data = str(uuid4())


def by_bed(people: Iterable[Neighbour]) -> list[tuple[int, str]]:
    """Residents to choose from: room, bed, masked name."""
    return [(each.resident_id, f"{each.room or '—'}-{each.number or '—'} {mask_name(each.name or '')}") for each in people]


class DetailForm(Form):
    """What nobody had time for."""

    place_kind = PickOne(_l("Where?"), choices=tuple(PLACE_WORDS.items()), required=True)
    place_text = Text(_l("Place in words"), longest=100)
    bed_id = Pick(_l("Bed"), coerce=int, empty=_l("No bed"))
    summary = LongText(
        _l("What happened"), longest=4000, rows=6, required=True, help=_l("In order: what, how, what was done. No names.")
    )


class PersonForm(Form):
    """Somebody was involved."""

    role = PickOne(_l("Who was it?"), choices=tuple(ROLE_WORDS.items()), required=True, default="resident")
    resident_id = Pick(_l("Resident (by bed)"), coerce=int, empty=_l("Not a resident"))
    name = Text(_l("Name"), longest=60, help=_l("For anybody but residents."))
    outcome = Pick(_l("How the person fared"), choices=tuple(OUTCOME_WORDS.items()), required=True)

    def who(self) -> dict[str, Any]:
        """The resident, or the name."""
        is_resident = self.role.data == "resident"
        return {"resident_id": self.resident_id.data if is_resident else None, "name": None if is_resident else self.name.data}


class TimesForm(Form):
    """The times, moved."""

    occurred_at = Moment(_l("Happened at"), required=True)
    discovered_at = Moment(_l("Discovered at"), required=True)
    known_at = Moment(_l("Head learnt of it at"), required=True, help=_l("The deadlines run from here."))
    reason = LongText(_l("Why the times are moved"), required=True, rows=3, longest=500)

    def times(self) -> dict[str, Any]:
        """The three times."""
        return {name: getattr(self, name).data for name in ("occurred_at", "discovered_at", "known_at")}

    def keep(self, incident: Incident) -> None:
        """Leave a time as exact as it was where its minute did not change."""
        for name in ("occurred_at", "discovered_at", "known_at"):
            old, field = getattr(incident, name), getattr(self, name)
            if field.data and old.replace(second=0, microsecond=0) == field.data:
                field.data = old


class GradeForm(Form):
    """Another grade."""

    grade = PickOne(_l("Grade"), choices=tuple(GRADE_WORDS.items()), required=True)
    reason = LongText(_l("Why another grade"), required=True, rows=3, longest=500)


class KindForm(Form):
    """It was something else."""

    kind = Pick(_l("Type"), choices=kinds(), required=True)
    reason = LongText(_l("Reason"), required=True, rows=3, longest=500)


class FiguresForm(Form):
    """The figures, changed."""

    dead = Whole(_l("Dead"), most=9999, required=True, unit=_l("people"))
    injured = Whole(_l("Hurt"), most=9999, required=True, unit=_l("people"), help=_l("Everyone hurt, the seriously hurt too."))
    serious = Whole(_l("Seriously hurt"), most=9999, required=True, unit=_l("people"))
    ill = Whole(_l("Ill"), most=9999, required=True, unit=_l("people"))
    missing = Pick(_l("Missing persons"), choices=tuple(MISSING_WORDS.items()), required=True)
    loss = Yuan(_l("Direct loss"), most=1e10)
    is_operational = Tick(_l("An accident from operations: Order 493 gives it a level"))
    reason = LongText(_l("Reason"), required=True, rows=3, longest=500)

    def figures(self) -> dict[str, Any]:
        """The named figures."""
        names = ("dead", "injured", "serious", "ill", "missing", "is_operational")
        return {name: getattr(self, name).data for name in names} | {"loss_fen": self.loss.fen or 0}


class FollowForm(Form):
    """A further report."""

    note = LongText(
        _l("What is new"), required=True, rows=6, longest=4000, help=_l("What changed since the last report, and what is done.")
    )
