"""Recognise the columns of somebody else's list by what their headings mean.

Bureaus put a title and a line about the sender over the headings, merge cells over two rows, use
their own words and their own order. `recognise()` looks at the first rows of a sheet, finds the row
(or the two rows) that read most like headings, and gives each column a field, by the heading first
and by what stands in the column where the heading leaves a choice.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

LOOKED_AT = 30  # rows among which the headings are looked for
SAMPLED = 60  # rows below them that show what a column holds
_BRACKETED = re.compile(r"[(\[{<【〔《「].*?[)\]}>】〕》」]")
_SIGNS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"^\d{1,2}(?=[^\d])")
_ASKED = re.compile("必填项?|选填项?|必录项?|可空|非必填")
_LIKE_DATA = re.compile(r"\d{6}|\d{4}[-/.年]\d{1,2}")


@dataclass(frozen=True)
class Field:
    """A field to look for: its headings (see `words.yaml` for the three kinds) and what it holds.

    `looks` says how well a text fits the field, 0 to 1; `decides` that content alone may name a
    column whose heading says nothing (identity numbers do).
    """

    name: str
    exact: frozenset[str]
    words: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()
    looks: Callable[[str], bool] | None = None
    decides: bool = False


@dataclass
class Match:
    """One column: its place in the row, its heading as written, its field, and how it was known.

    `how`: exact, words, place, content, double (the field has another column), unknown.
    """

    index: int
    heading: str
    field: str | None = None
    how: str = "unknown"
    rivals: tuple[str, ...] = ()


@dataclass
class Headings:
    """Where the headings are: `row` and `depth` (1 or 2) in the given rows, and the columns."""

    row: int
    depth: int
    matches: list[Match] = field(default_factory=list)
    score: float = 0.0

    @property
    def first_data(self) -> int:
        """Index of the first row below the headings."""
        return self.row + self.depth

    def index_of(self) -> dict[str, int]:
        """Field → place in the row."""
        return {match.field: match.index for match in self.matches if match.field}


def text_of(value: Any) -> str:
    """A cell as text; whole numbers without `.0`."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def normalise(heading: str) -> str:
    """A heading without blanks, brackets, stars, colons, numbering and "required" marks."""
    text = _ASKED.sub("", unicodedata.normalize("NFKC", heading).lower())
    return _NUMBERED.sub("", _SIGNS.sub("", text))


def forms_of(heading: str) -> tuple[str, ...]:
    """The readings of a heading: whole, and without what stands in brackets."""
    whole = normalise(heading)
    outside = normalise(_BRACKETED.sub("", unicodedata.normalize("NFKC", heading)))
    return (whole, outside) if outside and outside != whole else (whole,)


