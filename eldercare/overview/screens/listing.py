"""A wall screen put into words: large figures, what is late, what happened, the map's areas."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja
from eldercare.core.columns import Badge
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.incidents.grading.models import kind_words
from eldercare.overview.cockpit import listing as cockpit
from eldercare.overview.cockpit.queries import Live, Place, part_of_paper, report
from eldercare.overview.screens import queries
from eldercare.overview.screens.models import MAP_WORDS, WallScreen
from eldercare.overview.screens.queries import Shown

# the large figures, in this order, as far as the report has them; at most ten
FIGURES = (
    "elders", "in_residence", "occupancy", "family_beds", "hazards_open", "hazards_overdue", "major_open", "incidents",
    "visits_done", "selfchecks_in_time", "licences_expired", "admissions", "departures", "nursing_share", "disabled_share",
)  # fmt: skip
MOST = 10
STANDING: dict[str, Badge] = {
    "waiting": Badge(_l("waits for its code"), "watch"), "expired": Badge(_l("code no longer good"), "quiet"),
    "connected": Badge(_l("connected"), "good"), "silent": Badge(_l("silent"), "bad"),
    "over": Badge(_l("time is over"), "quiet"), "revoked": Badge(_l("disconnected"), "quiet"),
}  # fmt: skip
named, MAPS, place_of = cockpit.named, MAP_WORDS, queries.place_of


def standing(row: WallScreen) -> Badge:
    """How a screen stands now."""
    return STANDING[row.standing(calendar.real_now())]


def figures(live: Live, of: Place) -> list[dict[str, Any]]:
    """[{"name", "value", "of", "change", "tone"}], the same numbers as the cockpit's."""
    w = part_of_paper("words").Words(report(of.level).FOLDER, jinja.lang())
    tables = part_of_paper("tables")
    difference = part_of_paper("words").difference
    found = {each["key"]: each for each in live.data["indicators"]}
    out = []
    for each in [found[key] for key in FIGURES if key in found and found[key]["value"]][:MOST]:
        moved = difference(each["value"], each["previous"])
        good = None if not moved or not each["better"] else (moved > 0) == (each["better"] == "up")
        change = w.change(each["value"], each["previous"])
        out.append({
            "name": _name(each["key"], live, w, tables), "value": w.figure(each["value"]),
            "change": w("ch_mom", x=(" " if w.zh else "") + change) if each["previous"] else "",
            "tone": {True: "good", False: "bad", None: ""}[good],
        })  # fmt: skip
    return out


def _name(key: str, live: Live, w: Any, tables: Any) -> str:
    """The short name of a tile where there is one."""
    try:
        return str(w(f"tile_{key}"))
    except KeyError:
        return str(tables.indicator_name(key, live.data, w))


def late(seen: Shown) -> list[dict[str, Any]]:
    """Places with something overdue or major: no persons, no descriptions."""
    today, out = calendar.today(), []
    for each in seen.late:
        days = (today - each.due_on).days if each.due_on else 0
        said = ngettext("%(num)d day overdue", "%(num)d days overdue", days) if days > 0 else _("in time")
        what = str(SEVERITY_WORDS["major"]) if each.severity == "major" else ""
        tone = "bad" if what or days > 0 else "watch"
        out.append({"place": each.facility.name, "what": what, "says": said, "tone": tone})
    return out


def happened(seen: Shown) -> list[dict[str, Any]]:
    """What happened within 24 hours, and where."""
    return [
        {
            "place": each.facility.name, "what": f"{kind_words(each.family, each.type)}", "says": each.grade or "",
            "at": f"{calendar.local(each.occurred_at):%H:%M}", "tone": "bad" if each.grade in ("E1", "E2") else "watch",
        }
        for each in seen.happened
    ]  # fmt: skip


def today(seen: Shown) -> list[dict[str, Any]]:
    """The three bars of the day: [{"name", "value", "n", "of"}]; what has no denominator says so."""
    found = {each["key"]: each for each in seen.live.data["indicators"]}
    occupied = (found.get("occupancy") or {}).get("value")
    lines = [
        (_("Occupancy"), (occupied["n"], occupied["of"]) if occupied else None, _("beds set up")),
        (_("Self-checks done in time today"), seen.selfcheck, _("due so far")),
        (_("Duty posts present today"), seen.posts, _("to be there today")),
    ]
    return [
        {"name": name, "value": jinja.ratio(pair[0] / pair[1]) if pair[1] else jinja.DASH, "n": pair[0], "of": pair[1],
         "says": _("%(n)s of %(whole)s %(what)s", n=jinja.number(pair[0]), whole=jinja.number(pair[1]), what=what)}
        for name, pair, what in lines if pair is not None
    ]  # fmt: skip


def areas(seen: Shown, shows: str) -> dict[str, Any]:
    """What the script draws the map from."""
    rows = [
        {
            "name": town.name_en.split()[0] if jinja.lang() == "en" else town.short_name, "lon": town.lon, "lat": town.lat,
            "value": value, "words": _value(value, shows),
        }
        for town, value in seen.areas if town.lon is not None
    ]  # fmt: skip
    return {"areas": rows, "tone": "watch" if shows == "hazards" else "blue"}


def _value(value: Any, shows: str) -> str:
    if value is None:
        return ""
    return jinja.ratio(value) if shows == "occupancy" else jinja.number(value)


def now() -> str:
    """The server's moment, by which the screen's clock goes."""
    return calendar.local(calendar.now()).isoformat()
