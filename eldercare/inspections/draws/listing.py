"""The list of draws; a draw, its plan, its log put into words."""

import json
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.accounts.officers.models import SPECIALITY_WORDS
from eldercare.core import jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, Listing, Search
from eldercare.facilities.models import STATE_WORDS as PLACE_WORDS
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.draws.forms import CLASS_WORDS
from eldercare.inspections.draws.models import (
    CLASSES,
    REASON_WORDS,
    STATE_WORDS,
    WITNESS_WORDS,
    Draw,
    DrawAnnouncement,
    DrawPaper,
    Rules,
)
from eldercare.inspections.models import Visit

TONES: dict[str, Any] = {
    "planned": "quiet", "approved": "active", "frozen": "watch", "drawn": "good", "void": "bad", "withdrawn": "quiet",
}  # fmt: skip
SHORT_WORDS: dict[str, Any] = {**STATE_WORDS, "frozen": _l("Waiting for the witness")}
VISIT_WORDS: dict[str, Any] = {"planned": _l("Still to be made"), "sent": _l("Made and recorded"), "cancelled": _l("Cancelled")}
VISIT_TONES: dict[str, Any] = {"planned": "active", "sent": "good", "cancelled": "quiet"}
STEPS: tuple[tuple[str, Any], ...] = (
    ("created_at", _l("Plan made")), ("approved_at", _l("Approved by somebody else")),
    ("frozen_at", _l("Libraries frozen, commitment published")), ("witnessed_at", _l("Value of the witness")),
    ("drawn_at", _l("Draw made")), ("published_at", _l("Whole file published")),
)  # fmt: skip


def rules() -> Rules:
    """The settings of this installation."""
    return Rules.of(current_app.config)


def state_badge(row: Draw) -> Badge:
    """The state with its tone; with the value of the witness in hand nothing is waited for but the draw itself."""
    if row.state == "frozen" and row.witnessed_at is not None:
        return Badge(_l("Value given, to be drawn"), "watch")
    return Badge(SHORT_WORDS[row.state], TONES[row.state])


def visit_badge(visit: Visit) -> Badge:
    """How a visit of the draw stands."""
    return Badge(VISIT_WORDS[visit.state], VISIT_TONES[visit.state])


def period(row: Draw) -> str:
    """From when to when the visits are made."""
    return _("%(first)s to %(last)s", first=jinja.day(row.starts_on), last=jinja.day(row.ends_on))


def size(row: Draw) -> str:
    """How many are drawn, as the plan says it."""
    if row.percent is not None:
        return _("%(share)s%% of the eligible places, rounded up", share=f"{row.percent.normalize():f}")
    return str(ngettext("%(num)d place", "%(num)d places", row.count or 0))


def drawn_words(row: Draw) -> str | None:
    """What came of it: 4 of 19."""
    return None if row.picked is None else _("%(drawn)s of %(all)s", drawn=row.picked, all=row.eligible)


DRAWS = Listing(
    name="draws",
    title=_l("Double-random draws"),
    ident=Draw.id,
    columns=(
        Column("batch", _l("Batch"), "batch", sort=Draw.batch, detail="title", width="wide"),
        Column("state", _l("State"), state_badge, kind="badge", sort=Draw.state),
        Column("period", _l("Period of visits"), period, sort=Draw.starts_on),
        Column("drawn", _l("Places drawn"), drawn_words),
        Column("frozen_at", _l("Commitment"), "frozen_at", kind="moment", sort=Draw.frozen_at, spare=True),
        Column("drawn_at", _l("Drawn at"), "drawn_at", kind="moment", sort=Draw.drawn_at),
    ),
    filters=(
        Search("q", _l("Batch or name"), where=lambda text: (Draw.batch + " " + Draw.title).icontains(text, autoescape=True)),
        Choice("state", _l("State"), choices=tuple(SHORT_WORDS.items()), where=lambda state: Draw.state == state),
    ),
    order=(Draw.batch.desc(),),
    empty_title=_l("No draw yet"),
    empty_why=_l("A draw begins as a plan that somebody else approves."),
)  # fmt: skip


