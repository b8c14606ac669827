"""Loading the district: places, people, stays, what is known about them, and who may sign in."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from eldercare.accounts.services import add_user, make_grant
from eldercare.checklists.services import load_catalogue
from eldercare.core import audit, calendar, secrets
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused, catalogue
from eldercare.core.scope import Scope
from eldercare.demo import (
    accounts,
    admissions,
    draws,
    hazards,
    health,
    history,
    incidents,
    names,
    places,
    plans,
    postings,
    reports,
    schedules,
    selfchecks,
    staff,
    stays,
    supervision,
    visits,
)
from eldercare.demo.people import Census, Person, columns_of
from eldercare.demo.table import put, put_dicts, reserve
from eldercare.facilities.services import load_places
from eldercare.residents.assessments.models import INDICATORS, MOST, raw_level
from eldercare.residents.models import SCALE

DISTRICT = 42500  # records the whole district has; a smaller register shrinks everything but the places
# every point of the 26 indicators, with how long it is kept: eating and knowing people longest
KEPT = {
    "stairs": 0, "transport": 0, "bathing": 1, "memory": 2, "errands": 2, "eating": 7, "people": 7,
    "consciousness": 12, "aggression": 9,
}  # fmt: skip
POINTS = [(code, KEPT.get(code, 4)) for code, indicator in INDICATORS.items() for _ in range(indicator.most)]
RELATIONS = ("son", "daughter", "spouse", "daughter_in_law", "nephew", "niece", "grandchild")
ADAPTATIONS = ("grab_bars", "non_slip", "bed_rails", "raised_toilet")
DEVICES = ("sos_button", "smoke_alarm", "door_sensor", "bed_sensor", "gas_alarm", "fall_radar")


def load(scope: Scope, *, residents: int = DISTRICT, seed: int = 1, password: str) -> dict[str, int]:
    """Fill the empty register; {"residents" (on the register; those who left come on top), "facilities", "beds"}.

    The same seed on the same day gives the same district (ciphertexts apart: their nonces are random).
    Refused("demo.not_empty") when a resident, a facility or a person is there already.
    """
    _must_be_empty()
    db.session.execute(text("SET LOCAL statement_timeout = '10min'"))
    load_places(scope)
    load_catalogue(scope, since=calendar.add_years(calendar.today(), -2))  # in force through all the history made here
    layout = places.build(random.Random(f"{seed} places"))
    rng = random.Random(f"{seed} people")
    spells = stays.simulate(layout.of("institution"), min(1.0, residents / DISTRICT), calendar.today(), rng)
    census = Census(layout, spells, residents, rng)
    numbers = names.Numbers()
    _residents(census.people, numbers, rng)
    _assessments(census.people, rng)
    _contacts(census.people, rng)
    _households(census.people, rng)
    admissions.write(census.people, layout.of("institution"), random.Random(f"{seed} stays"))
    _family_beds(census.people, layout, rng)
    crew = staff.write(layout, spells, numbers, random.Random(f"{seed} staff"))
    health.write(census.people, random.Random(f"{seed} health"))
    happened = incidents.write(scope, random.Random(f"{seed} incidents"))
    rounds = selfchecks.write(scope, random.Random(f"{seed} self-checks"))
    people = accounts.write(scope, layout, password)
    journal = plans.write(scope, random.Random(f"{seed} plans"))
    libraries, drawn = draws.write(scope, f"{seed} draws", journal)
    made = visits.begin(scope, layout, journal.past)
    found = hazards.write(scope, layout, random.Random(f"{seed} hazards"), visits.occasions(made))
    visited = visits.finish(scope, made, random.Random(f"{seed} visits"))
    plans.finish(journal)
    supervision.write(scope, random.Random(f"{seed} supervision"))
    draws.finish(libraries, drawn)
    draws.wait(scope, f"{seed} draws")
    posted = postings.write(scope, layout, password, random.Random(f"{seed} postings"))
    history.write()
    schedules.write(scope)
    reports.ask(scope)
    counts = {
        "residents": sum(person.state == "active" for person in census.people),
        "facilities": len(layout.places),
        "beds": sum(len(home.beds) for home in layout.of("institution")),
    }
    more = {
        "people": people, "stays": len(spells), "staff": crew, "incidents": happened, "rounds": rounds,
        "drawn": len(drawn), "visits": visited, "days_on_post": posted,
        "hazards": sum(len(each.hazards) for each in found),
    }  # fmt: skip
    audit.record(scope, "demo.loaded", entity="demo", seed=seed, **more, **counts)
    return counts


def prepare(scope: Scope) -> dict[str, str]:
    """A register without demo data: townships, checklists and an administrator; {"username", "password"} to be told once."""
    _must_be_empty()
    load_places(scope)
    load_catalogue(scope)
    person, password = add_user(scope, "admin", "管理员")
    make_grant(scope, person.id, Role.ADMINISTRATOR, None, calendar.today())
    return {"username": person.username, "password": password}


def _must_be_empty() -> None:
    asked = "SELECT EXISTS (SELECT 1 FROM residents) OR EXISTS (SELECT 1 FROM facilities) OR EXISTS (SELECT 1 FROM users)"
    if db.session.execute(text(asked)).scalar_one():
        raise Refused("demo.not_empty")


def _residents(people: list[Person], numbers: names.Numbers, rng: random.Random) -> None:
    keys = secrets.keys()
    for person, number in zip(people, reserve("residents", len(people)), strict=True):
        person.id = number

    def row(person: Person) -> dict[str, Any]:
        said = columns_of(person, numbers, rng)
        phone, id_number = said["phone"], said["id_number"]
        person.name, person.last4 = said["name"], id_number[-4:]
        said["id_number"] = keys.seal(id_number, "id_number")
        said["id_number_index"] = keys.blind(id_number, "id_number")
        said["phone"] = keys.seal(phone, "phone") if phone else None
        said["phone_index"] = keys.blind(phone, "phone") if phone else None
        said["search"] = names.search(said["name"])
        return said

    put_dicts("residents", [row(person) for person in people])


def _assessments(people: list[Person], rng: random.Random) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            adjustments = ["mental_disorder"] if person.dementia else []
            before = None
            for exam in person.assessed:
                kind = "first" if before is None else "prompt" if exam.level != before and rng.random() < 0.3 else "regular"
                before, one, other = exam.level, *rng.sample(names.SURNAMES, 2)
                yield (
                    person.id, person.town.id, kind, SCALE, exam.on, items(exam.score, rng), exam.score, raw_level(exam.score),
                    adjustments, exam.level, calendar.add_years(exam.on, 1), one + "某", other + "某", False,
                    calendar.at(exam.on, 16),
                )  # fmt: skip

    put(
        "assessments",
        ("resident_id", "township_id", "kind", "scale", "assessed_on", "items", "score", "raw_level", "adjustments",
         "final_level", "next_due_on", "assessor", "second_assessor", "is_void", "created_at"),
        rows(),
    )  # fmt: skip


def items(score: int, rng: random.Random) -> dict[str, int]:
    """The 26 indicators that add up to a score; what takes most strength is lost first."""
    found = {code: indicator.most for code, indicator in INDICATORS.items()}
    if score < MOST:
        points = sorted(POINTS, key=lambda point: point[1] + rng.random() * 14)
        for code, _hardness in points[: MOST - score]:
            found[code] -= 1
    return found


def _contacts(people: list[Person], rng: random.Random) -> None:
    keys = secrets.keys()

    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            if person.spell or person.has_family_bed or rng.random() < 0.3:
                for position in range(1, 2 + (rng.random() < 0.2)):
                    sealed = keys.seal(names.phone(rng), "phone")
                    who = names.somebody(rng)
                    yield person.id, person.town.id, "emergency", position, who, rng.choice(RELATIONS), sealed, True, None
            if person.home_now and person.assessed[-1].level == 4 and rng.random() < 0.5:
                sealed = keys.seal(names.phone(rng), "phone")
                yield person.id, person.town.id, "guardian", 1, names.somebody(rng), "son", sealed, True, "law"

    columns = ("resident_id", "township_id", "kind", "position", "name", "relation", "phone", "may_contact", "legal_basis")
    put("contacts", columns, rows())


def _households(people: list[Person], rng: random.Random) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            if person.household != "ordinary":
                since = person.registered_on - timedelta(days=rng.randint(0, 900))
                until = person.left_on if person.state == "deceased" else None
                yield person.id, person.town.id, person.household, f"示例证字{person.id:06d}", since, until

    put("household_spells", ("resident_id", "township_id", "household_type", "certificate_no", "valid_from", "valid_to"), rows())


def _family_beds(people: list[Person], layout: places.Layout, rng: random.Random) -> None:
    """Homes fitted like a bed, served by the township's centre; their number has grown over the eighteen months."""
    centers = {place.township_id: place.id for place in layout.of("township_center")}

    def rows() -> Iterator[tuple[Any, ...]]:
        for person in people:
            if person.fitted_on is None:
                continue
            starts = person.fitted_on + timedelta(days=rng.randint(1, 10))
            yield (
                person.id, person.town.id, centers[person.town.id], "active", f"示例协议{person.id:06d}",
                tuple(item for item in ADAPTATIONS if rng.random() < 0.7) or ADAPTATIONS[:1],
                DEVICES[: rng.randint(1, len(DEVICES))], person.fitted_on, starts,
            )  # fmt: skip

    put(
        "family_care_beds",
        ("resident_id", "township_id", "facility_id", "state", "agreement_no", "adaptations", "devices", "accepted_on",
         "starts_on"),
        rows(),
    )  # fmt: skip


catalogue({"demo.not_empty": (409, _l("The register is not empty. The demo district goes into an empty one only."))})
