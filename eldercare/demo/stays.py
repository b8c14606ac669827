"""Eighteen months of moving in and out, home by home, so that every month adds up.

A home starts the first month with its residents of before; each month some leave or die, others
move in until the home's occupancy for that month is reached. Every event finds a bed that is free
on its day, fits the room's sex and, where it can, the person's needs. Rules: domain.md §3.1–3.3.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from eldercare.core.calendar import Month
from eldercare.demo.places import Bed, Place

MONTHS = 18
FIRST_RATE, LAST_RATE = 0.572, 0.603  # of the beds set up, district-wide
LEAVES = 0.011  # a month, of those in residence
DIES = (0.003, 0.005, 0.008, 0.014, 0.026)  # a month, by ability level
MOVES_BED = 0.006  # a month
LEVELS = (12, 20, 28, 25, 15)  # per hundred at admission
REASONS = ("返家由家属照护", "转往其他养老机构", "转往医疗机构", "家庭经济原因")
CAUSES = ("疾病", "疾病", "疾病", "自然死亡")
CARE_LEVELS = ("self_reliant", "helped", "helped", "nursed", "special")  # by ability level


@dataclass
class Nights:
    """A bed from one day to the day before another."""

    bed_id: int
    starts_on: date
    ends_on: date | None = None


@dataclass
class Spell:
    """Someone's time in a home; who, people.py decides."""

    home: Place
    sex: str
    level: int
    starts_on: date
    ends_on: date | None = None
    state: str = "in_residence"
    reason: str | None = None
    beds: list[Nights] = field(default_factory=list)


def first_month(today: date) -> Month:
    """The first month of the history."""
    return Month.of(today).plus(-MONTHS)


def simulate(homes: list[Place], scale: float, today: date, rng: random.Random) -> list[Spell]:
    """Every spell of the history; `scale` is the register's size against the whole district's."""
    weights = [min(1.45, max(0.55, rng.gauss(1, 0.22))) for _ in homes]
    beds = sum(len(home.beds) for home in homes)
    weighted = sum(weight * len(home.beds) for weight, home in zip(weights, homes, strict=True))
    spells: list[Spell] = []
    for home, weight in zip(homes, weights, strict=True):
        spells += _Home(home, weight * beds / weighted * scale, today, rng).history()
    return spells


class _Home:
    """One home's beds and residents, month by month."""

    def __init__(self, place: Place, factor: float, today: date, rng: random.Random) -> None:
        self.place, self.factor, self.today, self.rng = place, factor, today, rng
        self.free_from: dict[int, date] = {bed.id: date.min for bed in place.beds if bed.usable}
        self.by_id = {bed.id: bed for bed in place.beds}
        self.present: list[Spell] = []
        self.spells: list[Spell] = []

    def history(self) -> list[Spell]:
        begin = first_month(self.today)
        for day in sorted(self._earlier(begin.first) for _ in range(self._target(0))):
            self._move_in(day)
        for index in range(MONTHS + 1):
            self._month(begin.plus(index), index)
        for spell in self.present:
            spell.state = self._state_now(spell)
        return self.spells

    def _target(self, index: int) -> int:
        rate = FIRST_RATE + (LAST_RATE - FIRST_RATE) * index / MONTHS
        wanted = rate * self.factor * len(self.place.beds)
        return min(round(wanted), round(len(self.free_from) * 0.96))

    def _earlier(self, before: date) -> date:
        days = 30 + int(self.rng.expovariate(1 / 700))
        return max(before - timedelta(days=min(days, 3600)), self.place.opened_on + timedelta(days=self.rng.randint(30, 300)))

    def _month(self, month: Month, index: int) -> None:
        last = min(month.last, self.today - timedelta(days=1))
        days = (last - month.first).days + 1
        if days <= 0:
            return
        part = days / month.days
        events: list[tuple[date, int, int, Spell | None]] = []  # 0 dies, 1 leaves, 2 changes bed, 3 moves in

        def someday() -> date:
            return month.first + timedelta(days=self.rng.randint(0, days - 1))

        gone = 0
        for number, spell in enumerate(self.present):
            luck = self.rng.random()
            dies, leaves = DIES[spell.level] * part, LEAVES * part
            if luck < dies + leaves:
                events.append((someday(), 0 if luck < dies else 1, number, spell))
                gone += 1
            elif luck < dies + leaves + MOVES_BED * part:
                events.append((someday(), 2, number, spell))
        wanted = self._target(index) + self.rng.choice((-1, 0, 0, 1)) * (self.factor > 0.5)
        for number in range(max(0, wanted - len(self.present) + gone)):
            events.append((someday(), 3, number, None))
        for day, kind, _, who in sorted(events, key=lambda event: event[:3]):
            if who is None:
                self._move_in(day)
            elif kind == 2:
                self._change_bed(who, day)
            else:
                self._end(who, day, died=kind == 0)

    def _move_in(self, day: date) -> None:
        sex = "female" if self.rng.random() < 0.6 else "male"
        level = self.rng.choices(range(5), LEVELS)[0]
        bed = self._free_bed(sex, level, day)
        if bed is None:
            return
        spell = Spell(self.place, sex, level, day, beds=[Nights(bed.id, day)])
        self.free_from[bed.id] = date.max
        self.present.append(spell)
        self.spells.append(spell)

    def _free_bed(self, sex: str, level: int, day: date) -> Bed | None:
        free = [self.by_id[bed] for bed, since in self.free_from.items() if since <= day]
        free = [bed for bed in free if bed.sex in {"any", sex}]
        wanted = "nursing" if level >= 2 else "general"  # from level 2 a nursing bed
        fitting = [bed for bed in free if bed.kind == wanted] or free
        return self.rng.choice(fitting) if fitting else None

    def _change_bed(self, spell: Spell, day: date) -> None:
        old = spell.beds[-1]
        bed = self._free_bed(spell.sex, spell.level, day)
        if bed is None or day <= old.starts_on:
            return
        self.free_from[old.bed_id] = old.ends_on = day
        self.free_from[bed.id] = date.max
        spell.beds.append(Nights(bed.id, day))

    def _end(self, spell: Spell, day: date, *, died: bool) -> None:
        last = spell.beds[-1]
        day = max(day, last.starts_on + timedelta(days=1))
        spell.ends_on, spell.state = day, "deceased" if died else "discharged"
        spell.reason = self.rng.choice(CAUSES if died else REASONS)
        self.free_from[last.bed_id] = last.ends_on = day
        self.present.remove(spell)

    def _state_now(self, spell: Spell) -> str:
        luck = self.rng.random()
        if (self.today - spell.starts_on).days < 14 and luck < 0.4:
            return "trial"
        return "hospitalised" if luck < 0.018 else "on_leave" if luck < 0.034 else "in_residence"
