"""Eighteen months of visits that were made: records with answers, findings, signatures; filled lists with their scores.

`begin` numbers the visits the plans and draws hand out and makes them occasions for `hazards.write`; `finish` writes what
each brought home: mostly in order, a few things found, now and then a refused signature, a late upload, a correction.
"""

import hashlib
import json
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from eldercare.accounts.officers.models import Officer
from eldercare.accounts.officers.queries import officers
from eldercare.checklists import queries as catalogue
from eldercare.checklists.models import ChecklistItem, ChecklistVersion
from eldercare.checklists.queries import conditions
from eldercare.core import alerts, calendar, workdays
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo import filled
from eldercare.demo.hazards import VISITS, Occasion
from eldercare.demo.places import Layout
from eldercare.demo.plans import DISTRICT, Past
from eldercare.demo.table import put_dicts, reserve
from eldercare.facilities.models import Facility
from eldercare.inspections import queries
from eldercare.inspections.field.queries import lists as lists_of
from eldercare.inspections.field.services.incoming import canonical, read_json
from eldercare.inspections.field.services.sampling import chosen
from eldercare.inspections.listing import Body, public_words
from eldercare.inspections.models import Visit
from eldercare.inspections.services import correct
from eldercare.inspections.services.corrections import Changes

PARTLY = 0.03  # items found partly in order, beside what became a hazard
REASONS = ("个别记录填写不完整", "标识不够清晰", "物品摆放不够整齐", "培训签到缺少日期")
HEADS = ("张", "王", "李", "刘", "孙")
ANSWERED = "已收到检查记录,对指出的问题无异议,将按期整改。"


@dataclass
class Made:
    """A visit as it was made."""

    past: Past
    occasion: Occasion
    number: str
    ended: datetime
    rows: dict[str, Any] = field(default_factory=dict)


def begin(scope: Scope, layout: Layout, past: Sequence[Past]) -> list[Made]:
    """Number the visits by their days; each is an occasion to find something."""
    staff = {each.id: each for each in db.session.scalars(officers(scope).order_by(Officer.id))}
    places = {each.id: each for each in layout.places}
    prefix, serials = current_app.config["VISIT_NUMBER"], defaultdict(int)  # type: ignore[var-annotated]
    keys = _finding_ids()
    made = []
    for each in sorted(past, key=lambda one: (one.day, one.window[0], one.visit_id)):
        serials[each.day.year] += 1
        number = f"{prefix}{each.day.year}-{serials[each.day.year]:05d}"
        team = [staff[officer] for officer in each.team]
        stop = Occasion(places[each.facility_id], each.day, team, number, f"/inspections/{each.visit_id}", keys)
        began = calendar.at(each.day, each.window[0].hour, each.window[0].minute)
        made.append(Made(each, stop, number, began + timedelta(minutes=95)))
    if serials:
        put_dicts("counters", [{"name": "visits", "year": year, "last": last} for year, last in serials.items()])
    return made


def occasions(made: Sequence[Made]) -> list[Occasion] | None:
    """The visits at which something may be found; None where there are none."""
    return [each.occasion for each in made if each.past.facility_type in VISITS] or None


def _finding_ids() -> Iterator[int]:
    while True:
        yield from reserve("visit_findings", 200)


