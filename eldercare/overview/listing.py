"""The words of the first pages: what each number is called, and the list it opens to."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import charts
from eldercare.core.access import P
from eldercare.core.jinja import day, january, lang, month_label, number, ratio, until
from eldercare.core.web import can

# name → (words, unit, what the whole is called, is a ratio, which way is good, endpoint, arguments)
FIGURES: dict[str, tuple[Any, Any, Any, bool, str | None, str, dict[str, str]]] = {
    "elders": (_l("Older people on the register"), _l("people"), None, False, None, "residents.index", {}),
    "in_home": (
        _l("Living in homes"),
        _l("people"),
        _l("of %(whole)s beds set up"),
        False,
        None,
        "residents.index",
        {"living": "institution"},
    ),
    "occupancy": (_l("Occupancy"), None, _l("of %(whole)s beds set up"), True, "up", "facilities.index", {"type": "institution"}),
    "nursing_share": (
        _l("Nursing beds"),
        None,
        _l("of %(whole)s beds set up"),
        True,
        "up",
        "facilities.index",
        {"type": "institution"},
    ),
    "family_beds": (
        _l("Family care beds"),
        _l("beds"),
        _l("never counted with the beds of homes"),
        False,
        "up",
        "",
        {},
    ),
}

NEEDS: dict[str, tuple[Any, str, dict[str, str]]] = {
    "licences_expired": (_l("licences have expired"), "facilities.licences", {"expiring": "expired"}),
    "licences_7": (_l("licences expire within 7 days"), "facilities.licences", {"expiring": "7"}),
    "licences_30": (_l("licences expire within 30 days"), "facilities.licences", {"expiring": "30"}),
    "licences_90": (_l("licences expire within 90 days"), "facilities.licences", {"expiring": "90"}),
    "certificates_expired": (_l("members of staff have an expired certificate"), "staff.index", {"certificate": "expired"}),
    "certificates_missing": (_l("members of staff lack a required certificate"), "staff.index", {"certificate": "missing"}),
    "jobs_failed": (_l("jobs failed and wait for a decision"), "reporting.runs", {"state": "failed"}),
    "assessments_overdue": (_l("ability assessments are overdue"), "residents.index", {"due": "overdue"}),
    "assessments_soon": (_l("ability assessments fall due within 30 days"), "residents.index", {"due": "soon"}),
}
OPENED_BY = {
    "residents.index": P.RESIDENT_READ,
    "facilities.index": P.FACILITY_READ,
    "facilities.licences": P.FACILITY_READ,
    "reporting.runs": P.REPORT_READ,
    "staff.index": P.STAFF_READ,
}
BANDS = ("60-69", "70-79", "80-89", "90-99", "100+")


def _link(endpoint: str, values: dict[str, str]) -> str:
    """The list behind a number; none where no list counts it, or the person may not open it."""
    return url_for(endpoint, **values) if endpoint and can(OPENED_BY[endpoint]) else ""  # type: ignore[arg-type]


def cards(figures: list[Any]) -> list[dict[str, Any]]:
    """The figures as `figure_card` takes them."""
    out = []
    for each in figures:
        words, unit, whole, is_ratio, better, endpoint, values = FIGURES[each.name]
        change = None
        if each.change:
            change = _("%(points)s pp", points=f"{each.change * 100:+.1f}") if is_ratio else f"{each.change:+,.0f}"
        out.append(
            {
                "value": ratio(each.value) if is_ratio else number(each.value),
                "label": str(words),
                "unit": str(unit or ""),
                "denominator": str(whole) % {"whole": number(each.whole)} if whole else "",
                "change": change,
                "better": better,
                "href": _link(endpoint, values),
                "points": each.points,
            }
        )
    return out


def told(groups: list[Any]) -> list[dict[str, Any]]:
    """What the inbox holds to do, a line a kind, as `needs_me` takes it; the late ones first."""
    out = []
    for kind, count, late, due_at, made_at in sorted(groups, key=lambda each: (not each[2], each[3] or each[4])):
        age = until(due_at) if due_at else _("since %(day)s", day=day(made_at))
        url = url_for("inbox.index", kind=kind.name)
        out.append({"count": count, "words": str(kind.title), "url": url, "tone": "bad" if late else kind.tone, "age": age})
    return out


def by_urgency(waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is late or wrong first, then what to watch, then what comes; within each as it stood."""
    return sorted(waiting, key=lambda each: ("bad", "watch", "quiet").index(each["tone"]))


