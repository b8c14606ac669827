"""下期安排: visits by kind and time, days off, licences and hazards that fall due, self-checks that end; then what people add.

No home is named that is not told yet: case checks do not appear at all, and below the district double-random ones do not
(domain notes §5.2, §8, 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "next_month"
KINDS = ("daily", "double_random", "special", "joint", "recheck")
SEVERITIES = ("general", "serious", "major")
DUTIES = ("weekly", "monthly", "quarterly", "yearly")
UNTOLD_BELOW = ("double_random",)  # of one township's few homes a number would be a name


def collect(g: Gather) -> Json | None:
    """{period, first, last, by ("week" | "month"), visits [{from, to, kinds {kind: visits}}], told [{day, kind}], days_off
    [{from, to, off, name}], unknown_years [], workdays, licences [{licence_type, count, names}], hazards {severity: [overdue,
    due]}, rounds {duty: [rounds, places]}}.
    """
    from eldercare.core import workdays  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.hazards import queries as hazards  # noqa: PLC0415
    from eldercare.inspections import queries as inspections  # noqa: PLC0415
    from eldercare.inspections.plans.holidays import queries as holidays  # noqa: PLC0415
    from eldercare.selfchecks import queries as selfchecks  # noqa: PLC0415

    ahead = g.period.plus(1)
    known, first, last = workdays.known(), ahead.first, ahead.last
    told = inspections.told(g.scope, first, last) if g.level == "facility" else []
    return {
        "period": str(ahead), "first": first.isoformat(), "last": last.isoformat(),
        "by": "week" if len(ahead.months) == 1 else "month",
        "visits": [] if g.level == "facility" else _visits(g, first, last, "week" if len(ahead.months) == 1 else "month"),
        "told": [{"day": each.planned_on.isoformat(), "kind": each.kind} for each in told],
        "days_off": [
            {"from": begins.isoformat(), "to": ends.isoformat(), "off": off, "name": name}
            for begins, ends, off, name in holidays.spans_between(g.scope, first, last)
        ],
        "unknown_years": known.unknown(first, last), "workdays": len(known.between(first, last)),
        "licences": _licences(g, last),
        "hazards": {key: list(pair) for key, pair in hazards.falling_due(g.scope, g.period.last, last).items()},
        "rounds": {key: list(pair) for key, pair in selfchecks.ending(g.scope, first, last).items()},
    }  # fmt: skip


def _visits(g: Gather, first: date, last: date, by: str) -> list[Json]:
    from eldercare.inspections.plans import queries as plans  # noqa: PLC0415

    hidden = UNTOLD_BELOW if g.level != "district" else ()
    spans: dict[date, dict[str, int]] = {}
    for (begins, kind), count in sorted(plans.ahead(g.scope, first, last, by).items()):
        if kind not in hidden:
            spans.setdefault(begins, {})[kind] = count
    out = []
    for begins, kinds in spans.items():
        ends = begins + timedelta(days=6) if by == "week" else (begins + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        out.append({"from": max(begins, first).isoformat(), "to": min(ends, last).isoformat(), "kinds": kinds})
    return out


def _licences(g: Gather, last: date) -> list[Json]:
    """Current ones whose last day lies in the next period, by kind; the places are named, since a licence is public."""
    from eldercare.facilities import queries as facilities  # noqa: PLC0415

    kinds: dict[str, list[str]] = {}
    for each in facilities.licences_expiring(g.scope, g.period.last, within=(last - g.period.last).days):
        if each.valid_to > g.period.last:
            kinds.setdefault(each.licence_type, []).append(each.facility_name)
    return [{"licence_type": kind, "count": len(names), "names": sorted(set(names))} for kind, names in sorted(kinds.items())]


def title(data: Data, w: Words) -> str:
    """下月、下季度、明年."""
    period = data[KEY]["period"]
    if "--" in period:
        return w("nm_title_span")
    return w("nm_title_quarter" if "Q" in period else "nm_title_year" if "-" not in period else "h_next_month")


def blocks(data: Data, w: Words) -> list[show.Block]:
    """What is planned, what falls due, and the office's own words."""
    found = data[KEY]
    out = [show.words([_days(found, w)])]
    if data["place"]["level"] == "facility":
        said = [w("nm_told_one", day=w.day(each["day"]), kind=w("nm_" + each["kind"])) for each in found["told"]]
        out.append(show.words(said) if said else show.empty(w("nm_no_told")))
    else:
        drawn = _visits_table(found, w)
        shown = show.table(drawn, drill="/inspections/plans/") if drawn else show.empty(w("nm_no_visits"))
        out += [show.h3(w("nm_visits")), shown]
    rows = _due(found, w)
    out += [show.h3(w("nm_due")), show.table(_due_table(rows, w)) if rows else show.empty(w("nm_no_due"))]
    own = show.own_words(data["texts"], KEY, w)
    return [*out, show.h3(w("nm_own")), *own] if own and data["place"]["level"] == "district" else out


