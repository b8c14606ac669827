"""From a visit to the data of its record's paper: the record's own text, the checks it came with, the hazards that followed."""

from __future__ import annotations

import json
from typing import Any

from eldercare.checklists import queries as checklists
from eldercare.checklists.checks import queries as checks
from eldercare.core import calendar, papers
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from eldercare.hazards import queries as hazards
from eldercare.inspections import queries
from eldercare.inspections.models import Visit
from reports._paper import paper

Json = dict[str, Any]
KIND, VERSION = "inspection-record", "2"


def figures(scope: Scope, row_id: int, subject: Subject) -> Json:
    """The sealed data of the paper; see report.py for their shape."""
    visit = queries.visit(scope, row_id)
    said = queries.record_text(scope, visit)
    body: Json = json.loads(said.body)
    photos = Photos()
    data = paper.frame(KIND, VERSION, subject, said.at)
    data |= {
        "visit": {"number": visit.number, "kind": visit.kind, "basis": visit.basis},
        "record": {
            "sha256": said.sha256, "revision": said.revision, "reason": said.reason, "started_at": body.get("started_at"),
            "ended_at": body.get("ended_at"), "received_at": calendar.local(said.at).isoformat(),
        },
        "officers": [{"name": row.officer.name, "certificate_no": row.officer.certificate_no} for row in visit.officers],
        "shown": {"certificates": [], "notice": None} | (body.get("shown") or {}),
        "site_people": [{"name": each.get("name", ""), "post": each.get("post", "")} for each in body.get("site_people", [])],
        "lists": [_list(scope, each, said.checks) for each in body.get("lists", [])],
        "findings": _findings(scope, visit, body, photos),
        "rechecks": _rechecks(scope, body, photos),
        "residents": _residents(scope, visit, body),
        "notes": body.get("notes") or "", "result": body.get("result"),
        "signatures": [
            {key: each.get(key) for key in ("role", "name", "state", "reason", "strokes", "at")}
            for each in body.get("signatures", [])
        ],
        "draft": said.sha256 is None,
    }  # fmt: skip
    return data | {"photos": photos.kept()}


class Photos:
    """The photos a paper shows, made small once each."""

    def __init__(self) -> None:
        self._small: dict[str, str] = {}

    def __call__(self, taken: list[Json] | None) -> list[Json]:
        """[{"sha256" of the small picture, "taken_at"}] for photos as a record names them."""
        return [{"sha256": self._of(each["sha256"]), "taken_at": each.get("taken_at")} for each in taken or []]

    def _of(self, sha256: str) -> str:
        if sha256 not in self._small:
            self._small[sha256] = papers.photo(sha256)
        return self._small[sha256]

    def kept(self) -> list[str]:
        """All of them, in a fixed order."""
        return sorted(set(self._small.values()))


def _list(scope: Scope, filled: Json, of_record: dict[int, int]) -> Json:
    """One list as it was answered: by its check where there is one, by the draft's own answers where not."""
    version = checklists.version(scope, filled["version_id"])
    check_id = of_record.get(version.id)
    check = checks.check(scope, check_id) if check_id else None
    answers = filled.get("answers", {})
    if check is not None:
        rows = [_item(each.item, each.result, each.reason) for _area, each in checks.answers(scope, check.id)]
    else:
        rows = [
            _item(item, answers.get(item.code, {}).get("result", "not_checked"), answers.get(item.code, {}).get("reason"))
            for item in checklists.items(scope, version.id)
        ]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["result"]] = counts.get(row["result"], 0) + 1
    return {
        "zh": version.zh, "en": version.en, "number": version.number, "items": rows, "counts": counts,
        "score": str(check.score) if check is not None and check.score is not None else None,
        "grade": check.grade if check is not None else None, "status": check.status if check is not None else None,
    }  # fmt: skip


def _item(item: Any, result: str, reason: str | None) -> Json:
    return {"code": item.code, "zh": item.zh, "en": item.en, "result": result, "reason": reason}


def _findings(scope: Scope, visit: Visit, body: Json, photos: Photos) -> list[Json]:
    numbers = queries.hazard_numbers(scope, visit)
    return [
        {
            "number": numbers.get(each["key"]), "code": (each.get("item") or {}).get("code"),
            "hazard_code": each.get("hazard_code"), "severity": each["severity"], "description": each.get("description") or "—",
            "place": each.get("place") or "", "demand": each.get("demand") or "", "due_on": each.get("due_on"),
            "fixed_on_spot": bool(each.get("fixed_on_spot")), "photos": photos(each.get("photos")),
        }
        for each in body.get("findings", [])
    ]  # fmt: skip


def _rechecks(scope: Scope, body: Json, photos: Photos) -> list[Json]:
    out = []
    for each in body.get("rechecks", []):
        hazard = hazards.hazard(scope, each["hazard_id"])
        out.append({
            "number": hazard.number, "description": hazard.description, "passed": bool(each["passed"]),
            "findings": each.get("findings") or "", "photos": photos(each.get("photos")),
        })
    return out


def _residents(scope: Scope, visit: Visit, body: Json) -> list[Json]:
    """Who was drawn at random, masked: a paper that leaves the house names nobody whole."""
    names = queries.sampled_names(scope, visit)
    return [
        {
            "name": names.get(each["id"], "—"), "seen": bool(each.get("seen")), "result": each.get("result"),
            "note": each.get("note") or "",
        }
        for each in body.get("residents", [])
    ]  # fmt: skip
