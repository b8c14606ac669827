"""Reads of filled lists, and their score."""

from eldercare.checklists.checks.queries import scoring
from eldercare.checklists.checks.queries.filled import (
    answers,
    check,
    checks,
    content,
    editions,
    marks,
    scores,
    sha256,
    why,
    without_photo,
)

__all__ = ["answers", "check", "checks", "content", "editions", "marks", "scores", "scoring", "sha256", "why",
           "without_photo"]  # fmt: skip
