"""The sampling itself: from seed and snapshots to places, days, officers and a log. Pure; the same everywhere, for ever.

domain.md §5.6 (4): u = HMAC-SHA256(seed, "obj"||id) in (0,1], key u^(1/w), the k greatest keys. Keys are never computed:
u^(1/w) > v^(1/x) says the same as u^x > v^w, and with u, v whole numbers over 2^256 and weights in whole tenths that is
a comparison of whole numbers. Floats would not do: the power function of one machine rounds otherwise than that of the
next, and two keys that lie close could change places. Equal keys: the smaller id goes first.
scripts/verify_draw.py says the same in its own words; tests hold the two against each other.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from math import gcd
from typing import Any

Json = Any
ONE = 2**256
OUT = ("suspended", "closed", "deregistered")  # what alone lets another place take a drawn one's place (§5.6 (8))


def canonical(value: Json) -> str:
    """The one text of a value: keys in order, no blanks, nothing escaped that need not be."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    """The hash of a text in UTF-8, as 64 signs."""
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(secret: str, witness: str, batch: str) -> str:
    """The seed: SHA-256(secret || witness value || batch id)."""
    return sha256(secret + witness + batch)


def chance(seed: str, kind: str, row_id: int) -> int:
    """The number u as a whole number in 1 … 2^256: HMAC-SHA256(seed, kind||id) + 1; kind is "obj" or "off"."""
    return int.from_bytes(hmac.digest(bytes.fromhex(seed), f"{kind}{row_id}".encode(), "sha256"), "big") + 1


def tenths(weights: Iterable[str]) -> list[int]:
    """Weights as whole numbers in lowest terms: ["0.5", "1"] → [1, 2]."""
    whole = [int(Decimal(each) * 10) for each in weights]
    common = gcd(*whole)
    return [each // common for each in whole]


def in_order(seed: str, objects: Sequence[Mapping[str, Any]]) -> list[int]:
    """The ids of all places, the greatest key first."""
    weights = dict(zip((each["id"] for each in objects), tenths(each["weight"] for each in objects), strict=True))
    u = {row_id: chance(seed, "obj", row_id) for row_id in weights}

    def before(one: int, other: int) -> int:
        w, x = weights[one], weights[other]
        left, right = u[one] ** x * ONE**w, u[other] ** w * ONE**x
        return (one > other) - (one < other) if left == right else -1 if left > right else 1

    return sorted(weights, key=cmp_to_key(before))


def how_many(plan: Mapping[str, Any], n: int) -> int:
    """The number k = ceil(ratio × n), or the count of the plan; never more than there are."""
    if plan["count"] is not None:
        return min(int(plan["count"]), n)
    return -(-int(Decimal(plan["percent"]) * 100) * n // 10_000)


def usable(plan: Mapping[str, Any], drawn_on: date) -> list[str]:
    """The working days of the period that leave time for the notice: the frozen list, cut by the day of the draw."""
    later = [day for day in plan["days"] if day > drawn_on.isoformat()]
    return [day for day in later[plan["notice_days"] :] if day >= plan["from"]]


@dataclass
class Desk:
    """The officers in a row, as the seed put them. Who goes on a visit goes to the end of the row."""

    plan: Mapping[str, Any]
    library: Mapping[str, Any]
    row: list[int]
    log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = {each["id"]: each for each in self.library["people"]}
        self.last = {each["object"]: set(each["officers"]) for each in self.library["last"]}

    def conflict(self, officer: int, place: int, day: str) -> str | None:
        """Why an officer cannot go there that day: certificate, avoidance."""
        person = self.people[officer]
        if not person["valid_from"] <= day <= person["valid_to"]:
            return "certificate"
        for each in self.library["avoid"]:
            if (each["officer"], each["object"]) == (officer, place) and each["from"] <= day <= (each["to"] or "9999"):
                return "avoidance"
        return None

    def team(self, place: int, day: str) -> list[int]:
        """Who goes; [] when nobody can. Rotation is waived, and the log says so, where the library is too small for it."""
        for rotates in (True, False):
            team = self._seats(place, day, rotates=rotates)
            if len(team) == self.plan["team"]:
                self.row = [each for each in self.row if each not in team] + team
                return team
            self._note(place, None, "rotation waived" if rotates else "nobody")
        return []

    def _seats(self, place: int, day: str, *, rotates: bool) -> list[int]:
        team: list[int] = []
        wanted, size = self.plan["speciality"], self.plan["team"]
        for officer in self.row:
            if len(team) == size:
                break
            why = self.conflict(officer, place, day)
            if why is None and rotates and officer in self.last.get(place, ()):
                why = "rotation"
            knows = [each for each in (*team, officer) if wanted in self.people[each]["specialities"]]
            if why is None and wanted and len(team) == size - 1 and not knows:
                why = "speciality"
            if why is None:
                team.append(officer)
            else:
                self._note(place, officer, why)
        return team

    def _note(self, place: int, officer: int | None, why: str) -> None:
        self.log.append({"object": place, "officer": officer, "reason": why})


def desk(plan: Mapping[str, Any], library: Mapping[str, Any], seed: str) -> Desk:
    """The officers as the seed puts them: greatest u first."""
    return Desk(plan, library, sorted((each["id"] for each in library["people"]), key=lambda i: (-chance(seed, "off", i), i)))


def outcome(plan: Json, objects: Json, library: Json, seed: str, drawn_on: date) -> tuple[dict[str, Any], Desk]:
    """What the draw gives, and the officers' row after it (a replacement goes on from there).

    {"n", "k", "order": [ids], "teams": [{"rank", "object", "on", "officers": [ids, the lead first]}], "log": […]}.
    Days are spread evenly over the usable ones; the caller has seen to it that there is one.
    """
    order, days, officers = in_order(seed, objects), usable(plan, drawn_on), desk(plan, library, seed)
    k, teams = how_many(plan, len(objects)), []
    for at, place in enumerate(order[:k]):
        on = days[(2 * at + 1) * len(days) // (2 * k)]
        teams.append({"rank": at + 1, "object": place, "on": on, "officers": officers.team(place, on)})
    return {"n": len(objects), "k": k, "order": order, "teams": teams, "log": list(officers.log)}, officers
