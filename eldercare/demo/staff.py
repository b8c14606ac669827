"""Who works at the demo district's places: certificates that give every reminder something to say, a year of training,
and a roster of four weeks around today with a few gaps.

Names are 示例 and a made-up name; numbers start with 370299. Homes turn in four days: day, evening, night, off.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from eldercare.core import calendar, secrets
from eldercare.demo import names
from eldercare.demo.places import Layout, Place
from eldercare.demo.stays import Spell
from eldercare.demo.table import put, reserve
from eldercare.facilities.staff.roster.models import Rules
from eldercare.facilities.staff.services import person_key

CERTIFICATES = {
    "caregiver": ("caregiver", "示例职业技能评价机构", 0), "nurse": ("nurse", "示例卫生健康部门", 5),
    "doctor": ("doctor", "示例卫生健康部门", 0), "cook": ("food_handler_health", "示例体检机构", 1),
    "fire_control": ("fire_control_room", "示例消防行业职业技能鉴定机构", 0),
    "equipment": ("special_equipment", "示例市场监管部门", 4), "safety_officer": ("safety_officer", "示例应急管理部门", 3),
    "social_worker": ("social_worker", "示例民政部门", 3),
}  # fmt: skip
TOPICS = (
    ("消防安全与疏散演练", 3), ("跌倒与噎食的预防和急救", 2), ("失智老年人照护", 3), ("食品安全与留样", 2), ("压疮预防与翻身", 2),
    ("交接班与夜间巡查", 2), ("老年人权益与隐私保护", 2), ("电器与燃气安全", 2), ("感染防控", 3), ("心肺复苏", 4),
)  # fmt: skip
TURN = ("day", "evening", "night", None)  # four days of whoever works in turns
TURNING = ("caregiver", "fire_control")
THIN = {6, 13}  # homes with fewer caregivers than the standard asks for
EMPTY_NIGHT, SHORT_CONTROL = 17, 3  # the home without anyone one night soon, the home short of operators
SHARED = (1, 5, 9)  # homes whose doctor works in the next home as well


@dataclass
class Member:
    """Somebody's employment."""

    place: Place
    posts: tuple[str, ...]
    name: str
    sex: str
    born: date
    number: str
    started_on: date
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # of the week, for whoever does not work in turns
    offset: int = 0
    state: str = "employed"
    since: date | None = None  # of leave, or the last day
    id: int = 0
    key: int = field(default=0)