def steps(row: Draw) -> list[tuple[Any, Any]]:
    """(step, its moment or None), in order."""
    return [(word, getattr(row, column)) for column, word in STEPS]


def _some(values: list[str], named: Any, every: Any) -> str:
    return _(", ").join(str(named.get(each, each)) for each in values) or str(every)


def plan_facts(row: Draw, lists: dict[str, str], towns: dict[str, str]) -> list[tuple[Any, Any]]:
    """The plan in words."""
    return [
        (_("Lists"), _some(row.checklists, lists, "")),
        (_("Kinds of inspected place"), _some(row.facility_types, TYPE_WORDS, "")),
        (_("Townships"), _some(row.townships, towns, _("all"))),
        (_("Credit classes"), _some(row.classes, CLASS_WORDS, _("all"))),
        (_("How many are drawn"), size(row)),
        (_("Period of visits"), period(row)),
        (_("Team"), _team(row)),
        (_("What nobody can know"), f"{WITNESS_WORDS[row.witness_kind]}: {witness_named(row)}"),
        (_("Plan made by"), row.author_name),
        (_("Approved by"), row.approver_name),
    ]


def _team(row: Draw) -> str:
    size_ = ngettext("%(num)d officer", "%(num)d officers", row.team_size)
    if row.speciality is None:
        return str(size_)
    return _("%(size)s, at least one for %(speciality)s", size=size_, speciality=SPECIALITY_WORDS[row.speciality])


def witness_named(row: Draw) -> str:
    """What was named beforehand, with its day."""
    return f"{row.witness_named} ({jinja.day(row.witness_on)})" if row.witness_on else row.witness_named


def weights(row: Draw, paper: DrawPaper | None) -> list[tuple[Any, str, int | None]]:
    """(class, weight, how many such places are in the frozen library), in the order of the classes."""
    objects = json.loads(paper.objects) if paper else None
    return [
        (CLASS_WORDS[name], str(row.weights[name]),
         None if objects is None else sum((each["class"] or "none") == name for each in objects))
        for name in CLASSES
    ]  # fmt: skip


def full(entries: list[AuditEntry]) -> list[dict[str, str]]:
    """The places left out at the freeze, {"code", "name"}, by the log: no check of the year is left for them."""
    return next((each.details.get("full", []) for each in entries if each.action == "draw.frozen"), [])


def log(paper: DrawPaper | None, replaced: list[Any]) -> list[tuple[str, str, str]]:
    """(place, officer, why passed over) of the draw and of what was replaced, in words."""
    if paper is None or paper.result is None:
        return []
    places = {each["id"]: each["name"] for each in json.loads(paper.objects)}
    people = {each["id"]: each["name"] for each in json.loads(paper.officers)["people"]}
    lines = list(json.loads(paper.result)["log"]) + [line for each in replaced for line in json.loads(each.body)["log"]]
    return [
        (places[each["object"]], people.get(each["officer"], jinja.DASH), str(REASON_WORDS[each["reason"]])) for each in lines
    ]


def replaced_words(paper: DrawPaper | None, replaced: list[Any]) -> list[dict[str, Any]]:
    """[{"out", "in", "why", "by", "at"}] of each replacement, in words."""
    if paper is None:
        return []
    places = {each["id"]: each["name"] for each in json.loads(paper.objects)}
    said = [(each, json.loads(each.body)) for each in replaced]
    return [
        {
            "out": places[body["out"]], "in": places[body["in"]], "why": PLACE_WORDS[body["state"]], "by": each.made_by,
            "at": each.made_at,
        }
        for each, body in said
    ]  # fmt: skip


def announced(told: list[DrawAnnouncement]) -> list[tuple[DrawAnnouncement, list[DrawAnnouncement]]]:
    """Each place that was named, with the teams that go instead of the one drawn, the newest last."""
    return [
        (first, [each for each in told if each.rank == first.rank and each.edition > 1]) for first in told if first.edition == 1
    ]


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """The history: what was done; what it was done with stands on the page itself."""
    return [each | {"changes": []} for each in words.told(entries)]
