"""Three double-random draws: last quarter's, published whole; this quarter's, named as far as notice is due; one that waits
for its witness. Secrets follow from the seed, so that the same seed gives the same district; real ones are random.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from eldercare.core import calendar, secrets, workdays
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.plans import DISTRICT, LEADER, Journal, Past
from eldercare.demo.table import put_dicts, reserve
from eldercare.facilities.models import Facility, Township
from eldercare.inspections.draws import queries
from eldercare.inspections.draws.models import CLASSES, Draw, Rules
from eldercare.inspections.draws.services import announcing, plans
from eldercare.inspections.draws.services.sampling import canonical, outcome, seed_of, sha256, usable

BASIS = "《养老机构管理办法》第三十八条"
OFFICE = "示例区纪委监委派驻纪检监察组"
QUARTERS = {1: "一", 4: "二", 7: "三", 10: "四"}
HOURS = (time(9, 0), time(11, 0))
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Drawn:
    """What a draw made of a visit: its row as planned, who goes, which lists."""

    visit: dict[str, Any]
    seats: list[dict[str, Any]]
    lists: list[dict[str, Any]]


@dataclass
class Story:
    """One draw: over which days, frozen when, with which witness value (None: still waiting)."""

    batch: str
    title: str
    kind: str
    checklist: str
    first: date
    last: date
    frozen_on: date
    value: str | None = None
    percent: Decimal | None = None
    count: int | None = None
    speciality: str | None = None


@dataclass
class Frozen:
    """A draw with its frozen libraries and what came of it (None: nothing yet)."""

    row: Draw
    plan: dict[str, Any]
    objects: Rows
    officers: dict[str, Any]
    secret: str
    result: dict[str, Any] | None = None


def write(scope: Scope, seed: str, journal: Journal) -> tuple[list[Frozen], list[Drawn]]:
    """Draw last quarter's and this one's; the visits that lie behind go into the journal, whose records others write.

    Both drew with equal chances: the classes of those days follow from what their visits found, and are put into the frozen
    libraries by `finish`, which writes everything.
    """
    rules = Rules.of(current_app.config)
    draws: list[Frozen] = []
    found: list[Drawn] = []
    last: Rows = []
    for story in _stories(calendar.today())[:2]:
        row = _planned(scope, story) | {"weights": dict.fromkeys(CLASSES, "1")}
        made = _freeze(scope, Draw(**row), story, f"{seed} {story.batch}", rules, last)
        _draw(made, story)
        draws.append(made)
        if made.result:
            told = {each["rank"]: each["announced_at"] for each in _told(made, rules)}
            found += _visits(scope, made, told, journal)
            last = [{"object": each["object"], "officers": sorted(each["officers"])} for each in made.result["teams"]]
    return draws, found


def wait(scope: Scope, seed: str) -> None:
    """Write the one that waits for its witness: frozen today, with the classes of today (so after whatever sets those)."""
    rules, story = Rules.of(current_app.config), _stories(calendar.today())[2]
    _put(_freeze(scope, Draw(**_planned(scope, story)), story, f"{seed} {story.batch}", rules, []), [])
    years = Counter(each.batch[:4] for each in _stories(calendar.today()))
    put_dicts("counters", [{"name": "draws", "year": int(year), "last": last} for year, last in years.items()])


def _stories(today: date) -> list[Story]:
    """Last quarter's, this quarter's (drawn within its first days), and one for the weeks ahead."""
    month = Month.of(today)
    here = month.plus(-((month.month - 1) % 3))
    before, ahead = here.plus(-3), workdays.known().after(today, 12)
    serial = dict.fromkeys((before.year, here.year), 0)

    def batch(year: int) -> str:
        serial[year] += 1
        return f"{year}-{serial[year]:03d}"

    def quarter(first: Month, last: date, value: str) -> Story:
        title = f"{first.year}年第{QUARTERS[first.month]}季度养老机构安全与服务双随机抽查"
        frozen_on = min(workdays.known().after(first.first - timedelta(1), 3), today - timedelta(1))
        return Story(batch(first.year), title, "institution", "institution_safety_responsibility", first.first, last, frozen_on,
                     value, percent=Decimal("20.00"), speciality="fire")  # fmt: skip

    return [
        quarter(before, before.plus(2).last, "739105"),
        quarter(here, max(here.plus(2).last - timedelta(12), today + timedelta(14)), "268414"),
        Story(batch(here.year), f"{today.year}年镇街级居家社区养老服务中心双随机抽查", "township_center", "township_center",
              ahead, ahead + timedelta(40), today, count=4),
    ]  # fmt: skip


def _planned(scope: Scope, story: Story) -> dict[str, Any]:
    asked = text("SELECT username, id FROM users WHERE username IN ('district', 'leader')")
    people: Any = {name: number for name, number in db.session.execute(asked)}  # noqa: C416 — rows are no pairs to a type checker
    planned = workdays.known().before(story.frozen_on, 2)
    return {
        "id": reserve("draws", 1)[0], "batch": story.batch, "title": story.title, "state": "frozen",
        "checklists": [story.checklist], "facility_types": [story.kind], "townships": [], "classes": [],
        "percent": story.percent, "count": story.count,
        "weights": queries.usual_weights(scope), "starts_on": story.first, "ends_on": story.last, "team_size": 2,
        "speciality": story.speciality, "witness_kind": "person", "witness_named": OFFICE,
        "author_id": people["district"], "author_name": DISTRICT, "created_at": calendar.at(planned, 10, 12),
        "approver_id": people["leader"], "approver_name": LEADER, "approved_at": calendar.at(planned, 16, 5),
        "frozen_at": min(calendar.at(story.frozen_on, 9, 30), calendar.now() - timedelta(minutes=2)),
    }  # fmt: skip


def _freeze(scope: Scope, row: Draw, story: Story, seed: str, rules: Rules, last: Rows) -> Frozen:
    plan = plans.plan_text(scope, row, rules, story.frozen_on)
    objects = plans.objects_text(row, queries.eligible(scope, row))
    officers = plans.officers_text(scope, row, [each["id"] for each in objects], story.frozen_on) | {"last": last}
    made = Frozen(row, plan, objects, officers, sha256(seed))
    row.plan_sha256, row.objects_sha256, row.officers_sha256 = (sha256(canonical(each)) for each in (plan, objects, officers))
    row.eligible, row.officer_count, row.commitment = len(objects), len(officers["people"]), sha256(made.secret)
    return made


def _draw(made: Frozen, story: Story) -> None:
    row = made.row
    if story.value is None or not usable(made.plan, story.frozen_on):
        return
    seed = seed_of(made.secret, story.value, story.batch)
    made.result, _desk = outcome(made.plan, made.objects, made.officers, seed, story.frozen_on)
    row.state, row.picked, row.result_sha256 = "drawn", made.result["k"], sha256(canonical(made.result))
    row.witness_value, row.witness_name, row.witness_office = story.value, "示例见证人", OFFICE
    row.witnessed_at, row.drawn_at = calendar.at(story.frozen_on, 10, 3), calendar.at(story.frozen_on, 10, 4)


def _put(made: Frozen, told: Rows) -> None:
    row = made.row
    whole = made.result is not None and len(told) == len(made.result["teams"])
    row.published_at = told[-1]["announced_at"] if told and whole else None
    values = {column.key: getattr(row, column.key) for column in Draw.__table__.c}
    put_dicts("draws", [{key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}])
    put_dicts("draw_papers", [{
        "draw_id": row.id, "plan": canonical(made.plan), "objects": canonical(made.objects), "officers": canonical(made.officers),
        "secret": secrets.keys().seal(made.secret, "draw_secret"), "published_at": row.published_at,
        "result": canonical(made.result) if made.result else None,
    }])  # fmt: skip
    if told:
        put_dicts("draw_announcements", told)


def _told(made: Frozen, rules: Rules) -> Rows:
    """What is public by now: each place from the morning its notice is due."""
    people = {each["id"]: {key: each[key] for key in ("name", "certificate_no")} for each in made.officers["people"]}
    places = {each["id"]: each for each in made.objects}
    towns = {each.code: each for each in db.session.scalars(select(Township))}
    out: Rows = []
    for team in made.result["teams"] if made.result else []:
        at = calendar.at(announcing.notice_day(date.fromisoformat(team["on"]), rules), 6)
        if at > calendar.now():
            break
        place = places[team["object"]]
        town = towns[place["township"]]
        body = {
            "code": place["code"], "name": place["name"], "township": town.name, "township_en": town.name_en,
            "officers": [people[each] for each in team["officers"]], "replaces": None,
        }  # fmt: skip
        out.append({"draw_id": made.row.id, "rank": team["rank"], "edition": 1, "body": body, "announced_at": at})
    return out


def _visits(scope: Scope, made: Frozen, told: dict[int, datetime], journal: Journal) -> list[Drawn]:
    row, result = made.row, made.result or {}
    teams = [each for each in result["teams"] if each["officers"]]
    query = scope.select(Facility).where(Facility.id.in_([team["object"] for team in teams]))
    homes = {each.id: each for each in db.session.scalars(query)}
    versions = queries.versions(scope, made.plan["items"])
    found: list[Drawn] = []
    for number, team in zip(reserve("visits", len(teams)), teams, strict=True):
        home, at = homes[team["object"]], told.get(team["rank"])
        place = {"township_id": home.township_id, "facility_id": home.id}
        uid = str(uuid.UUID(sha256(f"{made.secret} {team['rank']}")[:32]))
        shown, on = at + timedelta(hours=3) if at else None, date.fromisoformat(team["on"])
        fit = [each.id for each in versions if home.facility_type in each.facility_types]
        visit = {
            "id": number, "uid": uid, **place, "kind": "double_random", "state": "planned", "planned_on": on, "basis": BASIS,
            "purpose": row.title, "notice": "ahead", "noticed_at": shown, "shown_at": shown, "draw_id": row.id,
            "window_from": HOURS[0], "window_to": HOURS[1], "created_at": row.drawn_at, "created_by": row.author_name,
        }  # fmt: skip
        seats = [{**place, "visit_id": number, "officer_id": each, "seat": seat} for seat, each in enumerate(team["officers"])]
        found.append(Drawn(visit, seats, [{**place, "visit_id": number, "version_id": each} for each in fit]))
        if on < calendar.today():
            journal.past.append(Past(
                number, home.id, home.township_id, home.facility_type, on, "double_random", tuple(team["officers"]), HOURS,
                tuple(fit), BASIS, row.title, "ahead",
            ))  # fmt: skip
    return found


def _label(made: Frozen) -> None:
    """The classes of the day the libraries were frozen; with equal weights they change nothing of the draw."""
    said = text(
        "SELECT f.id, coalesce((SELECT c.new_class FROM credit_changes c WHERE c.facility_id = f.id AND c.state = 'effective'"
        " AND c.decided_at <= :at ORDER BY c.decided_at DESC LIMIT 1), (SELECT c.old_class FROM credit_changes c"
        " WHERE c.facility_id = f.id AND c.state = 'effective' ORDER BY c.decided_at LIMIT 1), f.credit_class) FROM facilities f"
    )
    then: dict[int, str | None] = dict(db.session.execute(said, {"at": made.row.frozen_at}).all())
    for each in made.objects:
        each["class"] = then[each["id"]]
    made.row.objects_sha256 = sha256(canonical(made.objects))


def finish(draws: list[Frozen], drawn: list[Drawn]) -> None:
    """The draws themselves; visits whose records were written are marked as drawn, the others are written as planned."""
    for made in draws:
        _label(made)
        _put(made, _told(made, Rules.of(current_app.config)))
    ids = [each.visit["id"] for each in drawn]
    known = set(db.session.scalars(text("SELECT id FROM visits WHERE id = ANY(:ids)"), {"ids": ids}))
    mark = text("UPDATE visits SET draw_id = :draw WHERE id = :id").execution_options(audited="demo.loaded")
    for each in drawn:
        if each.visit["id"] in known:
            db.session.execute(mark, {"draw": each.visit["draw_id"], "id": each.visit["id"]})
    ahead = [each for each in drawn if each.visit["id"] not in known]
    for table, rows in (
        ("visits", [each.visit for each in ahead]), ("visit_officers", [seat for each in ahead for seat in each.seats]),
        ("visit_lists", [line for each in ahead for line in each.lists]),
    ):  # fmt: skip
        if rows:
            put_dicts(table, rows)
