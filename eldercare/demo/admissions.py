"""What each spell in a home brings with it: assessment, trial, contract, fees, times away, how it ended.

Drawn from a generator of its own, so that who lives where does not depend on it. Rules: domain.md §3.2.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from eldercare.beds.models import ENDED, LIVING
from eldercare.core import calendar, secrets
from eldercare.demo import names
from eldercare.demo.people import Exam, Person
from eldercare.demo.places import Bed, Place
from eldercare.demo.stays import CARE_LEVELS, Spell
from eldercare.demo.table import put_dicts, reserve
from eldercare.residents.health.models import RISKS

LEAVES_A_MONTH, HOSPITALS_A_MONTH = 0.05, 0.025
PLACES = {"疾病": "区人民医院", "自然死亡": "本院房间"}
CAUSES = {"疾病": "illness", "自然死亡": "natural"}
DESTINATIONS = {
    "返家由家属照护": "own_home", "转往其他养老机构": "elsewhere", "转往医疗机构": "hospital", "家庭经济原因": "own_home",
}  # fmt: skip
ARRANGEMENTS = {"living_alone": 34, "empty_nest": 30, "with_children": 28, "with_relatives": 8}
HOSPITALS = ("区人民医院", "区中医医院", "区第二人民医院")
RELATIONS = ("son", "daughter", "daughter_in_law", "nephew", "grandchild")
ASKS = {"applied": 22, "assessed": 14, "contracted": 14, "rejected": 34, "withdrawn": 16}  # of a hundred applications
REFUSALS = ("暂无失智照护条件", "所需医疗护理超出本院能力", "需住院治疗,暂不适宜入住")
SECOND_THOUGHTS = ("家属决定在家照护", "已选择其他机构", "老人本人不愿入住", "床位类型不合适")


class File:
    """The papers of one spell: `columns()` of its stay, `away()` its times away."""

    def __init__(self, person: Person, spell: Spell, stay_id: int, today: date, rng: random.Random) -> None:
        self.person, self.spell, self.id, self.today, self.rng = person, spell, stay_id, today, rng
        self.until = spell.ends_on or today

    def columns(self) -> dict[str, Any]:
        """The stay's row."""
        spell, rng = self.spell, self.rng
        exam = max((each for each in self.person.assessed if each.on <= self.until), key=lambda each: each.on)
        row: dict[str, Any] = {
            "id": self.id, "township_id": spell.home.township_id, "facility_id": spell.home.id,
            "resident_id": self.person.id, "name": self.person.name, "sex": self.person.sex, "birth_date": self.person.born,
            "id_last4": self.person.last4, "search": names.search(self.person.name), "state": spell.state,
            "starts_on": spell.starts_on, "ends_on": spell.ends_on,
            "applied_on": self.person.assessed[0].on - timedelta(days=rng.randint(1, 6)), "papers": ("id_card", "check_up"),
            "contact_name": names.somebody(rng), "contact_relation": rng.choice(RELATIONS),
            "contact_phone": secrets.keys().seal(names.phone(rng), "phone"),
            "assessed_on": exam.on, "ability_level": exam.level, "risks": risks(exam.level, self.person.dementia, rng),
            "next_assessment_on": calendar.add_years(exam.on, 1), "care_level": CARE_LEVELS[exam.level],
            "from_township_id": self.person.town.id, "from_village_id": rng.choice(self.person.town.villages)[0],
            "from_arrangement": rng.choices(list(ARRANGEMENTS), list(ARRANGEMENTS.values()))[0],
            "created_at": calendar.at(spell.starts_on, 10), "updated_at": calendar.at(spell.starts_on, 10), "version": 1,
        }  # fmt: skip
        return row | self._agreed(exam) | self._end()

    def _agreed(self, exam: Exam) -> dict[str, Any]:
        """A trial, or the contract in force: for a year, renewed in good time by most."""
        spell, rng = self.spell, self.rng
        keys = (
            "trial_no", "trial_ends_on", "contract_no", "contract_signed_on", "contract_ends_on", "fee_bed_fen", "fee_care_fen",
            "fee_meals_fen", "deposit_fen",
        )
        if spell.state == "trial":
            ends = spell.starts_on + timedelta(days=rng.choice((14, 21, 30)))
            return dict.fromkeys(keys) | {"trial_no": f"示例试住{self.id:05d}", "trial_ends_on": ends}
        signed = spell.starts_on
        late = timedelta(days=rng.randint(1, 25) if rng.random() < 0.35 and spell.state in LIVING else 0)
        while calendar.add_years(signed, 1) <= self.until - late:
            signed = calendar.add_years(signed, 1)
        bed, care = rng.randrange(900, 1900, 50) * 100, (300, 600, 900, 1500, 2200)[exam.level] * 100
        number, until = f"示例合同{signed.year}-{self.id:05d}", calendar.add_years(signed, 1)
        values = (None, None, number, signed, until, bed, care, 60000, bed + care)
        return dict(zip(keys, values, strict=True))

    def _end(self) -> dict[str, Any]:
        spell, rng = self.spell, self.rng
        row: dict[str, Any] = dict.fromkeys((
            "end_reason", "destination", "settlement_fen", "settled_on", "died_at", "death_place", "death_cause",
            "death_certificate_no", "family_told_at", "family_told_by", "family_told_to",
        ))  # fmt: skip
        if spell.ends_on is None or spell.state not in ENDED:
            return row
        row["end_reason"] = spell.reason
        if spell.state == "discharged":
            settled = min(self.today, spell.ends_on + timedelta(days=3))
            paid = {"settlement_fen": rng.randrange(0, 3000) * 100, "settled_on": settled}
            return row | paid | {"destination": DESTINATIONS[spell.reason or ""]}
        died = calendar.at(spell.ends_on, rng.randint(0, 22), rng.randint(0, 59))
        reason = spell.reason or ""
        return row | {
            "died_at": died, "death_place": PLACES[reason], "death_cause": CAUSES[reason],
            "death_certificate_no": f"示例死证{self.id:05d}", "family_told_at": died + timedelta(minutes=rng.randint(5, 40)),
            "family_told_by": names.somebody(rng), "family_told_to": names.somebody(rng),
        }  # fmt: skip

    def away(self) -> Iterator[dict[str, Any]]:
        """Leaves and hospitals of the past, none touching the other; the last may not have ended."""
        day, rng = self.spell.starts_on + timedelta(days=20), self.rng
        end = min(self.until, self.today - timedelta(days=30 if self.spell.state in LIVING else 1))
        if self.spell.state == "trial":
            return
        while True:
            day += timedelta(days=int(rng.expovariate((LEAVES_A_MONTH + HOSPITALS_A_MONTH) / 30)) + 1)
            is_leave = rng.random() < LEAVES_A_MONTH / (LEAVES_A_MONTH + HOSPITALS_A_MONTH)
            days = rng.randint(1, 7) if is_leave else rng.randint(4, 16)
            if day + timedelta(days=days) >= end:
                break
            yield self._absence(day, is_leave=is_leave, days=days, back=day + timedelta(days=days))
            day += timedelta(days=days)
        if self.spell.state in {"on_leave", "hospitalised"}:
            is_leave = self.spell.state == "on_leave"
            since = max(self.spell.starts_on, self.today - timedelta(days=rng.randint(1, 9 if is_leave else 20)))
            yield self._absence(since, is_leave=is_leave, days=rng.randint(3, 10), back=None)

    def _absence(self, since: date, *, is_leave: bool, days: int, back: date | None) -> dict[str, Any]:
        who = names.somebody(self.rng)
        return {
            "township_id": self.spell.home.township_id, "facility_id": self.spell.home.id, "stay_id": self.id,
            "kind": "leave" if is_leave else "hospital", "left_on": since,
            "expected_back_on": since + timedelta(days=days) if is_leave else None, "back_on": back,
            "companion": who if is_leave else None, "hospital": None if is_leave else self.rng.choice(HOSPITALS),
            "accompanied_by": None if is_leave else who,
        }  # fmt: skip


