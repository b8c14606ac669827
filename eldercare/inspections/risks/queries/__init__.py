"""Reads of risks: today's ranking, weights, proposals, the kept back-tests."""

from eldercare.inspections.risks.queries.ranking import (
    back_test,
    back_tests,
    current,
    one,
    planned_in,
    proposal,
    proposals,
    ranking,
    scores,
    weights,
)

__all__ = ["back_test", "back_tests", "current", "one", "planned_in", "proposal", "proposals", "ranking", "scores", "weights"]