class Recogniser:
    """Knows the fields of one kind of list.

    `needed` are the fields without which a row of headings is none; `bare` tells which field a
    plain heading means beside which neighbour: {("phone", "contact"): "contact_phone"} with
    `groups` naming the neighbour's fields.
    """

    def __init__(
        self, fields: Iterable[Field], needed: Sequence[str],
        groups: Mapping[str, str] | None = None, bare: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.fields = {entry.name: entry for entry in fields}
        self.needed = tuple(needed)
        self.groups, self.bare = dict(groups or {}), dict(bare or {})
        self._exact: dict[str, list[str]] = {}
        for entry in self.fields.values():
            for heading in entry.exact:
                self._exact.setdefault(normalise(heading), []).append(entry.name)

    def recognise(self, rows: Sequence[Sequence[Any]]) -> Headings | None:
        """The headings of a sheet from its first rows (give it at least LOOKED_AT + SAMPLED)."""
        texts = [[text_of(cell).strip() for cell in row] for row in rows[: LOOKED_AT + SAMPLED + 2]]
        best: Headings | None = None
        for row in range(min(LOOKED_AT, len(texts))):
            for depth in (1, 2):
                found = self._try(texts, row, depth)
                if found and (best is None or found.score > best.score):
                    best = found
        return best

    def _try(self, texts: list[list[str]], row: int, depth: int) -> Headings | None:
        headings = texts[row]
        if sum(map(bool, headings)) < 2 or any(_LIKE_DATA.search(text) for text in headings):
            return None
        lower: list[str] = []
        if depth == 2:
            lower = texts[row + 1] if row + 1 < len(texts) else []
            merged = _merged(headings, lower)
            if merged is None:
                return None
            headings = merged
        sample = texts[row + depth : row + depth + SAMPLED]
        found = Headings(row, depth)
        for index, text in enumerate(headings):
            found.matches.append(self._match(index, text, sample, lower[index] if index < len(lower) else ""))
        self._settle(found, sample)
        known = found.index_of()
        if not all(name in known for name in self.needed):
            return None
        weight = {"exact": 3.0, "words": 2.0, "place": 2.0, "content": 1.0}
        found.score = sum(weight.get(match.how, 0.0) for match in found.matches if match.field) - 0.5 * (depth - 1)
        return found

    def candidates(self, heading: str) -> tuple[list[str], str]:
        """The fields a heading may mean, likeliest first, and how that is known."""
        forms = [form for form in forms_of(heading) if form]
        for form in forms:
            if form in self._exact:
                return self._exact[form], "exact"
        scores: dict[str, int] = {}
        for entry in self.fields.values():
            for form in forms:
                if any(word in form for word in entry.never):
                    continue
                fits = [sum(map(len, group)) for group in entry.words if all(word in form for word in group)]
                if fits:
                    scores[entry.name] = max(scores.get(entry.name, 0), *fits)
        most = max(scores.values(), default=0)
        return [name for name, score in scores.items() if score == most], "words"

    def _match(self, index: int, heading: str, sample: list[list[str]], lower: str = "") -> Match:
        """One column's match; `lower` is the lower half of a heading of two rows, which may suffice."""
        names, how = self.candidates(heading) if heading else ([], "unknown")
        if lower:
            alone, how_alone = self.candidates(lower)
            names = names or alone
            how = how_alone if names[:1] == alone[:1] else how
        if len(names) > 1:
            names = sorted(names, key=lambda name: -self._fit(name, index, sample))
        if names:
            return Match(index, heading, names[0], how, tuple(names[1:]))
        return Match(index, heading)

    def _fit(self, name: str, index: int, sample: list[list[str]]) -> float:
        """How much of a column looks like a field, 0 to 1; 0 for an empty column."""
        looks = self.fields[name].looks
        values = [row[index] for row in sample if index < len(row) and row[index]]
        return sum(map(looks, values)) / len(values) if looks and values else 0.0

    def _settle(self, found: Headings, sample: list[list[str]]) -> None:
        """Bare headings by their neighbour, fields named twice, and columns content gives away."""
        taken_bare = {match.field for match in found.matches}
        for left, here in pairwise(found.matches):
            group = self.groups.get(left.field or "")
            other = self.bare.get((here.field or "", group or ""))
            if other and other not in taken_bare:
                here.field, here.how = other, "place"
        for name in {match.field for match in found.matches if match.field}:
            same = [match for match in found.matches if match.field == name]
            if len(same) > 1:
                same.sort(key=lambda match: (match.how != "exact", -self._fit(name, match.index, sample), match.index))
                for match in same[1:]:
                    rival = next((r for r in match.rivals if r not in found.index_of()), None)
                    match.field, match.how = (rival, "words") if rival else (None, "double")
        for name, entry in self.fields.items():
            if entry.decides:
                self._by_content(name, found, sample)

    def _by_content(self, name: str, found: Headings, sample: list[list[str]]) -> None:
        """Give a field to the column that holds it, where the heading says nothing or something else."""
        sitting = next((match for match in found.matches if match.field == name), None)
        if sitting and self._fit(name, sitting.index, sample) >= 0.2:
            return
        free = [match for match in found.matches if match.field is None or match is sitting]
        likely = max(free, key=lambda match: self._fit(name, match.index, sample), default=None)
        if likely and likely is not sitting and self._fit(name, likely.index, sample) >= 0.6:
            if sitting:
                sitting.field, sitting.how = None, "unknown"
            likely.field, likely.how = name, "content"


def _merged(upper: list[str], lower: list[str]) -> list[str] | None:
    """Two rows of headings as one, or None when the lower one is none.

    A cell merged over several columns stands over the first of them alone.
    """
    filled = [text for text in lower if text]
    if not filled or any(_LIKE_DATA.search(text) or len(text) > 20 for text in filled):
        return None
    out: list[str] = []
    above = ""
    for index in range(max(len(upper), len(lower))):
        over = upper[index] if index < len(upper) else ""
        under = lower[index] if index < len(lower) else ""
        if over:
            above = over
        out.append(f"{above}{under}" if under else over)
    return out