class Book:
    """What the records are written with, and their rows by table."""

    def __init__(self, scope: Scope, rng: random.Random) -> None:
        self.scope, self.rng, self.now = scope, rng, calendar.now()
        self.days = workdays.known()
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.seals: list[dict[str, Any]] = []
        self.applies: dict[tuple[int, int], bool] = {}
        self.homes = {each.id: each for each in db.session.scalars(scope.select(Facility))}
        self.facts = {number: conditions.facts(home) for number, home in self.homes.items()}
        versions = list(db.session.scalars(select(ChecklistVersion).where(ChecklistVersion.state != "draft")))
        self.lists = {each.version.id: each for each in lists_of(scope, [catalogue.version(scope, one.id) for one in versions])}
        self.hazards = _by_visit("SELECT h.*, h.source_path AS of FROM hazards h WHERE h.source_kind = 'inspection_finding'")
        self.pictures = _by_visit(
            "SELECT a.*, h.source_path AS of, h.id AS hazard FROM attachments a JOIN hazards h ON a.entity = 'hazard'"
            " AND a.entity_id = h.id WHERE h.source_kind = 'inspection_finding' AND a.kind = 'before'"
        )
        self.late = defaultdict(list)  # type: ignore[var-annotated]
        for row in db.session.execute(text("SELECT facility_id, due_on, right_on FROM hazards WHERE due_on IS NOT NULL")):
            self.late[row[0]].append((row[1], row[2]))
        self.slept = defaultdict(list)  # type: ignore[var-annotated]
        for row in db.session.execute(text(
            "SELECT facility_id, resident_id, starts_on, ends_on FROM stays"
            " WHERE starts_on IS NOT NULL AND resident_id IS NOT NULL"
        )):
            self.slept[row[0]].append((row[1], row[2], row[3]))

    def may_apply(self, facility_id: int, item: ChecklistItem) -> bool:
        """Whether an item is not ruled out at a place; judged once for each of them."""
        key = facility_id, item.id
        if key not in self.applies:
            facts = self.facts[facility_id]
            self.applies[key] = conditions.judge(item.applies_if, item.facility_types, facts).applies is not False
        return self.applies[key]

    def overdue(self, facility_id: int, day: date) -> int:
        """Rectifications of a place that were late on a day."""
        return sum(due < day and (right is None or right > day) for due, right in self.late[facility_id])

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """One more row."""
        self.rows[table].append(row)
        return row


