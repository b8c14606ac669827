"""Plans of two years and some months, the visits they ask for: eighteen months back, six weeks ahead, a full day today.

`write` plans everything and makes visits of what lies ahead; what lies behind it hands out (`Journal.past`) for the
records to be written, each with the id its visit must have. `finish` then writes the planned visits those answer for.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import text

from eldercare.core import calendar, workdays, yamlfile
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.table import put_dicts, reserve
from eldercare.inspections.plans import queries, services
from eldercare.inspections.plans.models import Terms
from eldercare.inspections.plans.services.assigning import Desk, spread

MONTHS_BACK = 18
BASIS = "《养老机构管理办法》(民政部令第66号)第三十八条;《养老机构行政检查办法》(民发〔2022〕86号)"
PURPOSES = {
    "daily": "消防安全、食品安全、服务安全、人员和资质情况", "special": "专项检查:消防通道、电气燃气、应急处置",
    "joint": "会同消防、市场监管、卫生健康部门检查", "case": "核查反映的问题",
}  # fmt: skip
YEARLY = {"A": 1, "B": 2, "C": 3, "D": 4}  # what the bureau made of the bounds
MISSED = 0.03  # of what was planned nobody went
DISTRICT, LEADER = "示例区级专管员", "示例领导"


@dataclass
class Past:
    """A visit that was made: G writes it under `visit_id`, with its record. `team`: officer ids, the lead first."""

    visit_id: int
    facility_id: int
    township_id: int
    facility_type: str
    day: date
    kind: str
    team: tuple[int, ...]
    window: tuple[time, time]
    versions: tuple[int, ...]
    basis: str
    purpose: str
    notice: str
    item: dict[str, Any] | None = field(default=None, repr=False)  # the planned visit it answers for


@dataclass
class Journal:
    """What was planned: `past` for the records to be written."""

    past: list[Past] = field(default_factory=list)


@dataclass
class Site:
    """A place as planning needs it."""

    facility_id: int
    township_id: int
    type: str
    state: str
    credit_class: str | None
    opened_on: date | None


@dataclass
class Wish:
    """A visit to be made: where, when, of which kind, for which plan or rule (None: for its own sake)."""

    site: Site
    day: date
    kind: str
    item: dict[str, Any] | None
    team: list[int] | None = None
    slot: Any = None


class Book:
    """What the making of plans goes by."""

    def __init__(self, scope: Scope, rng: random.Random) -> None:
        self.scope, self.rng, self.today = scope, rng, calendar.today()
        self.start = Month.of(self.today).plus(-MONTHS_BACK).first
        self.known = workdays.known()
        self.sites = [Site(*row) for row in db.session.execute(text(
            "SELECT id, township_id, facility_type, state, credit_class, opened_on FROM facilities"
            " WHERE state IN ('operating', 'suspended') ORDER BY code"
        ))]  # fmt: skip
        self.terms, self.classes = Terms.of(current_app.config), queries.class_bounds(scope, self.today)
        self.versions = {
            kind: tuple(each.id for _code, each in services.suitable_lists(scope, kind, self.today))
            for kind in {site.type for site in self.sites}
        }
        self.plans: dict[tuple[int, int | None], dict[str, Any]] = {}
        self.wishes: list[Wish] = []
        self.seq: dict[tuple[int, int], int] = {}

    def of(self, *types: str) -> list[Site]:
        """Places at work of some kinds."""
        return [site for site in self.sites if site.type in types and site.state == "operating"]

    def plan(self, year: int, month: int | None, purpose: str) -> int:
        """A plan that was drafted before its period and approved by somebody else."""
        key = (year, month)
        if key not in self.plans:
            first, last = date(year, month or 1, 1), Month(year, month or 12).last
            drafted = max(self.known.before(first, 12), self.start)
            state = "closed" if last < self.today else "running" if first <= self.today else "approved"
            self.plans[key] = {
                "id": reserve("plans", 1)[0], "year": year, "month": month, "state": state, "purpose": purpose,
                "bounds": {key: f"{least}-{most}" for key, (least, most) in self.classes.items()}, "author": DISTRICT,
                "author_id": self.person("district"), "approved_by": LEADER, "approved_by_id": self.person("leader"),
                "approved_at": calendar.at(self.known.after(drafted, 3), 10), "created_at": calendar.at(drafted, 9),
            }  # fmt: skip
        return int(self.plans[key]["id"])

    def person(self, username: str) -> int | None:
        """The id of somebody who signs in, where there is one."""
        found: int | None = db.session.execute(text("SELECT id FROM users WHERE username = :u"), {"u": username}).scalar()
        return found

    def want(self, sites: Iterable[tuple[Site, int]], first: date, last: date, kind: str, why: str, plan: int) -> None:
        """Visits to places spread over some days, as items of a plan."""
        days = self.known.between(max(first, self.start), last)
        by_id = {site.facility_id: site for site, _count in sites}
        for place, number, day in spread(((site.facility_id, count) for site, count in sites), days) if days else ():
            seq = self.seq[plan, place] = self.seq.get((plan, place), 0) + 1
            reason = ("floor" if number == 1 else "class") if why == "class" else why
            item = self.item(by_id[place], day, kind, reason, plan_id=plan, seq=seq, month=Month.of(day))
            self.wishes.append(Wish(by_id[place], day, kind, item))

    def item(self, site: Site, day: date, kind: str, why: str, *, month: Month, **more: Any) -> dict[str, Any]:
        """A planned visit as its table has it."""
        return {
            "township_id": site.township_id, "facility_id": site.facility_id, "plan_id": None, "rule_id": None,
            "period": str(month), "period_from": month.first, "period_to": month.last, "seq": 1, "kind": kind, "why": why,
            "credit_class": site.credit_class, "checklists": (), "planned_on": day, "state": "planned", "visit_id": None,
            "created_at": calendar.at(self.start, 9), **more,
        }  # fmt: skip


def holidays() -> None:
    """Days off and make-up days of the years there is a notice for."""
    found: dict[str, list[dict[str, Any]]] = yamlfile.read(Path(__file__).with_name("holidays.yaml"))
    rows = []
    for each in (entry for entries in found.values() for entry in entries):
        days = range((each["to"] - each["from"]).days + 1)
        rows += [{"day": each["from"] + timedelta(n), "is_off": True, "name": each["name"]} for n in days]
        rows += [{"day": day, "is_off": False, "name": each["name"]} for day in each["worked"]]
    there = {row[0] for row in db.session.execute(text("SELECT day FROM days_off"))}
    rows = [row for row in rows if row["day"] not in there]
    if rows:
        put_dicts("days_off", rows)
    db.session().info.pop("workdays", None)


def write(scope: Scope, rng: random.Random) -> Journal:
    """Plan it all; visits of what lies ahead. What lies behind is handed out."""
    holidays()
    book = Book(scope, rng)
    if not book.sites:
        return Journal()
    _years(book)
    _campaigns(book)
    busy_day = book.today if book.known.is_worked(book.today) else book.known.after(book.today, 1)
    _today(book, busy_day)
    _rules(book)
    _occasions(book)
    if book.plans:
        put_dicts("plans", list(book.plans.values()))
    journal = Journal()
    ahead: list[tuple[Wish, int]] = []
    _seat(book, busy_day)
    for wish in sorted(book.wishes, key=lambda each: (each.day, each.slot[0], each.site.facility_id)):
        if wish.day < book.today:
            if wish.item and rng.random() < MISSED:
                _put_items([wish.item | _when(wish)], [wish.team or []])
                continue
            journal.past.append(_past(book, wish))
        else:
            ahead.append((wish, 0))
    for past, number in zip(journal.past, reserve("visits", len(journal.past)), strict=True):
        past.visit_id = number
    _ahead(book, [wish for wish, _ in ahead])
    author = replace(scope, person_id=book.person("district"), person_name=DISTRICT)
    services.draft(author, book.today.year + 1, None, book.terms, "下一年度检查计划,报批稿")
    return journal


def finish(journal: Journal) -> None:
    """The planned visits that those of `journal.past` answer for, once they are written; the others are left out."""
    there = {row[0] for row in db.session.execute(text("SELECT id FROM visits"))}
    made = [past for past in journal.past if past.item and past.visit_id in there]
    rows = [
        past.item | {"state": "visit", "visit_id": past.visit_id, "window_from": past.window[0], "window_to": past.window[1]}
        for past in made if past.item
    ]  # fmt: skip
    if rows:
        _put_items(rows, [past.team for past in made])


# ---- what is wished ---------------------------------------------------------------------------------------


def _years(book: Book) -> None:
    """The plan of last year and of this: institutions by their class, centres once, every second station."""
    for year in (book.start.year, book.today.year) if book.start.year < book.today.year else (book.today.year,):
        plan = book.plan(year, None, f"{year}年度养老服务机构检查计划")
        first, last = date(year, 1, 1), date(year, 12, 31)
        homes = [(site, YEARLY[site.credit_class or "B"]) for site in book.of("institution")]
        book.want(homes, first, last, "daily", "class", plan)
        stations = [site for at, site in enumerate(book.of("village_station")) if at % 2 == year % 2]
        others = [*book.of("township_center", "home_care_org"), *stations]
        book.want([(site, 1) for site in others], first, last, "daily", "type", plan)


def _campaigns(book: Book) -> None:
    """Every half-year all institutions within a month, and in the month to come."""
    for back in (-17, -11, -5, 1):
        month = Month.of(book.today).plus(back)
        plan = book.plan(month.year, month.month, f"{month.year}年{month.month}月专项检查计划")
        book.want([(site, 1) for site in book.of("institution")], month.first, month.last, "special", "hand", plan)
    month = Month.of(book.today).plus(-8)
    plan = book.plan(month.year, month.month, f"{month.year}年{month.month}月联合检查计划")
    book.want([(site, 1) for site in book.of("institution")[::3]], month.first, month.last, "joint", "hand", plan)


def _today(book: Book, day: date) -> None:
    """A full day for the first pair, a good one for the others: homes first, every place in another township."""
    month = Month.of(day)
    plan = book.plan(month.year, month.month, f"{month.year}年{month.month}月检查计划")
    homes, others = book.of("institution"), book.of("canteen", "township_center", "village_station")
    officers = [each.id for each in queries.inspectors(book.scope)]
    avoided = queries.avoidances(book.scope, day, day)
    for first in range(0, len(officers) - 1, 2):
        team, towns = officers[first : first + 2], set[int]()
        for at in range((4, 3, 2, 2)[(first // 2) % 4]):
            pool = homes if at < 2 else others
            fit = (each for each in pool if each.township_id not in towns)
            site = next((each for each in fit if not any((each.facility_id, officer) in avoided for officer in team)), None)
            if site is None:
                continue
            pool.remove(site)
            towns.add(site.township_id)
            kind = "special" if at < 2 else "daily"
            seq = book.seq[plan, site.facility_id] = book.seq.get((plan, site.facility_id), 0) + 1
            item = book.item(site, day, kind, "hand", plan_id=plan, seq=seq, month=month)
            book.wishes.append(Wish(site, day, kind, item, team, book.terms.slots[at % len(book.terms.slots)]))


def _rules(book: Book) -> None:
    """Canteens every quarter; homes of class D every month (rules somebody else approved)."""
    (canteens, grave) = reserve("plan_rules", 2)
    common = {
        "state": "in_force", "starts_on": book.start, "author": DISTRICT, "author_id": book.person("district"),
        "approved_by": LEADER, "approved_by_id": book.person("leader"), "approved_at": calendar.at(book.start, 10),
        "created_at": calendar.at(book.start, 9), "checklists": (),
    }  # fmt: skip
    put_dicts("plan_rules", [
        common | {"id": canteens, "name": "助餐场所每季度检查", "every": "quarter", "kind": "daily",
                  "facility_types": ("canteen",), "classes": ()},
        common | {"id": grave, "name": "D级机构每月检查", "every": "month", "kind": "special",
                  "facility_types": ("institution",), "classes": ("D",)},
    ])  # fmt: skip
    month = Month(book.start.year, (book.start.month - 1) // 3 * 3 + 1)
    while month.plus(-3).first <= book.today:
        first, last = month.first, month.plus(2).last
        days = book.known.between(max(first, book.start), last)
        for site, _number, day in _spread_sites(book.of("canteen"), days):
            period = {"period": f"{month.year}-Q{(month.month + 2) // 3}", "period_from": first, "period_to": last}
            item = book.item(site, day, "daily", "rule", rule_id=canteens, month=month) | period
            book.wishes.append(Wish(site, day, "daily", item))
        month = month.plus(3)


def _spread_sites(sites: Sequence[Site], days: Sequence[date]) -> list[tuple[Site, int, date]]:
    by_id = {site.facility_id: site for site in sites}
    return [(by_id[place], number, day) for place, number, day in spread(((key, 1) for key in by_id), days)] if days else []


def _occasions(book: Book) -> None:
    """A dozen case checks, of which nobody was told beforehand."""
    homes, days = book.of("institution"), book.known.between(book.start, book.today - timedelta(days=1))
    for _number in range(12):
        if homes and days:
            book.wishes.append(Wish(book.rng.choice(homes), book.rng.choice(days), "case", None))


# ---- who goes -----------------------------------------------------------------------------------------------


def _seat(book: Book, busy_day: date) -> None:
    """A team and a time for each wish, in the order of days; on a day on which nobody can, it moves to the next one."""
    desk = Desk.of(book.scope, book.start, Month.of(book.today).plus(4).last, book.terms)
    for wish in book.wishes:
        for officer in wish.team or ():
            desk.taken[officer, wish.day].append(wish.slot)
            desk.load[officer] += 1
    year = book.start.year
    for wish in sorted((each for each in book.wishes if each.team is None), key=lambda each: (each.day, each.site.facility_id)):
        if wish.day.year != year:  # loads are those of a year
            year = wish.day.year
            desk.load.clear()
            desk.leads.clear()
        if wish.day == busy_day:
            wish.day = book.known.after(wish.day, 1)
        chosen = desk.choose(wish.site.facility_id, wish.site.type, wish.day)
        while chosen is None:
            wish.day = book.known.after(wish.day, 1)
            chosen = desk.choose(wish.site.facility_id, wish.site.type, wish.day)
        wish.team, wish.slot = chosen
        if wish.item:
            wish.item["planned_on"] = wish.day
            wish.item["period_to"] = max(wish.item["period_to"], wish.day)


def _when(wish: Wish) -> dict[str, Any]:
    return {"window_from": wish.slot[0], "window_to": wish.slot[1]}


def _past(book: Book, wish: Wish) -> Past:
    return Past(
        0, wish.site.facility_id, wish.site.township_id, wish.site.type, wish.day, wish.kind, tuple(wish.team or ()), wish.slot,
        book.versions[wish.site.type], BASIS, PURPOSES[wish.kind], "none" if wish.kind == "case" else "ahead", wish.item,
    )  # fmt: skip


# ---- into the tables -----------------------------------------------------------------------------------------


def _put_items(rows: Sequence[dict[str, Any]], teams: Sequence[Sequence[int]]) -> None:
    ids = reserve("plan_items", len(rows))
    put_dicts("plan_items", [{"id": number} | row for number, row in zip(ids, rows, strict=True)])
    seats = [
        {key: row[key] for key in ("township_id", "facility_id")} | {"item_id": number, "officer_id": officer, "seat": at}
        for number, row, team in zip(ids, rows, teams, strict=True) for at, officer in enumerate(team)
    ]  # fmt: skip
    if seats:
        put_dicts("plan_item_officers", seats)


def _ahead(book: Book, wishes: Sequence[Wish]) -> None:
    """What lies ahead: visits as far as the settings say, planned visits beyond."""
    near = [wish for wish in wishes if wish.item and wish.day <= book.today + timedelta(days=book.terms.visit_days)]
    ids = reserve("visits", len(near))
    told = book.known.after(book.today, book.terms.notice)
    visits, officers, lists = [], [], []
    for number, wish in zip(ids, near, strict=True):
        pair = {"township_id": wish.site.township_id, "facility_id": wish.site.facility_id}
        noticed = calendar.at(book.known.before(wish.day, book.terms.notice), 10) if wish.day <= told else None
        visits.append({
            "id": number, "uid": str(uuid.UUID(int=book.rng.getrandbits(128), version=4)), **pair, "kind": wish.kind,
            "state": "planned", "planned_on": wish.day, **_when(wish), "basis": BASIS, "purpose": PURPOSES[wish.kind],
            "notice": "ahead", "noticed_at": noticed, "shown_at": noticed, "created_by": DISTRICT,
            "created_at": calendar.at(book.known.before(book.today, 5), 9),
        })  # fmt: skip
        officers += [pair | {"visit_id": number, "officer_id": each, "seat": at} for at, each in enumerate(wish.team or ())]
        lists += [pair | {"visit_id": number, "version_id": each} for each in book.versions[wish.site.type]]
    for table, rows in (("visits", visits), ("visit_officers", officers), ("visit_lists", lists)):
        if rows:
            put_dicts(table, rows)
    made = {id(wish): number for number, wish in zip(ids, near, strict=True)}
    planned = [wish for wish in wishes if wish.item]
    rows = [
        (wish.item or {}) | _when(wish) | ({"state": "visit", "visit_id": made[id(wish)]} if id(wish) in made else {})
        for wish in planned
    ]
    if rows:
        _put_items(rows, [wish.team or [] for wish in planned])
