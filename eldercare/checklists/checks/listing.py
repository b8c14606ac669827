"""Filled lists put into words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from eldercare.checklists.checks import queries
from eldercare.checklists.checks.models import (
    CAP_WORDS,
    GRADE_WORDS,
    ORIGIN_WORDS,
    RESULT_WORDS,
    STATE_WORDS,
    STATUS_WORDS,
    Check,
    CheckAnswer,
)
from eldercare.checklists.listing import basis_words, said, severity_badge, version_name
from eldercare.checklists.models import ChecklistArea
from eldercare.core import jinja
from eldercare.core.access import P
from eldercare.core.listing import Badge
from eldercare.core.web import can

__all__ = ["basis_words", "said", "severity_badge", "version_name"]
# who reads a filled list: whoever reads what it was filled in for. A third party on post sees lists, not what others found (§5.2)
READ_BY: dict[str, tuple[P, ...]] = {
    "self_check": (P.SELFCHECK_READ,), "inspection": (P.INSPECTION_READ, P.INSPECTION_ANSWER), "stationed": (P.STATION_READ,),
    "other": (P.CHECKLIST_READ,),
}  # fmt: skip
RESULT_TONES = {"conform": "good", "partial": "watch", "nonconform": "bad", "not_applicable": "quiet", "not_checked": "active"}
GRADE_TONES = {"excellent": "good", "good": "good", "pass": "watch", "fail": "bad"}
STATE_TONES = {"open": "active", "sealed": "good", "dropped": "quiet"}


def may_read(check: Check) -> bool:
    """Whether the signed-in person may read a filled list (domain.md §5.2)."""
    return any(can(each, check) for each in READ_BY[check.origin])


def result_badge(answer: CheckAnswer) -> Badge:
    """What was found at an item."""
    return Badge(RESULT_WORDS[answer.result], RESULT_TONES[answer.result])  # type: ignore[arg-type]


def state_badge(check: Check) -> Badge:
    """Whether a check is still being filled in."""
    return Badge(STATE_WORDS[check.state], STATE_TONES[check.state])  # type: ignore[arg-type]


def grade_badge(check: Check) -> Badge | None:
    """The grade, or why there is none; None while the check is open."""
    if check.grade:
        return Badge(GRADE_WORDS[check.grade], GRADE_TONES[check.grade])  # type: ignore[arg-type]
    return Badge(STATUS_WORDS[check.status], "watch") if check.status else None


def score_words(score: Any) -> str:
    """92.0, a dash where there is none."""
    return jinja.number(score, 1)


def key_facts(check: Check) -> list[tuple[Any, Any]]:
    """The line under a check's title."""
    facts: list[tuple[Any, Any]] = [
        (_("Place checked"), check.facility.name), (_("Kind of check"), ORIGIN_WORDS[check.origin]),
        (_("Checked on"), jinja.day(check.checked_on)),
        (_("Version of the list"), version_name(check.version)), (_("Edition"), check.revision),
    ]  # fmt: skip
    return facts + ([(_("Score"), score_words(check.score))] if check.state == "sealed" else [])


def cap_words(check: Check) -> list[str]:
    """Why the score is capped."""
    return [str(CAP_WORDS[cap]) for cap in check.outcome.get("caps", ())]


def intact(check: Check, answers: list[tuple[ChecklistArea, CheckAnswer]]) -> bool | None:
    """Whether the answers still give the hash the check was sealed with; None while it is open."""
    return queries.sha256(check, answers) == check.content_sha256 if check.state == "sealed" else None


@dataclass(frozen=True)
class AreaAnswers:
    """An area with its answers and its own score."""

    code: str
    name: str
    answers: list[CheckAnswer]


def by_area(answers: Iterable[tuple[ChecklistArea, CheckAnswer]]) -> list[AreaAnswers]:
    """Answers under their areas."""
    found: dict[int, AreaAnswers] = {}
    for area, answer in answers:
        found.setdefault(area.id, AreaAnswers(area.code, said(area), [])).answers.append(answer)
    return list(found.values())


def why(check: Check, answer: CheckAnswer) -> str:
    """The reason given; where a condition answered, that condition's."""
    if answer.by_rule:
        return queries.why(check, answer.item).why
    return answer.reason or ""
