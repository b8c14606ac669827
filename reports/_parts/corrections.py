"""上期数据更正: what the issue before said of its month, and what is counted today. Late data change no published issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "corrections"
RECKONED_ANEW = ("average_occupancy",)  # by the beds on file today, of which no history is kept: a change is no correction


def collect(g: Gather) -> Json | None:
    """{period, edition, number {year, number} or null, dataset_sha256, indicators [{key, value}]} of the newest published
    edition of the period before; None where there is none. What they are today stands in data["indicators"] as "previous".
    """
    sealed = g.issue_before
    if sealed is None:
        return None
    told = [each for each in sealed.dataset["indicators"] if each["value"] and each["key"] not in RECKONED_ANEW]
    return {
        "period": sealed.period, "edition": sealed.edition, "number": sealed.imprint.get("number"),
        "dataset_sha256": sealed.dataset_sha256,
        "indicators": [{"key": each["key"], "value": each["value"]} for each in told],
    }  # fmt: skip


def _lines(data: Data, w: Words) -> list[str]:
    """One sentence for each indicator that is not today what was published."""
    told = data.get("corrections")
    if not told:
        return []
    today = {each["key"]: each["previous"] for each in data["indicators"]}
    said = []
    for each in told["indicators"]:
        now, then = today.get(each["key"]), each["value"]
        if now is None or w.figure(now) == w.figure(then):  # what prints alike is no correction
            continue
        name = tables.indicator_name(each["key"], data, w)
        moved = w.change(now, then)
        said.append(w("cor_line", month=w.month(told["period"]), name=name, old=w.figure(then), new=w.figure(now), moved=moved))
    return said


def summary(data: Data, w: Words) -> list[str]:
    """That there are corrections, and where."""
    lines = _lines(data, w)
    return [w("cor_summary", n=len(lines), part=w.numeral(w.numbers[KEY]))] if lines else []


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Which issue, then a sentence each; nothing where nothing is corrected."""
    lines = _lines(data, w)
    if not lines:
        return []
    told = data["corrections"]
    issue = w.issue(told["number"], told["period"]) if told["number"] else w.month(told["period"])
    return [show.words([w("cor_intro", issue=issue + " " + w("cor_edition", n=told["edition"])), *lines])]
