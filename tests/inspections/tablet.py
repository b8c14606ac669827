"""A tablet as the tests hold one: a visit with its team, photos, and a record that fits."""

import copy
import hashlib
import io
import json
import uuid
from datetime import timedelta
from typing import Any

from eldercare.accounts.models import User
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections import queries
from eldercare.inspections.models import Visit
from tests import make

STROKES = {"w": 300, "h": 120, "lines": [[[10, 60], [80, 40], [150, 90]], [[160, 30], [161, 95]]]}


def jpeg(number: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small photo of its own."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, ((37 * number) % 256, (91 * number) % 256, 120)).save(out, "JPEG", comment=f"photo {number}")
    return out.getvalue()


def sha(data: bytes | str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def moment(hours: float = 0) -> str:
    """A moment so many hours from now, as a tablet writes it; a visit of the small hours begins and ends today all the same."""
    then = calendar.now() + timedelta(hours=hours)
    dawn = calendar.at(calendar.today()) + timedelta(seconds=5)  # the tablet's clock is a second ahead
    return (max(then, dawn) if -3 < hours < 0 else then).isoformat()


class Tablet:
    """The lead's tablet at one visit."""

    def __init__(self, client: Any, visit: Visit, csrf: str | None = None) -> None:
        self.client, self.uid, self.visit_id = client, str(visit.uid), visit.id
        self.headers = {"X-CSRFToken": csrf} if csrf else {}
        self.base = f"/inspections/field/visits/{self.uid}"

    def photo(self, data: bytes, name: str | None = None) -> Any:
        """Send a photo."""
        return self.client.put(f"{self.base}/photos/{name or sha(data)}", data=data, content_type="image/jpeg", headers=self.headers)

    def draft(self, device: str, seq: int, entries: dict[str, Any]) -> Any:
        """Send entries of a draft."""
        return self.client.put(f"{self.base}/draft", json={"device": device, "seq": seq, "entries": entries}, headers=self.headers)

    def send(self, record: dict[str, Any] | bytes, hashed: str | None = None) -> Any:
        """Send the record."""
        body = record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()
        headers = {**self.headers, "X-Content-SHA256": hashed or sha(body)}
        return self.client.post(f"{self.base}/record", data=body, content_type="application/json", headers=headers)

    def state(self) -> dict[str, Any]:
        """What has arrived."""
        return self.client.get(f"{self.base}/state").get_json()


def record_of(visit_id: int, *, result: str = "none", photos: list[str] | None = None, **changed: Any) -> dict[str, Any]:
    """A record that fits a visit: everything in order, everybody signed; `photos` hang on the first answer."""
    scope = Scope.system("test").enter()
    visit = queries.visit(scope, visit_id)
    from eldercare.checklists import queries as catalogue

    lists = []
    for each in visit.lists:
        answers = {item.code: {"result": "conform", "reason": None, "photos": []} for item in catalogue.items(scope, each.version_id)}
        lists.append({"version_id": each.version_id, "answers": answers})
    if photos:
        first = next(iter(lists[0]["answers"].values()))
        first["photos"] = [{"sha256": each, "taken_at": moment(-1), "lat": 36.3891, "lon": 120.4471, "accuracy": 8} for each in photos]
    officers = [each.officer for each in visit.officers]
    said: dict[str, Any] = {
        "format": 1, "visit": str(visit.uid), "device": "tablet-1", "app": "test", "started_at": moment(-2), "ended_at": moment(-1),
        "position": None, "clock": {"offset_ms": 1200},
        "shown": {
            "certificates": [{"officer_id": each.id, "at": moment(-2)} for each in officers],
            "notice": {"at": moment(-2), "way": "in_person", "to": "示例院长"},
        },
        "lists": lists, "findings": [], "rechecks": [], "residents": [], "site_people": [], "notes": "", "result": result,
        "signatures": [
            *({"role": "officer", "officer_id": each.id, "name": each.name, "state": "signed", "strokes": STROKES, "at": moment(-1)}
              for each in officers),
            {"role": "home", "officer_id": None, "name": "示例院长", "state": "signed", "strokes": STROKES, "at": moment(-1)},
        ],
    }
    return copy.deepcopy(said) | changed


def finding(**changed: Any) -> dict[str, Any]:
    """Something general that is not in order, to be put right in a week."""
    due = calendar.today() + timedelta(days=7)
    return {
        "key": str(uuid.uuid4()), "item": None, "severity": "general", "description": "示例:通道堆放杂物", "demand": "示例:清理通道",
        "due_on": due.isoformat(), "fixed_on_spot": False, "hazard_code": None, "place": "示例二楼", "photos": [], **changed,
    }


def with_fault(record: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A record in which the first item is not in order, and is ordered to be put right."""
    first = next(iter(record["lists"][0]["answers"].values()))
    first.update(result="nonconform", reason="示例:不符合")
    return record | {"result": "order", "findings": [finding(**changed)]}


def lead_of(visit: Visit) -> Any:
    """Who writes a visit's record."""
    officer = queries.visit(Scope.system("test").enter(), visit.id).officers[0].officer
    return db.session.get_one(User, officer.user_id)


def make_tablet(sign_in: Any, **values: Any) -> Tablet:
    """A visit of today with its lead's tablet, signed in (CSRF must be off, or the token given)."""
    visit = make.make_visit(values.pop("home", None) or make.make_facility(), **values)
    tablet = Tablet(sign_in(lead_of(visit)), visit)
    Scope.system("test").enter()
    return tablet
