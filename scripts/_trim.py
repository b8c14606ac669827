"""Keep of a style sheet only what our pages can use.

A rule stays when every class it names occurs as a word somewhere in our templates, scripts, styles
or Python; Tabler then weighs a seventh. Class names are therefore written whole, never put together.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

WORD = re.compile(r"[A-Za-z][\w-]*")
CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
INVERTED = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
NESTED = ("@media", "@supports", "@layer", "@container")


def trimmed(sheet: Path, files: Iterable[Path]) -> str:
    """The style sheet without the rules whose classes no file names."""
    texts = (path.read_text(encoding="utf-8") for path in files if path.suffix in {".html", ".py", ".js", ".css"})
    return trim(sheet.read_text(encoding="utf-8"), {word for text in texts for word in WORD.findall(text)})


def trim(css: str, words: set[str]) -> str:
    """The same for texts; `words` is every word that could be a class name."""
    kept = []
    for head, body in _rules(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if body is None:
            kept.append(head)
        elif head.startswith(NESTED):
            inner = trim(body, words)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        elif selectors := [one for one in _selectors(head) if _is_used(one, words)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def _rules(css: str) -> Iterator[tuple[str, str | None]]:
    """(head, body) of each rule; the body is None for a statement such as @charset."""
    at = 0
    while (brace := css.find("{", at)) >= 0:
        end = css.find(";", at, brace)
        if end >= 0:
            yield css[at : end + 1], None
            at = end + 1
            continue
        depth, close = 1, brace
        while depth:
            close = min(place for mark in "{}" if (place := css.find(mark, close + 1)) >= 0)
            depth += 1 if css[close] == "{" else -1
        yield css[at:brace].strip(), css[brace + 1 : close]
        at = close + 1


def _selectors(head: str) -> list[str]:
    """The list cut at its commas, brackets left whole."""
    found, depth = [""], 0
    for sign in head:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def _is_used(selector: str, words: set[str]) -> bool:
    return all(name.replace("\\", "") in words for name in CLASS.findall(INVERTED.sub("", selector)))
