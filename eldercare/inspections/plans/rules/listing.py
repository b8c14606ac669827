"""Rules put into words."""

from typing import Any

from flask_babel import gettext as _

from eldercare.core import jinja
from eldercare.core.listing import Badge
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.models import KIND_WORDS
from eldercare.inspections.plans.rules.models import EVERY_WORDS, RULE_STATE_WORDS, PlanRule

TONES: dict[str, Any] = {"proposed": "watch", "in_force": "active", "ended": "quiet"}


def list_words(version: Any) -> str:
    """What a list is called, in the language of the reader."""
    return str(version.en if jinja.lang() == "en" else version.zh)


def order(rule: PlanRule) -> tuple[int, int]:
    """Those in force first, then what waits, then what is over."""
    return ("in_force", "proposed", "ended").index(rule.state), -rule.id


def badge(rule: PlanRule) -> Badge:
    """The state with its tone."""
    return Badge(RULE_STATE_WORDS[rule.state], TONES[rule.state])


def asks(rule: PlanRule) -> str:
    """How often which kind of visit."""
    return _("%(kind)s, %(every)s", kind=KIND_WORDS[rule.kind], every=EVERY_WORDS[rule.every])


def places(rule: PlanRule) -> str:
    """At which places."""
    said = _(", ").join(str(TYPE_WORDS[each]) for each in rule.facility_types)
    return f"{said} · {_('class %(letter)s', letter=', '.join(rule.classes))}" if rule.classes else said


def since(rule: PlanRule) -> str:
    """From when to when."""
    if rule.ends_on:
        return f"{jinja.day(rule.starts_on)} – {jinja.day(rule.ends_on)}"
    return _("since %(day)s", day=jinja.day(rule.starts_on))
