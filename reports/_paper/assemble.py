"""From a report's list of parts to its sealed figures, and from these to what it shows.

A part is `reports/_parts/<key>.py` with KEY, `collect(g)` (plain JSON, sealed as data[KEY]; None: does not apply here; a
part without it speaks of the others' figures) and `blocks(data, w)` ([] leaves the part out), from data alone. It may also
have: `summary(data, w)` sentences for page 1, `decisions(data, w)` [(weight, sentence)], `indicators(g)`,
`definitions(data, w)`, `title(data, w)`, and the flags ANNEX, WIDE (a landscape sheet), SHEET (begins a page).
`data["texts"]` is what people wrote (assessment, requirements, next_month: lists of paragraphs), never sealed with figures.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from reports._paper.words import Words

if TYPE_CHECKING:
    from eldercare.core.calendar import Period
    from eldercare.core.scope import Scope
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]


def part(key: str) -> ModuleType:
    """One part by its key."""
    return importlib.import_module(f"reports._parts.{key}")


def collect(
    module: ModuleType, scope: Scope, period: Period, parts: Sequence[str] | None = None,
    reach: Callable[[str], Scope] | None = None,
) -> Json:  # fmt: skip
    """A report's figures at the end of a period; `scope` reaches its place alone. `parts`: others than the report's own.

    `reach(key)`: on screen each part is collected under the reader's own permission for it.
    """
    from reports._paper import figures  # noqa: PLC0415 — the drawing process needs none of this

    g = figures.begin(module.KIND, module.TEMPLATE_VERSION, module.AUDIENCE, scope, period)
    g.data["parts"] = []
    for key in parts or module.PARTS:
        if hasattr(part(key), "collect"):
            found = part(key).collect(_under(g, key, reach))
            if found is None:
                continue
            g.data[key] = found
        g.data["parts"].append(key)
    counting = [key for key in g.data["parts"] if hasattr(part(key), "indicators")]
    g.data["indicators"] = [each for key in counting for each in part(key).indicators(_under(g, key, reach))]
    return g.data


def _under(g: Gather, key: str, reach: Callable[[str], Scope] | None) -> Gather:
    return g if reach is None else replace(g, scope=reach(key).enter())


def of(name: str) -> tuple[Callable[..., Json], Callable[..., dict[str, Any]]]:
    """`collect()` and `context()` of a report (`__name__`) that is its parts and nothing else."""

    def figures_of(scope: Scope, period: Period) -> Json:
        """The figures at the end of a period; `scope` reaches the report's place alone."""
        return collect(sys.modules[name], scope, period)

    def shown(data: Data, w: Words, fingerprint: str, imprint: Data) -> dict[str, Any]:
        """Everything page.html shows, in the language of `w`."""
        return context(sys.modules[name], data, w, fingerprint, imprint)

    return figures_of, shown


def context(module: ModuleType, data: Data, w: Words, fingerprint: str, imprint: Data) -> dict[str, Any]:
    """Everything `_paper/report.html` shows, in the language of `w`."""
    texts = {**imprint["texts"], "open": imprint["state"] == "draft"}
    return {
        "title": w("full_title", place=w.place(data["place"])),
        "sections": sections(data, w, fingerprint, texts),
        "cover": getattr(module, "COVER", False),
    }


def sections(data: Data, w: Words, fingerprint: str, texts: Data) -> list[dict[str, Any]]:
    """The parts that have something to show, numbered; annexes apart. `texts`: what people wrote; "open" while they may."""
    known = {**data, "texts": texts, "fingerprint": fingerprint}
    keys = list(data["parts"])
    w.numbers = {}
    drawn = {key: part(key).blocks(known, w) for key in keys if key not in ("summary", "definitions")}
    shown = [key for key in keys if key not in drawn or drawn[key]]
    annexes = [key for key in shown if getattr(part(key), "ANNEX", False)]
    # page 1 points at the parts by number, so it is written when these are known
    w.numbers = {key: n for n, key in enumerate((key for key in shown if key not in annexes), start=1)}
    for key in ("summary", "definitions"):
        if key in keys:
            drawn[key] = part(key).blocks(known, w)
    return [_section(key, drawn[key], known, w, annexes) for key in shown]


def _section(key: str, blocks: list[Any], data: Data, w: Words, annexes: Sequence[str]) -> dict[str, Any]:
    module = part(key)
    title = module.title(data, w) if hasattr(module, "title") else w(f"h_{key}")
    if key in annexes:
        number = w("annex", n=annexes.index(key) + 1 if len(annexes) > 1 else "").strip() + w.colon
    else:
        number = w.number(w.numbers[key])
    return {
        "key": key, "number": number, "title": title, "blocks": _numbered(blocks, w),
        "wide": getattr(module, "WIDE", False), "sheet": getattr(module, "SHEET", False) or key in annexes,
    }  # fmt: skip


def _numbered(blocks: Sequence[Any], w: Words) -> list[Any]:
    """Headings inside a part get （一）, （二）… where there are several."""
    several = sum(block["is"] == "h3" for block in blocks) > 1
    out, n = [], 0
    for block in blocks:
        if block["is"] == "h3" and several:
            n += 1
            out.append({**block, "text": w.second(n) + block["text"]})
        else:
            out.append(block)
    return out


def said(data: Data, w: Words, what: str) -> list[Any]:
    """What every part has to say for page 1 or the definitions, in the order of the report."""
    found = []
    for key in data["parts"]:
        speak = getattr(part(key), what, None)
        if speak:
            found += speak(data, w)
    return found
