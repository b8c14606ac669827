"""Eighteen months of incidents: who fell where, who was told when, what was put right; a few still open.

About one for every three thousand resident-days, more falls than anything else. Whoever is named lived there
that day and slept in that bed. Grades, levels and deadlines are those of the rules; some homes report late.
"""

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo import names
from eldercare.demo.table import put_dicts, reserve
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks.models import About, IncidentClock, wanted
from eldercare.incidents.grading.models import Facts, Rules, accident_level, propose
from eldercare.incidents.models import GRAVE, Incident, IncidentReport
from eldercare.incidents.services.reports import ask_receipt

PER_DAY = 1 / 3000  # incidents for each resident and day
QUIET = 540  # days of history
# (family, type, place, weight, words, cause, what is put right)
KINDS: tuple[tuple[str, str, str, int, str, str, str], ...] = (
    ("service_risk", "fall", "toilet", 30, "如厕起身时滑倒", "environment", "卫生间加装扶手和防滑垫"),
    ("service_risk", "fall", "corridor", 16, "走廊行走时绊倒", "environment", "清理走廊并补装夜灯"),
    ("service_risk", "bed_fall", "room", 16, "夜间翻身坠床", "human", "加装床档,夜间巡查改为每小时一次"),
    ("service_risk", "choking", "dining", 7, "进食汤圆时噎食", "human", "高风险老人改软食,餐时专人看护"),
    ("service_risk", "wrong_intake", "room", 6, "误服同室药品", "management", "药品集中保管,发药双人核对"),
    ("service_risk", "scald", "room", 4, "热水袋低温烫伤", "human", "停用热水袋,统一配发暖水袋套"),
    ("service_risk", "pressure_injury", "room", 4, "骶尾部压疮", "human", "落实两小时翻身记录"),
    ("service_risk", "harm", "activity", 3, "两位老人争执推搡", "human", "调整座位和活动时段"),
    ("service_risk", "elopement", "yard", 3, "午后自大门走出", "management", "门禁改为双人值守并发放定位胸牌"),
    ("service_risk", "recreation_accident", "activity", 2, "健身操时扭伤", "management", "活动前评估,安排座位操"),
    ("public_health", "medical_event", "room", 6, "突发胸闷", "human", "更新急救流程并演练"),
    ("public_health", "infectious_disease", "room", 2, "数人发热", "management", "发热隔离区重新划定"),
    ("accident", "lift_entrapment", "other", 1, "电梯停在两层之间", "equipment", "维保单位更换控制板"),
    ("accident", "equipment_failure", "kitchen", 1, "蒸箱漏电跳闸", "equipment", "更换线路并检测接地"),
    ("accident", "fire", "kitchen", 1, "油锅起火,已扑灭", "human", "厨房加装灭火毯,复训"),
    ("social_security", "theft", "room", 1, "现金丢失", "management", "贵重物品统一登记保管"),
    ("death", "accidental_death", "yard", 1, "跌落台阶后死亡", "environment", "台阶加装护栏和警示带"),
)
STATES = ("reported", "responding", "investigating", "rectifying", "review")


@dataclass
class Home:
    """A home and who slept where."""

    id: int
    township_id: int
    name: str
    phone: str
    is_medical: bool
    people: list[tuple[int, int | None, date, date | None]] = field(default_factory=list)  # resident, bed, from, until

    def there(self, day: date) -> list[tuple[int, int | None, date, date | None]]:
        """Who slept there on a day."""
        return [each for each in self.people if each[2] <= day and (each[3] is None or each[3] > day)]


class Book:
    """The rows of every table, gathered and written at once."""

    def __init__(self, rng: random.Random, rules: Rules, now: datetime) -> None:
        self.rng, self.rules, self.now = rng, rules, now
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """One more row; its id is given when all are known."""
        self.rows.setdefault(table, []).append(row)
        return row

    def write(self) -> None:
        """Everything, the parents first."""
        for table in ("hazards", "hazard_replies", "incidents", "incident_people", "incident_reports", "incident_receipts",
                      "incident_clocks", "incident_actions", "incident_findings"):  # fmt: skip
            rows = self.rows.get(table, [])
            if rows:
                put_dicts(table, rows)


