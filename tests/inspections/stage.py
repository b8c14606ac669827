"""A register of its own for the fault harness: places, officers in pairs, visits to be brought over the line."""

import copy
import json
import random
from datetime import timedelta
from typing import Any

from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.inspections.swarm import Held
from tests.inspections.tablet import finding, jpeg, record_of, sha


def make_visits(tablets: int, each: int, seed: int = 1) -> list[tuple[str, list[Held]]]:
    """[(who leads, what their tablet holds)]: `each` visits a tablet, with photos, entries, now and then a fault; committed."""
    chance, out, number = random.Random(seed), [], 0
    Scope.system("test").enter()
    versions = [make.make_checklist()]
    homes = [make.make_facility() for _ in range(max(tablets * each // 25, 1))]
    for _tablet in range(tablets):
        lead = make.make_user(Role.INSPECTOR)
        team = [make.make_officer(lead), make.make_officer()]
        held = []
        for _visit in range(each):
            visit = make.make_visit(homes[number % len(homes)], team=team, versions=versions, shown=False)
            photos = {sha(data): data for data in (jpeg(10 * number + n, (240, 180)) for n in range(1 + (chance.random() < 0.3)))}
            held.append(_held(visit, list(photos), photos, chance))
            number += 1
        out.append((lead.username, held))
        db.session.commit()
        Scope.system("test").enter()
    return out


def _held(visit: Any, names: list[str], photos: dict[str, bytes], chance: random.Random) -> Held:
    record = copy.deepcopy(record_of(visit.id, photos=names, notes=f"示例 {visit.id}"))
    if chance.random() < 0.3:
        first = next(iter(record["lists"][0]["answers"].values()))
        first.update(result="nonconform", reason="示例:不符合")
        due = (calendar.today() + timedelta(days=7)).isoformat()
        record |= {"result": "order", "findings": [finding(due_on=due, photos=[{"sha256": names[0]}])]}
    version = record["lists"][0]["version_id"]
    entries = {f"answer:{version}:{code}": said for code, said in record["lists"][0]["answers"].items()}
    entries |= {"arrival": {"at": record["started_at"]}, "notes": {"text": record["notes"]}}
    return Held(str(visit.uid), json.dumps(record, ensure_ascii=False).encode(), photos, entries)
