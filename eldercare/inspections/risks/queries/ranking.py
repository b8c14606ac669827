"""Today's ranking; the weights of a day; proposals of a month; back-tests that were kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import contains_eager
from werkzeug.exceptions import NotFound

from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility
from eldercare.inspections.models import Visit
from eldercare.inspections.risks.models import RiskProposal, RiskWeights
from eldercare.inspections.risks.queries import known
from eldercare.inspections.risks.queries.scoring import Score, ranked, score


def weights(scope: Scope) -> list[RiskWeights]:
    """Every version, the latest first."""
    return list(db.session.scalars(scope.select(RiskWeights).order_by(RiskWeights.valid_from.desc())))


def current(scope: Scope, day: date) -> RiskWeights:
    """The version that counts on a day; before the first, the first."""
    every = weights(scope)
    return next((each for each in every if each.valid_from <= day), every[-1])


def scores(scope: Scope, day: date, places: Sequence[Facility], factors: dict[str, Any] | None = None) -> list[Score]:
    """The scores of some places on a day, by what was known on it; ranked."""
    found = known.known(scope, day, day)
    used = factors or current(scope, day).factors
    return ranked(score(each.id, found.traces.get(each.id, ()), found.sources, day, used) for each in places)


def ranking(
    scope: Scope, day: date, kind: str | None = None, factors: dict[str, Any] | None = None
) -> list[tuple[int, Facility, Score]]:
    """(rank, place, score) of the places in reach (of a kind) that are open, the riskiest first."""
    query = facilities.facilities(scope, facility_type=kind, state="operating")
    places = {each.id: each for each in db.session.scalars(query)}
    found = scores(scope, day, list(places.values()), factors)
    return [(rank, places[each.facility_id], each) for rank, each in enumerate(found, 1)]


def one(scope: Scope, facility_id: int, day: date) -> tuple[Facility, Score, RiskWeights]:
    """A place in reach with its score on a day and the weights it is counted by; 404 otherwise."""
    place, used = facilities.facility(scope, facility_id), current(scope, day)
    return place, scores(scope, day, [place], used.factors)[0], used


def planned_in(scope: Scope, month: Month) -> set[int]:
    """Places that are visited in a month already, or have been."""
    query = scope.columns(Visit, Visit.facility_id).where(
        Visit.planned_on.between(month.first, month.last), Visit.state != "cancelled", Visit.kind != "recheck"
    )
    return set(db.session.scalars(query))


def proposals(scope: Scope) -> Select[Any]:
    """Proposals in reach with place and township."""
    return (
        scope.select(RiskProposal)
        .join(RiskProposal.facility)
        .join(Facility.township)
        .options(contains_eager(RiskProposal.facility).contains_eager(Facility.township))
    )


def proposal(scope: Scope, proposal_id: int) -> RiskProposal:
    """One proposal in reach; 404 otherwise."""
    row: RiskProposal | None = db.session.scalars(proposals(scope).where(RiskProposal.id == proposal_id)).one_or_none()
    return row if row is not None else scope.get(RiskProposal, proposal_id)


def back_tests(scope: Scope, most: int = 20) -> list[Run]:
    """The back-tests that were asked for, the latest first."""
    query = scope.select(Run).where(Run.kind == "risks_back_test").order_by(Run.id.desc()).limit(most)
    return list(db.session.scalars(query))


def back_test(scope: Scope, run_id: int) -> Run:
    """One back-test; 404 for any other job."""
    row = db.session.scalars(scope.select(Run).where(Run.kind == "risks_back_test", Run.id == run_id)).one_or_none()
    if row is None:
        raise NotFound
    return row
