"""The route of a day put into words: crews with their stops, the map, what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eldercare.core import calendar, jinja
from eldercare.core.listing import Badge
from eldercare.facilities.listing import areas as map_areas
from eldercare.facilities.listing import township_words
from eldercare.facilities.models import Township
from eldercare.inspections.models import KIND_WORDS, STATE_WORDS, Visit
from eldercare.inspections.routes.models import WHY_WORDS, Stop, Terms, mark

__all__ = ["KIND_WORDS", "STATE_WORDS", "township_words"]


def terms() -> Terms:
    """The settings of this installation."""
    return Terms.of(current_app.config)


@dataclass(frozen=True)
class Line:
    """A stop of a crew: its number, the visit, and how it is reached."""

    number: int
    visit: Visit
    stop: dict[str, Any]


@dataclass
class Crew:
    """Who goes about together, and their round."""

    names: list[str]
    lines: list[Line]
    round: dict[str, Any]

    @property
    def saved(self) -> int:
        """Metres less than in the order given by the visits' hours."""
        return int(self.round["given_metres"] - self.round["metres"])


@dataclass
class DayRoute:
    """What the page of a day shows. `stale`: the visits have changed since they were ordered."""

    day: date
    crews: list[Crew] = field(default_factory=list)
    left_out: list[tuple[Visit, str, int]] = field(default_factory=list)
    unordered: list[Visit] = field(default_factory=list)
    sent: list[Visit] = field(default_factory=list)
    stale: bool = False
    proven: bool = True
    is_taken: bool = False
    names: str = ""

    @property
    def metres(self) -> int:
        """Of all crews."""
        return sum(crew.round["metres"] for crew in self.crews)

    @property
    def saved(self) -> int:
        """Metres less than in the order given."""
        return sum(crew.saved for crew in self.crews)


def day_route(
    day: date, visits: Sequence[Visit], stops: Sequence[Stop], parts: Sequence[Mapping[str, Any]], officer_id: int | None
) -> DayRoute:
    """The orders of a day against its visits as they are now; only an officer's, where one is named."""
    mine = [visit for visit in visits if officer_id is None or officer_id in {row.officer_id for row in visit.officers}]
    by_id, there, out = {visit.id: visit for visit in visits}, {stop.visit_id: stop for stop in stops}, DayRoute(day)
    names, shown, ours = _names(visits), set[int](), {visit.id for visit in mine}
    for part in parts:
        if not ours & set(part["visits"]):
            continue
        if part["mark"] != mark(there[each] for each in part["visits"] if each in there):
            out.stale = True
            continue
        out.proven = out.proven and part["proven"]
        for crew in part["crews"]:
            if officer_id is None or officer_id in crew["officers"]:
                lines = [Line(n, by_id[stop["visit"]], stop) for n, stop in enumerate(crew["stops"], 1)]
                out.crews.append(Crew([names[each] for each in crew["officers"]], lines, crew))
                shown |= {line.visit.id for line in lines}
        left = [each for each in part["left_out"] if each["visit"] in ours]
        out.left_out += [(by_id[each["visit"]], str(WHY_WORDS[each["why"]]), each["minutes"]) for each in left]
        shown |= {each["visit"] for each in left}
    out.sent = [visit for visit in mine if visit.state == "sent"]
    out.unordered = [visit for visit in mine if visit.state == "planned" and visit.id not in shown]
    out.is_taken = bool(out.crews) and all(_is_taken(line) for crew in out.crews for line in crew.lines)
    out.names = names.get(officer_id, "") if officer_id else ""
    return out


def _is_taken(line: Line) -> bool:
    hours = [f"{each:%H:%M}" if each else None for each in (line.visit.window_from, line.visit.window_to)]
    return hours == [line.stop["begins"], line.stop["ends"]]


def _names(visits: Sequence[Visit]) -> dict[int, str]:
    return {row.officer_id: row.officer.name for visit in visits for row in visit.officers}


def step(day: date, days: int) -> str:
    """A neighbouring day, for an address."""
    return (day + timedelta(days=days)).isoformat()


def km(metres: int) -> str:
    """12.3 km."""
    return _("%(km)s km", km=jinja.number(metres / 1000, 1))