class Crew:
    """Everybody who works in the district, place by place."""

    def __init__(self, layout: Layout, spells: list[Spell], numbers: names.Numbers, rng: random.Random) -> None:
        self.rng, self.numbers, self.today = rng, numbers, calendar.today()
        self.members: list[Member] = []
        present: dict[int, int] = {}
        for spell in spells:
            present[spell.home.id] = present.get(spell.home.id, 0) + (spell.ends_on is None)
        homes = layout.of("institution")
        for number, home in enumerate(homes, 1):
            self._home(home, number, present.get(home.id, 0))
        for at in SHARED:
            self._share(homes[at - 1], homes[at])
        for center in layout.of("township_center"):
            self._team(center, {"manager": 1, "caregiver": rng.randint(3, 6), "social_worker": 1, "cook": rng.randint(0, 1)})
        for canteen in layout.of("canteen"):
            self._team(canteen, {"cook": rng.randint(1, 2), "other": rng.randint(1, 2)})
        for org in layout.of("home_care_org"):
            self._team(org, {"manager": 1, "caregiver": rng.randint(6, 12)})

    def _home(self, home: Place, number: int, residents: int) -> None:
        beds = len(home.beds)
        each = 9.5 if number in THIN else self.rng.uniform(4.3, 5.8)
        crew = {
            "manager": 1, "safety_officer": 1, "caregiver": max(8, round(residents / each)), "nurse": 1 + beds // 80,
            "cook": 2 + beds // 120, "cleaner": 1 + beds // 100, "social_worker": int(beds >= 90),
        }  # fmt: skip
        if beds >= 60:
            crew["equipment"] = 1
        if beds >= 90:
            crew["doctor"] = 1
        if beds >= 100:  # has a fire control room: two on each shift, in turns of four
            crew["fire_control"] = 7 if number == SHORT_CONTROL else 8
        self._team(home, crew)

    def _team(self, place: Place, crew: dict[str, int]) -> None:
        for post, count in crew.items():
            for nth in range(count):
                is_alone = post == "manager" and place.type != "institution"  # and looks after safety as well
                member = self._somebody(place, (post, "safety_officer") if is_alone else (post,))
                member.offset = nth
                if post in ("cook", "cleaner"):
                    member.days = (0, 1, 2, 3, 4, 5) if nth % 2 else (1, 2, 3, 4, 5, 6)
                luck = self.rng.random()
                if luck < 0.015 and post == "caregiver" and count > 10:
                    member.state, member.since = "on_leave", self.today - timedelta(days=self.rng.randint(2, 20))
                elif luck < 0.04 and post == "caregiver" and count > 10:
                    member.state, member.since = "left", self.today - timedelta(days=self.rng.randint(20, 200))
                self.members.append(member)

    def _share(self, home: Place, other: Place) -> None:
        """A doctor of one home who works in another two days a week."""
        doctors = [member for member in self.members if member.place is home and member.posts == ("doctor",)]
        for doctor in doctors[:1]:
            doctor.days = (0, 2, 4)
            twice = Member(other, doctor.posts, doctor.name, doctor.sex, doctor.born, doctor.number, doctor.started_on, (1, 3))
            self.members.append(twice)

    def _somebody(self, place: Place, posts: tuple[str, ...]) -> Member:
        sex = "female" if self.rng.random() < (0.86 if posts[0] in ("caregiver", "nurse") else 0.5) else "male"
        number = None
        while number is None:
            year = self.today.year - self.rng.randint(24, 59)
            born = date(year, self.rng.randint(1, 12), self.rng.randint(1, 28))
            number = self.numbers.take(born.toordinal(), f"{born:%Y%m%d}", sex)
        started = self.today - timedelta(days=self.rng.randint(210, 2600))
        return Member(place, posts, f"示例{names.person(self.rng)}", sex, born, number, max(started, place.opened_on))


def write(layout: Layout, spells: list[Spell], numbers: names.Numbers, rng: random.Random) -> int:
    """Write members of staff, certificates, trainings and shifts; how many members there are."""
    members = Crew(layout, spells, numbers, rng).members
    keys = secrets.keys()
    for member, member_id in zip(members, reserve("staff_members", len(members)), strict=True):
        member.id, member.key = member_id, person_key(keys.blind(member.number, "id_number"))
    put(
        "staff_members",
        ("id", "township_id", "facility_id", "name", "sex", "birth_date", "id_number", "id_number_index", "person_key", "phone",
         "posts", "employment", "insured_here", "skill_level", "started_on", "ended_on", "end_reason", "away_from", "back_on",
         "state", "created_at", "updated_at"),
        (_row(member, rng) for member in members),
    )  # fmt: skip
    put(
        "staff_certificates",
        ("township_id", "facility_id", "member_id", "kind", "number", "issuer", "valid_from", "valid_to", "is_current"),
        _certificates(members, rng),
    )
    _trainings(members, rng)
    put(
        "staff_shifts",
        ("township_id", "facility_id", "member_id", "person_key", "day", "shift", "duty", "starts_at", "ends_at"),
        _shifts(members, layout.of("institution")[EMPTY_NIGHT - 1]),
    )
    return len(members)


def _row(member: Member, rng: random.Random) -> tuple[Any, ...]:
    keys, place = secrets.keys(), member.place
    left, away = member.state == "left", member.state == "on_leave"
    stamp = calendar.at(member.started_on, 9)
    return (
        member.id, place.township_id, place.id, member.name, member.sex, member.born, keys.seal(member.number, "id_number"),
        keys.blind(member.number, "id_number"), member.key, keys.seal(names.phone(rng), "phone"), member.posts,
        rng.choices(("full_time", "part_time", "dispatched", "rehired"), (80, 8, 7, 5))[0], rng.random() < 0.8,
        rng.choices((None, 5, 4, 3, 2), (30, 40, 18, 10, 2))[0] if "caregiver" in member.posts else None, member.started_on,
        member.since if left else None, "个人原因" if left else None, member.since if away else None,
        calendar.today() + timedelta(days=30) if away else None, member.state, stamp, stamp,
    )  # fmt: skip


