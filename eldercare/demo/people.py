"""The register: who is on it since when, where they live, how able they are, whom to call.

Some are made for a spell in a home (stays.py), the rest live at home. Exactly as many records as
asked for, in every state together. Rules: domain.md §2.1–2.3.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from eldercare.core import calendar
from eldercare.demo import names
from eldercare.demo.places import Layout, Town
from eldercare.demo.stays import Spell, first_month

REGISTER_OPENED = date(2019, 3, 1)
DECEASED, MOVED_OUT = 0.029, 0.006  # left over the eighteen months, beside those on the register, as shares of them
# ages 60–105: many in their sixties, the youngest not all on the register yet
AGE_WEIGHTS = [0.7, 1.0, 1.3, 1.5, *(max(0.03, 1.75 - 0.075 * n) for n in range(4, 22)), *(0.12 * 0.84**n for n in range(24))]
DYING = [0.006 * 1.1**n for n in range(46)]
HOUSEHOLDS = {
    "ordinary": 897, "subsistence_allowance": 30, "near_subsistence": 15, "extreme_poverty_home": 12, "rigid_expenditure": 5,
    "preferential": 16, "special_family": 9, "severe_disability": 16,
}  # fmt: skip
LIVING = {"living_alone": 14, "empty_nest": 38, "with_children": 40, "with_relatives": 5, "other": 3}
DISEASES = {
    "I10": 30, "E11": 14, "I25": 13, "M17": 12, "H25": 9, "I63": 8, "M81": 6, "J44": 5, "I50": 3, "N18": 2, "C80": 2, "G20": 1,
}  # fmt: skip
MOVED_TO = ("崂山区", "城阳区", "市南区", "胶州市", "莱西市", "外省")


SCORES = ((90, 90), (66, 89), (46, 65), (30, 45), (0, 29))  # GB/T 42195-2022, by level


class Exam(NamedTuple):
    """An ability assessment; dementia makes `level` one worse than the score alone (§2.3)."""

    on: date
    level: int
    score: int


@dataclass
class Person:
    """One record in the making."""

    town: Town
    sex: str
    born: date
    registered_on: date
    village: tuple[int, str]
    spell: Spell | None = None
    has_family_bed: bool = False
    state: str = "active"
    left_on: date | None = None  # moved out or died
    assessed: list[Exam] = field(default_factory=list)  # oldest first
    dementia: bool = False
    household: str = "ordinary"
    fitted_on: date | None = None  # the day the family care bed was accepted
    id: int = 0
    name: str = ""
    last4: str = ""

    @property
    def at_home(self) -> bool:
        """Whether this person is on the register and lives outside a home."""
        return self.state == "active" and (self.spell is None or self.spell.ends_on is not None)

    @property
    def home_now(self) -> int | None:
        """The home this person lives in today."""
        return self.spell.home.id if self.spell and self.spell.ends_on is None else None


def shares(parts: list[int], whole: int) -> list[int]:
    """`whole` split like `parts`, by largest remainder."""
    total = sum(parts)
    floors = [part * whole // total for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda n: (-(parts[n] * whole % total), n))
    for n in by_rest[: whole - sum(floors)]:
        floors[n] += 1
    return floors


class Census:
    """Everyone of the district, in the order of registration."""

    def __init__(self, layout: Layout, spells: list[Spell], count: int, rng: random.Random) -> None:
        self.rng, self.today = rng, calendar.today()
        self.window = first_month(self.today).first
        self.people: list[Person] = []
        quotas = shares([town.share["residents"] for town in layout.towns], count)
        beds = sum(town.share["family_beds"] for town in layout.towns)
        self.family_beds = shares([town.share["family_beds"] for town in layout.towns], round(beds * count / 42500))
        villages = {place.id: place.village_id for place in layout.places}
        gone = shares([town.share["residents"] for town in layout.towns], round((DECEASED + MOVED_OUT) * count))
        for town, quota, fitted, leave in zip(layout.towns, quotas, self.family_beds, gone, strict=True):
            known = dict(town.villages)
            here = [spell for spell in spells if spell.home.township_id == town.id]
            people = []
            for spell in here:
                village = villages[spell.home.id]
                people.append(self._of_home(town, (village, known[village]), spell))
            died = sum(person.state == "deceased" for person in people)
            left = max(leave - died, 0)  # besides those who died in a home
            for number in range(quota + died + left - len(here)):
                people.append(self._of_town(town, has_family_bed=number < fitted))
            self._partings(people, left)
            self.people += people
        for person in self.people:
            self._assess(person)
            self._household(person)
        self.rng.shuffle(self.people)
        self.people.sort(key=lambda person: person.registered_on)

    # ---- who
    def _of_home(self, town: Town, village: tuple[int, str], spell: Spell) -> Person:
        age = min(101, max(61, round(self.rng.gauss(81.5 + spell.level, 7))))
        born = self._birthday(spell.starts_on.year - age)
        registered = self._between(
            max(calendar.add_years(born, 60), min(REGISTER_OPENED, spell.starts_on - timedelta(days=200)),
                spell.starts_on - timedelta(days=1400)),
            spell.starts_on - timedelta(days=25),
        )  # fmt: skip
        person = Person(town, spell.sex, born, registered, village, spell)
        if spell.ends_on:
            person.village = self.rng.choice(town.villages)
        if spell.state == "deceased":
            person.state, person.left_on = "deceased", spell.ends_on
        return person

    def _of_town(self, town: Town, *, has_family_bed: bool) -> Person:
        sex = "female" if self.rng.random() < 0.53 else "male"
        age = self.rng.choices(range(60, 106), AGE_WEIGHTS)[0]
        if has_family_bed:
            age = min(98, max(68, round(self.rng.gauss(80, 6))))
        registered = self.today
        while registered >= self.today:  # registered within a season of the sixtieth birthday: not yet, then someone older
            born = self._birthday(self.today.year - age)
            sixty, age = calendar.add_years(born, 60), age + 1
            registered = sixty + timedelta(days=self.rng.randint(0, 90))
        if sixty < REGISTER_OPENED:
            registered = REGISTER_OPENED + timedelta(days=int(900 * self.rng.random() ** 1.5))
        if self.rng.random() < 0.012 and not has_family_bed:  # came to the district
            registered = self._between(max(self.window, registered), self.today - timedelta(days=1))
        return Person(town, sex, born, registered, self.rng.choice(town.villages), has_family_bed=has_family_bed)

    def _birthday(self, year: int) -> date:
        return date(year, 1, 1) + timedelta(days=self.rng.randint(0, 364))

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randint(0, max(0, (last - first).days)))

    # ---- who has gone
    def _partings(self, people: list[Person], leave: int) -> None:
        """Deaths and removals of a township outside its homes: that many, the oldest most likely to die."""
        stays = [
            person for person in people
            if person.state == "active" and not person.spell and not person.has_family_bed
            and person.registered_on < self.today - timedelta(days=40)
        ]  # fmt: skip
        weight = {id(p): self.rng.random() ** (1 / DYING[min(45, self.today.year - p.born.year - 60)]) for p in stays}
        stays.sort(key=lambda person: -weight[id(person)])  # weighted sampling without replacement
        moved = round(leave * MOVED_OUT / (DECEASED + MOVED_OUT))
        for number, person in enumerate(stays[:leave]):
            person.state = "deceased" if number < leave - moved else "moved_out"
            first = max(self.window, person.registered_on + timedelta(days=30))
            person.left_on = self._between(first, self.today - timedelta(days=1))

    # ---- how able
    def _assess(self, person: Person) -> None:
        until = min(person.left_on or self.today, self.today) - timedelta(days=1)
        if person.spell:
            first = person.spell.starts_on - timedelta(days=self.rng.randint(2, 20))
            last = min(person.spell.ends_on or self.today, until)
            person.assessed = self._yearly(person, first, last, person.spell.level)
            return
        age = self.today.year - person.born.year
        share = 0.25 if age < 70 else 0.38 if age < 80 else 0.62
        if person.has_family_bed:
            level = self.rng.choices((1, 2, 3, 4), (38, 32, 20, 10))[0]
        elif self.rng.random() < share and person.registered_on < until:
            ill = min(0.75, 0.16 + max(0, age - 62) * 0.02)
            level = self.rng.choices((1, 2, 3, 4), (52, 26, 14, 8))[0] if self.rng.random() < ill else 0
        else:
            return
        first = self._between(max(person.registered_on, until - timedelta(days=900)), until)
        if person.has_family_bed:  # fitted: more than half before the eighteen months, the others month by month in them
            begin, end = (-700, 0) if self.rng.random() < 0.56 else (0, (self.today - self.window).days - 21)
            person.fitted_on = self.window + timedelta(days=self.rng.randint(begin, end))
            first = person.fitted_on - timedelta(days=self.rng.randint(20, 70))
        person.assessed = self._yearly(person, first, until, level)

    def _yearly(self, person: Person, first: date, last: date, level: int) -> list[Exam]:
        """The first assessment and one within each twelve months after; a few are overdue."""
        day, exams = first, []
        person.dementia = level >= 2 and self.rng.random() < (0.24 if person.spell else 0.12)
        while day <= last or day == first:
            exams.append(Exam(day, level, self.rng.randint(*SCORES[level - person.dementia])))
            day += timedelta(days=self.rng.randint(318, 364) if self.rng.random() < 0.9 else self.rng.randint(365, 470))
            level = min(4, level + (self.rng.random() < 0.12))
        return exams

    def _household(self, person: Person) -> None:
        if person.spell and person.spell.ends_on is None and self.rng.random() < 0.17:
            person.household = "extreme_poverty_institution"
        else:
            person.household = self.rng.choices(list(HOUSEHOLDS), list(HOUSEHOLDS.values()))[0]


def columns_of(person: Person, numbers: names.Numbers, rng: random.Random) -> dict[str, Any]:
    """The record's plain columns; load.py seals what must be sealed."""
    number = _number(person, numbers, rng)
    name, rural = names.person(rng), person.town.village_word == "村"
    living = "institution" if person.home_now else rng.choices(list(LIVING), list(LIVING.values()))[0]
    exam = person.assessed[-1] if person.assessed else None
    diseases = sorted(set(rng.choices(list(DISEASES), list(DISEASES.values()), k=rng.choices((0, 1, 2, 3), (38, 34, 19, 9))[0])))
    return {
        "id": person.id, "township_id": person.town.id, "facility_id": person.home_now, "name": name, "sex": person.sex,
        "birth_date": person.born, "birth_date_source": "id_number", "id_type": "id_card", "id_number": number,
        "id_last4": number[-4:], "phone": names.phone(rng) if rng.random() < 0.72 else None, "ethnicity": "HA",
        "hukou_type": "rural" if rng.random() < (0.8 if rural else 0.35) else "urban", "hukou_township_id": person.town.id,
        "village_id": person.village[0],
        "address": f"{person.town.name}{person.village[1]}{rng.randint(1, 420)}号", "household_type": person.household,
        "living_arrangement": living, "left_behind": living in {"living_alone", "empty_nest"} and rng.random() < 0.12,
        "ability_level": exam and exam.level, "ability_score": exam and exam.score, "assessed_on": exam and exam.on,
        "next_due_on": exam and calendar.add_years(exam.on, 1), "chronic_diseases": tuple(diseases), "dementia": person.dementia,
        "state": person.state, "registered_on": person.registered_on,
        "moved_out_on": person.left_on if person.state == "moved_out" else None,
        "moved_to": rng.choice(MOVED_TO) if person.state == "moved_out" else None,
        "died_on": person.left_on if person.state == "deceased" else None,
        "death_source": _who_told(person, rng) if person.state == "deceased" else None,
        "created_at": calendar.at(person.registered_on, 9), "updated_at": calendar.at(person.registered_on, 9), "version": 1,
    }  # fmt: skip


def _who_told(person: Person, rng: random.Random) -> str:
    return "home" if person.spell else rng.choices(("village", "family", "match", "funeral"), (55, 20, 15, 10))[0]


def _number(person: Person, numbers: names.Numbers, rng: random.Random) -> str:
    """An identity number; when a day's numbers are given out, the birthday moves within the month."""
    for attempt in range(12):
        taken = numbers.take(person.born.toordinal(), f"{person.born:%Y%m%d}", person.sex, beyond=attempt > 10)
        if taken:
            return taken
        if attempt < 10:
            person.born = person.born.replace(day=rng.randint(1, person.born.day))
    raise AssertionError("no identity number left for a day of birth")
