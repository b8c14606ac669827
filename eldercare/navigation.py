"""The navigation: one list, cut to what a person may open. Order and words are the bureau's."""

from functools import lru_cache
from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup

from eldercare.core.access import P
from eldercare.core.jinja import lang

# title of the section, [(words, endpoint, icon, permissions of which one is enough)]
SECTIONS: list[tuple[Any, list[tuple[Any, str, str, tuple[P, ...]]]]] = [
    (
        _l("Overview"),
        [
            (_l("First page"), "overview.index", "home", ()),
            (_l("Cockpit"), "cockpit.index", "chart", (P.REPORT_READ,)),
            (_l("Inbox"), "inbox.index", "bell", (P.ALERT_READ,)),
        ],
    ),
    (
        _l("People and places"),
        [
            (_l("Older people"), "residents.index", "users", (P.RESIDENT_READ,)),
            (_l("Health and risks"), "health.index", "heart", (P.HEALTH_READ,)),
            (_l("Stays in homes"), "stays.index", "bed", (P.STAY_READ,)),
            (_l("Facilities"), "facilities.index", "building", (P.FACILITY_READ,)),
            (_l("Beds"), "beds.index", "bed", (P.STAY_READ,)),
            (_l("Map"), "facilities.map", "map", (P.FACILITY_READ,)),
            (_l("Licences"), "facilities.licences", "certificate", (P.FACILITY_READ,)),
            (_l("Townships"), "facilities.townships", "map-pin", (P.FACILITY_READ,)),
            (_l("Staff"), "staff.index", "person", (P.STAFF_READ,)),
            (_l("Rosters"), "roster.index", "calendar", (P.STAFF_READ,)),
            (_l("Care ratio"), "ratios.index", "chart", (P.STAY_READ,)),
        ],
    ),
    (
        _l("Safety"),
        [
            (_l("Incidents"), "incidents.index", "alert", (P.INCIDENT_READ,)),
            (_l("Self-checks"), "selfchecks.index", "clipboard", (P.SELFCHECK_READ,)),
            (_l("Hazards"), "hazards.index", "flag", (P.HAZARD_READ,)),
            (_l("Rectification orders"), "orders.index", "clipboard", (P.HAZARD_READ,)),
            (_l("Major hazards"), "major.index", "alert", (P.HAZARD_READ,)),
            (_l("Credit classes"), "credit.index", "certificate", (P.HAZARD_READ,)),
        ],
    ),
    (
        _l("Inspection work"),
        [
            (_l("Visits"), "inspections.index", "checklist", (P.INSPECTION_READ, P.INSPECTION_ANSWER)),
            (_l("Visits on the tablet"), "field.index", "clipboard", (P.INSPECTION_DO,)),
            (_l("Plans of inspections"), "plans.index", "calendar", (P.INSPECTION_READ,)),
            (_l("Route of the day"), "routes.index", "map-pin", (P.INSPECTION_READ,)),
            (_l("Risk and proposals"), "risks.index", "chart", (P.INSPECTION_READ,)),
            (_l("Double-random draws"), "draws.index", "refresh", (P.INSPECTION_READ,)),
            (_l("Stationed supervision"), "postings.index", "person", (P.STATION_READ,)),
            (_l("Officers' library"), "officers.index", "certificate", (P.INSPECTION_READ,)),
            (_l("Requests for avoidance"), "officers.asked_all", "person", (P.INSPECTION_ANSWER,)),
            (_l("Checklists"), "checklists.index", "checklist", (P.CHECKLIST_READ,)),
        ],
    ),
    (
        _l("Reports and jobs"),
        [
            (_l("Reports"), "reporting.index", "report", (P.REPORT_READ,)),
            (_l("Calendar of reports"), "schedules.calendar", "calendar", (P.REPORT_READ,)),
            (_l("Schedules of reports"), "schedules.index", "refresh", (P.REPORT_SCHEDULE,)),
            (_l("Excel intake"), "intake.index", "table-import", (P.INTAKE_RUN,)),
            (_l("Jobs"), "reporting.runs", "clock", (P.REPORT_READ, P.INTAKE_RUN)),
        ],
    ),
    (
        _l("Administration"),
        [
            (_l("People and grants"), "accounts.index", "user-cog", (P.USER_READ,)),
            (_l("Settings"), "accounts.settings", "settings", (P.SETTING_EDIT,)),
            (_l("Mails"), "inbox.mails", "message", (P.SETTING_EDIT,)),
            (_l("Log"), "audit.index", "list-search", (P.AUDIT_READ,)),
        ],
    ),
]


NEEDS = frozenset(need for _, entries in SECTIONS for entry in entries for need in entry[3])


def nav() -> Markup:
    """The menu a signed-in person sees."""
    held = frozenset(filter(current_user.may, NEEDS)) if current_user.is_authenticated else frozenset()
    return _drawn(held, lang(), request.endpoint, request.script_root)


@lru_cache(maxsize=1024)
def _drawn(held: frozenset[P], _language: str, _endpoint: str | None, _root: str) -> Markup:
    # the same for everybody with these permissions on this page: every page asks
    return Markup(render_template("_layout/_nav.html", sections=_sections(held)))  # noqa: S704 — a template's own output


def _sections(held: frozenset[P]) -> list[dict[str, Any]]:
    """[{"title", "items": [{"title", "url", "icon", "active"}]}]."""
    out = []
    for title, entries in SECTIONS:
        items = [
            {"title": str(words), "url": url_for(endpoint), "icon": icon, "active": _is_here(endpoint)}
            for words, endpoint, icon, needs in entries
            if not needs or not held.isdisjoint(needs)
        ]
        if items:
            out.append({"title": str(title), "items": items})
    return out


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    if here == endpoint:
        return True
    listed = {entry[1] for _, entries in SECTIONS for entry in entries}
    inside = here.split(".")[0] == endpoint.split(".", maxsplit=1)[0] and request.path.startswith(url_for(endpoint))
    return endpoint.endswith(".index") and inside and here not in listed
