"""Asking for a report of one's own choice; keeping a choice under a name."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from eldercare.core import audit, calendar, runs
from eldercare.core.calendar import Month, Period, Span
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope
from eldercare.reporting.adhoc import queries
from eldercare.reporting.adhoc.models import LONGEST, MOST, Preset
from eldercare.reporting.queries import CHOSEN, SEVERAL

LONGEST_MONTHS = 36


def ask(scope: Scope, choice: Mapping[str, Any]) -> Run:
    """Have it made. `choice`: parts, place or townships, period or month_from and month_to, language, title.

    Refusals: adhoc.no_parts, adhoc.period_*, report.too_early, period.invalid, report.place_wrong, adhoc.one_or_several.
    """
    known = queries.module().PARTS
    parts = [key for key in known if key in choice["parts"]]
    if not parts:
        raise Refused("adhoc.no_parts", field="parts")
    period = _period(choice)
    place, township_ids = _place(scope, choice)
    title = choice.get("title") or ""
    wanted = {"parts": parts, "title": title, "places": choice.get("townships") or [choice["place"]]}
    run = runs.enqueue(
        scope, queries.KIND, period=str(period), place=_marked(place, wanted), languages=[choice["language"]], choice=wanted,
        township_ids=township_ids,
    )  # fmt: skip
    audit.record(scope, "report.asked_for", entity="run", kind=queries.KIND, period=run.period, place=run.place, run_id=run.id,
                 parts=parts)  # fmt: skip
    return run


def _marked(place: Place, wanted: Mapping[str, Any]) -> Place:
    """The same place and the same choice are editions of one report; another choice is another report."""
    told = repr((wanted["parts"], wanted["title"], wanted["places"]))
    return Place(f"{place.code}{CHOSEN}{hashlib.sha256(told.encode()).hexdigest()[:6]}", place.township_id, place.facility_id)


def _period(choice: Mapping[str, Any]) -> Period:
    first, last = choice.get("month_from"), choice.get("month_to")
    try:
        if first or last:
            begin, end = Month.parse(first or last or ""), Month.parse(last or first or "")
            if end < begin:
                raise Refused("adhoc.period_backwards", field="month_to")
            period: Period = begin if begin == end else Span(begin, end)
        elif choice.get("period"):
            period = calendar.period(choice["period"])
        else:
            raise Refused("adhoc.period_needed", field="period")
    except ValueError:
        raise Refused("period.invalid", field="period", period=choice.get("period") or f"{first} {last}") from None
    if len(period.months) > LONGEST_MONTHS:
        raise Refused("adhoc.period_long", field="month_to", most=LONGEST_MONTHS)
    if period.last >= calendar.today():
        raise Refused("report.too_early", field="month_to" if last else "period", period=str(period))
    return period


def _place(scope: Scope, choice: Mapping[str, Any]) -> tuple[Place, list[int]]:
    """The place, and the townships where there are several of them."""
    several = list(dict.fromkeys(choice.get("townships") or []))
    if several and choice.get("place"):
        raise Refused("adhoc.one_or_several", field="townships")
    if len(several) > 1:
        ids = {code: number for code, _, number in queries.townships(scope, "zh")}
        if not scope.everywhere or not set(several) <= set(ids):
            raise Refused("report.place_wrong", field="townships")
        return Place(f"{len(several)}{SEVERAL}"), [ids[code] for code in several]
    code = several[0] if several else choice.get("place")
    if not code:
        raise Refused("adhoc.place_needed", field="place")
    place = queries.place(scope, code)
    if place is None:
        raise Refused("report.place_wrong", field="place")
    return place, []


def keep(scope: Scope, name: str, query: Mapping[str, Any]) -> Preset:
    """Keep a choice under a name; adhoc.name_needed, adhoc.name_taken, adhoc.too_many."""
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise Refused("adhoc.name_needed", field="name", most=LONGEST)
    mine = queries.presets(scope.person_id)
    if any(each.name == name for each in mine):
        raise Refused("adhoc.name_taken", field="name")
    if len(mine) >= MOST:
        raise Refused("adhoc.too_many", field="name", most=MOST)
    row = Preset(person_id=scope.person_id, name=name, query=urlencode(query, doseq=True))
    db.session.add(row)
    db.session.flush()
    return row


def forget(scope: Scope, row_id: int) -> None:
    """Forget one of one's own; nothing happens when it is gone."""
    row = queries.preset(scope.person_id, row_id)
    if row is not None:
        db.session.delete(row)