def risks(level: int, dementia: bool, rng: random.Random) -> dict[str, str]:  # noqa: FBT001
    """The nine risks as somebody of that ability would have them."""
    hard = {"fall": 1, "pressure_injury": 3, "choking": 3, "bed_fall": 2, "scald": 2, "wrong_intake": 3, "elopement": 4}
    found = {}
    for code in RISKS:
        odds = max(0.04, (level - hard.get(code, 4) + 1) * 0.3) + (0.5 if dementia and code == "elopement" else 0)
        luck = rng.random()
        found[code] = "high" if luck < odds * 0.35 else "some" if luck < odds else "none"
    return found


class Application:
    """Somebody who asks a home and does not live there: on the way in, refused, or taken back."""

    def __init__(self, person: Person, home: Place, state: str, stay_id: int, today: date, rng: random.Random) -> None:
        self.person, self.home, self.state, self.id, self.today, self.rng = person, home, state, stay_id, today, rng
        back = rng.randint(1, 500) if state in {"rejected", "withdrawn"} else rng.randint(1, 12)
        self.on = max(today - timedelta(days=back), home.opened_on, person.registered_on)

    def columns(self, free: list[Bed]) -> dict[str, Any]:
        """The stay's row; a signed contract keeps a free bed that fits, if there is one."""
        rng, person, exam = self.rng, self.person, self.person.assessed[-1]
        row: dict[str, Any] = {
            "id": self.id, "township_id": self.home.township_id, "facility_id": self.home.id, "resident_id": person.id,
            "name": person.name, "sex": person.sex, "birth_date": person.born, "id_last4": person.last4,
            "search": names.search(person.name), "state": self.state, "applied_on": self.on,
            "wanted_on": self.on + timedelta(days=rng.randint(5, 40)), "papers": ("id_card", "household_book", "check_up"),
            "contact_name": names.somebody(rng), "contact_relation": rng.choice(RELATIONS),
            "contact_phone": secrets.keys().seal(names.phone(rng), "phone"), "reserved_bed_id": None, "closed_on": None,
            "end_reason": None, "created_at": calendar.at(self.on, 9, rng.randint(0, 59)),
            "updated_at": calendar.at(self.on, 9), "version": 1,
        }  # fmt: skip
        assessed = ("assessed_on", "ability_level", "risks", "next_assessment_on")
        agreed = ("contract_no", "contract_signed_on", "contract_ends_on", "care_level", "fee_bed_fen", "fee_care_fen",
                  "fee_meals_fen", "deposit_fen")  # fmt: skip
        row |= dict.fromkeys((*assessed, *agreed))
        later = min(self.on + timedelta(days=3), self.today)
        if self.state in {"assessed", "contracted", "rejected"}:
            values = (later, exam.level, risks(exam.level, person.dementia, rng), calendar.add_years(exam.on, 1))
            row |= dict(zip(assessed, values, strict=True))
        if self.state == "contracted":
            number, until, care = f"示例合同{later.year}-{self.id:05d}", calendar.add_years(later, 1), CARE_LEVELS[exam.level]
            row |= dict(zip(agreed, (number, later, until, care, 120000, 60000, 60000, 180000), strict=True))
            fitting = [bed for bed in free if bed.sex in {"any", person.sex}]
            if fitting and rng.random() < 0.7:
                row["reserved_bed_id"] = fitting[0].id
                free.remove(fitting[0])
        if self.state in {"rejected", "withdrawn"}:
            why = rng.choice(REFUSALS if self.state == "rejected" else SECOND_THOUGHTS)
            row |= {"end_reason": why, "closed_on": later}
        return row


