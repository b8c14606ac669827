"""What two editions say differently: cell by cell of their tables, sentence by sentence of their words; figures, nothing else.

Both are put into tables and words by today's templates in the reader's language, and these are compared. Where one was sealed
in a shape that today's templates no longer understand, the sealed figures themselves are compared, by their names.
"""

import importlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.approval.models import TEXTS
from eldercare.reporting.models import Report
from eldercare.reporting.render import attached

Cells = Mapping[tuple[str, ...], Mapping[str, str]]  # row → {column: what stands there}
_SECOND = re.compile("^(\uff08.{1,3}\uff09|\\(\\d+\\) ?)")  # the number of a heading inside a part
_NAMES = ("key", "code", "month", "band", "level", "facility_type", "household_type", "living_arrangement", "name", "facility")


@dataclass(frozen=True)
class Change:
    """One thing that differs. `what`: changed, added, removed; `by`: new less old where both are numbers."""

    what: str
    row: str
    column: str = ""
    old: str = ""
    new: str = ""
    by: str = ""


@dataclass(frozen=True)
class Section:
    """What differs in one table of a part, or in its words."""

    part: str
    table: str
    changes: list[Change] = field(default_factory=list)
    sentences: list[Change] = field(default_factory=list)


def differences(old: Report, new: Report, language: str) -> list[Section]:
    """What `new` says differently from `old`, in the order of the report; empty when they say the same."""
    words = reporting.words(old.kind, language)
    try:
        before, after = (sections_of(each, words) for each in (old, new))
    except Exception:  # noqa: BLE001 — today's templates need not understand what was sealed years ago
        return _of_figures(old.dataset, new.dataset)
    found: list[Section] = []
    for key in dict.fromkeys([*after, *before]):
        found += _of_part(before.get(key), after.get(key), words)
    return found


def sections_of(report: Report, words: Any) -> dict[str, Any]:
    """What a report shows, by the key of its parts."""
    assemble = importlib.import_module("reports._paper.assemble")
    said: dict[str, list[str]] = {key: [] for key in TEXTS} | report.imprint.get("texts", {})
    sections = assemble.sections(report.dataset, words, "", said)
    return {section["key"]: section for section in sections}


def _of_part(old: Any, new: Any, words: Any) -> list[Section]:
    part = str((new or old)["title"])
    before, after = (tables_of(each["blocks"]) if each else {} for each in (old, new))
    found = [
        Section(part, heading, changes=_of_cells(before.get((heading, n), {}), after.get((heading, n), {}), words))
        for heading, n in dict.fromkeys([*after, *before])
    ]
    said = _of_words(*(list(sentences_of(each["blocks"])) if each else [] for each in (old, new)))
    return [each for each in [Section(part, "", sentences=said), *found] if each.changes or each.sentences]


def tables_of(blocks: Sequence[Any]) -> dict[tuple[str, int], Cells]:
    """The tables of a part by the heading over them, and which under it."""
    found: dict[tuple[str, int], Cells] = {}
    count: Counter[str] = Counter()
    for _part, heading, table in attached.tables([{"number": "", "title": "", "blocks": blocks}]):
        name = _SECOND.sub("", heading) or table["caption"]
        found[name, count[name]] = _cells(table)
        count[name] += 1
    return found


def _cells(table: Mapping[str, Any]) -> Cells:
    """Rows by what names them: their first words; numbers in the columns after."""
    head = [name.replace("\n", "") for name in table["head"]]
    names = [at for at, kind in enumerate(table["kinds"]) if kind == "w"][:2] or []
    rows, seen = {}, Counter[tuple[str, ...]]()
    for row in [*table["rows"], *([table["total"]] if table["total"] else [])]:
        key = tuple(row[at] for at in names if row[at])
        seen[key] += 1
        again = (str(seen[key]),) if seen[key] > 1 else ()
        rows[(*key, *again)] = {head[at]: cell for at, cell in enumerate(row) if at not in names}
    return rows


