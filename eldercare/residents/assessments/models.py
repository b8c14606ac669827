"""The scale of GB/T 42195-2022: 4 groups, 26 indicators, 90 points, higher = abler; levels 0–4 (domain.md §2.3)."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from eldercare.core.errors import catalogue


class Indicator(NamedTuple):
    """One of the 26: its code, its words, its most points."""

    code: str
    words: Any
    most: int


class Group(NamedTuple):
    """One of the four: its words, what its points mean, its indicators."""

    code: str
    words: Any
    guide: Any
    indicators: tuple[Indicator, ...]

    @property
    def most(self) -> int:
        """The most points of the group."""
        return sum(indicator.most for indicator in self.indicators)


GROUPS = (
    Group(
        "self_care", _l("Self-care"),
        _l("4 alone · 3 with a reminder or an aid · 2 with a little help · 1 with much help · 0 wholly dependent"),
        (
            Indicator("eating", _l("Eating"), 4), Indicator("grooming", _l("Grooming"), 4),
            Indicator("bathing", _l("Bathing"), 4),
            Indicator("upper_dressing", _l("Putting on and taking off upper garments"), 4),
            Indicator("lower_dressing", _l("Putting on and taking off trousers, shoes and socks"), 4),
            Indicator("bladder", _l("Bladder control"), 4), Indicator("bowels", _l("Bowel control"), 4),
            Indicator("toilet", _l("Using the toilet"), 4),
        ),
    ),
    Group(
        "mobility", _l("Basic mobility"),
        _l("Most points alone · fewer the more help is needed · 0 wholly dependent"),
        (
            Indicator("bed_turning", _l("Changing position in bed"), 4), Indicator("transfer", _l("Moving from bed to chair"), 4),
            Indicator("walking", _l("Walking on level ground"), 4), Indicator("stairs", _l("Going up and down stairs"), 3),
        ),
    ),
    Group(
        "mental", _l("Mental state"),
        _l("Most points without difficulty · fewer the greater the difficulty · 0 unable, or the behaviour occurs"),
        (
            Indicator("time", _l("Knowing the time"), 4), Indicator("place", _l("Knowing the place"), 4),
            Indicator("people", _l("Knowing people"), 4), Indicator("memory", _l("Memory"), 4),
            Indicator("understanding", _l("Understanding"), 4), Indicator("expression", _l("Expressing oneself"), 4),
            Indicator("aggression", _l("Aggressive behaviour (1 = none)"), 1),
            Indicator("depression", _l("Depressive symptoms (1 = none)"), 1),
            Indicator("consciousness", _l("Level of consciousness"), 2),
        ),
    ),
    Group(
        "senses", _l("Senses and participation"),
        _l("Most points without difficulty · fewer the greater the difficulty · 0 unable"),
        (
            Indicator("sight", _l("Sight"), 2), Indicator("hearing", _l("Hearing"), 2),
            Indicator("errands", _l("Everyday affairs"), 4), Indicator("transport", _l("Going out by transport"), 3),
            Indicator("social", _l("Getting on with people"), 4),
        ),
    ),
)
INDICATORS = {indicator.code: indicator for group in GROUPS for indicator in group.indicators}
MOST = sum(indicator.most for indicator in INDICATORS.values())  # 90
ADJUSTMENTS = {
    "coma": _l("In a coma (level 4 at once)"),
    "mental_disorder": _l("Diagnosed dementia or other mental disorder (one level worse)"),
    "risk_events": _l("Two or more falls, chokings, elopements or self-harms in the last 30 days (one level worse)"),
}
_FROM = ((90, 0), (66, 1), (46, 2), (30, 3), (0, 4))  # least score → level


def raw_level(score: int) -> int:
    """The level a score alone gives."""
    return next(level for least, level in _FROM if score >= least)


def final_level(raw: int, adjustments: Iterable[str], *, add_up: bool) -> int:
    """The level after adjustments, at most 4; `add_up`: dementia and risk events each worsen one level (a setting)."""
    given = set(adjustments)
    if "coma" in given:
        return 4
    worse = len(given & {"mental_disorder", "risk_events"})
    return min(raw + (worse if add_up else min(worse, 1)), 4)


def score_of(items: Mapping[str, int]) -> int:
    """The sum of all 26 indicators. KeyError when one is missing, ValueError when one is out of range."""
    for code, indicator in INDICATORS.items():
        if not 0 <= items[code] <= indicator.most:
            raise ValueError(code)
    return sum(items[code] for code in INDICATORS)


def score_by_group(items: Mapping[str, Any]) -> list[tuple[Group, int, int]]:
    """(group, points so far, indicators answered) in order; unanswered ones count nothing."""
    out = []
    for group in GROUPS:
        answered = [int(items[each.code]) for each in group.indicators if items.get(each.code) is not None]
        out.append((group, sum(answered), len(answered)))
    return out


catalogue(
    {
        "assessment.items_missing": (422, _l("%(count)s of the 26 indicators are not answered yet. They are marked below.")),
        "assessment.day_wrong": (422, _l("An assessment cannot lie in the future or before birth.")),
        "assessment.same_assessor": (422, _l("Two different assessors sign an assessment.")),
        "assessment.void_already": (409, _l("This assessment is void already.")),
        "assessment.score_wrong": (422, _l("The score runs from 0 to 90 and the level from 0 to 4.")),
        "assessment.dates_wrong": (422, _l("The next assessment must come after this one.")),
    },
    {
        "residents_ability_level_check": "assessment.score_wrong",
        "residents_ability_score_check": "assessment.score_wrong",
        "assessments_score_check": "assessment.score_wrong",
        "assessments_levels_check": "assessment.score_wrong",
        "assessments_dates_check": "assessment.dates_wrong",
    },
)
