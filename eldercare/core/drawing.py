"""A Listing's rows as HTML: one function a column, made once a page.

A list of 50 rows has 500 cells; drawn by the template engine they cost more than the query.
This is the only place where HTML is written outside templates; everything not written here is escaped.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, get_args

from flask_babel import gettext
from markupsafe import Markup, escape

from eldercare.core import calendar, jinja
from eldercare.core.columns import Badge, Column, Reader, Tone

Writer = Callable[[Any], str]

_SPECIAL = re.compile(r"""[&<>'"]""").search  # cheaper than escaping what needs none
NONE = '<span class="quiet">—</span>'
_SIGN = '<svg class="sign sign-{0}" viewBox="0 0 16 16" aria-hidden="true"><use href="#sign-{0}"/></svg>'


class Words:
    """Lazy words put into the reader's language once a page instead of once a cell."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def __call__(self, value: Any) -> str:
        """The value as escaped text; a lazy word is looked up once."""
        if type(value) is str:
            return str(escape(value)) if _SPECIAL(value) else value
        known = self._known.get(id(value))
        if known is None or known[0] is not value:
            text = str(escape(value if isinstance(value, Markup) else str(value)))
            known = self._known[id(value)] = (value, text)
        return known[1]


_KEPT: dict[tuple[Any, ...], dict[Any, str]] = {}  # (list, path, language, day) → row's values → its HTML, masked
MOST_LISTS, MOST_ROWS = 20, 4000  # a row's HTML is about 1 kB


def kept(*of: str) -> dict[Any, str]:
    """The rows of a steady list drawn today in the reader's language; empties itself when it grows large."""
    key = (*of, jinja.lang(), calendar.today())
    if key not in _KEPT and len(_KEPT) >= MOST_LISTS:
        _KEPT.clear()
    found = _KEPT.setdefault(key, {})
    if len(found) >= MOST_ROWS:
        found.clear()
    return found


def body(
    columns: Sequence[Column], readers: Sequence[Reader], rows: Iterable[Any], href: Callable[[Any], str | None],
    known: dict[Any, str] | None = None, group: Callable[[Any], Any] | None = None,
) -> Markup:
    """The rows of a table body; the first cell holds the row's link.

    `known`: rows drawn before, by their values. `group`: what stands over rows that belong together.
    """
    if group is not None:
        rows = list(rows)
        drawn = _grouped(rows, _rows(columns, readers, rows, href), group, len(columns))
        return Markup("".join(drawn))  # noqa: S704 — every value went through escape()
    if known is None:
        return Markup("".join(_rows(columns, readers, rows, href)))  # noqa: S704 — as above
    rows = list(rows)
    texts = [known.get(row) for row in rows]  # another thread may empty `known` at any time
    new = iter(list(_rows(columns, readers, [row for row, text in zip(rows, texts, strict=True) if text is None], href)))
    for at, row in enumerate(rows):
        texts[at] = texts[at] or known.setdefault(row, next(new))
    return Markup("".join(filter(None, texts)))  # noqa: S704 — as above


def _grouped(rows: Sequence[Any], drawn: Iterable[str], group: Callable[[Any], Any], width: int) -> Iterator[str]:
    before = None
    for row, text in zip(rows, drawn, strict=True):
        over = str(group(row))
        if over != before:
            yield f'<tr class="group"><th scope="colgroup" colspan="{width}">{escape(over)}</th></tr>'
            before = over
        yield text


def _rows(
    columns: Sequence[Column], readers: Sequence[Reader], rows: Iterable[Any], href: Callable[[Any], str | None]
) -> Iterator[str]:
    words, language = Words(), jinja.lang()
    yes = words(gettext("yes"))
    cells = [
        (read, _begin(column, words), _writer(column, words, language, yes), column.detail_of if column.detail else None)
        for column, read in zip(columns, readers, strict=True)
    ]
    for row in rows:
        parts: list[str] = []
        add = parts.append
        link = href(row)
        add('<tr class="goes">' if link else "<tr>")
        for read, begin, write, detail in cells:
            value = read(row)
            add(begin)
            text = NONE if value is None or value == "" else write(value)
            if link:
                text, link = f'<a class="row-link" href="{escape(link)}">{text}</a>', None
            add(text)
            if detail and (more := detail(row)):
                add(f"<small>{words(more)}</small>")
        add("</tr>")
        yield "".join(parts)


def options(choices: Iterable[tuple[str, Any]], chosen: Any) -> Markup:
    """The options of a drop-down: (value, words), `chosen` the value that stands."""
    words = Words()
    return Markup(  # noqa: S704 — every value went through escape()
        "".join(
            f'<option value="{words(value)}"{" selected" if value == chosen else ""}>{words(said)}</option>'
            for value, said in choices
        )
    )


def _begin(column: Column, words: Words) -> str:
    """The cell's tag; HTML lets the one before it end without saying so."""
    css = f' class="{column.css}"' if column.css else ""
    return f'<td{css} data-label="{words(column.title)}">'


def _writer(column: Column, words: Words, language: str, yes: str) -> Writer:
    writers: dict[str, Writer] = {
        "text": words,
        "badge": _badges(words),
        "day": lambda value: jinja.day(value, language),
        "moment": lambda value: jinja.moment(value, language),
        "number": jinja.number,
        "yuan": jinja.yuan,
        "ratio": jinja.ratio,
        "flag": lambda value: yes if value else NONE,
    }
    return writers[column.kind]


def _badges(words: Words) -> Writer:
    begin = {tone: f'<span class="state state-{tone}">{_SIGN.format(tone)}' for tone in get_args(Tone)}

    def write(value: Badge) -> str:
        return f"{begin[value.tone]}{words(value.word)}</span>"

    return write
