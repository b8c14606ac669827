"""Points and classes put into words: the list of places, the ledger, reasons, rules."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja, words
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.core.scope import Scope
from eldercare.facilities.forms import township_words
from eldercare.facilities.listing import TYPE_WORDS
from eldercare.facilities.models import Facility, Township
from eldercare.facilities.queries import CLASSED
from eldercare.hazards.credit import queries
from eldercare.hazards.credit.models import (
    CLASSES,
    FACTS,
    KIND_WORDS,
    STATE_WORDS,
    VARIANT_WORDS,
    CreditChange,
    CreditClass,
    CreditEntry,
    CreditRule,
    Terms,
)

CLASS_TONES: dict[str, Any] = {"A": "good", "B": "active", "C": "watch", "D": "bad"}
RISK_WORDS: dict[str, Any] = {
    "A": _l("low risk"),
    "B": _l("fairly low risk"),
    "C": _l("fairly high risk"),
    "D": _l("high risk"),
}
STATE_TONES: dict[str, Any] = {"announced": "watch", "effective": "good", "dropped": "quiet"}
OF_ITEMS = ("hazard", "overdue", "recheck_failed")  # kinds of fact that may name an item of a checklist
PAPER_WORDS: dict[str, Any] = {"objection": _l("Paper of proof for the objection")}
DECISION_WORDS: dict[str, Any] = {"decision": _l("Decision")}  # of the district; the place takes none of it away
RECORD_PAPER_WORDS: dict[str, Any] = {"proof": _l("Decision or paper of proof")}


def terms() -> Terms:
    """What is counted by in this installation."""
    return Terms.of(current_app.config)


def class_badge(letter: str | None) -> Badge:
    """A class with its tone."""
    return Badge(_("Class %(letter)s", letter=letter), CLASS_TONES[letter]) if letter else Badge(_("not classified yet"), "quiet")


def state_badge(change: CreditChange) -> Badge:
    """How far a change is."""
    return Badge(STATE_WORDS[change.state], STATE_TONES[change.state])


def kind_words(kind: str) -> str:
    """A kind of fact."""
    return str(FACTS[kind].words) if kind in FACTS else kind


def fact_words(kind: str, variant: str = "") -> str:
    """A kind of fact with its variant."""
    said = kind_words(kind)
    known = FACTS[kind].variants if kind in FACTS else {}
    return (
        _("%(what)s: %(values)s", what=said, values=known.get(variant, VARIANT_WORDS.get(variant, variant))) if variant else said
    )


def entry_badge(entry: CreditEntry) -> Badge:
    """Whether a deduction counts."""
    if entry.counts:
        return Badge(_("counts"), "active")
    return Badge(_("lapsed"), "quiet") if entry.is_lapsed else Badge(_("cancelled"), "quiet")


def reason_words(code: str, details: dict[str, Any]) -> str:
    """A reason of the rule, as a sentence."""
    if code in {"count", "keeps"}:
        said = {"what": fact_words(details["kind"], details["variant"]), "num": details["count"]}
        if code == "keeps":
            return ngettext(
                "%(what)s, %(num)d time in the window: no class A",
                "%(what)s, %(num)d times in the window: no class A",
                said["num"],
                what=said["what"],
            )
        return ngettext(
            "%(what)s, %(num)d time in the window (calls for it from %(limit)s)",
            "%(what)s, %(num)d times in the window (calls for it from %(limit)s)",
            said["num"], what=said["what"], limit=details["limit"],
        )  # fmt: skip
    if code == "points":
        return _("%(points)s points in %(months)s months (calls for it from %(limit)s)", **details)
    if code == "no_score":
        return _("No inspection was scored in the last %(months)s months; class A asks for %(needed)s", **details)
    if code == "score":
        return _("The last inspection scored %(score)s; class A asks for %(needed)s", **details)
    return _("Nothing against it in %(months)s months; the last inspection scored %(score)s", **details)


def reasons_of(change: CreditChange) -> list[str]:
    """The rule's reasons as they stood when a change was announced."""
    return [reason_words(code, details) for code, details in change.evidence["reasons"]]


def class_words(row: CreditClass) -> str:
    """What a class means, in a line."""
    said = _(
        "weight %(weight)s, %(least)s–%(most)s visits a year",
        weight=f"{float(row.weight):g}",
        least=row.visits_min,
        most=row.visits_max,
    )
    return said + (_("; always visited") if row.is_full_coverage else "")


def trigger_words(rule: CreditRule) -> str | None:
    """What a rule calls for."""
    if rule.trigger_class is None:
        return _("no class A") if rule.keeps_from_a else None
    letter, count = rule.trigger_class, rule.trigger_count or 1
    return (
        _("Class %(letter)s", letter=letter) if count == 1 else _("Class %(letter)s from %(count)s", letter=letter, count=count)
    )


def confirmed_badge(row: Any) -> Badge:
    """Whether the bureau has confirmed a number."""
    return Badge(_("confirmed"), "good") if row.is_confirmed else Badge(_("proposal"), "watch")