def _certificates(members: list[Member], rng: random.Random) -> Iterator[tuple[Any, ...]]:
    """What each post needs, three in a hundred missing; of those that end, some have ended and some will soon."""
    today = calendar.today()
    for member in members:
        for post in member.posts:
            if post not in CERTIFICATES or rng.random() < 0.03:
                continue
            kind, issuer, years = CERTIFICATES[post]
            luck = rng.random()
            if not years:
                ends, starts = None, member.started_on - timedelta(days=rng.randint(30, 900))
            else:
                bounds = (-60, -2) if luck < 0.05 else (3, 88) if luck < 0.15 else (95, years * 365 - 10)
                left = rng.randint(*bounds)
                ends = today + timedelta(days=left)
                starts = calendar.add_years(ends, -years) + timedelta(days=1)
            where = (member.place.township_id, member.place.id, member.id)
            yield *where, kind, f"示例证书{member.id:05d}", issuer, starts, ends, True
        if rng.random() < 0.2 and "caregiver" in member.posts:
            starts = today - timedelta(days=rng.randint(30, 700))
            yield (
                member.place.township_id, member.place.id, member.id, "first_aid", f"示例急救{member.id:05d}", "示例红十字会",
                starts, calendar.add_years(starts, 3), True,
            )  # fmt: skip


def _trainings(members: list[Member], rng: random.Random) -> None:
    """One a month of this year in each home, a few in other places; most people are there."""
    today = calendar.today()
    by_place: dict[int, list[Member]] = {}
    for member in members:
        by_place.setdefault(member.place.id, []).append(member)
    held: list[tuple[Any, ...]] = []
    there: list[tuple[Any, ...]] = []
    for own in by_place.values():
        place, months = own[0].place, range(1, today.month + 1)
        for month in months if own[0].place.type == "institution" else [m for m in months if m % 4 == 1]:
            day = date(today.year, month, rng.randint(1, 28))
            who = [m for m in own if m.started_on <= day and m.state != "left" and rng.random() < 0.88]
            if day < today and who:
                topic, hours = rng.choice(TOPICS)
                held.append((place.township_id, place.id, topic, hours, day, "示例培训机构", [m.id for m in who]))
    ids = reserve("staff_trainings", len(held))
    for training_id, (town, place_id, *_about, who_ids) in zip(ids, held, strict=True):
        there += [(training_id, member_id, town, place_id) for member_id in who_ids]
    columns = ("id", "township_id", "facility_id", "topic", "hours", "held_on", "trainer")
    put("staff_trainings", columns, ((number, *row[:6]) for number, row in zip(ids, held, strict=True)))
    put("staff_attendances", ("training_id", "member_id", "township_id", "facility_id"), there)


def _shifts(members: list[Member], empty: Place) -> Iterator[tuple[Any, ...]]:
    """Two weeks back, this one and the next; nobody sleeps in homes' centres, so only homes work round the clock."""
    today, rules = calendar.today(), Rules()
    monday = today - timedelta(days=today.weekday())
    gap = today + timedelta(days=2)
    for member in members:
        if member.state == "left" or member.place.type == "home_care_org":
            continue
        for number in range(-14, 14):
            day = monday + timedelta(days=number)
            if member.state == "on_leave" and member.since and day >= member.since:
                continue
            if member.place.type == "institution" and member.posts[0] in TURNING:
                shift = TURN[(day.toordinal() + member.offset) % 4]
            else:
                shift = "day" if day.weekday() in member.days else None
            if shift is None or (shift == "night" and day == gap and member.place is empty):
                continue
            starts, ends = rules.hours(day, shift)
            place = member.place
            yield place.township_id, place.id, member.id, member.key, day, shift, member.posts[0], starts, ends
