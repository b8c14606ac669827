"""What a part may show: plain dicts that paper, screen and DOCX each draw in their own manner.

`drill` and a table's `links` are addresses on the platform where the rows behind a figure stand: for the screen alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports._paper.words import Words

Block = dict[str, Any]


def h3(text: str) -> Block:
    """A heading inside the part; its number （一） comes by itself."""
    return {"is": "h3", "text": text}


def words(said: Sequence[str], drill: str | None = None) -> Block:
    """Paragraphs."""
    return {"is": "words", "list": [each for each in said if each], "drill": drill}


def table(drawn: Mapping[str, Any], drill: str | None = None, links: Sequence[str | None] = ()) -> Block:
    """A table made by `tables.table()`; `links`: one address or None a row."""
    return {"is": "table", "table": drawn, "drill": drill, "links": list(links)}


def picture(drawn: Mapping[str, Any] | None, drill: str | None = None) -> Block:
    """A chart {title, alt, spec}; nothing where there is none to draw."""
    return {"is": "picture", "picture": drawn, "drill": drill}


def note(text: str) -> Block:
    """Small print under a table."""
    return {"is": "note", "text": text}


def pair(left: Sequence[Block], right: Sequence[Block]) -> Block:
    """Two columns side by side."""
    return {"is": "pair", "left": list(left), "right": list(right)}


def tiles(drawn: Sequence[Mapping[str, Any]]) -> Block:
    """Large figures; each may carry its own `drill`."""
    return {"is": "tiles", "list": list(drawn)}


def decide(title: str, said: Sequence[str]) -> Block:
    """What needs a decision, numbered."""
    return {"is": "decide", "title": title, "list": list(said)}


def case(title: str, facts: Sequence[tuple[str, str]], said: Sequence[str], photos: Sequence[Mapping[str, str]] = (),
         drill: str | None = None) -> Block:  # fmt: skip
    """A problem as it was found: facts, words, photos {sha256, words} of things and places, never of people."""
    return {"is": "case", "title": title, "facts": list(facts), "list": list(said), "photos": list(photos), "drill": drill}


def empty(text: str) -> Block:
    """Nothing to show, and why."""
    return {"is": "empty", "text": text}


def own_words(texts: Mapping[str, Any], key: str, w: Words) -> list[Block]:
    """What people wrote for a part; as long as it may be written (`texts["open"]`) its place is kept free in sight."""
    if texts.get(key):
        return [words(texts[key])]
    return [empty(w("to_be_written"))] if texts.get("open") else []


def numbered(said: Sequence[str]) -> Block:
    """A plain numbered list (definitions)."""
    return {"is": "numbered", "list": list(said)}