def _short(standing: queries.Standing) -> str | None:
    if not standing.differs:
        return None
    said = [reason_words(each.code, each.details) for each in standing.reasons]
    return said[0] + (f" (+{len(said) - 1})" if len(said) > 1 else "")


def _change_words(standing: queries.Standing) -> Badge | None:
    change = standing.change
    return Badge(_("%(letter)s announced", letter=change.new_class), "watch") if change else None


def places(found: list[queries.Standing]) -> Listing:
    """The list of places with a class; `found` decides which of them the rule would change."""
    differing = [each.id for each in found if each.differs]
    return Listing(
        name="classes",
        title=_l("Credit classes"),
        ident=Facility.id,
        columns=(
            Column("name", _l("Facility"), "facility.name", sort=Facility.name, width="wide",
                   detail=lambda row: f"{township_words(row.facility.township)} · {TYPE_WORDS[row.facility.facility_type]}"),
            Column("present", _l("Class"), lambda row: class_badge(row.present), kind="badge", sort=Facility.credit_class,
                   detail=lambda row: jinja.day(row.facility.credit_class_on) if row.facility.credit_class_on else None),
            Column("proposed", _l("By the rule"), lambda row: class_badge(row.proposed), kind="badge", detail=_short,
                   width="wide"),
            Column("points_year", _l("Points deducted this year"), "points_year", kind="number"),
            Column("balance", _l("Points left"), "balance", kind="number", spare=True),
            Column("points_window", _l("In the window"), "points_window", kind="number", spare=True),
            Column("change", _l("Under way"), _change_words, kind="badge"),
        ),
        filters=(
            Search("q", _l("Name of a facility or township"),
                   where=lambda q: (Facility.name + " " + Township.name).icontains(q, autoescape=True)),
            Choice("class", _l("Class"), choices=[(each, each) for each in CLASSES],
                   where=lambda each: Facility.credit_class == each),
            Choice("township", _l("Township"), where=lambda code: Township.code == code),
            Choice("type", _l("Type"), choices=[(each, TYPE_WORDS[each]) for each in CLASSED],
                   where=lambda each: Facility.facility_type == each),
            Flag("differs", _l("The rule proposes another class"), where=lambda _on: Facility.id.in_(differing)),
        ),
        order=(Facility.code,),
        empty_title=_l("No place here"),
        empty_why=_l("Institutions, township centres and home-care organisations have a credit class."),
    )  # fmt: skip


LEDGER = Listing(
    name="entries",
    title=_l("Ledger of points"),
    ident=CreditEntry.id.desc(),
    link=lambda row: f"/hazards/credit/entries/{row.id}",
    columns=(
        Column("happened_on", _l("Day"), kind="day", sort=CreditEntry.happened_on),
        Column(
            "facility",
            _l("Facility"),
            "facility.name",
            sort=Facility.name,
            detail=lambda row: township_words(row.facility.township),
        ),
        Column("what", _l("Fact"), lambda row: fact_words(row.kind, row.variant), detail="label"),
        Column("item", _l("Item of a checklist"), lambda row: row.item_code or None, spare=True),
        Column("points", _l("Points deducted"), kind="number", sort=CreditEntry.points),
        Column("state", _l("State"), entry_badge, kind="badge", detail=lambda row: row.cancel_reason),
    ),
    filters=(
        Search(
            "q", _l("Number or facility"), where=lambda q: (CreditEntry.label + " " + Facility.name).icontains(q, autoescape=True)
        ),
        Choice("kind", _l("Kind of fact"), where=lambda kind: CreditEntry.kind == kind),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("counting", _l("Only what counts"), where=lambda _on: queries.counting()),
        DateRange("day", _l("Day"), where=queries.between, quiet=True),
        Choice("home", _l("Facility"), where=lambda home: CreditEntry.facility_id == int(home), quiet=True),
    ),
    order=(CreditEntry.happened_on.desc(),),
    json=("id", "kind", "variant", "item_code", "label", "path", "happened_on", "points", "counts", "is_lapsed", "cancel_reason"),
    empty_title=_l("Nothing was deducted"),
    empty_why=_l(
        "Deductions arise each night from hazards, rechecks, incidents and recorded facts. Lift a filter, or look again tomorrow."
    ),
)


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
        "kind": [(name, each.words) for name, each in FACTS.items()],
    }


def key_facts(standing: queries.Standing, day: date) -> list[tuple[Any, Any]]:
    """The facts under the title of a place."""
    return [
        (_("Points deducted in %(year)s", year=day.year), jinja.number(standing.points_year)),
        (_("Points left"), _("%(left)s of %(all)s", left=standing.balance, all=terms().points_year)),
        (_("In the last %(months)s months", months=terms().window), jinja.number(standing.points_window)),
        (_("Class since"), jinja.day(standing.facility.credit_class_on)),
    ]


