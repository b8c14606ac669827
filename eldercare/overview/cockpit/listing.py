"""A cockpit put into words: months and places to choose from, the parts with addresses that open the rows behind them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from eldercare.core import jinja
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.scope import Person, Scope
from eldercare.core.web import can
from eldercare.overview.cockpit import queries
from eldercare.overview.cockpit.queries import Live, Place

NO_TEXTS: dict[str, Any] = {"assessment": [], "requirements": [], "next_month": [], "open": False}
# how a list is cut down to one facility; others take the township alone
BY_HOME = {
    "/residents/": "facility", "/hazards/": "home", "/incidents/": "home", "/inspections/": "home", "/beds/stays/": "home",
    "/selfchecks/rounds/": "home", "/inspections/postings/days/": "home", "/hazards/major/cases/": "home",
}  # fmt: skip
LEVEL_WORDS: dict[str, Any] = {"district": _l("Whole district"), "township": _l("Township"), "facility": _l("Facility")}

Opener = Callable[[str | None], str]


def named(of: Place) -> str:
    """A place's name in the reader's language."""
    if of.level == "district":
        return str(LEVEL_WORDS["district"])
    return of.en if jinja.lang() == "en" else of.zh


def choices(scope: Scope, towns: list[Place], homes: list[Place], of: Place) -> list[tuple[str, str]]:
    """The places to choose from: (code, words); the facilities below the township that is open."""
    out = [("", str(LEVEL_WORDS["district"]))] if scope.everywhere else []
    for town in towns:
        out.append((town.code, named(town)))
        if town.township_id == of.township_id:
            out += [(home.code, "\u3000" + named(home)) for home in homes]
    return out if towns else [(home.code, named(home)) for home in homes]


def months(today: date) -> list[tuple[str, str]]:
    """The months a cockpit can show, the running one first."""
    this = Month.of(today)
    return [(str(each), jinja.month(each)) for each in (this.plus(-n) for n in range(queries.MONTHS + 1))]


def address(of: Place, month: Month, today: date, endpoint: str = "cockpit.index", **more: Any) -> str:
    """The address of a place's month; what is usual is left out."""
    asked = {"place": of.code or None, "month": None if str(month) == str(Month.of(today)) else str(month)}
    return url_for(endpoint, **{key: value for key, value in (asked | more).items() if value})


def span(month: Month, today: date) -> str:
    """Which days the figures are of, and what they are compared with."""
    if month.last < today:
        return _(
            "%(month)s is over. It is counted again today: what came in or was put right since its report was published makes"
            " figures differ from it.", month=jinja.month(month),
        )  # fmt: skip
    return _(
        "%(first)s to %(last)s. What is counted over the month is compared with as many days of the month and the year before;"
        " standings with the end of that month.", first=jinja.day(month.first), last=jinja.day(month.last),
    )  # fmt: skip


# ---- the rows behind a figure ----


def opener(of: Place) -> Opener:
    """Turns an address a part names into one of this place's rows; empty where the reader may not open it."""
    rules = current_app.url_map.bind("localhost")

    def to(target: str | None) -> str:
        if not target:
            return ""
        path, asked = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        try:
            endpoint, _values = rules.match(path, method="GET")
        except HTTPException:
            return ""
        allow = getattr(current_app.view_functions[endpoint], "allow", None)
        if allow in P._value2member_map_ and not can(P(allow)):
            return ""
        if of.level == "township":
            asked.setdefault("township", of.code)
        elif of.level == "facility" and path in BY_HOME:
            asked[BY_HOME[path]] = str(of.facility_id)
        elif of.level == "facility" and path == "/facilities/licences":
            asked["q"] = of.zh
        elif of.level == "facility" and path == "/facilities/":
            return url_for("facilities.show", facility_id=of.facility_id)
        return f"{path}?{urlencode(asked)}" if asked else path

    return to


def sections(live: Live, of: Place, month: Month, today: date) -> list[dict[str, Any]]:
    """The parts with something to show: [{"key", "number", "title", "blocks"}], what needs a decision before everything."""
    words = queries.part_of_paper("words").Words(queries.report(of.level).FOLDER, jinja.lang())
    drawn: list[dict[str, Any]] = queries.part_of_paper("assemble").sections(live.data, words, "", NO_TEXTS)
    to = opener(of)
    photo = address(of, month, today, "cockpit.photo", sha256="0" * 64)

    def ready(block: dict[str, Any]) -> dict[str, Any]:
        out = {**block, "drill": to(block.get("drill"))}
        if block["is"] == "table":
            out["links"] = [to(each) for each in block["links"]]
        elif block["is"] == "tiles":
            out["list"] = [{**each, "drill": to(each.get("drill"))} for each in block["list"]]
        elif block["is"] == "pair":
            out |= {side: [ready(each) for each in block[side]] for side in ("left", "right")}
        elif block["is"] == "case":
            shown = live.data["photos"]
            out["photos"] = [{**each, "url": photo.replace("0" * 64, each["sha256"]) if each["sha256"] in shown else ""}
                             for each in block["photos"]]  # fmt: skip
        return out

    found = [{**each, "blocks": [ready(block) for block in each["blocks"]]} for each in drawn]
    for each in found:
        if each["key"] == "summary":
            each["blocks"].sort(key=lambda block: block["is"] != "decide")
    return found


# ---- the light ----


def light(person: Person, of: Place, today: date) -> list[dict[str, Any]]:
    """What is wrong at this moment: [{"count", "words", "url", "tone"}]; what the reader may not see is left out."""
    to, lines = opener(of), []
    if scope := queries.reach(person, P.HAZARD_READ, of):
        late = queries.late_hazards(scope.enter(), today)
        lines += [
            (late["major"], _("major hazards overdue"), "/hazards/?severity=major&overdue=1", "bad"),
            (late["overdue"], _("hazards overdue"), "/hazards/?overdue=1", "bad"),
        ]
    if scope := queries.reach(person, P.INCIDENT_READ, of):
        found = queries.open_incidents(scope.enter())
        tone = "bad" if found["grave"] else "watch"
        lines.append((found["open"], _("incidents open, %(n)s of them grave (E1, E2)", n=jinja.number(found["grave"])),
                      "/incidents/?stage=open", tone))  # fmt: skip
    shown = ("count", "words", "url", "tone")
    return [dict(zip(shown, (n, said, to(url), tone if n else "good"), strict=True)) for n, said, url, tone in lines]
