"""Planned visits put into words: the list, an item's facts."""

from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, jinja, words, workdays
from eldercare.core.audit import AuditEntry
from eldercare.core.errors import CATALOGUE
from eldercare.core.listing import Badge, Choice, Column, DateRange, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import TYPE_WORDS, Facility, Township
from eldercare.inspections.models import KIND_WORDS, UNTOLD
from eldercare.inspections.plans import queries, services
from eldercare.inspections.plans.models import PLANNED_KINDS, WHY_WORDS, Plan, PlanItem, Terms

STAGE_WORDS: dict[str, Any] = {
    "draft": _l("In a draft"), "planned": _l("Planned"), "made": _l("Visit made ready"), "today": _l("Today"), "late": _l("Late"),
    "missed": _l("Missed"), "done": _l("Done"), "dropped": _l("Left out"),
}  # fmt: skip
STAGE_TONES: dict[str, Any] = {
    "draft": "quiet", "planned": "quiet", "made": "active", "today": "watch", "late": "watch", "missed": "bad", "done": "good",
    "dropped": "quiet",
}  # fmt: skip


AHEAD = ("planned", "made", "today", "late")  # what can still be made


def terms() -> Terms:
    """The terms of this installation."""
    return Terms.of(current_app.config)


def stage_badge(item: PlanItem) -> Badge:
    """How an item stands today."""
    stage = queries.stage_of(item, calendar.today())
    return Badge(STAGE_WORDS[stage], STAGE_TONES[stage])


def hours(row: Any) -> str | None:
    """“09:00–10:30”, of an item or a visit."""
    if row.window_from is None or row.window_to is None:
        return None
    return f"{row.window_from:%H:%M}–{row.window_to:%H:%M}"


def team_words(team: list[Any]) -> str | None:
    """The names, the lead first."""
    return _(", ").join(each.name for each in team) or None


def day_words(day: date) -> str:
    """A day with its weekday."""
    return _("%(day)s, %(weekday)s", day=jinja.day(day), weekday=format_date(day, "EEE"))


def when_words(item: PlanItem) -> str:
    """Day, weekday and time."""
    row = item.visit or item
    return _(", ").join(filter(None, (day_words(item.day), hours(row))))


def notice_words(item: PlanItem) -> str | None:
    """Until when the place is told; case checks never, what is done or left out no more."""
    if item.kind in UNTOLD or queries.stage_of(item, calendar.today()) in ("done", "dropped", "missed"):
        return None
    if item.visit and item.visit.noticed_at:
        return _("told on %(day)s", day=jinja.day(item.visit.noticed_at))
    return _("tell by %(day)s", day=jinja.day(services.notice_due(item.day, terms())))


def period_words(period: str) -> str:
    """2026, 2026-Q4, 2026-H1, 2026-11 as people say it."""
    year, _dash, part = period.partition("-")
    if not part:
        return _("the year %(year)s", year=year)
    if part[0] == "Q":
        return _("quarter %(n)s of %(year)s", n=part[1:], year=year)
    if part[0] == "H":
        return _("half-year %(n)s of %(year)s", n=part[1:], year=year)
    return jinja.month(calendar.Month.parse(period))


def plan_words(plan: Plan) -> str:
    """What a plan is called."""
    if plan.month is None:
        return _("Plan of %(year)s", year=str(plan.year))
    return _("Plan of %(month)s", month=jinja.month(calendar.Month(plan.year, plan.month)))


def origin_words(item: PlanItem) -> str:
    """What asked for it: a plan or a rule, and why."""
    where = plan_words(item.plan) if item.plan else _("Rule of recurrence")
    return f"{where} · {WHY_WORDS[item.why]}"


def _moved(item: PlanItem) -> str | None:
    return _("at first %(day)s", day=jinja.day(item.first_planned_on)) if item.first_planned_on else hours(item.visit or item)


def trouble_words(item: PlanItem) -> str | None:
    """Why it could not become a visit by itself, without the particulars."""
    if not item.trouble or item.trouble not in CATALOGUE:
        return None
    return {
        "officer.not_certified": _("An officer’s certificate does not count on this day, and no other pair is free."),
        "visit.officer_avoids": _("An officer avoids this place, and no other pair is free."),
        "officer.no_account": _("An officer can no longer sign in, and no other pair is free."),
        "visit.officers_few": _("It has fewer than two officers."),
        "plan_item.not_suitable": _("No list in force on this day suits the place."),
    }.get(item.trouble, str(CATALOGUE[item.trouble][1]))


