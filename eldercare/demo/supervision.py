"""Eighteen months of supervision over what hazards and incidents left behind: points, classes, the ladder, major hazards.

Every deduction rests on a fact of the demo; classes were reviewed three times, each change with its reason and the
evidence of that day. Overdue hazards were reminded, the worst were talked to. Runs after hazards and incidents.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from eldercare.checklists import queries as checklists
from eldercare.checklists.models import HAZARDS
from eldercare.core import alerts, calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.table import put_dicts, reserve
from eldercare.hazards.credit import listing as credit_words
from eldercare.hazards.credit import queries as credit
from eldercare.hazards.credit.models import CLASSES, FACTS, CreditChange, Fact, Terms
from eldercare.hazards.ladder.listing import thresholds
from eldercare.hazards.major import queries as major
from eldercare.hazards.major.listing import times
from eldercare.hazards.major.models import MajorCase
from eldercare.hazards.major.queries import article_of
from eldercare.hazards.models import Hazard

DISTRICT, INSPECTOR = "示例区级专管员", "示例执法人员01"
RECORDS = (  # (which home of those with most points, kind, days ago, document number, what was established)
    (0, "refused", 130, "示例笔录〔2026〕07号", "专项检查时拒绝进入厨房和配电间,经两次告知后仍不配合。"),
    (2, "complaint", 95, "示例诉〔2026〕031号", "家属投诉夜间无人应铃,经查值班记录属实。"),
    (4, "complaint", 40, "示例诉〔2026〕058号", "家属投诉伙食缩减,经核对菜谱和留样属实。"),
    (1, "penalty", 200, "示例罚〔2026〕004号", "消防设施损坏未及时维修,处警告并罚款。"),
)
REVIEWS = (480, 300, 120)  # days ago the district went through all classes


def write(scope: Scope, rng: random.Random) -> int:
    """Write it; how many deductions there are."""
    homes = _homes()
    _major(scope, rng)
    _records(homes)
    entries = _entries(scope)
    _ladder(rng)
    _classes(scope, homes, entries, rng)
    _tell(scope)
    return len(entries)


@dataclass
class Home:
    """A place with a class, and its deductions."""

    id: int
    township_id: int
    name: str
    letter: str | None
    kind: str
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pair(self) -> dict[str, int]:
        """Its place."""
        return {"township_id": self.township_id, "facility_id": self.id}


def _homes() -> list[Home]:
    said = text(
        "SELECT id, township_id, name, credit_class, facility_type FROM facilities"
        " WHERE facility_type IN ('institution', 'township_center', 'home_care_org') AND state = 'operating' ORDER BY code"
    )
    return [Home(*row) for row in db.session.execute(said)]


def _records(homes: list[Home]) -> None:
    count = dict(db.session.execute(text("SELECT facility_id, count(*) FROM hazards GROUP BY facility_id")).all())
    worst = sorted((home for home in homes if home.kind == "institution"), key=lambda home: (-count.get(home.id, 0), home.id))
    rows = []
    for place, kind, ago, number, said in RECORDS:
        if place < len(worst):
            on = calendar.today() - timedelta(ago)
            rows.append(
                worst[place].pair
                | {
                    "kind": kind, "happened_on": on, "document_no": number, "description": said,
                    "recorded_at": calendar.at(on + timedelta(1), 10), "recorded_by": DISTRICT,
                }
            )  # fmt: skip
    if rows:
        put_dicts("credit_records", rows)


def _entries(scope: Scope) -> list[dict[str, Any]]:
    """A deduction for each fact, entered in the night after it."""
    today, rules = calendar.today(), credit.all_rules(scope)
    since = credit_words.terms().facts_from(today)
    found: list[tuple[str, Fact]] = [
        (kind.name, fact) for kind in FACTS.values() for fact in kind.source(scope, since) if fact.on <= today
    ]
    found.sort(key=lambda each: (each[1].on, each[0], each[1].entity_id))
    rows = []
    for (kind, fact), number in zip(found, reserve("credit_entries", len(found)), strict=True):
        rule = credit.rule_of(rules, kind, fact)
        if rule is None:
            continue
        rows.append(
            {
                "id": number, "township_id": fact.township_id, "facility_id": fact.facility_id, "rule_id": rule.id, "kind": kind,
                "variant": fact.variant, "item_code": fact.item_code, "entity": fact.entity, "entity_id": fact.entity_id,
                "label": fact.label, "path": fact.path, "happened_on": fact.on, "points": rule.points,
                "made_at": min(calendar.at(fact.on + timedelta(1), 3), calendar.now()), "is_lapsed": False,
            }
        )  # fmt: skip
    if rows:
        put_dicts("credit_entries", rows)
    return rows


def _tell(scope: Scope) -> None:
    """What waits today: answers of homes, decisions of the district."""
    for change in db.session.scalars(credit.changes(scope).where(CreditChange.state == "announced")):
        about = {"home": change.facility.name, "new": change.new_class}
        if change.objected_at is not None:
            alerts.tell(scope, "credit.objected", change, level="district", **about)
        elif change.worsens:
            due = calendar.at(change.objections_until, 23, 59)
            alerts.tell(scope, "credit.announced", change, due_at=due, until=change.objections_until, **about)
        else:
            alerts.tell(scope, "credit.to_decide", change, level="district", **about)
    waiting = major.cases(scope).where(MajorCase.state.in_(("judged", "listed")), Hazard.right_on.is_(None))
    for case in db.session.scalars(waiting):
        about = {"home": case.facility.name, "number": case.hazard.number}
        handed = {each.kind for each in major.papers(scope, case.id)}
        for kind in ("measures", "plan"):
            if kind not in handed:
                alerts.tell(scope, f"major.{kind}", case, due_at=case.due_at(kind), **about)
        if case.state == "judged":
            alerts.tell(scope, "major.judged", case, level="district", **about)


# ---- the ladder -------------------------------------------------------------------------------------


def _ladder(rng: random.Random) -> None:
    """The reminders of all that was overdue; talks and more for what stayed so."""
    said = text(
        "SELECT h.id, h.township_id, h.facility_id, h.due_on, h.right_on,"
        " (SELECT count(*) FROM hazard_replies r WHERE r.hazard_id = h.id AND r.result = 'failed')"
        " FROM hazards h WHERE h.state NOT IN ('reported', 'dismissed') AND coalesce(h.right_on, :today) > h.due_on"
        " AND NOT (h.state = 'replied' AND h.replied_on <= h.due_on) ORDER BY h.id"
    )
    today, limits, rows = calendar.today(), thresholds(), []
    for hazard, township, facility, due, right, failed in db.session.execute(said, {"today": today}):
        late, taken = ((right or today) - due).days, set[str]()
        while step := limits.next(taken, late, failed):
            on = due + timedelta(max(step[2], 1)) if step[1] == "days" else due + timedelta(late)
            if step[0] not in ("reminder", "talk", "suspension") or (step[0] != "reminder" and rng.random() < 0.3):
                break  # what is proposed still waits for a person
            taken.add(step[0])
            rows.append(_step(rng, step[0], min(on, today), late, failed, hazard, (township, facility)))
    if rows:
        put_dicts("ladder_steps", rows)


TAKEN = {
    "talk": ("约谈机构负责人,要求一周内整改到位并报送进展。", "示例约谈〔{year}〕{n:03d}号"),
    "suspension": ("多次督促仍未整改,责令涉及区域停业整顿。", "示例停整〔{year}〕{n:03d}号"),
}


def _step(
    rng: random.Random, step: str, on: date, late: int, failed: int, hazard: int, place: tuple[int, int]
) -> dict[str, Any]:
    reason, number = TAKEN.get(step, ("", ""))
    return {
        "township_id": place[0], "facility_id": place[1], "hazard_id": hazard, "step": step, "taken_on": on, "reason": reason,
        "skipped": (), "skip_reason": None, "document_no": number.format(year=on.year, n=rng.randint(1, 60)) or None,
        "bodies": (),
        "is_automatic": step == "reminder", "overdue_days": min(late, {"reminder": 1, "talk": 7}.get(step, late)),
        "failed_rechecks": failed, "taken_at": min(calendar.at(on, 9), calendar.now()),
        "taken_by": "clock" if step == "reminder" else DISTRICT,
    }  # fmt: skip


# ---- major hazards ----------------------------------------------------------------------------------


def _major(scope: Scope, rng: random.Random) -> None:
    """Hazards called major were judged, all but the newest; the open ones that are oldest are listed."""
    said = text(
        "SELECT id, township_id, facility_id, hazard_code, issued_on, right_on, description FROM hazards"
        " WHERE severity = 'major' AND state NOT IN ('reported', 'dismissed') ORDER BY issued_on, id"
    )
    found = list(db.session.execute(said))
    version = checklists.in_force(scope, HAZARDS)
    known = {each.code for each in checklists.hazards(scope, version.id)}
    cases, papers, listed, now = [], [], 0, calendar.now()
    for at, (hazard, township, facility, code, issued, right, words) in enumerate(found):
        waits = right is None and at == len(found) - 1 and len(found) > 2
        if waits or code not in known:
            continue
        judged = calendar.at(issued, 15)
        due = times().due(judged)
        is_listed = (right is None and listed < 2) or (right is not None and rng.random() < 0.5)
        listed += is_listed and right is None
        on = min(issued + timedelta(1), calendar.today()) if is_listed else None
        off = max(right, on) if is_listed and right and on else None
        (number,) = reserve("major_cases", 1)
        pair = {"township_id": township, "facility_id": facility}
        cases.append(
            {
                "id": number, **pair, "hazard_id": hazard, "version_id": version.id, "hazard_code": code,
                "was_severity": "serious", "article": article_of(code),
                "state": "delisted" if off else "listed" if is_listed else "judged", "judged_on": issued, "judged_at": judged,
                "judged_by": INSPECTOR, "reason": f"{words[:80]},符合判定标准所列情形。",
                "evidence": "现场照片、检查记录及机构负责人陈述,存检查案卷。",
                "measures_due_at": due["measures"], "plan_due_at": due["plan"],
                "list_level": "district" if is_listed else None, "listed_on": on, "listed_by": DISTRICT if is_listed else None,
                "list_reason": "可能造成群死群伤,由区级挂牌督办。" if is_listed else None, "delisted_on": off,
                "delisted_by": DISTRICT if off else None, "delist_reason": "复查合格,整改到位。" if off else None,
            }
        )  # fmt: skip
        for kind, hours in (("measures", rng.choice((6, 20, 30))), ("plan", rng.choice((40, 60, 70)))):
            handed = judged + timedelta(hours=hours)
            if handed < now - timedelta(hours=6):
                papers.append(_paper(pair, number, kind, handed, due[kind], rng))
    if cases:
        put_dicts("major_cases", cases)
    if papers:
        put_dicts("major_papers", papers)


SAID = {
    "measures": "已停用相关区域,安排专人看守,调整老人房间,告知家属。",
    "plan": "一、委托有资质单位施工;二、分区整改并验收;三、全员培训。",
}


def _paper(pair: dict[str, int], case: int, kind: str, handed: Any, due: Any, rng: random.Random) -> dict[str, Any]:
    said = SAID[kind]
    decided = min(handed + timedelta(hours=rng.randint(3, 20)), calendar.now())
    return {
        **pair, "case_id": case, "kind": kind, "seq": 1, "body": said,
        "finish_on": calendar.local(handed).date() + timedelta(12) if kind == "plan" else None,
        "responsible": "示例负责人" if kind == "plan" else None, "handed_in_at": handed, "handed_in_by": "示例负责人",
        "is_late": handed > due,
        "result": "accepted", "note": "已核实。", "decided_at": decided, "decided_by": DISTRICT,
    }  # fmt: skip


# ---- classes ----------------------------------------------------------------------------------------


def _scores() -> dict[int, list[tuple[date, float]]]:
    """The scored inspections of each place, the newest first."""
    said = text(
        "SELECT facility_id, checked_on, score FROM checks WHERE origin = 'inspection' AND state = 'sealed' AND score IS NOT NULL"
        " ORDER BY checked_on DESC, id DESC"
    )
    found: dict[int, list[tuple[date, float]]] = defaultdict(list)
    for place, on, points in db.session.execute(said):
        found[place].append((on, float(points)))
    return found


def _classes(scope: Scope, homes: list[Home], entries: list[dict[str, Any]], rng: random.Random) -> None:
    """Three reviews of all classes, and two changes that are under way today."""
    terms, rules, meanings = credit_words.terms(), credit.all_rules(scope), credit.classes(scope)
    own: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in entries:
        own[each["facility_id"]].append(each)
    scored = _scores()
    changes, now = [], calendar.today()
    for home in homes:
        home.entries = own[home.id]
        for ago in (*REVIEWS, 0):
            day = now - timedelta(ago + rng.randint(0, 9) if ago else 0)
            score = next((each[1] for each in scored[home.id] if terms.window_from(day) <= each[0] <= day), None)
            proposed, reasons, window = _proposed(home, day, score, rules, meanings, terms)
            wanted = _decision(home, proposed, window)
            under_way = sum(each["state"] == "announced" for each in changes)
            if wanted == (home.letter or "B") or (not ago and under_way >= 2):
                continue
            changes.append(_change(home, day, wanted, proposed, reasons, window, terms, under_way=not ago))
            if ago:
                home.letter = wanted
    last = {each["facility_id"]: each for each in changes if each["state"] == "effective"}
    for number, change in enumerate([each for each in changes if each["state"] == "announced"]):
        if number == 0 and change["objections_until"] > now:
            change |= {
                "objection": "其中两起跌倒事件经调查属老人自身疾病所致,已完成整改,请予以从轻考虑。",
                "objected_at": calendar.now(), "objected_by": "示例负责人",
            }  # fmt: skip
    if changes:
        put_dicts("credit_changes", changes)
    for place, change in last.items():
        db.session.execute(
            text("UPDATE facilities SET credit_class = :letter, credit_class_on = :day WHERE id = :id"),
            {"letter": change["new_class"], "day": calendar.local(change["decided_at"]).date(), "id": place},
        )


def _proposed(
    home: Home, day: date, score: float | None, rules: Any, meanings: Any, terms: Terms
) -> tuple[str, list[Any], list[dict[str, Any]]]:
    window = [each for each in home.entries if terms.window_from(day) <= each["happened_on"] <= day]
    counts: dict[Any, int] = defaultdict(int)
    for each in window:
        counts[each["kind"], each["variant"], each["item_code"]] += 1
    points = sum(each["points"] for each in window)
    in_force = credit.in_force(rules, day).values()
    proposed, reasons = credit.propose(counts, points, score, in_force, meanings, terms)
    return proposed, reasons, window


def _decision(home: Home, proposed: str, window: list[dict[str, Any]]) -> str:
    """What the district made of the proposal: single incidents alone, or no inspection, left places as they were."""
    if home.letter == "A" and proposed == "B" and not window:
        return "A"
    points = sum(each["points"] for each in window)
    if proposed == "D" and any(each["kind"] == "refused" for each in window):
        return "D"
    if proposed in ("C", "D"):
        return "C" if points >= 40 or sum(each["kind"] == "overdue" for each in window) >= 4 else "B"
    return proposed


REASONS = {
    "A": "近一年无较重以上隐患和严重事件,检查得分优秀,上调为A类。",
    "B": "近一年问题减少并按期整改,个别事件不足以列为较高风险,定为B类。",
    "C": "较重隐患多、整改多次逾期,风险较高,定为C类,增加检查频次。",
    "D": "拒绝配合专项检查且存在多项问题,经集体研究列为D类,全覆盖检查。",
}


def _change(
    home: Home, day: date, wanted: str, proposed: str, reasons: list[Any], window: list[dict[str, Any]], terms: Terms, *,
    under_way: bool,
) -> dict[str, Any]:  # fmt: skip
    worse = CLASSES.index(wanted) > CLASSES.index(home.letter or "B")
    until = terms.objections_until(day) if worse else day
    decided = None if under_way else calendar.at(until + timedelta(1), 10)
    return {
        **home.pair, "state": "announced" if under_way else "effective", "old_class": home.letter, "new_class": wanted,
        "proposed_class": proposed, "reason": REASONS[wanted],
        "evidence": {
            "points": sum(each["points"] for each in window), "proposed": proposed, "since": terms.window_from(day).isoformat(),
            "reasons": [[each.code, each.details] for each in reasons], "entries": [each["id"] for each in window],
        },
        "announced_at": min(calendar.at(day, 9), calendar.now()), "announced_by": DISTRICT, "objections_until": until,
        "objection": None,
        "objected_at": None, "objected_by": None, "decided_at": decided, "decided_by": None if under_way else DISTRICT,
        "decision": None if under_way else "期满无异议,按拟调整类别执行。" if worse else "按拟调整类别执行。",
    }  # fmt: skip

