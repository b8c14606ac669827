"""One form for each act on weights, proposals and back-tests."""

from datetime import date, time
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from eldercare.accounts.officers import queries as officers
from eldercare.checklists import queries as checklists
from eldercare.core import calendar, jinja, workdays
from eldercare.core.calendar import Month
from eldercare.core.forms import Day, Form, LongText, Pick, PickMany, PickOne, Tick, Whole
from eldercare.core.scope import Scope
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.models import KIND_WORDS, NOTICE_WORDS
from eldercare.inspections.plans.models import Terms
from eldercare.inspections.risks import listing, queries
from eldercare.inspections.risks.models import FACTORS, RiskProposal

PLANNED = ("daily", "special", "joint", "case")


def kinds_of_place() -> list[tuple[str, Any]]:
    """The kinds of place a ranking is made of, in the order of the register."""
    return list(TYPE_WORDS.items())


class ProposeForm(Form):
    """How many places for which month."""

    month = Pick(_l("Month"), required=True)
    type = Pick(_l("Kind of place"), choices=kinds_of_place, empty=_l("All kinds"))
    count = Whole(_l("How many places"), required=True, least=1, most=50)


def propose_form() -> ProposeForm:
    """With this month and the two after; the district's usual number."""
    form, month = ProposeForm(), Month.of(calendar.today())
    form.month.offer([(str(each), jinja.month(each)) for each in (month, month.plus(1), month.plus(2))])
    if not form.is_submitted():
        form.month.data, form.type.data = str(month.plus(1)), "institution"
        form.count.data = current_app.config["INSPECTION_PROPOSED"]
    return form


class TakeForm(Form):
    """The visit a proposal becomes."""

    planned_on = Day(_l("Day"), required=True)
    slot = Pick(_l("Time of day"), required=True)
    outside = Tick(_l("Go outside the opening hours all the same"))
    kind = Pick(_l("Kind of visit"), choices=[(each, KIND_WORDS[each]) for each in PLANNED], required=True)
    notice = Pick(
        _l("Notice"), choices=[(each, NOTICE_WORDS[each]) for each in ("ahead", "on_site")], required=True,
        help=_l("A case check is never told beforehand, whatever stands here."),
    )  # fmt: skip
    lead = Pick(_l("Lead officer"), required=True, coerce=int)
    second = Pick(_l("Second officer"), required=True, coerce=int)
    versions = PickMany(_l("Lists to fill in"), required=True, coerce=int)
    purpose = LongText(_l("What is looked at"), required=True, rows=4)

    def visit(self) -> dict[str, Any]:
        """As services.take wants it."""
        begins, ends = (time.fromisoformat(each) for each in self.slot.data.split("-"))
        team = [self.lead.data, self.second.data]
        return {
            "planned_on": self.planned_on.data, "window": (begins, ends), "kind": self.kind.data, "team": team,
            "versions": self.versions.data, "notice": self.notice.data, "purpose": self.purpose.data,
            "outside": self.outside.data,
        }  # fmt: skip


def plan_terms() -> Terms:
    """What plans go by here."""
    return Terms.of(current_app.config)


def take_form(scope: Scope, proposal: RiskProposal) -> TakeForm:
    """Filled in as far as it can be: a working day of the month, the lists for the kind of place, the reasons."""
    form, month = TakeForm(), Month.parse(proposal.month)
    today = calendar.today()
    people = [(each.id, each.name) for each in officers.certified(scope, max(today, month.first))]
    form.lead.offer(people)
    form.second.offer(people)
    slots = [(f"{begins:%H:%M}", f"{ends:%H:%M}") for begins, ends in plan_terms().slots]
    form.slot.offer([(f"{begins}-{ends}", f"{begins}\u2013{ends}") for begins, ends in slots])
    lists = checklists.suitable(scope, proposal.facility.facility_type)
    form.versions.offer([(each.id, each.zh if jinja.lang() == "zh" else each.en) for each in lists])
    if not form.is_submitted():
        form.planned_on.data = workdays.known().after(max(today, month.first), 5)
        form.kind.data, form.notice.data, form.versions.data = "daily", "ahead", [each.id for each in lists[:1]]
        form.purpose.data = listing.reasons(proposal.points)
    return form


class AsideForm(Form):
    """Why a proposal is not followed."""

    reason = LongText(_l("Why it is set aside"), required=True, rows=3)


class BackTestForm(Form):
    """What is tried."""

    type = Pick(_l("Kind of place"), choices=kinds_of_place, empty=_l("All kinds"))
    met = PickOne(_l("What counts as met"), choices=list(listing.MET_WORDS.items()), required=True)
    count = Whole(_l("Places chosen a month"), required=True, least=1, most=50)
    months = Whole(_l("Months tried"), required=True, least=3, most=24)
    days = Whole(_l("Days looked ahead"), required=True, least=7, most=180)


def back_test_form() -> BackTestForm:
    """With the district's usual numbers."""
    form, config = BackTestForm(), current_app.config
    if not form.is_submitted():
        form.type.data, form.met.data = "institution", "both"
        form.count.data, form.months.data = config["INSPECTION_PROPOSED"], config["INSPECTION_TEST_MONTHS"]
        form.days.data = config["INSPECTION_TEST_DAYS"]
    return form


class WeightsForm(Form):
    """From when on; the numbers of each factor are added by `weights_form`."""

    valid_from = Day(_l("Counts from"), required=True, help=_l("Today or later. What was counted before stays as it was."))
    reason = LongText(_l("Why"), required=True, rows=3)

    def factors(self) -> dict[str, tuple[int, int]]:
        """{factor: (each, most)} as typed."""
        return {code: (self[f"{code}_each"].data, self[f"{code}_most"].data) for code in FACTORS}


def weights_form(scope: Scope, day: date) -> Any:
    """Two numbers for each factor, as they are today."""
    each, most = _l("Points for each"), _l("At most")
    fields = {
        f"{code}_{end}": Whole(label, required=True, most=100)
        for code in FACTORS
        for end, label in (("each", each), ("most", most))
    }
    form = type("WeightsForm", (WeightsForm,), fields)()
    if not form.is_submitted():
        form.valid_from.data = day
        for code, (first, second) in queries.current(scope, day).factors.items():
            form[f"{code}_each"].data, form[f"{code}_most"].data = first, second
    return form
