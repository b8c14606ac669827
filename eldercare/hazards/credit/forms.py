"""One form for each act on points and classes."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core import calendar
from eldercare.core.forms import Day, Form, LongText, Measure, Pick, PickOne, Text, Tick, Whole
from eldercare.hazards.credit.models import CLASSES, RECORD_WORDS


class CancelForm(Form):
    """A deduction that does not stand."""

    reason = LongText(
        _l("Why does this deduction not stand?"),
        required=True,
        longest=500,
        rows=3,
        help=_l("It stays in the ledger, crossed out, with your name and this reason."),
    )


class WithdrawForm(Form):
    """A recorded fact that does not hold."""

    reason = LongText(_l("Why does it not hold?"), required=True, longest=500, rows=3)


class RecordForm(Form):
    """A fact recorded by hand."""

    kind = PickOne(_l("What happened?"), required=True, choices=RECORD_WORDS.items())
    happened_on = Day(_l("Day"), required=True, default=calendar.today, help=_l("The day of the decision or of the event."))
    document_no = Text(_l("Document number"), longest=60, help=_l("Of the decision, where there is one."))
    description = LongText(_l("What was established"), required=True, help=_l("No names of residents."))


class AnnounceForm(Form):
    """A change of class."""

    new_class = PickOne(_l("New class"), required=True)
    reason = LongText(
        _l("Reason"), required=True, longest=1000, help=_l("The home reads it, and may object. No names of residents.")
    )

    def but(self, present: str | None) -> "AnnounceForm":
        """Every class but the present one."""
        self.new_class.offer([(letter, _l("Class %(letter)s", letter=letter)) for letter in CLASSES if letter != present])
        return self


class ObjectionForm(Form):
    """What the home says against it."""

    objection = LongText(
        _l("What do you object to, and why?"),
        required=True,
        longest=2000,
        rows=6,
        help=_l("Once only. Papers of proof can be added on the page afterwards."),
    )


class DecideForm(Form):
    """Carried out or not."""

    carry_out = PickOne(
        _l("What is decided?"),
        required=True,
        choices=(("yes", _l("The change takes effect today")), ("no", _l("The change is not carried out"))),
    )
    decision = LongText(
        _l("Reason of the decision"),
        required=True,
        longest=1000,
        help=_l("Where the home objected: what you make of its objection."),
    )


class RuleForm(Form):
    """What a kind of fact costs."""

    points = Whole(_l("Points deducted"), required=True, most=100)
    trigger_class = Pick(_l("Calls for class"), choices=(("C", "C"), ("D", "D")), empty=_l("None"))
    trigger_count = Whole(_l("From how many in the window"), least=1, most=100)
    keeps_from_a = Tick(_l("Whoever has one in the window is no class A"))
    valid_from = Day(
        _l("In force from"), required=True, default=calendar.today, help=_l("Today or later; what was counted stays.")
    )
    is_confirmed = Tick(_l("Confirmed by the bureau"), help=_l("Until then pages say that it is a proposal."))
    reason = LongText(_l("Reason or source"), longest=300, rows=2)


class ItemRuleForm(RuleForm):
    """The same for one item of a checklist."""

    kind = PickOne(_l("What happened?"), required=True)
    item_code = Text(
        _l("Item of a checklist"), required=True, longest=30, help=_l("Its code, such as INS-FIR-04."), width="short"
    )


class ClassForm(Form):
    """What a class means."""

    weight = Measure(_l("Weight in draws"), required=True, least=0.01, most=100)
    visits_min = Whole(_l("Least visits a year"), required=True, least=1, most=52, help=_l("Never under one: Order 66 art. 38."))
    visits_max = Whole(
        _l("Most visits a year"), required=True, least=1, most=52, help=_l("Case checks and rechecks are outside it.")
    )
    is_full_coverage = Tick(_l("Always visited, not drawn"))
    points_from = Whole(_l("Called for from so many points in the window"), least=1, most=1000)
    valid_from = Day(
        _l("In force from"), required=True, default=calendar.today, help=_l("Today or later; what was counted stays.")
    )
    is_confirmed = Tick(_l("Confirmed by the bureau"), help=_l("Until then pages say that it is a proposal."))
    reason = LongText(_l("Reason or source"), longest=300, rows=2)


RULE = ("points", "trigger_class", "trigger_count", "keeps_from_a", "valid_from", "is_confirmed", "reason")
CLASS = ("weight", "visits_min", "visits_max", "is_full_coverage", "points_from", "valid_from", "is_confirmed", "reason")


def rule_form(row: Any) -> RuleForm:
    """The form of a rule, filled with what holds now, from today on."""
    known = {name: getattr(row, name) for name in RULE if name != "valid_from"}
    return RuleForm(**known, valid_from=max(row.valid_from, calendar.today()))


def item_form(kinds: list[tuple[str, Any]]) -> ItemRuleForm:
    """The form of a rule for one item of a checklist."""
    form = ItemRuleForm()
    form.kind.offer(kinds)
    return form


def class_form(row: Any) -> ClassForm:
    """The form of a class's meaning, filled with what holds now, from today on."""
    known = {name: getattr(row, name) for name in CLASS if name != "valid_from"}
    return ClassForm(**known, valid_from=max(row.valid_from, calendar.today()))


def values(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The named values of a form; an empty reason is an empty text."""
    return {name: getattr(form, name).data for name in names if name != "reason"} | {"reason": form.reason.data or ""}
