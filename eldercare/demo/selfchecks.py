"""Self-checks of the demo district: eight months of the homes' daily rounds, eighteen of their weekly to yearly checks.

The last sixty days of the homes have their answers, faults among them, at realistic rates. Three homes sleep through rounds
after midnight; at one the ticks come by the second, at the same minute, with the same photos: flags say so.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from flask import current_app
from sqlalchemy import text

from eldercare.checklists import queries as lists
from eldercare.checklists.checks.queries import filled, scoring
from eldercare.checklists.queries import conditions
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.pictures import Pictures
from eldercare.demo.table import put, reserve
from eldercare.facilities.models import Facility
from eldercare.selfchecks import queries, services
from eldercare.selfchecks.models import OF_A_DAY, Rules

HISTORY, DAILY, ANSWERED, OTHERS = 540, 210, 60, 45  # days: weekly to yearly checks, rounds of a day, with answers, of others
SETTLED = 2  # days back from which on nothing depends on the hour any more
SLEEPY = (3, 8, 14)  # homes, by their number, that miss rounds of the night
FAKED = 11  # the home whose ticks are implausible
PHRASES = (
    "二楼东侧走道堆放轮椅", "应急灯不亮", "灭火器压力不足", "常闭防火门被顶开", "插排串接", "记录缺主管签名", "库房物品未离墙",
)


@dataclass
class Home:
    """A place with what it owes."""

    row: Facility
    number: int
    facts: dict[str, Any]
    members: list[int] = field(default_factory=list)

    @property
    def is_home(self) -> bool:
        """Full history and answers, as against the smaller places."""
        return self.row.facility_type == "institution"


class Book:
    """The rows of every table, gathered and written at once."""

    def __init__(self, scope: Scope, rng: random.Random, rules: Rules, now: datetime) -> None:
        self.seed, self.rng, self.rules, self.now, self.today = rng.getrandbits(64), rng, rules, now, calendar.today()
        self.owed = queries.duties(scope, rules.types, self.today)
        self.areas = {
            version.id: {area.id: area for area in lists.areas(scope, version.id)}
            for version in {duty.version for duties in self.owed.values() for duty in duties}
        }
        self.rounds: list[list[Any]] = []
        self.checks: list[tuple[Any, ...]] = []
        self.sealed: list[tuple[Any, ...]] = []
        self.answers: list[tuple[Any, ...]] = []
        self.photos: list[tuple[Any, ...]] = []
        self.flags: list[tuple[Any, ...]] = []
        self.homes = _homes(scope, rules)
        self.pictures = Pictures(FAKED)

    # ---- rounds

    def fill(self, home: Home, duty: queries.Duty) -> None:
        """All rounds of a duty of a place up to the periods that run today."""
        # a row of chances of its own: what today holds already depends on the hour, what lies behind must not
        self.rng = random.Random(f"{self.seed} {home.row.id} {duty.name} {duty.version.id}")
        days = HISTORY if duty.name not in OF_A_DAY else DAILY if home.is_home else OTHERS
        first = max(self.today - timedelta(days=days), home.row.opened_on or self.today)
        for window in _windows(duty.name, duty.times, first, self.today, self.rules):
            if calendar.local(window.from_at).date() >= first:
                self._round(home, duty, window)

    def _round(self, home: Home, duty: queries.Duty, window: queries.Window) -> None:
        state, late = self._end(home, duty, window)
        row: list[Any] = [
            home.row.township_id, home.row.id, duty.version.checklist_id, duty.name, window.times, window.period, window.slot,
            window.day, window.from_at, window.until_at, state, None, None, None, "", None, 0, 0,
        ]  # fmt: skip
        self.rounds.append(row)
        if state not in ("done", "late"):
            return
        kept = home.is_home and (duty.name not in OF_A_DAY or (self.today - window.day).days <= ANSWERED)
        asked = _asked(duty, window.times, window.slot) if kept else []
        faked = home.is_home and home.number == FAKED and duty.name in OF_A_DAY and (self.today - window.day).days <= 21
        begun, seconds = self._begun(duty, window, len(asked) or 6, late=late, faked=faked)
        done = min(begun + timedelta(seconds=seconds), self.now)
        row[12], row[13], row[14] = begun, done, "示例值班员"
        if home.members:
            row[15] = home.members[(window.day.toordinal() + window.slot) % len(home.members)]
        row[16] = len(asked) or len(_asked(duty, window.times, window.slot))
        if kept:
            self._check(home, duty, window, row, asked, seconds)

    def _end(self, home: Home, duty: queries.Duty, window: queries.Window) -> tuple[str, bool]:
        """(state, whether it was done late)."""
        luck = self.rng.random()
        if window.until_at > self.now:
            passed = (self.now - window.from_at) / (window.until_at - window.from_at)
            return ("done" if window.from_at < self.now and luck < passed * 0.9 else "due"), False
        missed, late = {"patrol_night": (0.008, 0.01), "daily": (0.012, 0.03)}.get(duty.name, (0.01, 0.02))
        if not home.is_home:
            missed, late = 0.06, 0.04
        elif duty.name == "patrol_night" and home.number in SLEEPY and 3 <= window.slot <= 5:
            missed = 0.35
        elif duty.name not in OF_A_DAY:
            missed, late = 0.015, 0.05
        if luck < missed:
            return "missed", False
        if luck < missed + late and self.now > window.until_at + timedelta(hours=6):
            return "late", True
        return "done", False

    def _begun(
        self, duty: queries.Duty, window: queries.Window, items: int, *, late: bool, faked: bool
    ) -> tuple[datetime, float]:
        """(when it was begun, how many seconds it took)."""
        seconds = items * (0.3 if faked else self.rng.uniform(9, 24))
        if faked:
            return window.from_at + timedelta(minutes=1), seconds
        if late:
            return window.until_at + timedelta(minutes=self.rng.uniform(20, 300)), seconds
        whole = (min(window.until_at, self.now) - window.from_at).total_seconds()
        part = self.rng.uniform(0.33, 0.7) if duty.name == "daily" else self.rng.uniform(0.05, 0.6)
        begun = window.from_at + timedelta(seconds=whole * part)
        if duty.name not in OF_A_DAY:  # in office hours
            begun = min(calendar.at(calendar.local(begun).date(), self.rng.randint(9, 16), self.rng.randrange(60)), self.now)
            begun = max(begun, window.from_at)
        return begun, seconds

    # ---- answers

    def _check(
        self, home: Home, duty: queries.Duty, window: queries.Window, row: list[Any], asked: list[Any], seconds: float
    ) -> None:
        rng, begun, done, place = self.rng, row[12], row[13], home.row
        number, said, step = -1 - len(self.checks), [], seconds / max(len(asked), 1)
        taken = self.pictures.of(home.number if home.is_home else 0, duty.name, (self.today - window.day).days)
        for at, item in enumerate(asked):
            applies = _applies(item, home)
            result, reason = self._result(item, applies)
            if result == "nonconform" and (self.today - window.day).days < SETTLED:
                result, reason = "conform", None
            codes = taken if result == "conform" and item.photo_required else []
            photos = [picture.sha256 for picture in codes[:1]]
            taken = taken[1:] if photos else taken
            when = None if applies is False else begun + timedelta(seconds=step * (at + 0.6 + rng.random() * 0.3))
            said.append((item, result, reason, applies is False, photos, when))
            for picture in codes[:1]:
                self.photos.append((len(self.rounds) - 1, picture, item.code, when, place.township_id, place.id))
        outcome, told = _outcome(duty.version, self.areas[duty.version.id], tuple((item, result) for item, result, *_ in said))
        of: Any = SimpleNamespace(
            version=duty.version, facility_id=place.id, origin="self_check", label=window.period, checked_on=window.day,
            facts=home.facts, revision=1, corrects_id=None, reason=None, person_id=None, person_name=row[14], overdue=0,
            outcome=told,
        )  # fmt: skip
        found: Any = [
            (None, SimpleNamespace(item=item, result=result, reason=reason, escalated=False, by_rule=by_rule, photos=photos))
            for item, result, reason, by_rule, photos, _when in said
        ]
        common = (place.township_id, place.id, duty.version.id)
        self.checks.append((*common, "self_check", window.period, window.day, home.facts, "open", 1, row[14], begun, 0, {}))
        self.sealed.append((done, outcome.status, outcome.score, outcome.grade, told, filled.sha256(of, found)))
        for item, result, reason, by_rule, photos, when in said:
            self.answers.append((number, *common, item.id, result, reason, False, by_rule, tuple(photos), when))
        row[11] = number
        row[16] = sum(result in ("conform", "partial", "nonconform") for _item, result, *_ in said)
        row[17] = sum(result in ("partial", "nonconform") for _item, result, *_ in said)

    def _result(self, item: Any, applies: bool | None) -> tuple[str, str | None]:  # noqa: FBT001
        if applies is False:
            return "not_applicable", None
        if item.applies_if and "works" in item.applies_if and self.rng.random() < 0.93:
            return "not_applicable", "今日无施工"
        luck = self.rng.random()
        if luck < 0.0014 and item.severity != "major":  # becomes a hazard where it is a serious one (hazards.py)
            return "nonconform", self.rng.choice(PHRASES)
        if luck < 0.014 and item.severity != "major":
            return "partial", "已当场整改"
        return "conform", None

    # ---- flags

    def _flag(self, round_ids: list[int]) -> None:
        """What the platform would have raised at the home whose ticks are implausible, some of it looked at already."""
        home = next((each.row.id for each in self.homes if each.is_home and each.number == FAKED), 0)
        mine = [(at, row) for at, row in enumerate(self.rounds) if row[1] == home and row[11] and row[3] in OF_A_DAY]
        nights: list[datetime] = []
        told = -99
        for at, row in mine:
            age = (self.today - row[7]).days
            if row[3] == "patrol_night":
                nights.append(row[12])
            if age > 21 or row[16] < 5:
                continue
            seconds = round((row[13] - row[12]).total_seconds(), 1)
            least = 3 * (row[16] - 1)
            if at % 6 == 0:
                evidence = {"items": row[16], "seconds": seconds, "least": least}
                self._raise(round_ids[at], row, "too_fast", evidence, judged=age > 10)
            if row[3] == "patrol_night" and age < 19 and at - told > 60:
                told, starts = at, [each.isoformat() for each in nights[:-11:-1]]
                evidence = {"minute": 1, "times": 10, "last": 10, "starts": starts}
                self._raise(round_ids[at], row, "same_minute", evidence, judged=False)

    def _flag_others(self, round_ids: list[int]) -> None:
        """Two that were looked at and found harmless, one from afar that nobody looked at yet."""
        days = [each for each in enumerate(self.rounds) if each[1][3] == "patrol_day" and each[1][11] is not None]
        about = (
            (20, "too_fast", {"items": 13, "seconds": 31.2, "least": 36}),
            (85, "far_away", {"metres": 612, "accuracy": 35, "limit": 300}),
            (290, "far_away", {"metres": 1840, "accuracy": 20, "limit": 300}),
        )  # fmt: skip
        for number, (at, kind, evidence) in enumerate(about):
            if at < len(days):
                index, row = days[at]
                note = ("in_order", row[13] + timedelta(days=1), "示例区级专管员", "已电话核实:先巡查后集中填报,记录与监控一致")
                said = note if number < 2 else ("open", None, None, None)
                self.flags.append((row[0], row[1], round_ids[index], kind, evidence, row[13], *said))

    def _raise(self, round_id: int, row: list[Any], kind: str, evidence: dict[str, Any], *, judged: bool) -> None:
        about = ("not_in_order", row[13] + timedelta(days=2), "示例区级专管员", "调看监控,该时段走廊无人巡查,已约谈值班员")
        self.flags.append((row[0], row[1], round_id, kind, evidence, row[13], *(about if judged else ("open", None, None, None))))

    def _flag_photos(self, ids: list[int], round_ids: list[int]) -> None:
        """Photos that show the same as one before, at the same place."""
        seen: dict[tuple[int, str], int] = {}
        pairs: dict[int, list[dict[str, int]]] = {}
        for photo_id, (at, picture, *_rest, facility_id) in zip(ids, self.photos, strict=True):
            before = seen.get((facility_id, picture.scene))
            if before is not None:
                pairs.setdefault(at, []).append({"photo": photo_id, "other": before, "apart": picture.apart})
            seen.setdefault((facility_id, picture.scene), photo_id)
        for at, found in sorted(pairs.items())[-4:]:
            self._raise(round_ids[at], self.rounds[at], "same_photo", {"pairs": found, "limit": 4}, judged=False)

    # ---- writing

    def write(self) -> None:
        """Everything, the parents first; lists are sealed once their answers stand."""
        check_ids, round_ids = reserve("checks", len(self.checks)), reserve("selfcheck_rounds", len(self.rounds))
        put(
            "checks",
            ("id", "township_id", "facility_id", "version_id", "origin", "label", "checked_on", "facts", "state", "revision",
             "person_name", "started_at", "overdue", "outcome"),
            ((number, *row) for number, row in zip(check_ids, self.checks, strict=True)),
        )  # fmt: skip
        put(
            "check_answers",
            ("check_id", "township_id", "facility_id", "version_id", "item_id", "result", "reason", "escalated", "by_rule",
             "photos", "answered_at"),
            ((check_ids[-1 - row[0]], *row[1:]) for row in self.answers),
        )  # fmt: skip
        self._seal(check_ids)
        for row in self.rounds:
            row[11] = None if row[11] is None else check_ids[-1 - row[11]]
        put(
            "selfcheck_rounds",
            ("id", "township_id", "facility_id", "checklist_id", "duty", "times", "period", "slot", "day", "from_at", "until_at",
             "state", "check_id", "begun_at", "done_at", "person_name", "member_id", "answered", "faults"),
            ((number, *row) for number, row in zip(round_ids, self.rounds, strict=True)),
        )  # fmt: skip
        self._flag(round_ids)
        self._flag_others(round_ids)
        self._put_photos(round_ids)
        put(
            "selfcheck_flags",
            ("township_id", "facility_id", "round_id", "kind", "evidence", "made_at", "state", "judged_at", "judged_by", "note"),
            self.flags,
        )

    def _seal(self, check_ids: list[int]) -> None:
        columns = ("id", "sealed_at", "status", "score", "grade", "outcome", "content_sha256")
        listed = ", ".join(columns)
        empty = f"CREATE TEMPORARY TABLE sealing AS SELECT {listed} FROM checks WITH NO DATA"  # noqa: S608 — our own names
        db.session.execute(text(empty))
        put("sealing", columns, ((number, *row) for number, row in zip(check_ids, self.sealed, strict=True)))
        same = ", ".join(f"{name} = s.{name}" for name in columns[1:])
        db.session.execute(text(f"UPDATE checks c SET state = 'sealed', {same} FROM sealing s WHERE s.id = c.id"))  # noqa: S608
        db.session.execute(text("DROP TABLE sealing"))

    def _put_photos(self, round_ids: list[int]) -> None:
        ids, photo_ids = reserve("attachments", len(self.photos)), reserve("selfcheck_photos", len(self.photos))
        kept = [
            (number, town, home, "selfcheck_round", round_ids[at], "item", "", "image/jpeg", len(picture.data), picture.sha256,
             picture.small_sha256, 640, 480, when)
            for number, (at, picture, _code, when, town, home) in zip(ids, self.photos, strict=True)
        ]  # fmt: skip
        put(
            "attachments",
            ("id", "township_id", "facility_id", "entity", "entity_id", "kind", "title", "media_type", "bytes", "sha256",
             "thumb_sha256", "width", "height", "made_at"),
            kept,
        )  # fmt: skip
        put(
            "selfcheck_photos",
            ("id", "township_id", "facility_id", "round_id", "attachment_id", "item_code", "bits", "taken_at"),
            (
                (photo, town, home, round_ids[at], number, code, picture.bits, when)
                for photo, number, (at, picture, code, when, town, home) in zip(photo_ids, ids, self.photos, strict=True)
            ),
        )
        self._flag_photos(photo_ids, round_ids)


# ---- what all rounds share -------------------------------------------------------------------------


def _homes(scope: Scope, rules: Rules) -> list[Home]:
    query = scope.select(Facility).where(Facility.facility_type.in_(rules.types), Facility.state == "operating")
    counted: dict[str, int] = {}
    found = []
    for row in db.session.scalars(query.order_by(Facility.id)):
        counted[row.facility_type] = counted.get(row.facility_type, 0) + 1
        found.append(Home(row, counted[row.facility_type], conditions.facts(row)))
    working = text(
        "SELECT facility_id, array_agg(id ORDER BY id) FROM staff_members WHERE state = 'employed'"
        " AND posts && ARRAY['caregiver', 'fire_control'] GROUP BY facility_id"
    )
    members: dict[int, list[int]] = dict(db.session.execute(working).all())
    for home in found:
        home.members = members.get(home.row.id, [])[:12]
    return found


@lru_cache(maxsize=64)
def _windows(name: str, times: int, first: date, last: date, rules: Rules) -> tuple[queries.Window, ...]:
    """The windows of a duty from one day to another."""
    found: dict[tuple[str, int], queries.Window] = {}
    step = timedelta(days=1 if name in OF_A_DAY else 7)
    day = first
    while day < last + step:
        for window in queries.windows(name, times, min(day, last), rules):
            found[window.period, window.slot] = window
        day += step
    return tuple(found.values())


_ASKED: dict[tuple[int, str, int, int], list[Any]] = {}
_APPLIES: dict[tuple[int, int], bool | None] = {}
_OUTCOMES: dict[tuple[Any, ...], tuple[scoring.Outcome, dict[str, Any]]] = {}


def _asked(duty: queries.Duty, times: int, slot: int) -> list[Any]:
    key = (duty.version.id, duty.name, times, slot)
    if key not in _ASKED:
        _ASKED[key] = queries.asked(duty.name, times, slot, duty.items)
    return _ASKED[key]


def _applies(item: Any, home: Home) -> bool | None:
    key = (item.id, home.row.id)
    if key not in _APPLIES:
        _APPLIES[key] = conditions.judge(item.applies_if, item.facility_types, home.facts).applies
    return _APPLIES[key]


def _outcome(version: Any, areas: dict[int, Any], said: tuple[tuple[Any, str], ...]) -> tuple[scoring.Outcome, dict[str, Any]]:
    key = tuple((item.id, result) for item, result in said)
    if key not in _OUTCOMES:
        marks = [scoring.Mark(item.code, areas[item.area_id].code, item.severity, item.veto, result) for item, result in said]
        outcome = scoring.score(version.rule, marks)
        _OUTCOMES[key] = (outcome, outcome.as_json())
    return _OUTCOMES[key]


def write(scope: Scope, rng: random.Random) -> int:
    """Write rounds, their lists and flags; how many rounds there are."""
    rules, now = Rules.of(current_app.config), calendar.now()
    book = Book(scope, rng, rules, now)
    for home in book.homes:
        for duty in book.owed.get(home.row.facility_type, []):
            if queries.owes(home.row, duty, home.facts):
                book.fill(home, duty)
    book.write()
    services.tell(scope, now, rules)
    for kept in (_ASKED, _APPLIES, _OUTCOMES):
        kept.clear()
    return len(book.rounds)