def write(scope: Scope, rng: random.Random) -> int:
    """Write the incidents of every home; how many there are."""
    now, today = calendar.now(), calendar.today()
    book, homes = Book(rng, Rules.of(current_app.config), now), _homes()
    days: list[tuple[datetime, Home]] = []
    for home in homes:
        for back in range(QUIET, 0, -1):
            day = today - timedelta(days=back)
            if rng.random() < PER_DAY * len(home.there(day)):
                days.append((calendar.at(day, rng.choice((5, 6, 8, 10, 11, 13, 15, 17, 19, 21, 23)), rng.randrange(60)), home))
    crowded = [home for home in homes if len(home.there(today - timedelta(days=1))) > 5]
    fresh = (
        [(now - timedelta(minutes=minutes), crowded[n % len(crowded)]) for n, minutes in enumerate((1500, 95, 40, 12))]
        if crowded
        else []
    )
    known = sorted([each for each in days if each[0] < now - timedelta(days=1)], key=lambda each: (each[0], each[1].id))
    ids = iter(reserve("incidents", len(known) + len(fresh)))
    for at, home in known:
        _incident(book, next(ids), home, at)
    for n, (at, home) in enumerate(fresh):
        _incident(book, next(ids), home, at, kind=KINDS[(0, 8, 3, 2)[n]], steps=(2, -1, 0, -1)[n], grave=n in {0, 1, 3})
    book.write()
    _ask(scope)
    return len(book.rows.get("incidents", []))


def _homes() -> list[Home]:
    said = text(
        "SELECT id, township_id, name, coalesce(phone, ''), has_clinic FROM facilities"
        " WHERE facility_type = 'institution' AND state = 'operating' ORDER BY id"
    )
    homes = {row[0]: Home(*row) for row in db.session.execute(said)}
    slept = text(
        "SELECT s.facility_id, s.resident_id, b.bed_id, b.starts_on, b.ends_on"
        " FROM stay_beds b JOIN stays s ON s.id = b.stay_id ORDER BY b.id"
    )
    for home, *spell in db.session.execute(slept):
        if home in homes:
            homes[home].people.append(tuple(spell))  # type: ignore[arg-type]
    return list(homes.values())


def _incident(
    book: Book, number: int, home: Home, at: datetime, *, kind: tuple[Any, ...] | None = None, steps: int | None = None,
    grave: bool | None = None,
) -> None:  # fmt: skip
    """One incident with everything that hangs on it. `steps`: how far it got (-1: not even acknowledged)."""
    rng, here = book.rng, home.there(calendar.local(at).date())
    if not here:
        return
    family, type_, place, _weight, words, cause, measure = kind or rng.choices(KINDS, [each[3] for each in KINDS])[0]
    who, bed, _since, _until = rng.choice(here)
    facts = _facts(rng, family, type_, grave=rng.random() < 0.16 if grave is None else grave)
    grade, why = propose(facts, book.rules)
    level = accident_level(facts.dead, facts.serious, 0) if family == "accident" else None
    found = at + timedelta(minutes=rng.choice((0, 0, 2, 5, 15)))
    learnt = found + timedelta(minutes=rng.choice((1, 3, 5, 10)))
    late = rng.random() < 0.07
    sent = learnt + timedelta(minutes=rng.randint(95, 400) if late else rng.randint(2, 30))
    sent, learnt, found = min(sent, book.now), min(learnt, book.now), min(found, book.now)
    age = (book.now - at).days
    done = steps if steps is not None else (5 if age > 45 or rng.random() < age / 60 else rng.randrange(0, 5))
    pair = {"township_id": home.township_id, "facility_id": home.id}
    closed_at = min(sent + timedelta(days=rng.randint(6, 30), hours=rng.randint(0, 8)), book.now) if done >= 5 else None
    manager = f"示例负责人{home.id % 20 + 1:02d}"
    row = book.add(
        "incidents", id=number, **pair, number=f"SJ{calendar.local(at).year}-{number:05d}", family=family, type=type_,
        place_kind=place, place_text=None, bed_id=bed if place == "room" else None, summary=f"{words}。", dead=facts.dead,
        injured=facts.injured, serious=facts.serious, ill=facts.ill, loss_fen=0, care=facts.care, missing=facts.missing,
        signs=tuple(sorted(facts.signs)), is_operational=family == "accident", grade=grade, grade_proposed=grade,
        grade_why=tuple(why),
        accident_level=level, occurred_at=at, discovered_at=found, known_at=learnt, reported_at=sent,
        state="closed" if done >= 5 else STATES[max(done, 0)], reporter=manager, responded_at=sent if done >= 1 else None,
        response="就地处置,通知医生和家属,专人陪护。" if done >= 1 else None, cause_class=cause if done >= 3 else None,
        investigation=f"查阅当班记录和监控,{words}。" if done >= 3 else None, investigated_by=manager if done >= 3 else None,
        stable_at=sent + timedelta(days=2) if grade == "E1" and done >= 3 else None,
        reviewed_at=closed_at, reviewed_by="示例审核员" if closed_at else None,
        review_note="已到现场核实。" if closed_at else None,
        submitted_at=closed_at, closed_at=closed_at,
        closed_by=("示例区级专管员" if grade in {"E1", "E2"} else "示例审核员") if closed_at else None,
        created_at=sent,
    )  # fmt: skip
    outcome = "dead" if facts.dead else "ill" if facts.ill else "hurt" if facts.injured else "involved"
    book.add("incident_people", **pair, incident_id=number, resident_id=who, role="resident", outcome=outcome, created_at=sent)
    report, receipt = _sent(book, row, home, done)
    _clocks(book, row, facts, home, done, report, receipt)
    if done >= 3:
        _action(book, row, measure, done)
    if late and done >= 0 and grade != "E4" and rng.random() < 0.7:
        book.add("incident_findings", **pair, incident_id=number, fault="late", reason="超过一小时上报", person=manager,
                 found_at=sent + timedelta(hours=3), found_by="示例镇街专管员")  # fmt: skip


