"""Eighteen months of hazards: found at visits, ordered, answered, rechecked; some late, some found again, a few major ones.

About five a year at an institution, fewer elsewhere. Each follows the rules of its day: deadlines by severity, a reply,
a recheck by somebody else, the closing. What is found at one visit of an institution or centre stands in one order.
`write()` makes days of its own, or takes the visits it is given and tells which hazards came of which.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from eldercare.accounts.officers.models import Officer
from eldercare.accounts.officers.queries import avoidances, officers
from eldercare.checklists import queries as catalogue
from eldercare.checklists.models import ChecklistItem
from eldercare.core import alerts, calendar, workdays
from eldercare.core.attachments import JPEG, Kept
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo import faults
from eldercare.demo.findings import Finding, by_type, pictures
from eldercare.demo.places import Layout, Place
from eldercare.demo.table import put_dicts, reserve
from eldercare.facilities.models import Facility
from eldercare.hazards.models import TO_PUT_RIGHT, Deadlines, Hazard
from eldercare.hazards.orders.models import Terms
from eldercare.hazards.orders.queries import bases

DAYS = 540
# how many visits a place has in that time, at least and at most, and how many findings each
VISITS = {"institution": (3, 5), "township_center": (1, 3), "village_station": (0, 2), "canteen": (1, 2)}
FOUND = {"institution": (1, 3), "township_center": (1, 2), "village_station": (0, 1), "canteen": (0, 2)}
STATEMENT = "已知悉。该问题系施工期间临时造成,现场设有看护,请予考虑。"


@dataclass
class Occasion:
    """A visit that finds something: where, when, by whom. `label` and `path` say where it stands; `finding_ids` gives the id
    of each finding where it has one of its own; `hazards` are the ids of what came of it.
    """

    place: Place
    day: date
    team: list[Officer]
    label: str = ""
    path: str = ""
    finding_ids: Iterator[int] | None = None
    is_grave: bool = False  # a major hazard is among what it finds, and nobody has put it right yet
    hazards: list[int] = field(default_factory=list)


@dataclass
class Book:
    """Everything that is written, by table, and what it is made with."""

    rng: random.Random
    rules: Deadlines
    terms: Terms
    now: datetime
    items: dict[str, ChecklistItem]
    faults: dict[str, list[Finding]] = field(default_factory=by_type)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    serials: dict[int, int] = field(default_factory=dict)
    pictures: dict[str, Kept] = field(default_factory=pictures)

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """One more row."""
        self.rows.setdefault(table, []).append(row)
        return row

    @property
    def today(self) -> date:
        """The day it is."""
        return calendar.local(self.now).date()


def write(scope: Scope, layout: Layout, rng: random.Random, occasions: list[Occasion] | None = None) -> list[Occasion]:
    """Write what was found at these visits (or at visits made up here); each then knows its hazards."""
    staff = list(db.session.scalars(officers(scope).order_by(Officer.id)))
    given = occasions if occasions is not None else _occasions(scope, layout, staff, rng)
    given.sort(key=lambda each: (each.day, each.place.id))
    config = current_app.config
    book = Book(rng, Deadlines.of(config), Terms.of(config), calendar.now(), _items(scope, layout))
    places = {each.id: each for each in db.session.scalars(scope.select(Facility))}
    for each in given:
        _visit(book, each, places[each.place.id], staff)
    _reported(book, layout, rng)
    for each in faults.of_self_checks(book.today):
        _of_self_check(book, each, next(place for place in layout.places if place.id == each.facility_id), staff)
    _write(scope, book)
    _tell(scope)
    return given


def _occasions(scope: Scope, layout: Layout, staff: list[Officer], rng: random.Random) -> list[Occasion]:
    """Visits of the past months, on working days, by pairs that do not avoid the place; every second home lately again."""
    today = calendar.today()
    avoided = avoidances(scope, [each.id for each in layout.places], today)
    days = [
        (place, rng.randint(20, DAYS)) for place in layout.places for _ in range(rng.randint(*VISITS.get(place.type, (0, 0))))
    ]
    days += [(place, rng.randint(1, 19)) for place in layout.of("institution")[::2] + layout.of("township_center")[::3]]
    grave = [(place, back) for place, back in zip(layout.of("institution")[2::7], (2, 9), strict=False)]
    out = []
    for place, back in days + grave:
        day = today - timedelta(days=back)
        day -= timedelta(days=max(day.weekday() - 4, 0))
        fit = [each for each in staff if (place.id, each.id) not in avoided and each.is_certified(day)]
        if day > place.opened_on and len(fit) > 1:
            label = f"现场检查 {day.isoformat()}"
            out.append(Occasion(place, day, rng.sample(fit, 2), label, is_grave=(place, back) in grave))
    return out


def _items(scope: Scope, layout: Layout) -> dict[str, ChecklistItem]:
    kinds = {place.type for place in layout.places}
    return {item.code: item for kind in sorted(kinds) for item in catalogue.items_for(scope, kind)}


# ---- one visit ------------------------------------------------------------------------------------


def _visit(book: Book, visit: Occasion, facility: Facility, staff: list[Officer]) -> None:
    rng, kind = book.rng, visit.place.type
    count = rng.randint(*FOUND.get(kind, (0, 1)))
    if not count:
        return
    # half of the time what was wrong before is wrong again: the same few things at the same place
    habits = random.Random(f"habits {visit.place.id}").sample(book.faults[kind], 3)
    found = []
    while len(found) < count:
        each = rng.choice(habits if rng.random() < 0.45 else book.faults[kind])
        if each not in found:
            found.append(each)
    if visit.is_grave or (kind == "institution" and rng.random() < 0.05):
        found[0] = rng.choice(book.faults["major"])
    made = [_hazard(book, visit, each, staff) for each in found]
    visit.hazards = [row["id"] for row in made]
    ordered = [row for row in made if not row["fixed_on_spot"]]
    if ordered and kind in {"institution", "township_center"}:
        _order(book, visit, facility, ordered)


def _hazard(book: Book, visit: Occasion, found: Finding, staff: list[Officer]) -> dict[str, Any]:
    """One hazard and what became of it by today."""
    rng, day, today = book.rng, visit.day, book.today
    (number,) = reserve("hazards", 1)
    item, lead = book.items[found.item], visit.team[0]
    severity = "major" if found.hazard_code else found.severity
    due = book.rules.due(severity, day)
    fixed = severity == "general" and rng.random() < 0.2
    row = {
        "id": number, "township_id": visit.place.township_id, "facility_id": visit.place.id,
        "number": f"YH{day.year}-{number:05d}", "source_kind": "inspection_finding",
        "source_id": next(visit.finding_ids) if visit.finding_ids else number, "source_label": visit.label,
        "source_path": visit.path, "finder": "officer", "found_by": lead.name, "found_on": day, "severity": severity,
        "hazard_code": found.hazard_code, "item_version_id": item.version_id, "item_code": item.code,
        "description": found.words, "place_note": found.where, "demand": found.demand, "state": "issued", "dismiss_reason": None,
        "issued_on": day, "issued_by": lead.user.name, "issued_by_id": lead.user_id, "due_on": due, "first_due_on": None,
        "asked_at": None, "asked_by": None, "asked_due_on": None, "asked_reason": None, "refused_reason": None,
        "extended_at": None, "extend_reason": None, "escalated_at": None, "fixed_on_spot": fixed, "right_on": None,
        "replied_on": None,
        "closed_at": None, "rechecker_id": None, "rechecker": None, "answer_by": book.rules.answer_by(day), "statement": None,
        "stated_at": None, "stated_by": None, "published_at": None, "created_at": calendar.at(day, 15),
    }  # fmt: skip
    book.add("hazards", **row)
    row = book.rows["hazards"][-1]
    _photo(book, "hazard", row, "before", found.picture, day)
    if fixed:
        row |= {"state": "closed", "due_on": day, "right_on": day, "closed_at": calendar.at(day, 16)}
        return row
    if severity == "serious" and rng.random() < 0.12 and today > due - timedelta(2):
        _more_time(book, row)
    if rng.random() < 0.05 and today > day + timedelta(3):
        at = calendar.at(day + timedelta(2), 11)
        row |= {"statement": STATEMENT, "stated_at": at, "stated_by": _manager(visit.place)}
    _righting(book, visit, row, found, staff)
    late = ((row["right_on"] or today) - row["due_on"]).days
    answered = row["state"] == "replied" and row["replied_on"] <= row["due_on"]  # the bureau's turn
    if late >= book.rules.escalate and not answered:
        row["escalated_at"] = calendar.at(row["due_on"] + timedelta(book.rules.escalate), 6)
    return row


def _manager(place: Place) -> str:
    return f"示例负责人{place.id % 20 + 1:02d}"


def _more_time(book: Book, row: dict[str, Any]) -> None:
    """Asked for before the deadline; granted three times out of four."""
    due = row["due_on"]
    wanted = min(due + timedelta(10), book.rules.last(row["severity"], row["issued_on"]))
    asked = calendar.at(due - timedelta(2), 10)
    row |= {"asked_at": asked, "asked_by": "示例负责人", "asked_due_on": wanted, "asked_reason": "配件采购和施工需要时间"}
    if book.today <= due:
        return  # nobody has answered yet
    if book.rng.random() < 0.75:
        row |= {"first_due_on": due, "due_on": wanted, "extended_at": asked + timedelta(hours=20),
                "extend_reason": "情况属实,同意延期"}  # fmt: skip
    else:
        row["refused_reason"] = "整改条件已具备,按期完成"


def _righting(book: Book, visit: Occasion, row: dict[str, Any], found: Finding, staff: list[Officer]) -> None:
    """Replies and rechecks until it passes, as far as today reaches."""
    rng, today, span = book.rng, book.today, max((row["due_on"] - row["issued_on"]).days, 2)
    recent = (today - row["issued_on"]).days < 110
    forgotten = (recent and row["severity"] != "major" and rng.random() < 0.06) or (visit.is_grave and row["severity"] == "major")
    wait = rng.randint(2, span) if rng.random() < 0.92 else span + rng.randint(1, 9)
    replied = row["issued_on"] + timedelta(wait)
    for seq in (1, 2, 3):
        if replied >= today or (forgotten and seq == 1):
            row["state"] = "recheck_failed" if seq > 1 else rng.choice(("issued", "received", "in_progress", "in_progress"))
            return
        by = book.rules.recheck_by(replied)
        looked = workdays.known().after(replied, rng.randint(1, book.rules.recheck - 1))
        if rng.random() < 0.04:
            looked = by + timedelta(rng.randint(1, 4))
        who = rng.choice([each for each in staff if each.is_certified(min(looked, today))])
        (number,) = reserve("hazard_replies", 1)
        reply = book.add(
            "hazard_replies", id=number, township_id=row["township_id"], facility_id=row["facility_id"], hazard_id=row["id"],
            seq=seq, measures=found.done, replied_at=calendar.at(replied, 10, 20), replied_by=_manager(visit.place),
            replied_by_id=None, recheck_by=by, result=None, findings=None, rechecked_at=None, rechecked_by=None,
            rechecked_by_id=None,
        )  # fmt: skip
        row["replied_on"] = replied
        _photo(book, "hazard_reply", reply, "after", found.picture, replied)
        if looked >= today:
            row["state"] = "replied"
            if rng.random() < 0.6:
                row |= {"rechecker_id": who.user_id, "rechecker": who.name}
            return
        passed = seq == 3 or rng.random() < 0.89
        reply |= {
            "result": "passed" if passed else "failed", "rechecked_at": calendar.at(looked, 14, 40),
            "rechecked_by": who.user.name, "rechecked_by_id": who.user_id,
            "findings": "现场查看,已整改到位。" if passed else "现场查看,仍有部分未整改,继续整改。",
        }  # fmt: skip
        if passed:
            closed = looked + timedelta(rng.randint(0, 2))
            row |= {"state": "closed" if closed < today else "recheck_passed", "right_on": replied,
                    "closed_at": calendar.at(closed, 17) if closed < today else None}  # fmt: skip
            return
        replied = looked + timedelta(rng.randint(2, 7))


def _order(book: Book, visit: Occasion, facility: Facility, made: list[dict[str, Any]]) -> None:
    """The order of a visit, and its receipt where it was served."""
    rng, day = book.rng, visit.day
    serial = book.serials[day.year] = book.serials.get(day.year, 0) + 1
    (number,) = reserve("rectification_orders", 1)
    place = {"township_id": visit.place.township_id, "facility_id": visit.place.id}
    at = calendar.at(day, 15, 30)
    kept = [
        {"id": each.id, "name": each.name, "certificate_no": each.certificate_no, "valid_to": each.valid_to.isoformat()}
        for each in visit.team[:2]
    ]
    book.add(
        "rectification_orders", id=number, **place, year=day.year, serial=serial,
        number=book.terms.number.format(year=day.year, serial=serial), state="issued", issued_on=day, issued_at=at,
        issued_by=visit.team[0].user.name, issued_by_id=visit.team[0].user_id, organ=book.terms.organ,
        recipient=facility.name, address=facility.address or "", head=facility.head or "", source_label=visit.label,
        source_path=visit.path, hazard_count=len(made), officer_a_id=kept[0]["id"], officer_b_id=kept[1]["id"], officers=kept,
        consequence=book.terms.consequence, remedies=book.terms.remedies, note="", withdrawn_at=None, withdrawn_by=None,
        withdrawn_reason=None,
    )  # fmt: skip
    for position, row in enumerate(made, 1):
        book.add(
            "rectification_order_items", **place, order_id=number, hazard_id=row["id"], position=position,
            severity=row["severity"], hazard_code=row["hazard_code"], item_code=row["item_code"], description=row["description"],
            place_note=row["place_note"], basis=row, demand=row["demand"], due_on=book.rules.due(row["severity"], day),
            withdrawn_at=None,
        )  # fmt: skip
    if (book.today - day).days < 2 and rng.random() < 0.6:
        return  # still to be served
    way = rng.choices(("in_person", "left", "post", "electronic"), (82, 5, 5, 8))[0]
    served = at + timedelta(minutes=20) if way in {"in_person", "left"} else at + timedelta(days=2)
    if served < book.now:
        book.add(
            "rectification_receipts", **place, order_id=number, way=way, received_by="示例负责人(院长)", received_at=served,
            witness="社区居委会工作人员,全程录像" if way == "left" else None,
            consent="送达地址确认书" if way == "electronic" else None, post_no="示例挂号0001" if way == "post" else None,
            note=None, entered_at=served + timedelta(minutes=10), entered_by=visit.team[0].user.name,
            entered_by_id=visit.team[0].user_id,
        )  # fmt: skip


def _reported(book: Book, layout: Layout, rng: random.Random) -> None:
    """What supervisors and homes reported in the last days and nobody has confirmed yet; two that were none."""
    homes = layout.of("institution")
    for n in range(7):
        place, found = homes[(3 * n + 1) % len(homes)], rng.choice(book.faults["institution"])
        day = book.today - timedelta(days=rng.randint(0, 6) if n < 5 else 60 + n)
        (number,) = reserve("hazards", 1)
        item, dismissed = book.items[found.item], n >= 5
        row = dict.fromkeys(book.rows["hazards"][0]) | {
            "id": number, "township_id": place.township_id, "facility_id": place.id, "number": f"YH{day.year}-{number:05d}",
            "source_kind": "report", "source_id": number, "source_label": "", "source_path": "",
            "finder": "stationed" if n % 2 else "home", "found_by": f"示例驻点监管员{n + 1}" if n % 2 else _manager(place),
            "found_on": day, "severity": found.severity, "item_version_id": item.version_id, "item_code": item.code,
            "description": found.words, "place_note": found.where, "demand": found.demand,
            "state": "dismissed" if dismissed else "reported", "fixed_on_spot": False,
            "dismiss_reason": "现场核查未见该情况。" if dismissed else None, "created_at": min(calendar.at(day, 9), book.now),
        }  # fmt: skip
        book.add("hazards", **row)
        if not dismissed:
            _photo(book, "hazard", row, "before", found.picture, day)


def _of_self_check(book: Book, fault: faults.Fault, place: Place, staff: list[Officer]) -> None:
    """What a home found wrong itself, as its self-check reports it: confirmed the working day after, dismissed, or waiting.

    Not while the same is open there already.
    """
    same = [row for row in book.rows["hazards"] if (row["facility_id"], row["item_code"]) == (place.id, fault.item.code)]
    standing = [row for row in same if row["state"] != "dismissed"]
    if any(row["found_on"] <= fault.day < (row["right_on"] or book.today) for row in standing):
        return
    looked = workdays.known().after(fault.day, book.rng.randint(1, 3))
    said = {
        "source_kind": "self_check", "source_id": fault.answer_id, "source_label": fault.label, "source_path": fault.path,
        "finder": "home", "found_by": fault.person, "found_on": fault.day, "severity": "serious",
        "item_version_id": fault.item.version_id, "item_code": fault.item.code, "description": fault.words,
        "created_at": fault.at,
    }
    if looked < book.today and book.rng.random() < 0.85:
        book.items.setdefault(fault.item.code, fault.item)
        found = Finding(fault.item.code, "serious", fault.words, "", "立即整改,整改前落实看护", "已整改,经自查复核正常")
        team = [each for each in book.rng.sample(staff, len(staff)) if each.is_certified(looked)][:2]
        row = _hazard(book, Occasion(place, looked, team), found, staff)
    else:
        (number,) = reserve("hazards", 1)
        waits = looked >= book.today
        row = dict.fromkeys(book.rows["hazards"][0]) | {
            "id": number, "township_id": place.township_id, "facility_id": place.id, "place_note": "", "demand": "",
            "state": "reported" if waits else "dismissed", "fixed_on_spot": False,
            "dismiss_reason": None if waits else "已当场整改,核查时不存在该情况。",
        }  # fmt: skip
        book.rows["hazards"].append(row)
    row |= said | {"number": f"YH{fault.day.year}-{row['id']:05d}"}


# ---- writing ------------------------------------------------------------------------------


def _photo(book: Book, entity: str, row: dict[str, Any], kind: str, which: str, day: date) -> None:
    """A drawn picture where the finding has one: a corridor with or without boxes, a shelf with or without."""
    kept = book.pictures.get(f"{which} {kind}")
    if kept is None or (book.today - day).days > 120:
        return
    book.add(
        "attachments", township_id=row["township_id"], facility_id=row["facility_id"], entity=entity, entity_id=row["id"],
        kind=kind, title="", media_type=JPEG, bytes=kept.bytes, sha256=kept.sha256, thumb_sha256=kept.thumb_sha256,
        width=kept.width, height=kept.height, made_at=min(calendar.at(day, 15), book.now),
    )  # fmt: skip


def _write(scope: Scope, book: Book) -> None:
    """Everything, the parents first; orders name the rules of their items."""
    order = ("hazards", "hazard_replies", "attachments", "rectification_orders", "rectification_order_items",
             "rectification_receipts")  # fmt: skip
    rules = bases(scope, [_as_hazard(each) for each in book.rows.get("hazards", [])])
    for item in book.rows.get("rectification_order_items", []):
        item["basis"] = rules[item["hazard_id"]]
    for table in order:
        if book.rows.get(table):
            put_dicts(table, book.rows[table])
    if book.serials:
        put_dicts("counters", [{"name": "orders", "year": year, "last": last} for year, last in book.serials.items()])


def _as_hazard(row: dict[str, Any]) -> Hazard:
    return Hazard(**{name: row[name] for name in ("id", "item_version_id", "item_code", "hazard_code")})


def _tell(scope: Scope) -> None:
    """What is open waits in somebody's inbox."""
    names = dict(db.session.execute(select(Facility.id, Facility.name)).all())
    for each in db.session.scalars(scope.select(Hazard).where(Hazard.state.in_(("reported", "replied", *TO_PUT_RIGHT)))):
        about: dict[str, Any] = {"home": names[each.facility_id], "number": each.number}
        if each.state == "reported":
            alerts.tell(scope, "hazard.reported", each, level="district", **about)
        elif each.state == "replied":
            alerts.tell(scope, "hazard.replied", each, level="township", occasion="1", **about)
        else:
            due = calendar.at(each.due_on or calendar.today(), 23, 59)
            alerts.tell(scope, "hazard.failed" if each.state == "recheck_failed" else "hazard.issued", each, due_at=due, **about)
        if each.is_asked:
            alerts.tell(scope, "hazard.asked", each, level="township", day=each.asked_due_on, **about)
