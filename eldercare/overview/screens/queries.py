"""Reads of wall screens, and what one shows: figures of the cockpit, what is late, what happened, who is there today."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from eldercare.accounts import queries as accounts
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Person, Scope, scope_of
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import Hazard
from eldercare.incidents import queries as incidents
from eldercare.incidents.models import Incident
from eldercare.inspections.postings import queries as postings
from eldercare.overview.cockpit import queries as cockpit
from eldercare.overview.cockpit.queries import DISTRICT, Live, Place
from eldercare.overview.screens.models import WallScreen
from eldercare.selfchecks import queries as selfchecks

MOST_HAZARDS, MOST_INCIDENTS = 7, 4  # lines that can be read from six metres
NOT_COUNTED = ("draft", "rejected", "merged")


# ---- the screens themselves ----


def screens(scope: Scope) -> list[WallScreen]:
    """The screens of places in reach, those in use first."""
    query = select(WallScreen)
    if not scope.everywhere:
        query = query.where(WallScreen.place_township_id.in_(sorted(scope.townships)))
    return list(db.session.scalars(query.order_by(WallScreen.revoked_at.is_not(None), WallScreen.id.desc()).limit(100)))


def screen(scope: Scope, screen_id: int, *, lock: bool = False) -> WallScreen:
    """One screen of a place in reach; 404."""
    query = select(WallScreen).where(WallScreen.id == screen_id)
    row = db.session.scalars(query.with_for_update(of=WallScreen) if lock else query).one_or_none()
    if row is None or not (scope.everywhere or row.place_township_id in scope.townships):
        raise NotFound
    return row


def with_code(_scope: Scope, digest: str) -> WallScreen | None:
    """The screen that waits for a code, held until the transaction ends."""
    query = select(WallScreen).where(WallScreen.code_hash == digest, WallScreen.code_until > calendar.real_now())
    return db.session.scalars(query.where(WallScreen.revoked_at.is_(None)).with_for_update(of=WallScreen)).one_or_none()


def token_hash(token: str) -> str:
    """A token as it is kept."""
    return sha256(token.encode()).hexdigest()


def with_token(token: str) -> WallScreen | None:
    """The connected screen that holds a token."""
    query = select(WallScreen).where(WallScreen.token_hash == token_hash(token), WallScreen.revoked_at.is_(None))
    return db.session.scalars(query.where(WallScreen.expires_at > calendar.real_now())).one_or_none()


def place_of(row: WallScreen) -> Place:
    """What a screen is about."""
    town = row.place
    return DISTRICT if town is None else Place("township", town.code, town.name, town.name_en, town.id)


def maker(row: WallScreen) -> Person | None:
    """Who answers for a screen, as long as they may have one: what it shows is what they may see today."""
    person = accounts.person(row.made_by_id)
    if person is None or not person.is_enabled:
        return None
    scope = scope_of(person, P.SCREEN_EDIT)
    return person if scope and place_of(row).of(scope) else None


# ---- what it shows ----


@dataclass(frozen=True)
class Shown:
    """One look at a place: lists are short, `more` says how many did not fit."""

    live: Live
    late: list[Hazard]
    late_more: int
    happened: list[Incident]
    happened_more: int
    selfcheck: tuple[int, int] | None  # done in time, due, today and last night
    posts: tuple[int, int] | None  # somebody there, to be there today
    areas: list[tuple[Township, Any]]  # (township, its value or None)
    reach: frozenset[str]  # which of hazards, incidents, selfchecks, stationed the person sees


def shown(person: Person, of: Place, shows: str, live: Live, today: date) -> Shown:
    """What hangs on the wall beside the figures, each under the person's own permission for it."""
    seen: dict[str, Scope] = {}
    for key in ("hazards", "incidents", "selfchecks", "stationed", "key_figures"):
        if scope := cockpit.reach(person, cockpit.NEEDS[key], of):
            seen[key] = scope
    late, late_more = _late(seen["hazards"], today) if "hazards" in seen else ([], 0)
    happened, more = _happened(seen["incidents"]) if "incidents" in seen else ([], 0)
    return Shown(
        live, late, late_more, happened, more, _selfcheck(seen["selfchecks"]) if "selfchecks" in seen else None,
        _posts(seen["stationed"], today) if "stationed" in seen else None, _areas(seen, shows, live, today), frozenset(seen),
    )  # fmt: skip


def _late(scope: Scope, today: date) -> tuple[list[Hazard], int]:
    """Past their deadline or major and not put right; the major ones first, then the longest overdue."""
    scope.enter()
    wanted = hazards.waits() & (hazards.overdue(today) | (Hazard.severity == "major"))
    query = hazards.hazards(scope).where(wanted).order_by(Hazard.severity != "major", Hazard.due_on, Hazard.id)
    rows = list(db.session.scalars(query.limit(500)))
    return rows[:MOST_HAZARDS], max(len(rows) - MOST_HAZARDS, 0)


def _happened(scope: Scope) -> tuple[list[Incident], int]:
    """Incidents of the last 24 hours, the newest first."""
    scope.enter()
    since = calendar.now() - timedelta(hours=24)
    query = incidents.incidents(scope).where(Incident.occurred_at > since, Incident.state.not_in(NOT_COUNTED))
    rows = list(db.session.scalars(query.order_by(Incident.occurred_at.desc(), Incident.id).limit(100)))
    return rows[:MOST_INCIDENTS], max(len(rows) - MOST_INCIDENTS, 0)


def _selfcheck(scope: Scope) -> tuple[int, int]:
    found = selfchecks.today(scope.enter()).values()
    return sum(each.done for each in found), sum(each.due for each in found)


def _posts(scope: Scope, today: date) -> tuple[int, int]:
    held = [each for each in postings.of_month(scope.enter(), Month.of(today)) if each.is_due(today)]
    gone = {each.id for each in postings.missed(scope, today)}
    due = [each for each in held if each.starts_on <= today and (each.ends_on is None or each.ends_on >= today)]
    return sum(each.id not in gone for each in due), len(due)


def _areas(seen: dict[str, Scope], shows: str, live: Live, today: date) -> list[tuple[Township, Any]]:
    """Every township with what the map shows of it; None where that is not in reach or not to be seen."""
    values: dict[str, Any] = {}
    if shows == "hazards" and "hazards" in seen:
        scope = seen["hazards"].enter()
        covered = {each.code for each in facilities.townships(scope)}
        open_now = {each.code: each.open for each in hazards.by_township(scope, today, today)}
        values = {code: open_now.get(code, 0) for code in covered}
    elif shows == "occupancy":
        rows = (live.data.get("capacity") or {}).get("townships", [])
        values = {row["code"]: row["closing"] / row["beds_set"] for row in rows if row["beds_set"]}
    elif shows == "elders":
        rows = (live.data.get("residents") or {}).get("townships", [])
        values = {row["code"]: row["elders"] for row in rows}
    towns = facilities.townships(seen["key_figures"].enter(), whole=True)
    return [(each, values.get(each.code)) for each in towns if each.kind != "zone"]


def home_name(row: Any) -> str:
    """The place of a hazard or an incident."""
    facility: Facility = row.facility
    return facility.name


