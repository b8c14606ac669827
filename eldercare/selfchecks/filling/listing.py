"""A round as a telephone shows it: where one is, what is next, what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from eldercare.checklists import queries as lists
from eldercare.checklists.checks import queries as checks
from eldercare.checklists.checks.listing import RESULT_TONES, result_badge, said
from eldercare.checklists.checks.models import RESULT_WORDS, CheckAnswer
from eldercare.checklists.models import METHOD_WORDS, ChecklistArea, ChecklistItem
from eldercare.checklists.queries import conditions
from eldercare.core import calendar
from eldercare.core.scope import Scope
from eldercare.facilities.staff.models import POST_WORDS
from eldercare.facilities.staff.roster import queries as roster
from eldercare.selfchecks import queries
from eldercare.selfchecks.filling.forms import BeginForm
from eldercare.selfchecks.flags.models import Limits
from eldercare.selfchecks.models import SelfCheckPhoto, SelfCheckRound

__all__ = ["METHOD_WORDS", "RESULT_TONES", "RESULT_WORDS", "result_badge", "said"]


@dataclass(frozen=True)
class Step:
    """An item of the round with its answer and photos; `number` as people count."""

    number: int
    area: ChecklistArea
    answer: CheckAnswer
    photos: list[SelfCheckPhoto]

    @property
    def code(self) -> str:
        """Of its item."""
        return self.answer.item.code

    @property
    def is_answered(self) -> bool:
        """Whether something was said about it."""
        return self.answer.result != "not_checked"

    @property
    def wants_photo(self) -> bool:
        """The list wants a photo and there is none."""
        return self.answer.item.photo_required and not self.photos and self.answer.result != "not_applicable"


@dataclass(frozen=True)
class Walk:
    """The items that are asked, the one in hand (None: the end, where the round is completed)."""

    steps: list[Step]
    at: Step | None

    @property
    def answered(self) -> int:
        """How many are."""
        return sum(step.is_answered for step in self.steps)

    @property
    def left(self) -> list[Step]:
        """Not answered yet."""
        return [step for step in self.steps if not step.is_answered]

    @property
    def bare(self) -> list[Step]:
        """Answered, without the photo the list wants."""
        return [step for step in self.steps if step.is_answered and step.wants_photo]

    @property
    def faults(self) -> list[Step]:
        """Partly or not in order."""
        return [step for step in self.steps if step.answer.result in ("partial", "nonconform")]

    def hazards(self, severities: Sequence[str]) -> list[Step]:
        """Those not in order that will become hazards: of these severities."""
        return [step for step in self.steps if step.answer.result == "nonconform" and step.answer.item.severity in severities]

    @property
    def before(self) -> Step | None:
        """The one before the one in hand; at the end the last."""
        at = len(self.steps) if self.at is None else self.steps.index(self.at)
        return self.steps[at - 1] if at else None

    @property
    def after(self) -> Step | None:
        """The one after it."""
        at = len(self.steps) if self.at is None else self.steps.index(self.at) + 1
        return self.steps[at] if at < len(self.steps) else None


def walk(
    answers: Sequence[tuple[ChecklistArea, CheckAnswer]], photos: dict[str, list[SelfCheckPhoto]], code: str | None,
    after: str | None = None,
) -> Walk:
    """Where a round stands. `code`: the item asked for ("end": the end); `after`: the one just answered."""
    asked = [(area, each) for area, each in answers if not each.by_rule]
    steps = [Step(at, area, each, photos.get(each.item.code, [])) for at, (area, each) in enumerate(asked, 1)]
    found = next((step for step in steps if step.code == code), None)
    if found is None and code != "end":
        last = next((at for at, step in enumerate(steps) if step.code == after), -1)
        found = next((step for step in steps[last + 1 :] + steps[: last + 1] if not step.is_answered), None)
    return Walk(steps, found)


def limits() -> Limits:
    """From where on a round is hardly plausible, in this installation."""
    return Limits.of(current_app.config)


def partial_for(scope: Scope, of: SelfCheckRound) -> list[str]:
    """The severities that may be partly in order, by the rule of the version that is filled in."""
    if of.check_id is None:
        return []
    version = lists.version(scope, checks.check(scope, of.check_id).version_id)
    return list(version.rule["partial_for"])


def asked(scope: Scope, of: SelfCheckRound) -> list[ChecklistItem]:
    """The items a round will ask, by what is known of the place. Refused: selfcheck.duty_gone."""
    _version, found = queries.walked_by(scope, of, of.facility.facility_type)
    facts = conditions.facts(of.facility)
    return [each for each in found if conditions.judge(each.applies_if, each.facility_types, facts).applies is not False]


def begin_form(scope: Scope, of: SelfCheckRound) -> BeginForm:
    """Who is on duty now, to choose from; somebody alone is chosen already."""
    there = roster.on_duty(scope, of.facility_id, calendar.now())
    form = BeginForm(member=str(there[0].member_id) if len(there) == 1 else None)
    form.member.offer([(str(each.member_id), f"{each.name} · {POST_WORDS[each.duty]}") for each in there])
    return form