def _facts(rng: random.Random, family: str, kind: str, *, grave: bool) -> Facts:
    care = "admitted" if grave else rng.choices(("none", "treated", "hospital"), (30, 55, 15))[0]
    signs: set[str] = set()
    if kind in {"fall", "bed_fall"} and grave:
        signs.add("fracture")
    if kind == "choking" and care != "none":
        signs.add("rescued")
    missing = "no" if kind != "elopement" else "searching" if grave else "found"
    sick = family == "public_health"
    if family in {"accident", "social_security"} or kind == "elopement":
        care = "none"
    hurt = int(care != "none")
    ill = (rng.choice((1, 1, 2, 4)) if kind == "infectious_disease" else hurt) if sick else 0
    if ill and care == "none":
        care = "treated"
    dead = int(family == "death")
    return Facts(family, kind, dead, 0 if sick else hurt, 0, ill, "none" if dead else care, missing, frozenset(signs))


READERS = {"township": "示例镇街专管员", "district": "示例区级专管员"}


def _sent(book: Book, row: dict[str, Any], home: Home, done: int) -> tuple[int, dict[str, Any] | None]:
    """The first report, and its receipt where an officer has read it."""
    (report,) = reserve("incident_reports", 1)
    content = {
        "unit": home.name, "address": "", "phone": home.phone, "occurred_at": row["occurred_at"].isoformat(),
        "known_at": row["known_at"].isoformat(), "place": row["place_kind"], "place_text": "", "family": row["family"],
        "type": row["type"], "course": row["summary"], "dead": row["dead"], "injured": row["injured"], "serious": 0,
        "ill": row["ill"], "missing": row["missing"], "loss_fen": 0, "measures": "", "grade": row["grade"],
        "accident_level": row["accident_level"] or "", "other": "",
    }  # fmt: skip
    seal = hashlib.sha256(json.dumps(["", "first", content], ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    pair = {"township_id": row["township_id"], "facility_id": row["facility_id"], "incident_id": row["id"]}
    book.add("incident_reports", id=report, **pair, seq=1, kind="first", content=content, sent_at=row["reported_at"],
             sent_by=row["reporter"], sha256=seal)  # fmt: skip
    if row["grade"] == "E4" or done < 0:
        return report, None
    read = min(row["reported_at"] + timedelta(minutes=book.rng.choice((2, 4, 8, 12, 25))), book.now)
    body = "district" if row["grade"] in GRAVE or row["accident_level"] else "township"
    return report, _receipt(book, row, body, read, report_id=report, way="platform")


def _receipt(book: Book, row: dict[str, Any], body: str, at: datetime, **more: Any) -> dict[str, Any]:
    (number,) = reserve("incident_receipts", 1)
    pair = {"township_id": row["township_id"], "facility_id": row["facility_id"], "incident_id": row["id"]}
    said: dict[str, Any] = {"report_id": None, "told_by": None, "told_whom": None, "receipt_no": None, "way": "phone"} | more
    return book.add("incident_receipts", id=number, **pair, body=body, **said, received_at=at, entered_at=at,
                    entered_by=READERS.get(body, row["reporter"]))  # fmt: skip


def _clocks(
    book: Book, row: dict[str, Any], facts: Facts, home: Home, done: int, _report: int, read: dict[str, Any] | None
) -> None:
    """The deadlines by rule; those of what got further are met, some of them late."""
    goes_up = row["grade"] in {"E1", "E2"} or row["accident_level"] is not None
    about = About(
        facts, row["grade"], goes_up, row["accident_level"], home.is_medical, with_people=True,
        occurred_at=row["occurred_at"], known_at=row["known_at"],
    )  # fmt: skip
    pair = {"township_id": row["township_id"], "facility_id": row["facility_id"], "incident_id": row["id"]}
    for kind, due in wanted(about, book.rules):
        met = receipt = None
        if kind == "figures":
            met = due if due <= book.now else None
        elif kind == "county":
            met, receipt = (read["received_at"], read["id"]) if read else (None, None)
        elif done >= 1 or book.rng.random() < 0.3:
            at = min(row["known_at"] + timedelta(minutes=book.rng.choice((3, 5, 8, 12, 12, 40))), book.now)
            whom = "子女" if kind == "family" else "值班员"
            met, receipt = at, _receipt(book, row, kind, at, told_by=row["reporter"], told_whom=whom)["id"]
        minutes = max(0, -(-int((met - due).total_seconds()) // 60)) if met and kind != "figures" else 0
        book.add(
            "incident_clocks", **pair, kind=kind, started_at=row["known_at"], due_at=due, is_window=kind == "figures", met_at=met,
            receipt_id=receipt, is_late=minutes > 0, late_minutes=minutes,
        )  # fmt: skip
    if row["grade"] == "E1" and row["stable_at"] is None and done < 5:
        start = row["reported_at"]
        book.add("incident_clocks", **pair, kind="follow_up", started_at=start, due_at=start + timedelta(hours=24),
                 is_window=False,
                 met_at=None, receipt_id=None, is_late=False, late_minutes=0)  # fmt: skip


def _action(book: Book, row: dict[str, Any], measure: str, done: int) -> None:
    """What was put right; of the grave ones a hazard, whose closing settles it."""
    (number,) = reserve("incident_actions", 1)
    pair = {"township_id": row["township_id"], "facility_id": row["facility_id"]}
    began = calendar.local(row["reported_at"]).date() + timedelta(days=2)
    due = began + timedelta(days=14)
    closed = calendar.local(row["closed_at"]).date() if row["closed_at"] else None
    supervised = row["grade"] in {"E1", "E2"}
    hazard = _hazard(book, row, number, measure, began, due, closed) if supervised else None
    finished = row["closed_at"] if closed else row["reported_at"] + timedelta(days=3) if done >= 4 else None
    finished = None if supervised or (finished and finished > book.now) else finished
    book.add(
        "incident_actions", id=number, **pair, incident_id=row["id"], action=measure, owner=names.somebody(book.rng), due_on=due,
        is_supervised=supervised, hazard_id=hazard, evidence="现场已改,照片存档。" if finished else None, done_at=finished,
        done_by=row["reporter"] if finished else None, created_at=row["reported_at"], created_by=row["reporter"],
    )  # fmt: skip


def _hazard(book: Book, row: dict[str, Any], action: int, measure: str, began: date, due: date, closed: date | None) -> int:
    (number,) = reserve("hazards", 1)
    pair = {"township_id": row["township_id"], "facility_id": row["facility_id"]}
    today = calendar.local(book.now).date()
    replied = min(calendar.at(began + timedelta(days=book.rng.randint(2, 13)), 16), row["closed_at"] or book.now)
    right = calendar.local(replied).date() if closed else None
    waits = closed is None and book.rng.random() < 0.4
    state = "closed" if closed else "replied" if waits else book.rng.choice(("issued", "received", "in_progress"))
    replied_on = calendar.local(replied).date() if closed or waits else None
    overdue = 0 if waits and replied_on and replied_on <= due else ((right or today) - due).days
    book.add(
        "hazards", id=number, **pair, number=f"YH{began.year}-{number:05d}", source_kind="incident_action", source_id=action,
        source_label=row["number"], source_path=f"/incidents/{row['id']}", severity="serious", description=measure, demand="",
        state=state, issued_on=began, issued_by="示例镇街专管员", due_on=due, right_on=right, replied_on=replied_on,
        finder="home", found_by=row["reporter"], found_on=began, place_note="", fixed_on_spot=False,
        answer_by=began + timedelta(days=7), escalated_at=book.now if overdue >= 3 and not closed else None,
        closed_at=row["closed_at"], created_at=calendar.at(began, 10),
    )  # fmt: skip
    if closed or waits:
        checked = {"result": "passed", "findings": "现场查看,已整改到位。", "rechecked_at": row["closed_at"],
                   "rechecked_by": "示例镇街专管员"}  # fmt: skip
        unread = dict.fromkeys(checked)
        book.add("hazard_replies", **pair, hazard_id=number, seq=1, measures="已按要求整改,照片附后。", replied_at=replied,
                 replied_by=row["reporter"], recheck_by=calendar.local(replied).date() + timedelta(days=14),
                 **(checked if closed else unread))  # fmt: skip
    return number


def _ask(scope: Scope) -> None:
    """Officers are asked for the acknowledgements that are still out."""
    out = scope.select(Incident).join(IncidentClock, IncidentClock.incident_id == Incident.id)
    for incident in db.session.scalars(out.where(IncidentClock.kind == "county", IncidentClock.met_at.is_(None))):
        first = db.session.scalars(select(IncidentReport).where(IncidentReport.incident_id == incident.id)).first()
        if first is not None:
            ask_receipt(scope, incident, db.session.get_one(Facility, incident.facility_id), first)