def _applications(people: list[Person], homes: list[Place], taken: set[int], many: int, rng: random.Random) -> None:
    """So many applications of people who live at home and were assessed within the year."""
    today = calendar.today()
    recent = today - timedelta(days=330)
    may = [each for each in people if each.at_home and each.spell is None and each.assessed and each.assessed[-1].on >= recent]
    chosen = sorted(rng.sample(may, min(many, len(may))), key=lambda person: person.id)
    free = {home.id: [bed for bed in home.beds if bed.usable and bed.id not in taken] for home in homes}
    rows = []
    for person, number in zip(chosen, reserve("stays", len(chosen)), strict=True):
        home, state = rng.choice(homes), rng.choices(list(ASKS), list(ASKS.values()))[0]
        rows.append(Application(person, home, state, number, today, rng).columns(free[home.id]))
    put_dicts("stays", rows)


def write(people: list[Person], homes: list[Place], rng: random.Random) -> None:
    """The stays of everyone who lives or lived in a home, their beds and times away; and who asked besides."""
    living: list[tuple[Person, Spell]] = [(person, person.spell) for person in people if person.spell]
    living.sort(key=lambda each: (each[1].starts_on, each[0].id))
    today = calendar.today()
    numbers = reserve("stays", len(living))
    files = [File(*each, number, today, rng) for each, number in zip(living, numbers, strict=True)]
    put_dicts("stays", [file.columns() for file in files])
    nights = [
        {"township_id": file.spell.home.township_id, "facility_id": file.spell.home.id, "stay_id": file.id,
         "bed_id": night.bed_id, "starts_on": night.starts_on, "ends_on": night.ends_on,
         "reason": "调整房间" if number else None}
        for file in files for number, night in enumerate(file.spell.beds)
    ]  # fmt: skip
    put_dicts("stay_beds", nights)
    put_dicts("stay_absences", [absence for file in files for absence in file.away()])
    taken = {night["bed_id"] for night in nights if night["ends_on"] is None}
    _applications(people, homes, taken, max(30, len(living) // 12), rng)