def calendar_warning(first: date, last: date) -> str | None:
    """That days off of a year are not entered: working days are then only weekdays."""
    years = workdays.known().unknown(first, last)
    if not years:
        return None
    said = ", ".join(str(year) for year in years)
    return _("The days off of %(years)s have not been entered: every weekday counts as a working day there.", years=said)


def _stage(stage: str) -> Any:
    day = calendar.today()
    return queries.stage(day).in_(AHEAD) if stage == "open" else queries.stage(day) == stage


_STAGES = (("open", _l("All still to be made")), *STAGE_WORDS.items())
ITEMS = Listing(
    name="plan-items",
    title=_l("Planned visits"),
    ident=PlanItem.id,
    columns=(
        Column("planned_on", _l("Planned for"), lambda row: day_words(row.day), sort=queries.DAY, detail=_moved, width="whole"),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("kind", _l("Kind of visit"), lambda row: KIND_WORDS[row.kind], sort=PlanItem.kind, detail=origin_words),
        Column("team", _l("Officers"), lambda row: team_words(row.team), width="whole"),
        Column("state", _l("State"), stage_badge, kind="badge"),
        Column("notice", _l("Notice"), notice_words, spare=True),
        Column("reason", _l("Reason"), "reason", spare=True),
    ),
    filters=(
        Search("q", _l("Facility"), where=queries.matching),
        Choice("stage", _l("State"), choices=_STAGES, default="open", any_words=_l("open, done and left out"), where=_stage),
        Choice("kind", _l("Kind"), choices=[(kind, KIND_WORDS[kind]) for kind in PLANNED_KINDS],
               where=lambda kind: PlanItem.kind == kind),
        Choice("officer", _l("Officer"), where=lambda officer: queries.with_officer(int(officer))),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        DateRange("planned", _l("Planned"), where=queries.planned_between, quiet=True),
        Choice("type", _l("Kind of place"), choices=tuple(TYPE_WORDS.items()), quiet=True,
               where=lambda kind: Facility.facility_type == kind),
        Choice("why", _l("Why"), choices=tuple(WHY_WORDS.items()), quiet=True, where=lambda why: PlanItem.why == why),
        Choice("home", _l("Facility"), quiet=True, where=lambda home: PlanItem.facility_id == int(home)),
        Choice("plan", _l("Plan"), quiet=True, where=lambda plan: PlanItem.plan_id == int(plan)),
        Choice("rule", _l("Rule of recurrence"), quiet=True, where=lambda rule: PlanItem.rule_id == int(rule)),
    ),
    order=(queries.DAY, PlanItem.window_from),
    link="{id}",
    json=("id", "facility_code", "kind", "why", "period", "planned_on", "first_planned_on", "state", "visit_id", "reason"),
    empty_title=_l("Nothing is planned"),
    empty_why=_l("Draft a plan for the year or the month; once somebody else has approved it, its visits stand here."),
)  # fmt: skip


def choices(
    townships: list[Township], homes: list[Facility], officers: list[Any], plans: list[Plan], rules: list[Any]
) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
        "officer": [(str(each.id), each.name) for each in officers],
        "plan": [(str(each.id), plan_words(each)) for each in plans],
        "rule": [(str(each.id), each.name) for each in rules],
    }


def key_facts(item: PlanItem) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Planned for"), when_words(item)),
        (_("Officers"), team_words(item.team)),
        (_("Notice"), notice_words(item)),
        (_("Period"), period_words(item.period)),
    ]


def more_facts(item: PlanItem) -> list[tuple[Any, Any]]:
    """The other facts."""
    lists = _(", ").join(item.checklists) if item.checklists else _("all that suit the place")
    return [
        (_("Kind of visit"), KIND_WORDS[item.kind]),
        (_("Comes from"), origin_words(item)),
        (_("Credit class when planned"), item.credit_class),
        (_("Lists"), lists),
        (_("Planned for at first"), jinja.day(item.first_planned_on) if item.first_planned_on else None),
        (_("Reason"), item.reason),
    ]


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    unsaid = {words.column("plan_item", each) for each in ("period_from", "period_to", "visit_id", "bounds")}
    told = words.told(entries)
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told


def visit_url(visit_id: int) -> str:
    """Where a visit's record stands."""
    return url_for("inspections.show", visit_id=visit_id)


def list_words(version: Any) -> str:
    """What a list is called, in the language of the reader."""
    return str(version.en if jinja.lang() == "en" else version.zh)


def count_words(number: int) -> str:
    """So many visits."""
    return str(ngettext("%(num)d visit", "%(num)d visits", number))
