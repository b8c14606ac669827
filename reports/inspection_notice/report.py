"""检查通知书: a visit told to the place: why, when, by whom, what is looked at, which rights it has (domain.md §5.2, §5.3).

The sealed data: facility {code, name, address, head, township}, visit {kind, basis, purpose, planned_on, from, to,
notice}, officers [{name, certificate_no}], lists [{zh, en}], Nothing is printed that nobody issued: number
and stamp are left free for a person.
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

KIND = "inspection-notice"
CADENCE = "paper"
ENTITY = "visit"
PERMISSION = P.INSPECTION_READ
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)
FOLDER = "inspection_notice"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}


def subject(scope: Scope, row_id: int) -> Subject:
    """The visit; report.no_paper for one that is not told (case checks) or was cancelled."""
    from eldercare.inspections import queries  # noqa: PLC0415 — the drawing process needs none of this

    visit = queries.visit(scope, row_id)
    if visit.notice == "none" or visit.state == "cancelled":
        raise Refused("report.no_paper")
    return Subject("visit", visit.id, visit.facility, internal=visit.shown_at is None)


def collect(scope: Scope, row_id: int) -> dict[str, Any]:
    """What the notice says of a visit."""
    from eldercare.core import calendar  # noqa: PLC0415
    from eldercare.inspections import queries  # noqa: PLC0415

    visit = queries.visit(scope, row_id)
    data = paper.frame(KIND, TEMPLATE_VERSION, subject(scope, row_id), visit.noticed_at or calendar.now())
    return data | {
        "visit": {
            "kind": visit.kind, "basis": visit.basis, "purpose": visit.purpose, "planned_on": visit.planned_on.isoformat(),
            "from": visit.window_from.strftime("%H:%M") if visit.window_from else None,
            "to": visit.window_to.strftime("%H:%M") if visit.window_to else None, "notice": visit.notice,
        },
        "officers": [
            {"name": row.officer.name, "certificate_no": row.officer.certificate_no} for row in visit.officers
        ],
        "lists": [{"zh": row.version.zh, "en": row.version.en} for row in visit.lists],
    }  # fmt: skip


def context(data: Mapping[str, Any], w: Words, _fingerprint: str, _imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    visit, place = data["visit"], data["facility"]
    when = w.day(visit["planned_on"])
    if visit["from"] and visit["to"]:
        when += f" {visit['from']}–{visit['to']}"
    kind = w("k_" + visit["kind"])
    lists = w("list_sep").join(w.place(each) for each in data["lists"])
    officers = w("list_sep").join(w("p_officer", name=each["name"], no=each["certificate_no"]) for each in data["officers"])
    return {
        "title": w("title"), "number": w("number_free", year=data["cutoff_at"][:4]), "heading": None,
        "to": w("to", name=place["name"]), "text": w("text", basis=visit["basis"] or w("basis_usual"), day=when, kind=kind),
        "facts": [
            (w("p_kind"), kind), (w("p_time"), when), (w("lists"), lists), (w("p_officers"), officers),
            *([(w("p_content"), visit["purpose"])] if visit["purpose"] else []),
        ],
        "rights": [w("right_avoid"), w("right_certificate"), w("right_speak"), w("duty")],
        "organ": w.place(data["organ"]), "day": w.day(data["cutoff_at"]),
        "receipt": [(w("r_to"), place["name"]), (w("r_way"), ""), (w("r_at"), ""), (w("r_signed"), ""), (w("r_by"), "")],
    }  # fmt: skip