def _by_visit(statement: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in db.session.execute(text(statement)).mappings():
        if "/inspections/" in row["of"]:
            found[int(row["of"].rsplit("/", 1)[1])].append(dict(row))
    return found


def finish(scope: Scope, made: Sequence[Made], rng: random.Random) -> int:
    """Write visits, records, lists, findings; how many visits there are."""
    if not made:
        return 0
    book = Book(scope, rng)
    record_ids, check_ids = reserve("visit_records", len(made)), iter(reserve("checks", sum(len(m.past.versions) for m in made)))
    for one, record_id in zip(made, record_ids, strict=True):
        _visit(book, one, record_id, check_ids)
    for table in ("visits", "visit_officers", "visit_lists", "visit_samples", "visit_photos", "visit_records", "checks",
                  "check_answers", "record_checks", "visit_findings"):  # fmt: skip
        if book.rows[table]:
            put_dicts(table, book.rows[table])
    filled.seal(book.seals)
    _publish(scope, book)
    _correct(scope, made)
    return len(made)


# ---- one visit --------------------------------------------------------------------------------------


def _visit(book: Book, one: Made, record_id: int, check_ids: Iterator[int]) -> None:
    past, rng = one.past, book.rng
    place = {"township_id": past.township_id, "facility_id": past.facility_id}
    found = book.hazards.get(past.visit_id, [])
    told = past.notice == "ahead"
    noticed = calendar.at(book.days.before(past.day, 4), 10) if told else None
    received = one.ended + timedelta(minutes=rng.randint(2, 50), hours=30 if rng.random() < 0.02 else 0)
    answer_by = book.days.after(past.day, current_app.config["VISIT_ANSWER_WORKING_DAYS"])
    publish_by = book.days.after(past.day, current_app.config["VISIT_PUBLISH_WORKING_DAYS"])
    done = rng.random() < 0.93 or publish_by < calendar.today() - timedelta(days=30)
    public = past.kind != "case" and publish_by < calendar.today() and done
    answered = received + timedelta(days=1) if found and rng.random() < 0.2 and received + timedelta(days=1) < book.now else None
    body, checked = _body(book, one, found), []
    one.rows = book.add(
        "visits", id=past.visit_id, uid=body["visit"], **place, kind=past.kind, state="sent", number=one.number,
        planned_on=past.day, window_from=past.window[0], window_to=past.window[1], basis=past.basis, purpose=past.purpose,
        notice=past.notice, noticed_at=noticed, notice_way="electronic" if told else None,
        notice_note="示例负责人" if told else None, shown_at=noticed or received, sent_at=received, result=body["result"],
        answer=ANSWERED if answered else None, answered_at=answered, answered_by="示例负责人" if answered else None,
        answer_by=answer_by, publish_by=publish_by,
        published_at=calendar.at(book.days.before(publish_by, rng.randint(1, 8)), 9, 30) if public else None,
        created_at=calendar.at(past.day - timedelta(days=20), 9), created_by=DISTRICT,
    )  # fmt: skip
    for seat, officer in enumerate(one.occasion.team):
        book.add("visit_officers", **place, visit_id=past.visit_id, officer_id=officer.id, seat=seat)
    for said in body["lists"]:
        book.add("visit_lists", **place, visit_id=past.visit_id, version_id=said["version_id"])
        checked.append(filled.write(book, one, said, next(check_ids)))
    _keep(book, one, record_id, body, received, checked)
    lead = one.occasion.team[0]
    for row in book.pictures.get(past.visit_id, []):
        book.add(
            "visit_photos", **place, visit_id=past.visit_id, sha256=row["sha256"], bytes=row["bytes"], width=row["width"],
            height=row["height"], clean_sha256=row["sha256"], clean_bytes=row["bytes"], thumb_sha256=row["thumb_sha256"],
            received_at=received, person_id=lead.user_id,
        )  # fmt: skip
    book.rows["visit_photos"] = list({(row["visit_id"], row["sha256"]): row for row in book.rows["visit_photos"]}.values())
    for row, said in zip(found, body["findings"], strict=True):
        book.add(
            "visit_findings", id=row["source_id"], **place, visit_id=past.visit_id, key=said["key"],
            version_id=row["item_version_id"], item_code=row["item_code"], severity=row["severity"],
            hazard_code=row["hazard_code"], description=row["description"], demand=row["demand"], place_note=row["place_note"],
            due_on=said["due_on"],
            fixed_on_spot=row["fixed_on_spot"], photos=tuple(each["sha256"] for each in said["photos"]), hazard_id=row["id"],
        )  # fmt: skip


def _keep(book: Book, one: Made, record_id: int, body: dict[str, Any], received: datetime, checked: list[int]) -> None:
    past, lead = one.past, one.occasion.team[0]
    place = {"township_id": past.township_id, "facility_id": past.facility_id}
    words = canonical(read_json(json.dumps(body, ensure_ascii=False)))
    book.add(
        "visit_records", id=record_id, **place, visit_id=past.visit_id, revision=1, reason=None, body=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(), device=body["device"], app=body["app"],
        clock_offset_s=book.rng.randint(-3, 6), marks=("late",) if received - one.ended > timedelta(hours=24) else (),
        started_at=body["started_at"], ended_at=body["ended_at"], received_at=received, person_id=lead.user_id,
        person_name=lead.user.name,
    )  # fmt: skip
    for number in checked:
        book.add("record_checks", **place, record_id=record_id, check_id=number)


def _body(book: Book, one: Made, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The record as the tablet would have written it."""
    past, rng = one.past, book.rng
    began = one.ended - timedelta(minutes=95)
    at, home = began.isoformat(), book.homes[past.facility_id]
    taken: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in book.pictures.get(past.visit_id, []):
        shot = (began + timedelta(minutes=30)).isoformat()
        taken[row["hazard"]].append({"sha256": row["sha256"], "taken_at": shot, "lat": home.lat, "lon": home.lon})
    open_ones = [each for each in found if not each["fixed_on_spot"]]
    result = "order" if open_ones else "fixed" if found else "none"
    if not found and past.facility_type == "village_station" and rng.random() < 0.06:
        return _nobody_there(one, at)
    findings = [
        {
            "key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "item": {"version_id": row["item_version_id"], "code": row["item_code"]} if row["item_code"] else None,
            "severity": row["severity"], "description": row["description"], "demand": row["demand"],
            "due_on": None if row["fixed_on_spot"] else str(row["first_due_on"] or row["due_on"]),
            "fixed_on_spot": row["fixed_on_spot"], "hazard_code": row["hazard_code"], "place": row["place_note"],
            "photos": taken[row["id"]],
        }
        for row in found
    ]  # fmt: skip
    residents = _sample(book, one)
    return {
        "format": 1, "visit": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "device": f"demo-{one.occasion.team[0].id}",
        "app": "demo", "clock": {"offset_ms": 0, "device_ms": 1000}, "started_at": at, "ended_at": one.ended.isoformat(),
        "position": {"lat": home.lat, "lon": home.lon, "accuracy": 12, "at": at} if home.lat else None,
        "shown": {
            "certificates": [{"officer_id": each.id, "at": at} for each in one.occasion.team],
            "notice": {"at": at, "way": "ahead" if past.notice == "ahead" else "in_person", "to": "示例负责人"},
        },
        "lists": [_answers(book, past, version_id, found, taken) for version_id in past.versions],
        "findings": findings, "rechecks": [],
        "residents": [{"id": each, "seen": True, "result": "good", "note": ""} for each in residents],
        "site_people": [{"name": "示例负责人", "post": "负责人"}], "notes": "", "result": result,
        "signatures": _signatures(book, one),
    }  # fmt: skip


def _nobody_there(one: Made, at: str) -> dict[str, Any]:
    """The door was locked: two officers say so, nothing was looked at."""
    told = {"role": "home", "officer_id": None, "name": "", "state": "absent", "reason": "大门上锁,电话无人接听", "strokes": None}
    signed = [
        {"role": "officer", "officer_id": each.id, "name": each.name, "state": "signed", "reason": None, "at": at,
         "strokes": _strokes(random.Random(f"{one.number} {each.id}"))}
        for each in one.occasion.team
    ]  # fmt: skip
    return {
        "format": 1, "visit": str(uuid.uuid5(uuid.NAMESPACE_URL, one.number)), "device": f"demo-{one.occasion.team[0].id}",
        "app": "demo", "clock": {"offset_ms": 0, "device_ms": 1000}, "started_at": at, "ended_at": one.ended.isoformat(),
        "position": None, "shown": {"certificates": [], "notice": None},
        "lists": [{"version_id": each, "answers": {}} for each in one.past.versions], "findings": [], "rechecks": [],
        "residents": [], "site_people": [], "notes": "上门两次,站点未开门。", "result": "absent",
        "signatures": [*signed, told | {"at": at}],
    }  # fmt: skip


def _answers(
    book: Book, past: Past, version_id: int, found: list[dict[str, Any]], taken: dict[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    wrong = {row["item_code"]: row for row in found if row["item_version_id"] == version_id}
    answers: dict[str, Any] = {}
    for item in book.lists[version_id].rows:
        row = wrong.get(item.code)
        if row is not None:
            said = {"result": "nonconform", "reason": row["description"], "photos": taken[row["id"]]}
        elif not book.may_apply(past.facility_id, item):
            continue
        elif book.rng.random() < PARTLY and item.severity == "general":
            said = {"result": "partial", "reason": book.rng.choice(REASONS), "photos": []}
        else:
            said = {"result": "conform", "reason": None, "photos": []}
        answers[item.code] = said | {"escalated": False}
    return {"version_id": version_id, "answers": answers}


def _signatures(book: Book, one: Made) -> list[dict[str, Any]]:
    """Two officers, and the home: one in thirty refuses, before a witness."""
    at = one.ended.isoformat()
    rows: list[dict[str, Any]] = [
        {"role": "officer", "officer_id": each.id, "name": each.name, "state": "signed", "reason": None,
         "strokes": _strokes(book.rng), "at": at}
        for each in one.occasion.team
    ]  # fmt: skip
    refused = book.rng.random() < 1 / 30
    home = {"role": "home", "officer_id": None, "name": "示例负责人", "at": at}
    if refused:
        rows.append(home | {"state": "refused", "reason": "对检查结论有不同意见,拒绝签字", "strokes": None})
        witness = {"role": "witness", "officer_id": None, "name": "示例见证人", "state": "signed", "reason": None, "at": at}
        return [*rows, witness | {"strokes": _strokes(book.rng)}]
    return [*rows, home | {"state": "signed", "reason": None, "strokes": _strokes(book.rng)}]


def _strokes(rng: random.Random) -> dict[str, Any]:
    """A scrawl of three lines."""
    lines = []
    for n in range(3):
        x, y = 20 + 90 * n, rng.randint(30, 90)
        line = [[x, y]]
        for _ in range(9):
            x, y = x + rng.randint(5, 12), min(max(y + rng.randint(-28, 28), 8), 112)
            line.append([x, y])
        lines.append(line)
    return {"w": 320, "h": 120, "lines": lines}


def _sample(book: Book, one: Made) -> list[int]:
    """Whom the visit looked at, of those who slept there that day."""
    past = one.past
    stays = book.slept[past.facility_id]
    pool = sorted({who for who, first, last in stays if first <= past.day and (last is None or last > past.day)})
    if not pool:
        return []
    seed = f"{book.rng.getrandbits(256):064x}"
    drawn = chosen(seed, pool, current_app.config["VISIT_SAMPLE"])
    book.add(
        "visit_samples", township_id=past.township_id, facility_id=past.facility_id, visit_id=past.visit_id, seed=seed,
        pool=tuple(pool), resident_ids=tuple(drawn), drawn_at=one.ended - timedelta(hours=3),
    )  # fmt: skip
    return drawn


def _correct(scope: Scope, made: Sequence[Made]) -> None:
    """Three of the last records were corrected by their leads: the note of what was said at the end was missing."""
    for one in [each for each in made if each.occasion.hazards][-3:]:
        lead = one.occasion.team[0]
        own = replace(scope, permission="inspection:do", person_id=lead.user_id, person_name=lead.user.name).enter()
        base = queries.visit(own, one.past.visit_id).records[-1].sha256
        changes = Changes(notes="检查结束时已向负责人当面反馈问题,负责人表示按期整改。")
        correct(own, one.past.visit_id, base, changes, "补记现场反馈情况")
    scope.enter()


# ---- what is public, what waits ---------------------------------------------------------------------


def _publish(scope: Scope, book: Book) -> None:
    """Results that were published, and what is still to be."""
    bodies = {row["visit_id"]: row["body"] for row in book.rows["visit_records"]}
    rows = []
    for row in book.rows["visits"]:
        home = book.homes[row["facility_id"]]
        if row["published_at"] is not None:
            visit: Any = SimpleNamespace(**row, facility=home)
            record: Any = SimpleNamespace(body=bodies[row["id"]], started_at=calendar.at(row["planned_on"], 9))
            rows.append(
                {"visit_id": row["id"], "number": row["number"], "place": home.name, "kind": row["kind"],
                 "checked_on": row["planned_on"], "result": row["result"], "words": public_words(visit, Body.of(record)),
                 "published_at": row["published_at"]}
            )  # fmt: skip
    if rows:
        put_dicts("published_results", rows)
    waiting = [row["id"] for row in book.rows["visits"] if row["published_at"] is None and row["kind"] != "case"]
    for visit in db.session.scalars(scope.select(Visit).where(Visit.id.in_(waiting)).order_by(Visit.id)):
        about = {"home": book.homes[visit.facility_id].name, "number": str(visit.number)}
        due = calendar.at(visit.publish_by or calendar.today(), 23, 59)
        alerts.tell(scope, "visit.to_publish", visit, level="district", due_at=due, **about)
