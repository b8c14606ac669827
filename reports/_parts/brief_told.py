"""报告情况: the deadlines of the law with whether they were kept, who was told how, which reports went up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "brief_told"


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Deadlines first: an unkept one is what a leader has to know."""
    one, now = data["incident"], data["cutoff_at"]
    rows, classes = [], {}
    for i, each in enumerate(one["deadlines"]):
        standing, colour = _standing(each, now, w)
        classes[i] = colour
        met = w.moment(each["met_at"]) if each["met_at"] else w("none")
        rows.append([w.place(each["what"]), w.moment(each["due_at"]), met, standing])
    columns = [(w("br_c_deadline"), -44), (w("br_c_due"), -40), (w("br_c_met"), -40), (w("br_c_kept"), -30)]
    told = [[w.place(each["body"]), w.place(each["way"]), w.moment(each["at"])] for each in one["told"]]
    heads = [(w("br_c_body"), -44), (w("br_c_way"), -44), (w("br_c_at"), -40)]
    sent = w("join").join(w("br_sent_one", kind=w.place(each["kind"]), at=w.moment(each["at"])) for each in one["sent"])
    return [
        show.h3(w("br_h_deadlines")),
        show.table(tables.table("", columns, rows, classes=classes, whole=True)) if rows else show.empty(w("br_no_deadlines")),
        show.h3(w("br_h_told")),
        show.table(tables.table("", heads, told, whole=True)) if told else show.empty(w("br_nobody_told")),
        show.words([w("br_sent", list=sent)] if sent else []),
    ]


def _standing(each: Data, now: str, w: Words) -> tuple[str, str]:
    if each["dropped"]:
        return w("br_dropped"), ""
    if each["late_minutes"] or (not each["met_at"] and each["due_at"] < now):
        minutes = each["late_minutes"]
        return (w("br_late", n=w.n(minutes)) if minutes else w("br_overdue")), "bad"
    return (w("br_kept"), "good") if each["met_at"] else (w("br_running"), "near")
