"""Flags put into words: the reason, the evidence."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import jinja
from eldercare.core.listing import Badge, Choice, Column, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.selfchecks import queries as rounds
from eldercare.selfchecks.flags.models import KIND_WORDS, STATE_WORDS, SelfCheckFlag
from eldercare.selfchecks.listing import title, window
from eldercare.selfchecks.models import SelfCheckRound

__all__ = ["KIND_WORDS", "title", "window"]
STATE_TONES: dict[str, Any] = {"open": "watch", "in_order": "good", "not_in_order": "bad"}


def state_badge(flag: SelfCheckFlag) -> Badge:
    """Whether somebody looked, and what they found."""
    return Badge(STATE_WORDS[flag.state], STATE_TONES[flag.state])


def reason(flag: SelfCheckFlag) -> str:
    """The evidence as a sentence."""
    told = flag.evidence
    if flag.kind == "too_fast":
        return _("%(items)s items were answered in %(seconds)s seconds; nobody looks at them in less than %(least)s.", **told)
    if flag.kind == "same_photo":
        return _("%(count)s photos show the same as one taken before.", count=len(told["pairs"]))
    if flag.kind == "same_minute":
        about = {"minute": f"{told['minute']:02d}", "times": told["times"], "last": told["last"]}
        return _("%(times)s of the last %(last)s rounds began %(minute)s minutes past the hour.", **about)
    return _("The telephone was %(metres)s m from the place, give or take %(accuracy)s m.", **told)


def starts(flag: SelfCheckFlag) -> list[str]:
    """When the rounds began that are too much alike, the newest first."""
    return [jinja.moment(datetime.fromisoformat(each)) for each in flag.evidence.get("starts", ())]


def _round(flag: SelfCheckFlag) -> str:
    return f"{title(flag.round)} · {jinja.day(flag.round.day)}"


FLAGS = Listing(
    name="flags",
    title=_l("Plausibility of self-checks"),
    ident=SelfCheckFlag.id,
    columns=(
        Column("kind", _l("Reason"), lambda row: str(KIND_WORDS[row.kind]), sort=SelfCheckFlag.kind),
        Column("facility", _l("Facility"), "round.facility.name", sort=Facility.name, width="medium",
               detail=lambda row: township_words(row.round.facility.township)),
        Column("round", _l("Round"), _round, sort=(SelfCheckRound.day, SelfCheckRound.from_at)),
        Column("evidence", _l("Evidence"), reason, width="wide"),
        Column("state", _l("State"), state_badge, kind="badge", sort=SelfCheckFlag.state),
        Column("made_at", _l("Seen"), "made_at", kind="moment", sort=SelfCheckFlag.made_at, spare=True),
    ),
    filters=(
        Search("q", _l("Facility"), where=rounds.matching),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), default="open", any_words=_l("looked at or not"),
               where=lambda each: SelfCheckFlag.state == each),
        Choice("kind", _l("Reason"), choices=tuple(KIND_WORDS.items()), where=lambda each: SelfCheckFlag.kind == each),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
    ),
    order=(SelfCheckFlag.made_at.desc(),),
    empty_title=_l("Nothing to look at"),
    empty_why=_l("Rounds that are hardly plausible stand here, with the evidence and whoever looked."),
)  # fmt: skip


def choices(townships: list[Township]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {"township": [(each.code, township_words(each)) for each in townships]}


def key_facts(flag: SelfCheckFlag) -> list[tuple[Any, Any]]:
    """The line under a flag's title."""
    facts: list[tuple[Any, Any]] = [
        (_("Facility"), flag.round.facility.name), (_("Round"), _round(flag)), (_("Filled in by"), flag.round.person_name),
        (_("Begun"), jinja.moment(flag.round.begun_at)), (_("Completed"), jinja.moment(flag.round.done_at)),
    ]  # fmt: skip
    return facts


