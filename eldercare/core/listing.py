"""Listing: columns + filters + order, asked once and drawn as a page, JSON or a workbook.

A feature's `listing.py` declares one `Listing` per list; it draws nothing (that is done by
`templates/_parts/list.html` and `core/drawing.py`) and knows no scope (the Select it works on is scoped
already; a Select of columns is faster than one of entities, and both do):

    RESIDENTS = Listing(
        name="residents", title=_l("Residents"), ident=Resident.id, link="{id}",
        columns=(
            Column("name", _l("Name"), sort=Resident.name_key),
            Column("birth_on", _l("Born on"), kind="day", sort=Resident.birth_on),
            Column("id_number", _l("ID number"), masked=True),
        ),
        filters=(
            Search("q", _l("Name, pinyin or ID number"), where=queries.matching),
            Choice("township", _l("Township"), where=lambda code: Resident.township_code == code),
        ),
        order=(Resident.name_key,), json=("id", "name", "birth_on", "id_number"),
    )

    bound = RESIDENTS.bind(request.args, path=request.path, choices={"township": pairs})
    bound.load(db.session, queries.residents(scope))        # two statements: a count and a page
    return page("residents/index.html", residents=bound)

Everything asked lives in the query string, so a page is a link. A value that makes no sense is
left out with a sentence in `bound.notes`, never a fault. The order always ends in `ident`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from eldercare.core import drawing
from eldercare.core.columns import Badge, Column, Reader, Words, plain, reader_of, wire
from eldercare.core.filters import Args, Asked, Choice, DateRange, Filter, Flag, MonthRange, Pairs, Search, values_of

__all__ = [
    "Badge", "BoundListing", "Chip", "Choice", "Column", "DateRange", "Filter", "Flag", "Listing", "MonthRange", "Search",
]

PAGE_SIZE = 50
COUNT_CAP = 50_000


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it is, what it says, and the address without it."""

    label: str
    text: str
    url: str


