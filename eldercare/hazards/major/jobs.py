"""Major hazards count as facts of the ledger of points; their list as a workbook, on demand."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from eldercare.core import alerts, exports, runs
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit.models import FactKind, facts
from eldercare.hazards.major import listing, queries


def init_app(app: Flask) -> None:
    """What counts here; how a paper that is not handed in climbs."""
    up = (alerts.Step(timedelta(0), "township"), alerts.Step(timedelta(app.config["MAJOR_CLIMB_DAYS"]), "district"))
    for paper in ("measures", "plan"):
        alerts.climbs(f"major.{paper}", *up)
    facts(FactKind("major_hazard", _l("Major hazard judged present"), queries.judged_facts))


@runs.handler("major_export")
def major_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The cases of a list as asked, in the reach of who asked."""
    asked = run.params["query"]
    bound = listing.listing(listing.month_of(asked)).bind(asked, choices=listing.choices(scope, facilities.townships(scope)))
    return exports.workbook(
        scope, bound, queries.cases(scope), title=str(bound.title), noun="major_case", stem="major-hazards", wide=(1,),
    )  # fmt: skip
