"""The file of a draw, and its check: everything an outsider needs to draw again, and nothing else.

Names and certificate numbers of officers are public (who enforces the law shows a certificate, penalty law art. 55);
why an officer avoids a place, who witnessed, who planned and who approved is not in it: an office stands for the witness.
A replacement or a void draw adds to the file; the four parts and their hashes never change.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

from eldercare.core import calendar
from eldercare.core.scope import Scope
from eldercare.inspections.draws import queries
from eldercare.inspections.draws.models import Draw, DrawPaper
from eldercare.inspections.draws.services.sampling import OUT, canonical, outcome, seed_of, sha256

FORMAT = "eldercare-draw/1"
PARTS = ("plan", "objects", "officers", "result")
SHAPELESS = (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError, RecursionError)


def moment(at: datetime) -> str:
    """A moment as the file writes it, in UTC: texts of one length, so that earlier is smaller."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _day(said: str) -> date:
    """The day here of a moment as the file writes it."""
    return calendar.local(datetime.strptime(said, "%Y-%m-%dT%H:%M:%S.%f%z")).date()


def body(scope: Scope, row: Draw, paper: DrawPaper) -> dict[str, Any]:
    """The content of the file of a draw that has a result."""
    if paper.result is None or row.frozen_at is None or row.drawn_at is None or row.witnessed_at is None:
        raise LookupError(f"draw {row.batch} has no result")
    secret = paper.secret.reveal()
    content: dict[str, Any] = {
        "format": FORMAT,
        **{part: json.loads(getattr(paper, part)) for part in PARTS},
        "hashes": {part: getattr(row, f"{part}_sha256") for part in PARTS},
        "commitment": {"sha256": row.commitment, "at": moment(row.frozen_at)},
        "witness": {"office": row.witness_office, "value": row.witness_value, "at": moment(row.witnessed_at)},
        "secret": secret,
        "seed": seed_of(secret, row.witness_value or "", row.batch),
        "drawn_at": moment(row.drawn_at),
        "replacements": [json.loads(each.body) for each in queries.replacements(scope, row.id)],
        "void": {"at": moment(row.voided_at), "reason": row.void_reason} if row.voided_at else None,
    }
    return content | {"sha256": sha256(canonical(content))}


def file_text(scope: Scope, row: Draw) -> str | None:
    """The file, where the wall lets it be read and there is a result; else None."""
    paper = queries.paper(scope, row.id)
    return canonical(body(scope, row, paper)) + "\n" if paper is not None and paper.result is not None else None


def verify(scope: Scope, data: bytes) -> dict[str, Any]:
    """Recompute a file, and hold it against what is kept here: {"valid", "batch", "drawn", "of", "sha256", "kept"} or a reason.

    `kept`: whether this platform holds the draw. A file may be older than a replacement that came after it.
    """
    try:
        content = json.loads(data.decode())
        if data != (canonical(content) + "\n").encode():
            return _no("not canonical")
        return _recomputed(scope, content)
    except SHAPELESS:
        return _no("no draw file")


def _no(reason: str) -> dict[str, Any]:
    return {"valid": False, "reason": reason}


def _recomputed(scope: Scope, content: Any) -> dict[str, Any]:
    if content["format"] != FORMAT or sha256(canonical({k: v for k, v in content.items() if k != "sha256"})) != content["sha256"]:
        return _no("hash of the file")
    for part in PARTS:
        if sha256(canonical(content[part])) != content["hashes"][part]:
            return _no(f"hash of {part}")
    plan, committed = content["plan"], content["commitment"]
    if sha256(content["secret"]) != committed["sha256"] or not committed["at"] < content["witness"]["at"] <= content["drawn_at"]:
        return _no("commitment")
    if seed_of(content["secret"], content["witness"]["value"], plan["batch"]) != content["seed"]:
        return _no("seed")
    if not _sound(plan, content["objects"], content["officers"]["people"]):
        return _no("libraries")
    if any(each["weight"] != plan["weights"][each["class"] or "none"] for each in content["objects"]) or plan["team"] < 2:
        return _no("weights")
    drawn_on, value_of = _day(content["drawn_at"]), plan["witness"]["on"]
    if value_of is not None and not _day(committed["at"]) < date.fromisoformat(value_of) <= drawn_on:
        return _no("day of the public value")
    result, desk = outcome(plan, content["objects"], content["officers"], content["seed"], drawn_on)
    if result != content["result"]:
        return _no("result")
    wrong = _replacements_wrong(content, result, desk) or _not_ours(scope, content)
    told = {"batch": plan["batch"], "drawn": result["k"], "of": result["n"], "sha256": content["sha256"]}
    kept = queries.by_batch(scope, plan["batch"]) is not None
    return _no(wrong) if wrong else {"valid": True, **told, "void": content["void"] is not None, "kept": kept}


def _sound(plan: Any, objects: Any, people: Any) -> bool:
    """Whether every place and every officer stands in its library once, and the plan covers each place (§5.6 (1), (2))."""
    once = ((objects, "id"), (objects, "code"), (people, "id"), (people, "certificate_no"))
    wanted = {"type": plan["types"], "township": plan["townships"], "class": plan["classes"]}  # empty: all
    return all(len({each[name] for each in part}) == len(part) for part, name in once) and all(
        not among or (each[name] or "none") in among for each in objects for name, among in wanted.items()
    )


def _replacements_wrong(content: Any, result: dict[str, Any], desk: Any) -> str | None:
    rest, standing = result["order"][result["k"] :], set(result["order"][: result["k"]])
    for each in content["replacements"]:
        tried = [place["object"] for place in each["skipped"]] + [each["in"]]
        states = [place["state"] for place in each["skipped"]] + [each["state"]]
        desk.log.clear()
        team = desk.team(each["in"], each["on"])
        holds = (
            each["out"] in standing and rest[: len(tried)] == tried and set(states) <= set(OUT)
            and each["at"] > content["drawn_at"] and date.fromisoformat(each["on"]) > _day(each["at"])
            and (each["officers"], each["log"]) == (team, desk.log)
        )  # fmt: skip
        if not holds:
            return "replacement"
        rest, standing = rest[len(tried) :], (standing - {each["out"]}) | {each["in"]}
    return None


def _not_ours(scope: Scope, content: Any) -> str | None:
    """What differs from the draw kept under this batch; None when nothing does, or none is kept."""
    row = queries.by_batch(scope, content["plan"]["batch"])
    paper = queries.paper(scope, row.id) if row is not None else None
    if row is None or paper is None:
        return None
    if paper.result is None:
        return "not drawn here"
    kept = body(scope, row, paper)
    grown = {"replacements", "void", "sha256"}
    same = all(kept[name] == content[name] for name in kept if name not in grown)
    told = content["replacements"] == kept["replacements"][: len(content["replacements"])]
    return None if same and told and content["void"] in (None, kept["void"]) else "not the draw kept here"