@dataclass(frozen=True)
class Listing:
    """One list, declared.

    name: the word for it in addresses and ids. link: where a row leads, as a format of the row's
    attributes beside the list's own path (`"{id}"`), or a function of the row, or None.
    order: the default order, without the closing `ident`. json: the names allowed at the wire.
    count_cap: beyond it the total reads "more than". pages hold `page_size` rows.
    steady: what a row shows follows from its values, the language and the day alone (no permissions, no
    "five minutes ago"), so a drawn row is kept and used again while its values are the same.
    group: what a row of the default order belongs to; whenever it changes, a line over the rows says it.
    """

    name: str
    title: Words
    columns: Sequence[Column]
    ident: Any
    filters: Sequence[Filter] = ()
    order: Sequence[Any] = ()
    link: str | Callable[[Any], str | None] | None = "{id}"
    json: Sequence[str] = ()
    page_size: int = PAGE_SIZE
    count_cap: int = COUNT_CAP
    empty_title: Words | None = None
    empty_why: Words | None = None
    steady: bool = False
    group: Callable[[Any], Words] | None = None
    readers: tuple[Reader, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        names = [name for each in self.filters for name in each.names]
        if len(set(keys)) != len(keys) or len(set(names)) != len(names) or {"page", "sort"} & set(names):
            raise ValueError(f"listing {self.name}: a column key or a filter name occurs twice")
        object.__setattr__(self, "readers", tuple(reader_of(column) for column in self.columns))

    def bind(
        self, args: Args, *, path: str = "", choices: Mapping[str, Pairs] | None = None, page_size: int | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> "BoundListing":
        """Read what is asked; `choices` fills filters whose values depend on the person's reach.

        `kept`: what the page was asked for besides (its year), kept in every address of the list and when it is filtered.
        """
        return BoundListing(
            self, args, path=path, choices=choices or {}, page_size=page_size or self.page_size, kept=kept or {}
        )

    def column(self, key: str) -> Column:
        """The column of that key; KeyError."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


class BoundListing:
    """A Listing with its questions answered: filters read, then `load()`ed with a page of rows."""

    def __init__(
        self, listing: Listing, args: Args, *, path: str, choices: Mapping[str, Pairs], page_size: int, kept: Mapping[str, str]
    ) -> None:
        self.listing, self.path, self.page_size = listing, path, page_size
        self.name, self.title, self.columns = listing.name, listing.title, listing.columns
        self.filters: list[Asked] = [each.read(args, choices.get(each.name)) for each in listing.filters]
        self.notes: list[Any] = [asked.note for asked in self.filters if asked.note]
        self.sort, self.descending = self._sort(values_of(args, "sort"))
        self.page = self._page(values_of(args, "page"))
        self.total, self.capped, self.rows = 0, False, list[Any]()
        self.kept = kept

    # what is asked

    def _sort(self, asked: list[str]) -> tuple[str | None, bool]:
        key = asked[-1] if asked else ""
        column = next((c for c in self.columns if c.key == key.removeprefix("-") and c.sort is not None), None)
        return (column.key, key.startswith("-")) if column else (None, False)

    @staticmethod
    def _page(asked: list[str]) -> int:
        text = asked[-1] if asked else "1"
        return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) <= 7 else 1

    @property
    def query(self) -> dict[str, list[str]]:
        """What differs from the defaults, by query-string name: enough to bind the same list again."""
        query = {name: [value] for name, value in self.kept.items()}
        query |= {name: values for asked in self.filters for name, values in asked.raw.items()}
        if self.sort:
            query["sort"] = [("-" if self.descending else "") + self.sort]
        return query

    def url(self, **changes: Any) -> str:
        """The list's address with some names changed (None removes one); any change but `page` goes to page 1."""
        query: dict[str, Any] = dict(self.query)
        if self.page > 1 and not changes:
            query["page"] = [str(self.page)]
        for name, value in changes.items():
            if value is None or (name == "page" and value == 1):
                query.pop(name, None)
            else:
                query[name] = value if isinstance(value, list | tuple) else [str(value)]
        text = urlencode(query, doseq=True)
        return f"{self.path}?{text}" if text else self.path

    def sort_url(self, column: Column) -> str:
        """The address sorted by a column; the other way round when it is sorted by it already."""
        down = not self.descending if self.sort == column.key else column.numeric
        return self.url(sort=("-" if down else "") + column.key)

    def sorted_by(self, column: Column) -> str:
        """The `aria-sort` value of a column head."""
        return "none" if self.sort != column.key else "descending" if self.descending else "ascending"

    @property
    def chips(self) -> list[Chip]:
        """The filters in force beyond the defaults, each with the address that lifts it."""
        return [
            Chip(
                "" if asked.filter.kind == "search" else str(asked.filter.label),
                asked.text,
                self.url(**{**dict.fromkeys(asked.filter.names), **asked.lifted}),
            )
            for asked in self.filters
            if asked.is_set and asked.raw
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter, a default one too, leaves rows out."""
        return any(asked.is_set for asked in self.filters)

    @property
    def clear_url(self) -> str:
        """The address with the defaults alone; once only those are in force, without any. The order stays."""
        lifted: dict[str, Any] = {}
        if self.chips:
            return self.url(**{name: None for asked in self.filters for name in asked.filter.names})
        for asked in self.filters:
            lifted |= {**dict.fromkeys(asked.filter.names), **asked.lifted}
        return self.url(**lifted)

    # the answer

    def narrowed(self, statement: Select[Any]) -> Select[Any]:
        """The statement with the filters' conditions and the order, without a page."""
        for asked in self.filters:
            if asked.is_set and asked.filter.where is not None:
                condition = asked.filter.where(asked.value)
                if condition is not None:
                    statement = statement.where(condition)
        keys: list[Any] = []
        if self.sort:
            for each in self.listing.column(self.sort).sorts:
                keys.append(each.desc().nulls_last() if self.descending else each.asc().nulls_last())
        return statement.order_by(None).order_by(*(keys or self.listing.order), self.listing.ident)

    def _counting(self, statement: Select[Any]) -> Select[Any]:
        bare = statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
        bare._with_options = ()  # noqa: SLF001 — loader options name entities this count no longer selects
        return select(func.count()).select_from(bare.limit(self.listing.count_cap + 1).subquery())

    def _capped(self, total: int) -> int:
        self.capped = total > self.listing.count_cap
        return min(total, self.listing.count_cap)

    def count(self, session: Session, statement: Select[Any]) -> int:
        """The exact total up to `count_cap`; beyond it `capped` is set."""
        return self._capped(session.execute(self._counting(statement)).scalar_one())

    def load(self, session: Session, statement: Select[Any], counted: Select[Any] | None = None) -> Self:
        """Count and fetch the page asked for (the last one when it is past the end): two statements.

        `counted`: the same rows without what is joined for show, since joins keep an index from
        answering alone; then both are asked in one statement (of plain columns).
        """
        statement = self.narrowed(statement)
        if counted is not None:
            counting = self._counting(self.narrowed(counted)).scalar_subquery().label("listing_total")
            offset = (self.page - 1) * self.page_size
            self.rows = list(session.execute(statement.add_columns(counting).limit(self.page_size).offset(offset)))
            if self.rows:
                self.total = self._capped(self.rows[0].listing_total)
                return self
        self.total = self.count(session, statement if counted is None else self.narrowed(counted))
        self.page = min(self.page, self.pages)
        if self.total:
            offset = (self.page - 1) * self.page_size
            self.rows = self._fetch(session, statement.limit(self.page_size).offset(offset))
        return self

    def hold(self, rows: Sequence[Any]) -> Self:
        """Use rows that are here already (a short list that no statement gives), paged but not filtered."""
        self.total = len(rows)
        self.page = min(self.page, self.pages)
        start = (self.page - 1) * self.page_size
        self.rows = list(rows[start : start + self.page_size])
        return self

    @staticmethod
    def _fetch(session: Session, statement: Select[Any]) -> list[Any]:
        rows = session.execute(statement).all()
        return [row[0] for row in rows] if rows and len(rows[0]) == 1 else list(rows)  # entities come one a row

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(-(-self.total // self.page_size), 1)

    @property
    def first(self) -> int:
        """The number of the first row shown, 0 when there is none."""
        return (self.page - 1) * self.page_size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return max(self.first + len(self.rows) - 1, 0)

    @property
    def page_numbers(self) -> list[int | None]:
        """Page numbers to show: the ends, the neighbours, None where some are left out."""
        near = sorted({1, self.pages, *range(max(self.page - 2, 1), min(self.page + 2, self.pages) + 1)})
        numbers: list[int | None] = []
        for before, number in zip([0, *near], near, strict=False):
            if number - before == 2:
                numbers.append(number - 1)
            elif number - before > 2:
                numbers.append(None)
            numbers.append(number)
        return numbers

    # one row

    def cells(self, row: Any) -> list[Any]:
        """The row's values, a value a column, not yet put into words."""
        return [read(row) for read in self.listing.readers]

    def href(self, row: Any) -> str | None:
        """Where the row leads."""
        link = self.listing.link
        if link is None:
            return None
        if callable(link):
            return link(row)
        return f"{self.path}{row.id}" if link == "{id}" else self.path + link.format_map(_Attributes(row))

    def body(self) -> Markup:
        """The rows as the body of a table."""
        kept = drawing.kept(self.name, self.path) if self.listing.steady else None
        group = None if self.sort else self.listing.group
        return drawing.body(self.columns, self.listing.readers, self.rows, self.href, kept, group)

    def as_json(self, row: Any) -> dict[str, Any]:
        """The row at the wire: the names of `listing.json` and no other; masked columns stay masked."""
        masked = {c.key: read for c, read in zip(self.columns, self.listing.readers, strict=True) if c.masked}
        return {
            name: wire(masked[name](row) if name in masked else getattr(row, name)) for name in self.listing.json
        }

    def as_json_page(self) -> dict[str, Any]:
        """The page at the wire: rows, total, page, pages."""
        rows = [self.as_json(row) for row in self.rows]
        return {"items": rows, "total": self.total, "page": self.page, "pages": self.pages}

    def xlsx_rows(self, session: Session, statement: Select[Any]) -> Iterator[list[Any]]:
        """Every row the filters leave, streamed: the headings first, then plain values, masked as on the page."""
        yield [str(column.title) for column in self.columns if column.exported]
        readers = [read for c, read in zip(self.columns, self.listing.readers, strict=True) if c.exported]
        statement = self.narrowed(statement).execution_options(yield_per=1000)
        result = session.execute(statement)
        for row in result.scalars() if len(statement.column_descriptions) == 1 else result:
            yield [plain(read(row)) for read in readers]


class _Attributes(dict[str, Any]):
    """A row seen as a mapping, for `str.format_map`."""

    def __init__(self, row: Any) -> None:
        super().__init__()
        self._row = row

    def __missing__(self, name: str) -> Any:
        return getattr(self._row, name)