def change_facts(change: CreditChange) -> list[tuple[Any, Any]]:
    """The facts under the title of a change."""
    return [
        (_("Facility"), change.facility.name),
        (_("By the rule"), str(class_badge(change.proposed_class))),
        (_("Announced"), f"{jinja.moment(change.announced_at)} · {change.announced_by}"),
        (_("Objections until"), jinja.day(change.objections_until) if change.worsens else _("not needed: the class improves")),
    ]


@dataclass(frozen=True)
class RuleLine:
    """A line of rules: the one in force, and what is to come."""

    current: CreditRule | None
    coming: tuple[CreditRule, ...]

    @property
    def shown(self) -> CreditRule:
        """The one that gives it its name."""
        return self.current or self.coming[0]


def rule_lines(scope: Scope) -> list[RuleLine]:
    """Every line of rules as it stands today."""
    today, rules = calendar.today(), queries.all_rules(scope)
    force = queries.in_force(rules, today)
    lines = dict.fromkeys(each.line for each in rules)
    order = list(FACTS)
    found = [
        RuleLine(force.get(line), tuple(each for each in rules if each.line == line and each.valid_from > today))
        for line in lines
    ]
    severities = list(VARIANT_WORDS)

    def place(each: RuleLine) -> tuple[int, int, str]:
        kind, variant, item = each.shown.line
        return (
            order.index(kind) if kind in order else len(order),
            severities.index(variant) if variant in severities else -1,
            item,
        )

    return sorted(found, key=place)


def in_words(entries: Any) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    unsaid = {words.column("credit_change", "state"), words.column("credit_change", "decided_at")}
    told = words.told(entries)
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told


# ---- what the log says -----------------------------------------------------------------------------

LABELS: dict[str, Any] = {
    "kind": _l("Kind of fact"), "variant": _l("Grade"), "item_code": _l("Item of a checklist"), "points": _l("Points deducted"),
    "trigger_class": _l("Calls for class"), "trigger_count": _l("From how many"), "keeps_from_a": _l("Keeps from class A"),
    "valid_from": _l("In force from"), "is_confirmed": _l("Confirmed"), "reason": _l("Reason"), "letter": _l("Class"),
    "weight": _l("Weight in draws"), "visits_min": _l("Least visits a year"), "visits_max": _l("Most visits a year"),
    "is_full_coverage": _l("Always visited, not drawn"), "points_from": _l("Called for from so many points"),
    "happened_on": _l("Day"), "document_no": _l("Document number"), "description": _l("Description"),
    "recorded_by": _l("Recorded by"), "withdrawn_reason": _l("Reason of the withdrawal"), "label": _l("Fact"),
    "cancelled_by": _l("Cancelled by"), "cancel_reason": _l("Reason of the cancellation"), "is_lapsed": _l("Lapsed"),
    "state": _l("State"), "old_class": _l("Class before"), "new_class": _l("New class"),
    "proposed_class": _l("Class proposed by the rule"), "announced_by": _l("Announced by"), "announced_at": _l("Announced"),
    "objections_until": _l("Objections until"), "objection": _l("Objection"), "objected_by": _l("Objected by"),
    "decided_at": _l("Decided"), "decided_by": _l("Decided by"), "decision": _l("Reason of the decision"),
    "facility_id": _l("Facility"), "rule_id": _l("Rule"), "entity": _l("Kind of record"), "entity_id": _l("No."),
    "made_at": _l("Entered"), "recorded_at": _l("Recorded"), "made": _l("new entries"), "lapsed": _l("Lapsed"),
}  # fmt: skip
VALUES: dict[str, Any] = {"kind": KIND_WORDS, "variant": VARIANT_WORDS, "state": STATE_WORDS}
for _noun, _what, _actions in (
    ("credit_rule", _l("rule of points"), {
        "credit_rule.added": _l("Rule of points added"), "credit_rule.changed": _l("Rule of points changed"),
    }),
    ("credit_class", _l("meaning of a credit class"), {
        "credit_class.added": _l("Meaning of a class set"), "credit_class.changed": _l("Meaning of a class changed"),
    }),
    ("credit_record", _l("fact recorded by hand"), {
        "credit_record.made": _l("Fact recorded"), "credit_record.withdrawn": _l("Recorded fact withdrawn"),
    }),
    ("credit_entry", _l("deduction of points"), {
        "credit_entry.made": _l("Points deducted"), "credit_entry.cancelled": _l("Deduction cancelled"),
        "credit_entry.lapsed": _l("Deduction lapsed: the fact holds no longer"),
        "credit_entry.exported": _l("Ledger of points exported"),
    }),
    ("credit_change", _l("change of credit class"), {
        "credit_change.announced": _l("Change of class announced"), "credit_change.objected": _l("Objection stated"),
        "credit_change.effective": _l("Change of class put into effect"),
        "credit_change.dropped": _l("Change of class not carried out"),
        "credit.exported": _l("Credit classes exported"),
    }),
):  # fmt: skip
    words.name(_noun, _what, actions=_actions, columns=LABELS, values=VALUES)
words.ACTIONS["facility.credit_class_changed"] = _l("Credit class changed")
