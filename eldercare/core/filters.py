"""Filters of a Listing: each reads its names from the query string and gives a condition.

What makes no sense is left out, with a sentence that says so; nothing typed into an address can
make a fault. `where` turns the accepted value into a SQL condition (None: narrows nothing).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import drawing, jinja
from eldercare.core.calendar import Month

Args = Mapping[str, Any]  # request.args, or what BoundListing.query gave
Pairs = Iterable[tuple[Any, Any]]  # (value, words)
Where = Callable[[Any], Any]

_LONGEST = 100
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


def values_of(args: Args, name: str) -> list[str]:
    """All values given under a name, control characters dropped, blanks trimmed."""
    found = args.getlist(name) if hasattr(args, "getlist") else args.get(name, [])
    texts = [found] if isinstance(found, str) else [str(each) for each in found]
    return ["".join(c for c in text if c.isprintable()).strip() for text in texts]


@dataclass(frozen=True)
class Asked:
    """A filter as asked: the accepted value, its words, the query-string form, a note when left out.

    raw: what to carry in an address. lifted: what an address without the filter must carry
    (a filter with a default is lifted by saying "any" out loud).
    """

    filter: "Filter"
    value: Any = None
    text: str = ""
    raw: dict[str, list[str]] = field(default_factory=dict)
    lifted: dict[str, str] = field(default_factory=dict)
    choices: Sequence[tuple[str, Any]] = ()
    note: Any = None

    @property
    def is_set(self) -> bool:
        """Whether it narrows the list."""
        return self.value not in (None, "", ())

    @property
    def options(self) -> Any:
        """The values of a drop-down, drawn."""
        return drawing.options(self.choices, self.value)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The values to show as chosen."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


@dataclass(frozen=True)
class Filter:
    """What all filters share. `quiet` ones are drawn behind "more filters"."""

    name: str
    label: Any
    where: Where | None = None
    hint: Any = ""
    quiet: bool = False
    kind: ClassVar[str] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The query-string names it answers to."""
        return (self.name,)

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """What is asked; never raises for what people type."""
        raise NotImplementedError

    def _odd(self, typed: str) -> Any:
        return _l("“%(value)s” is no valid value of “%(filter)s”, so it was left out.", value=typed[:40], filter=self.label)


@dataclass(frozen=True)
class Search(Filter):
    """Free text; `hint` is its placeholder. `private_url`: where numbers that must not stand in an
    address are POSTed instead (the page sends whole ID and phone numbers there by itself)."""

    private_url: str = ""
    kind: ClassVar[str] = "search"

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """The words, or a note when they are too long."""
        typed = next(iter(values_of(args, self.name)), "")
        if len(typed) > _LONGEST:
            return Asked(self, note=self._odd(typed))
        return Asked(self, typed, typed, {self.name: [typed]}) if typed else Asked(self)


@dataclass(frozen=True)
class Choice(Filter):
    """One of some values, or several where `many`. The values stand in `choices` (pairs, or a
    function giving pairs) or come with `bind()`. `default` applies while nothing is said."""

    choices: Pairs | Callable[[], Pairs] | None = None
    default: str = ""
    many: bool = False
    any_words: Any = None
    kind: ClassVar[str] = "choice"

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """The chosen value (a tuple where `many`), checked against the choices."""
        given = choices if choices is not None else self.choices() if callable(self.choices) else self.choices
        pairs = [(str(value), words) for value, words in given or ()]
        words_of = dict(pairs)
        typed = [t for t in values_of(args, self.name) if t] if self.name in args else [self.default]
        good = [t for t in dict.fromkeys(typed) if t in words_of][: None if self.many else 1]
        odd = next((t for t in typed if t and t not in words_of), None)
        note = self._odd(odd) if odd else None
        if not good:
            raw = {self.name: [""]} if self.default and not odd else {}
            return Asked(self, raw=raw, choices=pairs, note=note)
        text = _(", ").join(str(words_of[t]) for t in good)
        lifted = {self.name: ""} if self.default else {}
        raw = {} if good == [self.default] else {self.name: good}
        return Asked(self, tuple(good) if self.many else good[0], text, raw, lifted, pairs, note)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if len(text) == 10 and _FIRST <= day <= _LAST else None


def _month(text: str) -> Month | None:
    try:
        month = Month.parse(text)
    except ValueError:
        return None
    return month if _FIRST.year <= month.year <= _LAST.year else None


@dataclass(frozen=True)
class _Range(Filter):
    """From something to something, both included, either may be open: `<name>_from`, `<name>_to`; left out when it ends before
    it begins. What an end may be, and how it is said, is the filter's own; in the address it is written as `str()` has it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Two names, one for each end."""
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """The two ends as a pair."""
        note: Any = None
        ends: list[Any] = []
        raw: dict[str, list[str]] = {}
        for name in self.names:
            typed = next(iter(values_of(args, name)), "")
            end = self._end(typed)
            if typed and end is None:
                note = self._odd(typed)
            if end:
                raw[name] = [str(end)]
            ends.append(end)
        pairs = self._offered(choices, [end for end in ends if end])
        if all(ends) and ends[1] < ends[0]:
            note = _l("“%(filter)s” ends before it begins, so it was left out.", filter=self.label)
            return Asked(self, choices=pairs, note=note)
        if not raw:
            return Asked(self, choices=pairs, note=note)
        text = " – ".join(self._said(end) if end else "…" for end in ends)
        return Asked(self, tuple(ends), text, raw, choices=pairs, note=note)

    def _end(self, typed: str) -> Any:
        raise NotImplementedError

    def _said(self, end: Any) -> str:
        raise NotImplementedError

    def _offered(self, _choices: Pairs | None, _ends: list[Any]) -> Any:
        return ()


@dataclass(frozen=True)
class DateRange(_Range):
    """From a day to a day. `where` gets a pair (from, to) of `date | None`."""

    kind: ClassVar[str] = "dates"

    def _end(self, typed: str) -> date | None:
        return _day(typed)

    def _said(self, end: date) -> str:
        return jinja.day(end)


@dataclass(frozen=True)
class MonthRange(_Range):
    """From a month to a month, written 2026-10; the months there are come with `bind()`. `where` gets a pair (from, to) of
    `Month | None`."""

    kind: ClassVar[str] = "months"

    def _end(self, typed: str) -> Month | None:
        return _month(typed)

    def _said(self, end: Month) -> str:
        return jinja.month(end)

    def _offered(self, choices: Pairs | None, ends: list[Any]) -> Any:
        pairs = {str(value): words for value, words in choices or ()}
        # a link may name a month of which there is nothing
        unknown = [(str(month), jinja.month(month)) for month in ends if str(month) not in pairs]
        return sorted([*pairs.items(), *unknown], reverse=True) if unknown else [*pairs.items()]


@dataclass(frozen=True)
class Flag(Filter):
    """A tick: `?name=1`. `where` gets True."""

    kind: ClassVar[str] = "flag"

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """True when ticked."""
        typed = next(iter(values_of(args, self.name)), "")
        if typed not in {"", "0", "1"}:
            return Asked(self, note=self._odd(typed))
        return Asked(self, True, str(_l("yes")), {self.name: ["1"]}) if typed == "1" else Asked(self)
