"""复查记录: a hazard, what the place did about it and what the rechecks found (domain.md §5.4).

The sealed data: hazard {number, severity, description, place, demand, found_by, found_on, issued_on, due_on, first_due_on,
overdue_days, source}, before [photo],
replies [{seq, measures, at, by, result, findings, rechecked_at, rechecked_by, after [photo],
recheck [photo]}]; a photo is {sha256}, made small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from reports._paper import paper
from reports._paper.words import Words

KIND = "recheck-record"
CADENCE = "paper"
ENTITY = "hazard"
PERMISSION = P.HAZARD_READ
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)
FOLDER = "recheck_record"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}


def subject(scope: Scope, row_id: int) -> Subject:
    """The hazard; report.no_paper before its first recheck."""
    from eldercare.hazards import queries  # noqa: PLC0415 — the drawing process needs none of this

    hazard = queries.hazard(scope, row_id)
    if not any(reply.result for reply in hazard.replies):
        raise Refused("report.no_paper")
    return Subject(ENTITY, hazard.id, hazard.facility)


def collect(scope: Scope, row_id: int) -> dict[str, Any]:
    """A hazard's replies and rechecks with their photos."""
    from eldercare.core import attachments, papers  # noqa: PLC0415
    from eldercare.hazards import queries  # noqa: PLC0415

    about = subject(scope, row_id)
    hazard = queries.hazard(scope, row_id)
    done = [reply for reply in hazard.replies if reply.result]
    data = paper.frame(KIND, TEMPLATE_VERSION, about, done[-1].rechecked_at)
    kept = attachments.of_many(scope, "hazard_reply", [reply.id for reply in done])
    seen: set[str] = set()

    def photos(found: list[Any], kind: str) -> list[dict[str, str]]:
        small = [papers.photo(each.sha256) for each in found if each.kind == kind and each.is_picture]
        seen.update(small)
        return [{"sha256": each} for each in small]

    return data | {
        "hazard": {
            "number": hazard.number, "severity": hazard.severity, "description": hazard.description, "place": hazard.place_note,
            "demand": hazard.demand, "found_by": hazard.found_by, "found_on": hazard.found_on.isoformat(),
            "issued_on": _day(hazard.issued_on), "due_on": _day(hazard.due_on), "source": hazard.source_label,
            "first_due_on": _day(hazard.first_due_on),
            "overdue_days": hazard.overdue_days,
        },
        "before": photos(attachments.of(scope, hazard), "before"),
        "replies": [
            {
                "seq": reply.seq, "measures": reply.measures, "at": _iso(reply.replied_at), "by": reply.replied_by,
                "result": reply.result, "findings": reply.findings, "rechecked_at": _iso(reply.rechecked_at),
                "rechecked_by": reply.rechecked_by, "after": photos(kept.get(reply.id, []), "after"),
                "recheck": photos(kept.get(reply.id, []), "recheck"),
            }
            for reply in done
        ],
        "photos": sorted(seen),
    }  # fmt: skip


def _day(day: Any) -> str | None:
    """None where there is none: an order withdrawn since leaves no deadline."""
    return day.isoformat() if day else None


def _iso(moment: Any) -> str:
    from eldercare.core import calendar  # noqa: PLC0415

    return calendar.local(moment).isoformat()


def context(data: Mapping[str, Any], w: Words, _fingerprint: str, _imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    hazard, last = data["hazard"], data["replies"][-1]
    due = w.day(hazard["due_on"]) if hazard["due_on"] else "—"
    if hazard["first_due_on"]:
        due += w("extended", day=w.day(hazard["first_due_on"]))
    if hazard["overdue_days"]:
        due += w("overdue", n=hazard["overdue_days"], count=hazard["overdue_days"])
    return {
        "title": w("title"), "number": hazard["number"], "heading": None,
        "facts": [
            (w("p_facility"), data["facility"]["name"]), (w("p_address"), data["facility"]["address"] or "—"),
            (w("what"), hazard["description"] + (f" ({hazard['place']})" if hazard["place"] else "")),
            (w("severity"), w("sev_" + hazard["severity"])),
            (w("found"), w("found_line", day=w.day(hazard["found_on"]), by=hazard["found_by"], source=hazard["source"] or "—")),
            (w("demand"), hazard["demand"] or "—"), (w("due"), due), (w("verdict"), w("v_" + last["result"])),
        ],
        "before": paper.captions(w, data["before"]), "rounds": [_round(reply, w) for reply in data["replies"]],
        "organ": w.place(data["organ"]), "day": w.day(data["cutoff_at"]),
    }  # fmt: skip


def _round(reply: Mapping[str, Any], w: Words) -> dict[str, Any]:
    return {
        "title": w("round", n=reply["seq"]),
        "said": [
            (w("measures"), reply["measures"]), (w("replied"), w("by_at", by=reply["by"], at=w.moment(reply["at"]))),
            (w("findings"), reply["findings"] or "—"), (w("result"), w("v_" + reply["result"])),
            (w("rechecked"), w("by_at", by=reply["rechecked_by"], at=w.moment(reply["rechecked_at"]))),
        ],
        "photos": paper.captions(w, [*reply["after"], *reply["recheck"]]),
    }  # fmt: skip
