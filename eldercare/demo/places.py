"""The seventeen townships' villages, the 159 facilities with their papers, rooms and beds.

Names follow one rule: every one carries 示例 and a running number. Numbers: district.yaml.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from eldercare.core import calendar, yamlfile
from eldercare.core.db import db
from eldercare.core.identifiers import usc_check_character
from eldercare.demo import names
from eldercare.demo.papers import papers
from eldercare.demo.table import put, put_dicts, reserve
from eldercare.facilities.models import Facility, Township

PREFIX = {"institution": "JG", "township_center": "ZX", "village_station": "ZD", "canteen": "ST", "home_care_org": "JJ"}
# how each kind of home is run: mode, who registers it, first two characters of the credit code
MODES = (
    ("public", "establishment", "12"), ("public_private", "civil_affairs", "52"),
    ("private_nonprofit", "civil_affairs", "52"), ("private_profit", "market", "91"),
)  # fmt: skip
FILED_SHORT = 12  # the home that set up more beds than it filed: an inspector's warning
STATIONED = 14  # the first fourteen are under stationed supervision
SUSPENDED_STATION = 60
PRICES = {"public": 980, "public_private": 1400, "private_nonprofit": 1750, "private_profit": 2600}  # yuan a month, a plain bed
PLANNED, WINGS = 6, ("JG001", "JG004")  # rooms of a planned wing, homes that have one


@dataclass
class Bed:
    """A bed and what decides who may sleep in it."""

    id: int
    kind: str
    sex: str
    usable: bool


@dataclass
class Place:
    """A facility as the other parts of the district need it."""

    id: int
    township_id: int
    village_id: int
    type: str
    code: str
    opened_on: date
    beds: list[Bed] = field(default_factory=list)


@dataclass
class Town:
    """A township with its share of everything."""

    id: int
    short: str
    name: str
    village_word: str
    lon: float
    lat: float
    share: dict[str, int]
    villages: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Layout:
    """All places: towns in the order of their codes, facilities in the order of their codes."""

    towns: list[Town]
    places: list[Place]

    def of(self, kind: str) -> list[Place]:
        """The facilities of one type."""
        return [place for place in self.places if place.type == kind]


def numbers() -> dict[str, Any]:
    """What district.yaml says."""
    data: dict[str, Any] = yamlfile.read(Path(__file__).with_name("district.yaml"))
    return data


def build(rng: random.Random) -> Layout:
    """Write villages, facilities, papers, rooms and beds; townships must be there."""
    said = numbers()
    towns = _towns(said)
    _villages(towns, rng)
    rows = _facilities(towns, said, rng)
    put_dicts("facilities", rows)
    layout = Layout(towns, [_place(row) for row in rows])
    for org in layout.of("home_care_org"):
        served = sorted(rng.sample(range(len(towns)), rng.randint(5, 11)))
        put("facility_service_townships", ("organisation_id", "served_township_id"), [(org.id, towns[n].id) for n in served])
    put_dicts("licences", [paper for row in rows for paper in papers(row, rng)])
    for home, row in zip(layout.of("institution"), rows, strict=False):
        _rooms(home, row, rng)
    return layout


def _place(row: dict[str, Any]) -> Place:
    return Place(row["id"], row["township_id"], row["village_id"], row["facility_type"], row["code"], row["opened_on"])


def _towns(said: dict[str, Any]) -> list[Town]:
    shares = {share["code"]: share for share in said["townships"]}
    found = db.session.execute(select(Township).where(Township.code.in_(shares)).order_by(Township.code)).scalars()
    return [
        Town(town.id, town.short_name, town.name, "社区" if town.kind != "town" else "村", town.lon, town.lat, shares[town.code])
        for town in found
    ]


def _villages(towns: list[Town], rng: random.Random) -> None:
    """Six to sixty a township, by its number of elders; towns have villages, subdistricts communities."""
    rows = []
    for town in towns:
        count = min(60, max(6, round(town.share["residents"] / 75)))
        for number, village_id in enumerate(reserve("villages", count), 1):
            lon, lat = _near(town, rng)
            name = f"示例{town.short}{number:02d}{town.village_word}"
            rows.append({"id": village_id, "township_id": town.id, "name": name, "lon": lon, "lat": lat})
            town.villages.append((village_id, name))
    put_dicts("villages", rows)


def _near(town: Town, rng: random.Random) -> tuple[float, float]:
    """A point within a few kilometres of a township's middle."""
    angle, far = rng.random() * 2 * math.pi, math.sqrt(rng.random()) * 0.028
    return round(town.lon + far * math.cos(angle) * 1.2, 5), round(town.lat + far * math.sin(angle), 5)


