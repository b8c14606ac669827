"""Simulated tablets: each brings its visits to the server over whatever line there is, and knows what it holds.

They follow the outbox of the page: entries, photos in any order, the record last; a thing counts only once the server has
named its hash. `compare()` then holds both sides against each other: 0 lost, 0 twice, 0 altered.
"""

import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.inspections.tablet import sha


class Unreachable(Exception):
    """Nothing, or half of something, came back."""


@dataclass
class Held:
    """What a tablet holds of a visit: the truth of one side."""

    uid: str
    body: bytes
    photos: dict[str, bytes]
    entries: dict[str, Any]
    hashes: dict[str, str] = field(default_factory=dict)
    number: str | None = None


def _parsed(data: bytes) -> Any:
    """An answer that came whole: what came in part is none."""
    try:
        return json.loads(data)
    except ValueError:
        raise Unreachable from None


class Tablet:
    """A tablet with its person."""

    def __init__(self, address: tuple[str, int], username: str, password: str, seed: int) -> None:
        self.address, self.username, self.password = address, username, password
        self.device, self.seq, self.csrf = f"tablet-{username}", 0, ""
        self.cookies: dict[str, str] = {}
        self.chance, self.counts = random.Random(seed), Counter[str]()

    # ---- the line

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One request; Unreachable where no whole answer comes."""
        link = http.client.HTTPConnection(*self.address, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            link.request(method, path, body=body, headers={"Cookie": cookie, "Connection": "close", **headers})
            answer = link.getresponse()
            data = answer.read()
            length = answer.getheader("Content-Length")
            if length is not None and len(data) < int(length):
                raise Unreachable
            for each in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in SimpleCookie(each).items():
                    self.cookies[name] = morsel.value
            return answer.status, dict(answer.headers), data
        except (OSError, http.client.HTTPException, ValueError) as error:  # a head cut off in the middle of a number
            self.counts["unreachable"] += 1
            raise Unreachable from error
        finally:
            link.close()

    def field(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """One request of the protocol; signs in again and fetches a token where that is asked for."""
        if not self.csrf:
            self._token()
        status, _headers, data = self.call(method, f"/inspections/field/{path}", body, **{"X-CSRFToken": self.csrf, **headers})
        said = _parsed(data)
        if status == 401:
            self.counts["signed_out"] += 1
            self.csrf = ""
            self.sign_in()
            raise Unreachable
        if said.get("code") == "form.stale":
            self.csrf = ""
            raise Unreachable
        if status in (429, 500, 502, 503, 504) or said.get("code") in ("row.busy", "photo.busy"):
            self.counts[f"busy {status}"] += 1
            raise Unreachable
        return status, said

    def sign_in(self) -> None:
        """As a person would: the form with its token."""
        self.cookies = {}
        _status, _headers, page = self.call("GET", "/sign-in")
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        if found is None:
            raise Unreachable
        form = urlencode({"username": self.username, "password": self.password, "csrf_token": found[1].decode()}).encode()
        status, _headers, _page = self.call("POST", "/sign-in", form, **{"Content-Type": "application/x-www-form-urlencoded"})
        if status != 303:
            raise Unreachable

    def _token(self) -> None:
        status, _headers, data = self.call("GET", "/inspections/field/token")
        if status == 401:
            self.counts["signed_out"] += 1
            self.sign_in()
            status, _headers, data = self.call("GET", "/inspections/field/token")
        if status != 200:
            raise Unreachable
        self.csrf = _parsed(data)["csrf"]

    # ---- a visit

    def bring(self, held: Held, patience: float = 240) -> None:
        """Everything of a visit, until the server has named every hash."""
        end, tries = time.monotonic() + patience, 0
        confirmed: set[str] = set()
        while True:
            try:
                if self.chance.random() < 0.05:  # the tab is killed: what was confirmed is asked for again
                    self.counts["tab_killed"] += 1
                    confirmed = self._resume(held)
                self._entries(held)
                self._photos(held, confirmed)
                if self._record(held, confirmed):
                    return
            except Unreachable:
                tries += 1
                if time.monotonic() > end:
                    raise TimeoutError(f"{held.uid}: not sent after {patience:.0f} s, {dict(self.counts)}") from None
                time.sleep(min(0.05 * 1.5 ** min(tries, 10), 1.5) * self.chance.uniform(0.5, 1))

    def _resume(self, held: Held) -> set[str]:
        status, said = self.field("GET", f"visits/{held.uid}/state?device={self.device}")
        assert status == 200, said
        return set(said["photos"])

    def _entries(self, held: Held) -> None:
        waiting = [key for key in held.entries if key not in held.hashes]
        while waiting:
            part, waiting = waiting[:3], waiting[3:]
            self.seq += 1
            body = json.dumps({"device": self.device, "seq": self.seq, "entries": {key: held.entries[key] for key in part}}).encode()
            status, said = self.field("PUT", f"visits/{held.uid}/draft", body, **{"Content-Type": "application/json"})
            assert status == 200, said
            for key in part:
                text = json.dumps(held.entries[key], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
                assert said["hashes"][key] == sha(text), "the server names another hash"
                held.hashes[key] = said["hashes"][key]

    def _photos(self, held: Held, confirmed: set[str]) -> None:
        names = [each for each in held.photos if each not in confirmed]
        self.chance.shuffle(names)
        for name in names:
            status, said = self.field("PUT", f"visits/{held.uid}/photos/{name}", held.photos[name], **{"Content-Type": "image/jpeg"})
            if status == 422 and said["code"] == "photo.damaged":
                self.counts["photo.damaged"] += 1
                raise Unreachable
            assert (status, said.get("sha256")) == (200, name), said
            confirmed.add(name)

    def _record(self, held: Held, confirmed: set[str]) -> bool:
        name = sha(held.body)
        headers = {"Content-Type": "application/json", "X-Content-SHA256": name}
        status, said = self.field("POST", f"visits/{held.uid}/record", held.body, **headers)
        if said.get("code") in ("visit.photos_missing", "visit.record_damaged"):
            self.counts[said["code"]] += 1
            confirmed.clear()
            return False
        assert status in (200, 201), said
        assert said["sha256"] == name, said
        held.number = said["number"]
        return True


def run(tablets: Sequence[Tablet], work: Sequence[Sequence[Held]], every: Callable[[], None] | None = None, seconds: float = 15) -> float:
    """All tablets at once, each with its visits; `every` so many seconds something else happens (the server dies). Seconds."""
    troubles: list[BaseException] = []

    def carry(tablet: Tablet, visits: Sequence[Held]) -> None:
        try:
            for held in visits:
                tablet.bring(held)
        except BaseException as trouble:  # noqa: BLE001 — told by the main thread
            troubles.append(trouble)

    threads = [threading.Thread(target=carry, args=pair, daemon=True) for pair in zip(tablets, work, strict=True)]
    began = last = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.1)
        if troubles:
            raise troubles[0]
        if every and time.monotonic() - last > seconds:
            every()
            last = time.monotonic()
    if troubles:
        raise troubles[0]
    return time.monotonic() - began


# ---- both sides, by hash ----------------------------------------------------------------------------


def compare(held: Sequence[Held], device_of: Callable[[Held], str]) -> dict[str, int]:
    """{"lost", "twice", "altered"} of records, photos, entries, findings, filled lists; in an app context, wall open."""
    from sqlalchemy import text

    from eldercare.core import files
    from eldercare.core.db import db

    def rows(statement: str) -> list[Any]:
        return list(db.session.execute(text(statement)).all())

    records: dict[str, list[tuple[str, str]]] = {}
    for uid, revision, body, digest in rows("SELECT v.uid, r.revision, r.body, r.sha256 FROM visit_records r JOIN visits v ON v.id = r.visit_id"):
        assert revision == 1
        records.setdefault(str(uid), []).append((body, digest))
    photos: dict[str, list[str]] = {}
    for uid, digest in rows("SELECT v.uid, p.sha256 FROM visit_photos p JOIN visits v ON v.id = p.visit_id"):
        photos.setdefault(str(uid), []).append(digest)
    drafts = {(str(uid), device, key): (body, digest) for uid, device, key, body, digest in rows(
        "SELECT v.uid, d.device, d.key, d.body, d.sha256 FROM visit_drafts d JOIN visits v ON v.id = d.visit_id")}
    found = Counter(str(uid) for (uid,) in rows("SELECT v.uid FROM visit_findings f JOIN visits v ON v.id = f.visit_id"))
    hazards = Counter(str(path).rsplit("/", 1)[1] for (path,) in rows("SELECT source_path FROM hazards WHERE source_kind = 'inspection_finding'"))
    ids = {str(uid): (str(number), state, visit_number) for uid, number, state, visit_number in rows("SELECT uid, id, state, number FROM visits")}
    checks = Counter(str(uid) for (uid,) in rows(
        "SELECT v.uid FROM record_checks c JOIN visit_records r ON r.id = c.record_id JOIN visits v ON v.id = r.visit_id"))
    told: Counter[str] = Counter({"lost": 0, "twice": 0, "altered": 0})
    for each in held:
        said, kept, here = json.loads(each.body), records.get(each.uid, []), photos.get(each.uid, [])
        told["lost"] += not kept
        told["twice"] += max(len(kept) - 1, 0)
        told["altered"] += sum(body.encode() != each.body or digest != sha(each.body) for body, digest in kept)
        told["lost"] += len(each.photos.keys() - set(here))
        told["twice"] += len(here) - len(set(here))
        told["altered"] += sum(files.get(name, secret=True) != data for name, data in each.photos.items() if name in here)
        for key, value in each.entries.items():
            there = drafts.get((each.uid, device_of(each), key))
            told["lost"] += there is None
            told["altered"] += there is not None and (json.loads(there[0]) != value or sha(there[0]) != there[1])
        number, state, visit_number = ids[each.uid]
        for count, wanted in ((found[each.uid], len(said["findings"])), (hazards[number], len(said["findings"])), (checks[each.uid], len(said["lists"]))):
            told["lost"] += max(wanted - count, 0)
            told["twice"] += max(count - wanted, 0)
        told["altered"] += state != "sent" or visit_number != each.number
    numbers = [each.number for each in held]
    told["twice"] += len(numbers) - len(set(numbers))
    return dict(told)
