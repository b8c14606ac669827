"""Plans put into words."""

from eldercare.facilities.forms import township_words
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.models import KIND_WORDS, NOTICE_WORDS
from eldercare.inspections.plans.listing.boards import (
    SHORT_KINDS,
    STANDING_WORDS,
    coverage,
    covered,
    day_asked,
    load_chart,
    load_rows,
    month_asked,
    month_heads,
    month_of,
    of_item,
    of_visit,
    standing_badge,
    tally,
    year_asked,
    year_rows,
    years,
)
from eldercare.inspections.plans.listing.items import (
    ITEMS,
    STAGE_TONES,
    STAGE_WORDS,
    calendar_warning,
    choices,
    count_words,
    day_words,
    hours,
    in_words,
    key_facts,
    list_words,
    more_facts,
    period_words,
    plan_words,
    stage_badge,
    team_words,
    terms,
    trouble_words,
    visit_url,
)
from eldercare.inspections.plans.listing.plans import PLAN_STATE_TONES, bounds_rows, plan_badge, plan_facts
from eldercare.inspections.plans.models import PLAN_STATE_WORDS, WHY_WORDS

__all__ = [
    "ITEMS", "KIND_WORDS", "NOTICE_WORDS", "PLAN_STATE_TONES", "PLAN_STATE_WORDS", "SHORT_KINDS", "STAGE_TONES", "STAGE_WORDS",
    "STANDING_WORDS", "TYPE_WORDS", "WHY_WORDS", "bounds_rows", "calendar_warning", "choices", "count_words", "coverage",
    "covered", "day_asked", "day_words", "hours", "in_words", "key_facts", "list_words", "load_chart", "load_rows",
    "month_asked", "month_heads", "month_of", "more_facts",
    "of_item", "of_visit", "period_words", "plan_badge", "plan_facts", "plan_words", "stage_badge", "standing_badge", "tally",
    "team_words", "terms", "township_words", "trouble_words", "visit_url", "year_asked", "year_rows", "years",
]  # fmt: skip
