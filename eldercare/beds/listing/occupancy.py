"""A home's occupancy put into words."""

from typing import Any

from flask_babel import gettext as _

from eldercare.beds import queries
from eldercare.core import calendar, charts, jinja
from eldercare.core.calendar import Month
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility


def occupancy_chart(scope: Scope, facility: Facility) -> dict[str, Any] | None:
    """Occupancy of an institution over 13 months: what `_parts/chart.html` draws; None for other places."""
    if facility.facility_type != "institution":
        return None
    points = queries.occupancy_trend(scope, Month.of(calendar.today()).plus(-1), facility_id=facility.id)
    labels = [jinja.month_label(point.month) for point in points]
    year = jinja.january(point.month for point in points)
    spec = charts.trend(labels, {"": [point.rate for point in points]}, text=jinja.ratio, zero=True, year=year)
    table = {
        "columns": [_("Month"), _("In residence"), _("Beds set up"), _("Occupancy")],
        "rows": [
            [str(p.month), jinja.number(p.in_home), jinja.number(p.beds_set), jinja.ratio(p.rate)] for p in reversed(points)
        ],
    }
    note = _("Residents at the end of the month over beds set up")
    return {"spec": spec, "title": _story(points), "table": table, "note": note}


def _story(points: list[queries.TrendPoint]) -> str:
    first, last = points[0], points[-1]
    if last.rate is None:
        return _("There is no occupancy rate yet")
    if first.rate is None:
        return _("Occupancy %(rate)s at the end of last month", rate=jinja.ratio(last.rate))
    change = round((last.rate - first.rate) * 100, 1)
    size = f"{abs(change):.1f}"
    if change > 0:
        return _("Occupancy %(rate)s, up %(points)s points over a year", rate=jinja.ratio(last.rate), points=size)
    if change < 0:
        return _("Occupancy %(rate)s, down %(points)s points over a year", rate=jinja.ratio(last.rate), points=size)
    return _("Occupancy %(rate)s, as a year ago", rate=jinja.ratio(last.rate))