def lines(needs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What else needs someone, as `needs_me` takes it."""
    out = []
    for each in needs:
        words, endpoint, values = NEEDS[each["name"]]
        if link := _link(endpoint, values):
            out.append({"count": each["count"], "words": str(words), "url": link, "tone": each["tone"]})
    return out


def occupancy_chart(points: list[Any]) -> dict[str, Any]:
    """Occupancy over thirteen months, the title saying which way it went."""
    known = [each.rate for each in points if each.rate is not None]
    if len(known) < 2:
        title = _("Occupancy by month")
    elif known[-1] > known[-2]:
        title = _("Occupancy rose to %(rate)s last month", rate=ratio(known[-1]))
    elif known[-1] < known[-2]:
        title = _("Occupancy fell to %(rate)s last month", rate=ratio(known[-1]))
    else:
        title = _("Occupancy stayed at %(rate)s last month", rate=ratio(known[-1]))
    spec = charts.trend(
        [month_label(each.month) for each in points],
        {_("Occupancy"): [each.rate for each in points]},
        text=ratio,
        width="container",
        height=210,
        year=january(each.month for each in points),
    )
    rows = [[str(each.month), number(each.in_home), number(each.beds_set), ratio(each.rate)] for each in points]
    return {
        "spec": spec,
        "title": title,
        "table": {"columns": [_("Month"), _("Living in homes"), _("Beds set up"), _("Occupancy")], "rows": rows},
    }


def homes_chart(homes: list[Any]) -> dict[str, Any]:
    """Occupancy by institution."""
    rows = [(each.name, (each.rate_set or 0) * 100, f"{ratio(each.rate_set)} ({each.in_home}/{each.beds_set})") for each in homes]
    crowded = sum((each.rate_set or 0) > 1 for each in homes)
    if crowded:
        title = _("%(n)s institutions have more residents than beds", n=crowded)
    elif homes:
        title = _("%(name)s is the fullest institution", name=homes[0].name)
    else:
        title = _("Occupancy by institution")
    table = [[each.name, number(each.beds_set), number(each.in_home), ratio(each.rate_set)] for each in homes]
    return {
        "spec": charts.bars(rows, most=max(100, *(row[1] for row in rows), 0) * 1.25 if rows else 100, width="container"),
        "title": title,
        "table": {"columns": [_("Institution"), _("Beds set up"), _("Living there"), _("Occupancy")], "rows": table},
    }


def ages_chart(profile: dict[str, Any]) -> dict[str, Any]:
    """Ages by sex, the title saying how many are eighty or over."""
    ages = profile["by_age_sex"]
    old = sum(profile["by_age"][band] for band in ("80-89", "90-99", "100+"))
    title = _("%(share)s are eighty or over", share=ratio(old / profile["total"] if profile["total"] else None))
    rows = [(band, ages[band]["male"], ages[band]["female"]) for band in reversed(BANDS)]
    table = [[band, number(ages[band]["male"]), number(ages[band]["female"]), number(profile["by_age"][band])] for band in BANDS]
    return {
        "spec": charts.pyramid(rows, left=_("Men"), right=_("Women"), text=lambda value: f"{value:,.0f}"),
        "title": title,
        "table": {"columns": [_("Age"), _("Men"), _("Women"), _("Both")], "rows": table},
    }


KINDS = {
    "institution": _l("Institution"),
    "township_center": _l("Township centre"),
    "village_station": _l("Village station"),
    "canteen": _l("Senior canteen"),
    "home_care_org": _l("Home-care organisation"),
}


def map_of(places: list[Any]) -> dict[str, Any]:
    """The places as `map_box` takes them, with the townships they lie in as areas."""
    towns = {each.township.id: each.township for each in places}
    points = [
        {
            "lon": each.lon,
            "lat": each.lat,
            "name": each.name,
            "kind": each.facility_type,
            "url": url_for("facilities.show", facility_id=each.id),
            "note": str(KINDS[each.facility_type]),
        }
        for each in places
    ]
    areas = [
        {"name": town.short_name if lang() == "zh" else town.name_en, "lon": town.lon, "lat": town.lat} for town in towns.values()
    ]
    return {"points": points, "areas": areas, "kinds": [(key, str(words)) for key, words in KINDS.items()]}


def pictures(shown: dict[str, Any]) -> dict[str, Any]:
    """The charts and the map that have something to show; None for the others."""
    homes, people, places = shown["homes"], shown["people"], shown["places"]
    return {
        "occupancy": occupancy_chart(shown["trend"]) if homes else None,
        "homes": homes_chart(homes) if len(homes) > 1 else None,
        "ages": ages_chart(people) if people["total"] else None,
        "map": map_of(places) if places else None,
    }
