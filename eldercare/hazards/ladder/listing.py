"""The ladder put into words, and the list of hazards on it."""

from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja, words
from eldercare.core.listing import Badge, Choice, Column, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import queries as hazards
from eldercare.hazards.ladder.models import BODY_WORDS, STEP_WORDS, STEPS, Basis, LadderStep, Thresholds, law
from eldercare.hazards.ladder.queries import Ladder
from eldercare.hazards.listing import severity_badge
from eldercare.hazards.models import SEVERITY_WORDS, Hazard

PAPER_WORDS: dict[str, Any] = {"paper": _l("Paper of this step")}


def thresholds() -> Thresholds:
    """From when each step is proposed in this installation."""
    return Thresholds.of(current_app.config)


def step_badge(step: LadderStep) -> Badge:
    """Whether a step stands."""
    return Badge(_("cancelled"), "quiet") if step.cancelled_at else Badge(STEP_WORDS[step.step], "watch")


def why(proposed: tuple[str, str, int]) -> str:
    """Why a step is proposed."""
    _step, what, limit = proposed
    if what == "days":
        return ngettext("overdue for %(num)d day or more", "overdue for %(num)d days or more", limit)
    return ngettext("%(num)d failed recheck or more", "%(num)d failed rechecks or more", limit)


def proposed_words(row: Ladder) -> Badge | None:
    """The next step proposed."""
    return Badge(STEP_WORDS[row.proposed[0]], "bad") if row.proposed else None


def rungs(row: Ladder) -> list[dict[str, Any]]:
    """The whole ladder, from the bottom up: what was taken, skipped, is proposed, is still above."""
    taken, skipped = row.taken, {each for step in row.taken.values() for each in step.skipped}
    out = []
    for step in STEPS:
        how = (
            "taken"
            if step in taken
            else "proposed"
            if row.proposed and row.proposed[0] == step
            else "skipped"
            if step in skipped
            else "open"
        )
        out.append({"step": step, "words": STEP_WORDS[step], "how": how, "row": taken.get(step)})
    return out


def open_steps(row: Ladder) -> list[str]:
    """Steps that can still be taken."""
    return [each for each in STEPS if each not in row.taken]


def clause(basis: Basis) -> str:
    """A clause as people read it, with what it allows for a fine."""
    said = f"{basis.zh if jinja.lang() == 'zh' else basis.en} ({basis.clause})"
    if basis.most is None or basis.least is None:
        return said
    most = f"{basis.most:,}"
    span = (
        _("up to ¥%(most)s", most=most) if basis.least <= 1 else _("¥%(least)s to ¥%(most)s", least=f"{basis.least:,}", most=most)
    )
    return _("%(what)s: %(values)s", what=said, values=span)


def clauses() -> list[dict[str, Any]]:
    """What the law says about the steps: [{"words", "steps", "is_read"}]."""
    return [
        {
            "words": clause(each),
            "steps": _(", ").join(str(STEP_WORDS[step]) for step in each.steps),
            "is_read": each.seen == "primary",
        }
        for each in law().values()
    ]


def basis_words(code: str | None) -> str | None:
    """The clause of a step."""
    found = law().get(code or "")
    return clause(found) if found else code


def bodies(step: LadderStep) -> str | None:
    """The departments told."""
    return _(", ").join(str(BODY_WORDS[each]) for each in step.bodies) or None


def said(step: LadderStep) -> str:
    """A step's reason; the platform's own reminder has none but the days."""
    return step.reason or ngettext("%(num)d day overdue", "%(num)d days overdue", step.overdue_days)


def why_cancelled(step: LadderStep) -> str:
    """Why a step does not stand; the platform's own reminder is set aside once its deadline is another."""
    return step.cancel_reason or _("The deadline was set anew")


def skipped(step: LadderStep) -> str:
    """The steps that were left out."""
    return _(", ").join(str(STEP_WORDS[each]) for each in step.skipped)


LADDER = Listing(
    name="ladder",
    title=_l("Escalation"),
    ident=Hazard.id,
    link=lambda row: f"/hazards/{row.id}#ladder",
    columns=(
        Column("number", _l("Number"), "hazard.number", sort=Hazard.number, detail=lambda row: row.hazard.description[:40]),
        Column("facility", _l("Facility"), "hazard.facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.hazard.facility.township)),
        Column("severity", _l("Severity"), lambda row: severity_badge(row.hazard), kind="badge", sort=Hazard.severity),
        Column("days", _l("Days overdue"), "days", kind="number", sort=Hazard.due_on.desc()),
        Column("failed", _l("Failed rechecks"), "failed", kind="number", spare=True),
        Column("last", _l("Last step"), lambda row: STEP_WORDS[row.last.step] if row.last else None,
               detail=lambda row: jinja.day(row.last.taken_on) if row.last else None),
        Column("proposed", _l("Proposed next"), proposed_words, kind="badge",
               detail=lambda row: why(row.proposed) if row.proposed else None),
    ),
    filters=(
        Search("q", _l("Number, source or facility"), where=hazards.matching),
        Choice("severity", _l("Severity"), choices=tuple(SEVERITY_WORDS.items()), where=lambda each: Hazard.severity == each),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("late", _l("Overdue"), where=lambda _on: hazards.overdue(calendar.today())),
    ),
    order=(Hazard.due_on,),
    empty_title=_l("Nothing is on the ladder"),
    empty_why=_l("Hazards that are overdue or failed a recheck stand here, with the next step proposed."),
)  # fmt: skip


def choices(townships: list[Township]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {"township": [(each.code, township_words(each)) for each in townships]}


def as_json(row: Ladder) -> dict[str, Any]:
    """A hazard's ladder at the wire."""
    return {
        "hazard_id": row.id,
        "number": row.hazard.number,
        "facility_id": row.hazard.facility_id,
        "severity": row.hazard.severity,
        "days_overdue": row.days,
        "failed_rechecks": row.failed,
        "taken": [{"step": each.step, "on": each.taken_on.isoformat()} for each in row.taken.values()],
        "proposed": row.proposed[0] if row.proposed else None,
    }


def in_words(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    return words.told(entries)