def _days(found: Data, w: Words) -> str:
    """How many working days; which days off; what nobody has entered yet."""
    spans = []
    for each in found["days_off"]:
        key = "nm_off" if each["off"] else "nm_worked"
        span = w.day(each["from"]) if each["from"] == each["to"] else w("nm_span", a=w.day(each["from"]), b=w.day(each["to"]))
        spans.append(w(key, name=each["name"], span=span))
    said = [w("nm_workdays", period=w.month(found["period"]), n=w.n(found["workdays"]))]
    if found["unknown_years"]:
        said.append(w("nm_unknown", years=w("join").join(str(year) for year in found["unknown_years"])))
    elif spans:
        said.append(w("nm_days_off", list=w("rk_sep").join(spans)))
    else:
        said.append(w("nm_no_days_off"))
    return ("" if w.zh else " ").join(said)


def _visits_table(found: Data, w: Words) -> tables.Table | None:
    kinds = [kind for kind in KINDS if any(kind in row["kinds"] for row in found["visits"])]
    if not kinds:
        return None
    rows = []
    for row in found["visits"]:
        counts = [row["kinds"].get(kind, 0) for kind in kinds]
        rows.append([w("nm_span", a=w.day(row["from"]), b=w.day(row["to"])), *(w.n(n) for n in counts), w.n(sum(counts))])
    sums = [sum(row["kinds"].get(kind, 0) for row in found["visits"]) for kind in kinds]
    columns = [(w("nm_c_" + found["by"]), -50), *((w("nm_" + kind), 20) for kind in kinds), (w("total"), 16)]
    total = [w("total"), *(w.n(n) for n in sums), w.n(sum(sums))]
    return tables.table("", columns, rows, total=total, note=w("nm_note"))


def _due(found: Data, w: Words) -> list[tuple[str, str, str]]:
    """(what, remark, how many) of whatever falls due."""
    rows = []
    for each in found["licences"]:
        names = w("list_sep").join(each["names"][:3])
        more = len(each["names"]) - 3
        said = names if more <= 0 else w("names_more", names=names, n=w.n(len(each["names"])))
        rows.append((w("nm_licence", name=w.licence(each["licence_type"])), said, w.n(each["count"])))
    for key in SEVERITIES:
        overdue, due = found["hazards"].get(key, (0, 0))
        if overdue or due:
            rows.append((w("nm_hazard_" + key), w("nm_overdue", n=w.n(overdue)) if overdue else "", w.n(due)))
    for key in DUTIES:
        rounds, places = found["rounds"].get(key, (0, 0))
        if rounds:
            rows.append((w("nm_round_" + key), w("nm_places", count=places, n=w.n(places)), w.n(rounds)))
    return rows


def _due_table(rows: list[tuple[str, str, str]], w: Words) -> tables.Table:
    columns = [(w("c_item"), -50), (w("nm_c_remark"), -78), (w("nm_c_count"), 12)]
    return tables.table("", columns, [list(row) for row in rows], whole=True)


def definitions(_data: Data, w: Words) -> list[str]:
    """What is planned, and what is not told."""
    return [w("def_next_month")]
