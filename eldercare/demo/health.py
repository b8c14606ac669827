"""What carers know of the people in homes: profiles, allergies, the nine risks over the years, care levels, papers.

Follows from the ability level and the dementia of each person, so that what the pages say fits together.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import text

from eldercare.core import attachments, calendar, files, secrets
from eldercare.core.db import db
from eldercare.demo.people import Person
from eldercare.demo.stays import CARE_LEVELS
from eldercare.demo.table import put
from eldercare.residents.health.models import DEVICES, MEASURES, RISKS

# by ability level 0–4: how likely (per hundred) a risk is some, is high
SOME = {
    "choking": (2, 5, 12, 24, 34),
    "wrong_intake": (2, 4, 9, 12, 10),
    "pressure_injury": (0, 1, 5, 22, 45),
    "scald": (3, 6, 12, 14, 12),
    "bed_fall": (2, 6, 16, 26, 24),
    "fall": (12, 28, 42, 34, 14),
    "harm": (1, 2, 4, 4, 3),
    "elopement": (2, 4, 8, 5, 1),
    "recreation_accident": (8, 12, 14, 8, 3),
}
HIGH_SHARE = 0.22  # of those with a risk
ALLERGENS = (
    ("drug", "青霉素", "皮疹"),
    ("drug", "头孢类", "皮疹"),
    ("drug", "磺胺类", "皮疹"),
    ("drug", "阿司匹林", "哮喘"),
    ("food", "海鲜", "风团"),
    ("food", "花生", "喉头水肿"),
    ("food", "芒果", "口唇肿胀"),
    ("contact", "医用胶布", "皮肤发红"),
    ("other", "花粉", "流涕"),
)
MEDICINES = (
    "氨氯地平片 5mg 每日一次 早",
    "二甲双胍片 0.5g 每日两次 随餐",
    "阿托伐他汀片 20mg 每晚一次",
    "单硝酸异山梨酯缓释片 40mg 每日一次",
)
HOSPITALS = ("示例人民医院", "示例中医医院", "示例卫生院")


def write(people: Sequence[Person], rng: random.Random) -> None:
    """Everything about those who live in a home today."""
    living = [person for person in people if person.home_now]
    _profiles(living, rng)
    _allergies(living, rng)
    _risks(living, rng)
    _told_to_the_stays()
    _care_levels(living)
    _papers(living, rng)


def _profiles(people: Sequence[Person], rng: random.Random) -> None:
    keys = secrets.keys()

    def row(person: Person) -> tuple[Any, ...]:
        level = person.assessed[-1].level
        mobility = ("alone", "alone", "aided", "wheelchair", "bedridden")[min(4, max(0, level + rng.choice((-1, 0, 0, 0))))]
        badly = level >= 3 and rng.random() < 0.35
        tube = badly and rng.random() < 0.18
        texture = (
            "tube" if tube else rng.choice(("minced", "pureed", "liquid")) if badly else "soft" if level >= 2 else "ordinary"
        )
        devices = {"feeding_tube"} if tube else set[str]()
        if level >= 2 and rng.random() < 0.07:
            devices.add(rng.choice(list(DEVICES)))
        aids = {"alone": (), "aided": ("frame",), "wheelchair": ("wheelchair",), "bedridden": ("lift",)}[mobility]
        ill = rng.random() < 0.03
        medicines = "\n".join(rng.sample(MEDICINES, rng.randint(1, 3)))
        return (
            person.id,
            person.town.id,
            rng.choice(("A", "B", "O", "AB")) if rng.random() < 0.7 else None,
            False,
            mobility,
            tuple({*aids, *(("denture",) if rng.random() < 0.3 else ())}),
            texture,
            tuple(diet for diet, share in (("low_salt", 0.3), ("low_sugar", 0.14), ("low_fat", 0.08)) if rng.random() < share),
            tuple(sorted(devices)),
            "contact" if ill else "none",
            rng.choice(HOSPITALS),
            "示例医生",
            keys.seal(medicines, "health"),
            keys.seal("示例:带状疱疹恢复期", "health") if ill else None,
            _since(person) if rng.random() < 0.75 else None,
            calendar.at(_since(person), 11),
            1,
        )

    put(
        "health_profiles",
        (
            "resident_id",
            "township_id",
            "blood_type",
            "rh_negative",
            "mobility",
            "aids",
            "texture",
            "diets",
            "devices",
            "precautions",
            "hospital",
            "doctor",
            "medications",
            "infections",
            "no_allergies_on",
            "updated_at",
            "version",
        ),
        map(row, people),
    )


def _since(person: Person) -> date:
    return person.spell.starts_on if person.spell else person.registered_on


def _allergies(people: Sequence[Person], rng: random.Random) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            if rng.random() < 0.14:
                for kind, substance, reaction in rng.sample(ALLERGENS, rng.choice((1, 1, 1, 2))):
                    severity = rng.choices(("mild", "severe", "life_threatening"), (60, 33, 7))[0]
                    yield person.id, person.town.id, kind, substance, reaction, severity, _since(person)

    rows_made = list(rows())
    put("allergies", ("resident_id", "township_id", "kind", "substance", "reaction", "severity", "noted_on"), rows_made)
    _no_longer_none({row[0] for row in rows_made})


def _no_longer_none(ids: set[int]) -> None:
    statement = text("UPDATE health_profiles SET no_allergies_on = NULL WHERE resident_id = ANY (:ids)")
    db.session.execute(statement, {"ids": sorted(ids)})


def _levels(person: Person, level: int, rng: random.Random) -> dict[str, str]:
    found = {}
    for risk in RISKS:
        share = SOME[risk][level] + (22 if risk == "elopement" and person.dementia and level < 4 else 0)
        luck = rng.random() * 100
        found[risk] = "high" if luck < share * HIGH_SHARE else "some" if luck < share else "none"
    return found


def _risks(people: Sequence[Person], rng: random.Random) -> None:
    """One before admission and within each year after (within three months where a risk is high); a few are overdue."""
    today = calendar.today()

    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            day, occasion, late = _since(person) - timedelta(days=rng.randint(1, 6)), "admission", rng.random() < 0.05
            signs = tuple(sign for sign, share in (("fell", 0.16), ("suicidal", 0.006)) if rng.random() < share)
            while day < today:
                level = next((exam.level for exam in reversed(person.assessed) if exam.on <= day), person.assessed[0].level)
                levels = _levels(person, level, rng)
                due = _months_on(day, 3 if "high" in levels.values() else 12)
                against = {risk: rng.sample(list(MEASURES[risk]), 2) for risk, judged in levels.items() if judged != "none"}
                yield (
                    person.id,
                    person.town.id,
                    occasion,
                    day,
                    rng.choice("张王李赵刘") + "某",
                    levels,
                    against,
                    signs if occasion == "regular" or day > today - timedelta(days=90) else (),
                    due,
                    False,
                    calendar.at(day, 15),
                )
                day, occasion = due - timedelta(days=rng.randint(0, 9)), "regular"
                if late and day > today - timedelta(days=60):
                    break

    put(
        "risk_assessments",
        (
            "resident_id",
            "township_id",
            "occasion",
            "assessed_on",
            "assessor",
            "levels",
            "measures",
            "signs",
            "next_due_on",
            "is_void",
            "created_at",
        ),
        rows(),
    )


def _told_to_the_stays() -> None:
    """A stay shows the risks in force."""
    db.session.execute(
        text(
            "UPDATE stays SET risks = r.levels FROM (SELECT DISTINCT ON (resident_id) resident_id, levels FROM risk_assessments"
            " ORDER BY resident_id, assessed_on DESC, id DESC) r"
            " WHERE r.resident_id = stays.resident_id AND stays.ends_on IS NULL"
        )
    )


def _months_on(day: date, months: int) -> date:
    month = calendar.Month.of(day).plus(months)
    return month.first.replace(day=min(day.day, month.days))


def _care_levels(people: Sequence[Person]) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            before = None
            for exam in person.assessed:
                if CARE_LEVELS[exam.level] != before:
                    reason = "入住评估" if before is None else "复评"
                    yield person.id, person.town.id, CARE_LEVELS[exam.level], max(exam.on, _since(person)), reason
                before = CARE_LEVELS[exam.level]

    put("care_levels", ("resident_id", "township_id", "care_level", "starts_on", "reason"), rows())
    db.session.execute(
        text(
            "UPDATE residents SET care_level = c.care_level FROM (SELECT DISTINCT ON (resident_id) resident_id, care_level"
            " FROM care_levels ORDER BY resident_id, starts_on DESC) c WHERE c.resident_id = residents.id"
        )
    )


def _papers(people: Sequence[Person], rng: random.Random) -> None:
    """The papers of each file: one synthetic sheet a kind, kept once and named by many rows; some are missing."""
    sheets = {kind: attachments.checked(_sheet(kind)) for kind in ("contract", "consent", "id_copy", "health_check")}
    for each in sheets.values():
        for data in filter(None, (each.data, each.thumbnail)):
            files.put(data, secret=True)
    small = {kind: files.put(each.thumbnail or b"", secret=True) for kind, each in sheets.items()}

    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            for kind, each in sheets.items():
                if rng.random() < (0.985 if kind == "contract" else 0.94):
                    yield (
                        person.town.id,
                        person.home_now,
                        "resident",
                        person.id,
                        kind,
                        "",
                        each.media_type,
                        len(each.data),
                        each.sha256,
                        small[kind],
                        each.width,
                        each.height,
                        calendar.at(_since(person), 10),
                    )

    put(
        "attachments",
        (
            "township_id",
            "facility_id",
            "entity",
            "entity_id",
            "kind",
            "title",
            "media_type",
            "bytes",
            "sha256",
            "thumb_sha256",
            "width",
            "height",
            "made_at",
        ),
        rows(),
    )


def _sheet(kind: str) -> bytes:
    page = Image.new("RGB", (900, 1270), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 40, 860, 1230), outline="#888", width=3)
    pen.text((90, 110), kind.replace("_", " ").upper(), fill="#222", font=ImageFont.load_default(54))
    pen.text((90, 200), "SAMPLE, belongs to nobody", fill="#a33", font=ImageFont.load_default(34))
    for line in range(14):
        pen.line((90, 320 + line * 60, 810 - line % 3 * 90, 320 + line * 60), fill="#bbb", width=6)
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
