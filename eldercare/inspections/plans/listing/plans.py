"""A plan put into words."""

from typing import Any

from flask_babel import gettext as _

from eldercare.core import jinja
from eldercare.core.listing import Badge
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.plans.models import PLAN_STATE_WORDS, Plan

PLAN_STATE_TONES: dict[str, Any] = {
    "draft": "watch", "approved": "active", "running": "active", "closed": "quiet", "withdrawn": "quiet",
}  # fmt: skip


def plan_badge(plan: Plan) -> Badge:
    """The state with its tone."""
    return Badge(PLAN_STATE_WORDS[plan.state], PLAN_STATE_TONES[plan.state])


def plan_facts(plan: Plan) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    approved = None
    if plan.approved_at:
        approved = _("%(who)s on %(day)s", who=plan.approved_by, day=jinja.day(plan.approved_at))
    return [
        (_("Period"), f"{jinja.day(plan.first)} – {jinja.day(plan.last)}"),
        (_("Drafted by"), _("%(who)s on %(day)s", who=plan.author or "—", day=jinja.day(plan.created_at))),
        (_("Approved by"), approved),
        (_("Note"), plan.note),
    ]


def bounds_rows(plan: Plan) -> list[tuple[str, str]]:
    """What the plan was drafted from: visits a year by class and by kind of place."""
    rows = []
    for key, said in plan.bounds.items():
        what = str(TYPE_WORDS[key]) if key in TYPE_WORDS else _("Institution of class %(letter)s", letter=key)
        least, _dash, most = said.partition("-")
        times, _slash, years = least.partition("/")
        if years and years != "1":
            words = _("%(times)s in %(years)s years, at most %(most)s a year", times=times, years=years, most=most)
        else:
            words = _("%(times)s to %(most)s a year", times=times, most=most)
        rows.append((what, words))
    return rows
