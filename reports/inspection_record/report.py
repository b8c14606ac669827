"""现场检查记录: what was found at a visit, as its officers and the place signed it (domain.md §5.3 (4), §5.3 (6)).

Drawn from the record itself (`visit_records.body`, the text its hash is of), the checks it came with and the hazards that
followed. The sealed data: visit {number, kind, basis}, record {sha256, revision, reason, started_at, ended_at, received_at},
officers, shown, lists [{zh, en, number, score, grade, status, counts, items [{code, zh, en, result, reason}]}], findings,
rechecks, residents, site_people, notes, result, signatures [{role, name, state, reason, strokes, at}]. A draft is drawn from
what has arrived of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.access import P
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from reports._paper import paper
from reports._paper.words import Words

KIND = "inspection-record"
CADENCE = "paper"
ENTITY = "visit"
PERMISSION = P.INSPECTION_READ
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh",)
FOLDER = "inspection_record"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
RESULTS = ("conform", "partial", "nonconform", "not_applicable", "not_checked")


def subject(scope: Scope, row_id: int) -> Subject:
    """The visit; report.no_paper before a record or a draft of one's own has arrived."""
    from eldercare.inspections import queries  # noqa: PLC0415 — the drawing process needs none of this

    visit = queries.visit(scope, row_id)
    queries.record_text(scope, visit)
    return Subject(ENTITY, visit.id, visit.facility, internal=visit.shown_at is None or visit.state != "sent")


def collect(scope: Scope, row_id: int) -> dict[str, Any]:
    """The newest record of a visit, or the asking lead's own draft, with photos made small."""
    from reports.inspection_record.figures import figures  # noqa: PLC0415 — the drawing process needs none of this

    return figures(scope, row_id, subject(scope, row_id))


def context(data: Mapping[str, Any], w: Words, _fingerprint: str, _imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    visit, record = data["visit"], data["record"]
    officers = w("list_sep").join(w("p_officer", name=each["name"], no=each["certificate_no"]) for each in data["officers"])
    lasted = f"{w.moment(record['started_at'])} – {w.moment(record['ended_at'])}" if record["ended_at"] else "—"
    return {
        "title": w("title"), "number": visit["number"] or "—", "heading": None,
        "correction": w("correction", n=record["revision"], reason=record["reason"]) if record["reason"] else "",
        "facts": [
            (w("p_facility"), data["facility"]["name"]), (w("p_address"), data["facility"]["address"] or "—"),
            (w("p_time"), lasted), (w("p_kind"), w("k_" + visit["kind"])), (w("p_basis"), visit["basis"] or "—"),
            (w("p_officers"), officers), (w("shown"), _shown(data, w)),
            (w("site_people"), w("list_sep").join(" ".join(filter(None, (each["post"], each["name"]))) for each in
                                                  data["site_people"]) or "—"),
        ],
        "lists": [_list(each, w) for each in data["lists"]],
        "findings": [_finding(number, each, w) for number, each in enumerate(data["findings"], 1)],
        "rechecks": [
            {"what": f"{each['number']} {each['description']}", "head": w("v_passed" if each["passed"] else "v_failed"),
             "said": [(w("recheck_findings"), each["findings"] or "—")], "photos": paper.captions(w, each["photos"]), "class": ""}
            for each in data["rechecks"]
        ],
        "residents": [f"{each['name']}{w.colon}{_seen(each, w)}" for each in data["residents"]],
        "result": w("res_" + data["result"]) if data["result"] else "—", "notes": data["notes"],
        "signatures": [_signature(each, w) for each in data["signatures"]],
        "hash": w("hash", sha256=record["sha256"] or "—"),
        "received": w("received", at=w.moment(record["received_at"])) if record["received_at"] else "",
    }  # fmt: skip


def _shown(data: Mapping[str, Any], w: Words) -> str:
    shown = data["shown"]
    said = [w("certificates_shown", n=len(shown["certificates"]))] if shown["certificates"] else [w("certificates_not")]
    notice = shown["notice"]
    if notice:
        said.append(w("notice_given", at=w.moment(notice["at"]), way=w("way_" + notice["way"]), to=notice.get("to") or "—"))
    return w("part_sep").join(said)


def _list(each: Mapping[str, Any], w: Words) -> dict[str, Any]:
    counts = w("part_sep").join(w("count_" + key, n=each["counts"][key]) for key in RESULTS if each["counts"].get(key))
    score = w("score", score=each["score"], grade=w("grade_" + each["grade"])) if each["score"] is not None else w("no_score")
    rows = [[item["code"], w.place(item), w("result_" + item["result"]), item["reason"] or ""] for item in each["items"]]
    table = {
        "head": [w("c_code"), w("c_item"), w("c_result"), w("c_reason")], "widths": ["13%", "47%", "15%", "25%"],
        "kinds": ["w", "w", "w", "w"], "rows": rows, "classes": {}, "total": None, "note": "", "keep": False, "whole": True,
    }  # fmt: skip
    return {"title": w("list_title", name=w.place(each), n=each["number"]), "words": w("list_words", counts=counts, score=score),
            "table": table}


def _finding(number: int, each: Mapping[str, Any], w: Words) -> dict[str, Any]:
    where = f" ({each['place']})" if each["place"] else ""
    said = [(w("demand"), each["demand"] or "—")]
    due = w("due", day=w.day(each["due_on"])) if each["due_on"] else "—"
    said.append((w("handling"), w("fixed") if each["fixed_on_spot"] else due))
    head = [w("sev_" + each["severity"]), *filter(None, (each["code"], each["hazard_code"], each["number"]))]
    return {"class": each["severity"], "what": f"{number}. {each['description']}{where}", "head": " · ".join(head), "said": said,
            "photos": paper.captions(w, each["photos"])}


def _seen(each: Mapping[str, Any], w: Words) -> str:
    how = "not_seen" if not each["seen"] else "seen_concern" if each.get("result") == "concern" else "seen"
    said = [w(how), *filter(None, (each["note"],))]
    return w("part_sep").join(said)


def _signature(each: Mapping[str, Any], w: Words) -> dict[str, Any]:
    image = paper.stroke_picture(each["strokes"]) if each["state"] == "signed" else None
    words = "" if image else w("sign_" + each["state"], reason=each["reason"] or "—")
    return {"role": w("role_" + each["role"]), "name": each["name"], "image": image, "words": words,
            "at": w.moment(each["at"]) if each["at"] else ""}