def _facilities(towns: list[Town], said: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
    homes: list[Town] = []
    turn = 0
    ordered = sorted(towns, key=lambda town: -town.share["residents"])
    while len(homes) < len(said["institution_beds"]):  # the largest homes one a township first, then the second ones
        homes += [town for town in ordered if town.share["institutions"] > turn]
        turn += 1
    sites: list[tuple[str, Town]] = [("institution", town) for town in homes]
    sites += [("township_center", town) for town in towns]
    sites += [("village_station", town) for town in towns for _ in range(town.share["stations"])]
    sites += [("canteen", town) for town in towns for _ in range(town.share["canteens"])]
    sites += [("home_care_org", ordered[n]) for n in range(said["home_care_orgs"])]
    counts: dict[str, int] = {}
    used: dict[int, int] = {}
    rows = []
    for facility_id, (kind, town) in zip(reserve("facilities", len(sites)), sites, strict=True):
        counts[kind] = number = counts.get(kind, 0) + 1
        row = _common(facility_id, kind, number, town, rng)
        if kind == "village_station":  # each station in a village of its own
            used[town.id] = nth = used.get(town.id, -1) + 1
            village = town.villages[nth]
        else:
            village = rng.choice(town.villages)
        row |= {"village_id": village[0], "address": f"{town.name}{village[1]}{rng.randint(1, 180)}号"}
        if kind == "institution":
            rows.append(row | _institution(row, number, said["institution_beds"][number - 1], rng))
        else:
            rows.append(row | _DETAILS[kind](number, rng))
    return rows


def _common(facility_id: int, kind: str, number: int, town: Town, rng: random.Random) -> dict[str, Any]:
    """Every column, so that all rows have the same; what does not apply stays empty."""
    row: dict[str, Any] = {
        column.name: (False if column.type.python_type is bool else None)
        for column in Facility.__table__.columns
        if column.computed is None
    }
    today = calendar.today()
    opened = date(rng.randint(2009, today.year - 4), rng.randint(1, 12), rng.randint(1, 28))
    stamp = calendar.at(min(opened + timedelta(days=30), today), 9)
    lon, lat = _near(town, rng)
    head = names.somebody(rng)
    return row | {
        "id": facility_id, "township_id": town.id, "code": f"{PREFIX[kind]}{number:03d}", "facility_type": kind,
        "name": _name(kind, number, town), "state": "operating", "lon": lon, "lat": lat, "coord_system": "wgs84",
        "phone": names.phone(rng), "head": head, "legal_person": names.somebody(rng), "safety_officer": names.somebody(rng),
        "fire_safety_responsible": head, "fire_safety_manager": names.somebody(rng), "opened_on": opened,
        "created_at": stamp, "updated_at": stamp,
    }  # fmt: skip


def _name(kind: str, number: int, town: Town) -> str:
    return {
        "institution": f"示例养老院{number:02d}号(演示)",
        "township_center": f"示例{town.short}居家社区养老服务中心(演示)",
        "village_station": f"示例村居养老服务站{number:03d}(演示)",
        "canteen": f"示例助老食堂{number}号(演示)",
        "home_care_org": f"示例居家养老服务组织{number}(演示)",
    }[kind]


def usc(first2: str, number: int) -> str:
    """A credit code with a right check character under a county code nobody has (370299)."""
    body = f"{first2}370299MADEM{number:04d}"
    return body + usc_check_character(body)


def _institution(row: dict[str, Any], number: int, beds: int, rng: random.Random) -> dict[str, Any]:
    opened, today = row["opened_on"], calendar.today()
    mode, authority, first2 = MODES[0 if number in {2, 9, 15} else 1 if number % 4 == 1 else 3 if number % 5 == 3 else 2]
    star = (None, 2, 3, 4, 5)[min(4, max(0, (beds - 40) // 55))]
    return {
        "usc_code": usc(first2, number), "operator": None if mode == "public" else f"示例养老服务有限公司{number:02d}",
        "filing_no": f"示例备〔{opened.year}〕{number:03d}号", "filing_on": opened + timedelta(days=rng.randint(3, 14)),
        "ownership_mode": mode, "registration_authority": authority,
        "beds_filed": beds - (6 if number == FILED_SHORT else 0), "beds_set": beds,
        "beds_usable": beds - math.ceil(beds * rng.uniform(0.0, 0.04)), "beds_nursing": round(beds * rng.uniform(0.54, 0.66)),
        "fire_status": "assessed" if beds < 50 else rng.choice(("accepted", "accepted", "filed")),
        "fire_acceptance_no": f"示例消验{opened.year}第{number:03d}号", "fire_key_unit": beds >= 150,
        "medical_type": "clinic" if beds >= 90 else "agreement", "star_level": star,
        "star_valid_to": today + timedelta(days=rng.randint(60, 900)) if star else None, "ltci_designated": beds >= 100,
        "ltci_on": opened + timedelta(days=700) if beds >= 100 else None, "stationed": number <= STATIONED,
        "credit_class": "B", "credit_class_on": date(today.year - 2, 12, 31), "has_elevator": beds >= 60,
        "has_boiler": number % 3 == 0, "has_fire_control_room": beds >= 100, "has_canteen": True, "has_clinic": beds >= 90,
        "uses_gas": number % 4 != 0, "floors": 2 if beds < 60 else 3 if beds < 130 else 5,
        "building_area": beds * 31 + rng.randint(0, 400), "fire_rating": "2",
        "structure_appraisal": "B" if number % 6 else "A", "caregivers": max(4, round(beds * 0.6 / 5)),
        "services": "全托照护、短期托养、康复护理",
    }  # fmt: skip


def _center(number: int, rng: random.Random) -> dict[str, Any]:
    return {
        "usc_code": usc("52", 100 + number), "operator": f"示例社会服务中心{number:02d}", "ownership_mode": "public_private",
        "registration_authority": "civil_affairs", "area_m2": rng.randint(75, 180) * 10, "open_hours": "08:00-17:30",
        "services": "日间照料、短期托养、助餐、助浴、上门服务、家庭养老床位服务", "fire_status": "filed",
        "fire_acceptance_no": f"示例消备第{number:03d}号", "contract_no": f"示例运营协字{number:03d}", "fire_rating": "2",
        "building_area": rng.randint(80, 200) * 10, "structure_appraisal": "A", "uses_gas": number % 3 == 0,
        "has_canteen": number % 3 == 0, "caregivers": rng.randint(6, 18), "floors": rng.choice((1, 2, 2, 3)),
        "credit_class": rng.choice("AABBB"), "credit_class_on": date(calendar.today().year - 2, 12, 31),
    }  # fmt: skip


def _station(number: int, rng: random.Random) -> dict[str, Any]:
    return {
        "usc_code": usc("55", 200 + number), "operator": "村(居)民委员会", "area_m2": rng.randint(9, 42) * 10,
        "open_hours": rng.choice(("08:30-17:00", "08:30-11:30 14:00-17:00")), "services": "文体活动、助餐、探访关爱",
        "state": "suspended" if number == SUSPENDED_STATION else "operating",
    }  # fmt: skip


def _canteen(number: int, rng: random.Random) -> dict[str, Any]:
    mode = ("self_cook", "delivered", "central_kitchen", "self_cook", "delivered", "self_cook", "delivered")[(number - 1) % 7]
    return {
        "usc_code": usc("91", 400 + number), "operator": f"示例餐饮服务有限公司{number}", "kitchen_mode": mode,
        "seats": rng.randint(6, 20) * 5, "meals_per_day": rng.randint(5, 26) * 10,
        "open_hours": "10:30-13:00", "services": "午餐堂食、送餐", "uses_gas": mode == "self_cook",
        "area_m2": rng.randint(8, 30) * 10,
    }  # fmt: skip


def _organisation(number: int, rng: random.Random) -> dict[str, Any]:
    mode, authority, first2 = MODES[3 if number % 2 else 2]
    return {
        "usc_code": usc(first2, 500 + number), "registration_authority": authority, "ownership_mode": mode,
        "operator": f"示例居家服务中心{number}", "caregivers": rng.randint(12, 60), "open_hours": "08:00-18:00",
        "contract_no": f"示例居养协字{number:03d}",
        "services": "助洁、助浴、助医、康复护理、家庭养老床位服务", "credit_class": "B",
        "credit_class_on": date(calendar.today().year - 2, 12, 31),
    }  # fmt: skip


_DETAILS = {"township_center": _center, "village_station": _station, "canteen": _canteen, "home_care_org": _organisation}


def price_fen(mode: str, kind: str, size: int, factor: float) -> int:
    """What a bed costs a month: by who runs the home, the kind of bed, and how many share the room; in tens of yuan."""
    yuan = PRICES[mode] * (1.35 if kind == "nursing" else 1.0) * {1: 1.3, 2: 1.0, 3: 0.9, 4: 0.82}[size] * factor
    return round(yuan / 10) * 1000


def _rooms(home: Place, row: dict[str, Any], rng: random.Random) -> None:
    """Rooms of one to four beds, twenty a floor; shared rooms are for women or for men; the last wing is planned only."""
    left, nursing, broken = row["beds_set"], row["beds_nursing"], row["beds_set"] - row["beds_usable"]
    sizes = []
    while left:
        sizes.append(min(left, rng.choices((1, 2, 3, 4), (12, 46, 27, 15))[0]))
        left -= sizes[-1]
    factor = 0.85 + (row["beds_set"] * 7 % 40) / 100
    others = row["beds_set"] - nursing
    dementia, short = others // 8, others // 16
    kinds = ["nursing"] * nursing + ["general"] * (others - dementia - short) + ["dementia"] * dementia + ["short_stay"] * short
    out_of_use = set(rng.sample(range(row["beds_set"]), broken))
    rooms: list[dict[str, Any]] = []
    beds: list[dict[str, Any]] = []
    place = {"township_id": home.township_id, "facility_id": home.id}
    bed_ids = reserve("beds", row["beds_set"])
    per_floor = math.ceil(len(sizes) / row["floors"])
    for index, (room_id, size) in enumerate(zip(reserve("rooms", len(sizes)), sizes, strict=True)):
        sex = "any" if size == 1 else rng.choices(("female", "male"), (60, 40))[0]
        floor, nth = index // per_floor + 1, index % per_floor + 1
        rooms.append(place | {"id": room_id, "building": "1号楼", "floor": floor, "name": f"{floor}{nth:02d}", "sex_policy": sex})
        for number in range(1, size + 1):
            at = len(beds)
            condition = "maintenance" if at in out_of_use else "available"
            bed = {"id": bed_ids[at], "room_id": room_id, "number": str(number), "bed_kind": kinds[at], "condition": condition,
                   "price_fen": price_fen(row["ownership_mode"], kinds[at], size, factor)}
            beds.append(place | bed)
            home.beds.append(Bed(bed_ids[at], kinds[at], sex, condition == "available"))
    if home.code in WINGS:  # a wing that is being fitted out
        for room_id, nth in zip(reserve("rooms", PLANNED), range(1, PLANNED + 1), strict=True):
            name = {"id": room_id, "building": "2号楼", "floor": 1, "name": f"1{nth:02d}", "sex_policy": "any"}
            rooms.append(place | name)
            beds += [
                place | {"id": bed_id, "room_id": room_id, "number": str(number), "bed_kind": "dementia", "condition": "planned",
                         "price_fen": None}
                for number, bed_id in enumerate(reserve("beds", 2), 1)
            ]  # fmt: skip
    put_dicts("rooms", rooms)
    put_dicts("beds", beds)