def span(minutes: int) -> str:
    """5 h 20 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)


def compared(route: DayRoute) -> str:
    """The kilometres against the order given by the hours."""
    given = route.metres + route.saved
    if route.saved > 0:
        return _("%(saved)s less than in the order of the visits' hours (%(given)s)", saved=km(route.saved), given=km(given))
    if route.saved == 0:
        return _("as long as in the order of the visits' hours")
    more = km(-route.saved)
    return _("%(more)s more than in the order of the visits' hours, which their hours and the break do not allow", more=more)


def hours(visit: Visit) -> str:
    """The hours of a visit, or a dash."""
    begins, ends = (f"{each:%H:%M}" if each else "" for each in (visit.window_from, visit.window_to))
    return f"{begins}\u2013{ends}" if begins or ends else jinja.DASH


def state(route: DayRoute) -> Badge:
    """How the day stands."""
    if route.stale or (route.unordered and route.crews):
        return Badge(_("The visits have changed since"), "watch")
    if route.unordered:
        return Badge(_("Not ordered yet"), "watch")
    if route.is_taken:
        return Badge(_("Hours stand in the visits"), "good")
    return Badge(_("Day ordered"), "active")


def arrived(found: Any) -> str:
    """What the server holds of a visit that has no record yet."""
    if found is None:
        return _("nothing has come from a tablet yet")
    said = _("on the server: %(entries)s entries, %(photos)s photos", entries=found.entries, photos=found.photos)
    if found.last_at:
        said = _("%(what)s; the last at %(at)s", what=said, at=jinja.moment(found.last_at))
    return said if found.tablets < 2 else _("%(what)s; from %(num)d tablets", what=said, num=found.tablets)


def recheck_badge(last: date) -> Badge:
    """How long there is for a recheck, by the last day for it."""
    left = (last - calendar.today()).days
    if left < 0:
        return Badge(ngettext("%(num)d day overdue", "%(num)d days overdue", -left), "bad")
    words = ngettext("%(num)d day left", "%(num)d days left", left) if left else _("due today")
    return Badge(words, "watch" if left <= 3 else "quiet")


def visits_words(count: int) -> str:
    """3 visits."""
    return ngettext("%(num)d visit", "%(num)d visits", count)


def drawn(route: DayRoute, townships: Sequence[Township]) -> dict[str, Any]:
    """The map: numbered places, a line a crew, the bureau."""
    bureau = terms().bureau
    start = {"lon": bureau[0], "lat": bureau[1], "name": _("Bureau"), "kind": "bureau", "url": "", "note": ""}
    points: list[dict[str, Any]] = [start]
    lines = []
    for index, crew in enumerate(route.crews):
        way = [bureau, *((line.visit.facility.lon, line.visit.facility.lat) for line in crew.lines), bureau]
        lines.append({"points": way, "index": index})
        points += [_pin(line.visit, "stop", line.stop["begins"], line.number) | {"line": index % 5} for line in crew.lines]
    rest = [*((visit, why) for visit, why, _minutes in route.left_out), *((visit, hours(visit)) for visit in route.unordered)]
    points += [_pin(visit, "other", note) for visit, note in rest if visit.facility.lon is not None]
    points += [_pin(visit, "sent", str(STATE_WORDS["sent"])) for visit in route.sent if visit.facility.lon is not None]
    kinds = [("stop", _("Stops in order")), ("bureau", _("Bureau")), ("other", _("Not in the order")), ("sent", _("Recorded"))]
    used = {point["kind"] for point in points}
    shown = [each for each in kinds if each[0] in used]
    return {"points": points, "areas": map_areas(list(townships)), "kinds": shown, "lines": lines}


def _pin(visit: Visit, kind: str, note: str, number: int | None = None) -> dict[str, Any]:
    place = visit.facility
    url = url_for("inspections.show", visit_id=visit.id)
    pin = {"lon": place.lon, "lat": place.lat, "name": place.name, "kind": kind, "url": url, "note": note}
    return pin if number is None else pin | {"number": number}



def officers(visits: Sequence[Visit]) -> list[tuple[int, str]]:
    """Who makes the visits of a day, by name."""
    return sorted(_names(visits).items(), key=lambda each: each[1])