def _of_cells(old: Cells, new: Cells, words: Any) -> list[Change]:
    found = []
    for key in dict.fromkeys([*new, *old]):
        row = " \u00b7 ".join(key)
        if key not in old:
            found.append(Change("added", row, new=_line(new[key])))
        elif key not in new:
            found.append(Change("removed", row, old=_line(old[key])))
        else:
            found += [
                Change("changed", row, column, old[key].get(column, ""), cell, moved(old[key].get(column, ""), cell, words))
                for column, cell in new[key].items() if cell != old[key].get(column, "")
            ]  # fmt: skip
    return found


def _line(cells: Mapping[str, str]) -> str:
    return "\uff1b".join(f"{column} {cell}" for column, cell in cells.items() if cell)


def moved(old: str, new: str, words: Any) -> str:
    """New less old; percentages in points; empty where either is no plain number."""
    if old[:1] in "+\u2212" or new[:1] in "+\u2212":
        return ""
    before, after = attached.number(old), attached.number(new)
    if before is None or after is None or old.endswith("%") != new.endswith("%"):
        return ""
    share = new.endswith("%")
    places = max(len(text.rstrip("%").partition(".")[2]) for text in (old, new))
    by = f"{(after - before) * (100 if share else 1):+,.{places}f}".replace("-", "\u2212")
    return str(words("pp", n=by)) if share else by


def sentences_of(blocks: Sequence[Any]) -> Iterator[str]:
    """The words of a part, one paragraph after another."""
    for block in blocks:
        if block["is"] in ("words", "numbered", "decide"):
            yield from block["list"]
        elif block["is"] in ("note", "empty"):
            yield block["text"]
        elif block["is"] == "case":
            yield " ".join([block["title"], *block["list"], *(f"{name} {value}" for name, value in block["facts"])])
        elif block["is"] == "pair":
            yield from sentences_of([*block["left"], *block["right"]])


def _of_words(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    found = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        before, after = [*old[a:b]], [*new[c:d]]
        size = max(len(before), len(after))
        pairs = zip(before + [""] * (size - len(before)), after + [""] * (size - len(after)), strict=True)
        found += [Change("changed" if x and y else "added" if y else "removed", "", old=x, new=y) for x, y in pairs]
    return found


# ---- the sealed figures themselves ------------------------------------------------------------------


def _of_figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Section]:
    found = []
    for key in dict.fromkeys([*new, *old]):
        before, after = (dict(_leaves(data.get(key), ())) for data in (old, new))
        changes = [
            Change("added" if name not in before else "removed" if name not in after else "changed", " \u00b7 ".join(name),
                   old=before.get(name, ""), new=after.get(name, ""))
            for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)
        ]  # fmt: skip
        if changes:
            found.append(Section(key, "", changes=changes))
    return found


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            name = next((each[key] for key in _NAMES if key in each), at) if isinstance(each, Mapping) else at
            yield from _leaves(each, (*path, str(name)))
    elif value is not None:
        yield path, str(value)


# ---- rows -------------------------------------------------------------------------------------------


def pair(scope: Scope, report_id: int, other_id: int) -> tuple[Report, Report]:
    """Two editions of the same report and place, the older first; 404 for any other pair, report.file_gone without figures."""
    rows = [reporting.report(scope, each) for each in (report_id, other_id)]
    old, new = sorted(rows, key=lambda row: (row.period, row.edition, row.id))
    if old.is_paper or (old.kind, old.place) != (new.kind, new.place) or old.id == new.id:
        scope.get(Report, 0)
    if old.is_gone or new.is_gone:
        raise Refused("report.file_gone")
    return old, new


def last_published(scope: Scope, kind: str, period: str, place: str) -> Report | None:
    """The newest edition of a report that is published: what a later issue corrects."""
    about = (Report.kind == kind, Report.period == period, Report.place == place, Report.subject == "",
             Report.file_removed_at.is_(None))  # fmt: skip
    query = scope.select(Report).where(*about, Report.state == "published").order_by(Report.edition.desc(), Report.id)
    return db.session.scalars(query.limit(1)).one_or_none()
