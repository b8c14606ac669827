"""A part's own figures beside those of the period before and of the year before, in one table of one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eldercare.core import calendar
from reports._paper import gather, tables
from reports._paper.words import MONTHS, NONE, Figure, Words, difference

if TYPE_CHECKING:
    from datetime import date

    from eldercare.core.calendar import Period
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
PERIODS = 13  # of a chart: this one and as many as a year back needs
SPANS = 7  # so many have room to be named each
Times = Mapping[str, Mapping[str, int]]  # {"value": {name: number}, "previous": …, "year_ago": …}, the unknown missing


def times(g: Gather, take: Callable[[Gather], Mapping[str, int]], begun: date | None) -> Json:
    """The numbers of a part now, a period ago and a year ago. `begun`: its first day with data; earlier times are left out,
    since nothing on file does not mean that nothing was.
    """
    return {name: dict(take(each)) for name, each in g.times().items() if each is g or is_known(each.period, begun)}


def is_known(period: Period, begun: date | None) -> bool:
    """Whether a part's data reach over a whole period, by months."""
    return begun is not None and period.first >= begun.replace(day=1)


def run(g: Gather, begun: date | None) -> list[Period]:
    """The thirteen periods up to this one, as far as a part's data reach; for a chart."""
    periods = [g.period.plus(n) for n in range(1 - PERIODS, 1)]
    return [each for each in periods if is_known(each, begun)] or [g.period]


def series(g: Gather, begun: date | None, by_month: Callable[..., Iterable[Sequence[Any]]], names: Sequence[str]) -> list[Json]:
    """The same for a chart: [{period, name: number}], out of a query that gives (month, number, …) for a list of months."""
    if begun is None:
        return [{"period": str(g.period), **dict.fromkeys(names, 0)}]
    known = run(g, begun)
    months = {row[0]: row[1:] for row in by_month(g.scope, [month for each in known for month in each.months])}
    return [
        {"period": str(each), **{name: sum(months[month][n] for month in each.months) for n, name in enumerate(names)}}
        for each in known
    ]


def summed(rows: Iterable[Any], names: Sequence[str]) -> dict[str, int]:
    """Rows of figures added up: every way of grouping them ends at the same total."""
    whole = dict.fromkeys(names, 0)
    for row in rows:
        for name in names:
            whole[name] += row[name] if isinstance(row, Mapping) else getattr(row, name)
    return whole


def until(g: Gather) -> date:
    """The last day figures stand at: the period's last, or today's while it runs (on screen)."""
    return min(g.period.last, calendar.today())


def days(data: Data) -> tuple[str, str]:
    """The first and the last day of a report's period, as filters of lists take them."""
    period = calendar.period(data["period"])
    return period.first.isoformat(), period.last.isoformat()


def figure(row: Mapping[str, int] | None, n: str, of: str | None = None) -> dict[str, int] | None:
    """A count {n} or a ratio {n, of} out of a part's numbers."""
    if row is None:
        return None
    return {"n": row[n], "of": row[of]} if of else {"n": row[n]}


def indicator(key: str, found: Times, n: str, of: str | None = None, better: str | None = None,
              target: Json | None = None) -> list[Json]:  # fmt: skip
    """A key indicator out of a part's numbers, in a list; none where there is nothing to divide by now."""
    now = found["value"]
    if of and not now[of]:
        return []
    return [gather.indicator(key, {name: figure(row, n, of) for name, row in found.items()}, better, target)]


def moved(found: Times, w: Words, n: str, of: str | None = None) -> str:
    """环比…，同比… of one number, in words; empty where nothing can be compared."""
    now = figure(found["value"], n, of)
    said = []
    for key, name in (("ch_mom", "previous"), ("ch_yoy", "year_ago")):
        change = w.moved(now, figure(found.get(name), n, of))
        if change:
            said.append(w(key, x=change))
    return w("join").join(said)


def table(data: Data, w: Words, found: Times, rows: Sequence[tuple[str, str, str | None]]) -> tables.Table:
    """`rows`: (key of the name's word, number, what it is divided by or None). A year is compared with the one before alone."""
    a_year = tables.is_compared_once(data)
    ratios = any(of for _, _, of in rows)
    drawn = []
    for name, n, of in rows:
        now, before, ago = (figure(found.get(each), n, of) for each in ("value", "previous", "year_ago"))
        line = [w(name), w.figure(now)]
        if ratios:
            line.append(f"{w.n(now['n'])}/{w.n(now['of'])}" if now and of else "")
        line += [w.figure(before), w.change(now, before)]
        drawn.append(line if a_year else [*line, w.figure(ago), w.change(now, ago)])
    columns: list[tuple[str, float]] = [(w("c_item"), -44), (w("cmp_now"), 15)]
    if ratios:
        columns.append((w("c_parts"), 22))
    columns += [(w("cmp_previous"), 15), (w("cmp_change"), 20)]
    if not a_year:
        columns += [(w("cmp_year_ago"), 15), (w("cmp_yoy"), 20)]
    return tables.table("", columns, drawn)


def per_thousand(n: int, of: int) -> str:
    """0.31: a rate for every thousand, two places; a dash without a denominator."""
    return f"{1000 * n / of:.2f}" if of else NONE


def per_thousand_change(now: Figure | None, before: Figure | None) -> str:
    """+0.03, in the same unit."""
    change = difference(now, before)
    return NONE if change is None else f"{10 * change:+.2f}".replace("-", "−")


def day(iso: str | None, w: Words) -> str:
    """A day as a narrow column takes it: 2026.10.22, 22 Oct 2026; a dash where there is none."""
    if iso is None:
        return NONE
    year, month, number = (int(each) for each in iso[:10].split("-"))
    if w.zh:
        return w("cmp_day", y=year, m=f"{month:02d}", d=f"{number:02d}")
    return w("cmp_day", y=year, m=MONTHS[month - 1][:3], d=number)


def names(found: Sequence[str], w: Words, most: int = 5, of: int | None = None) -> str:
    """Some names and how many there are in all (`of`, where `found` is only the first of them)."""
    count = len(found) if of is None else of
    listed = w("list_sep").join(found[:most])
    return listed if count <= most else w("names_more", names=listed, n=w.n(count))


def labels(periods: Sequence[str], w: Words) -> list[str]:
    """Periods as a chart writes them, the year below where it begins: 10月, 3季度, 2026年, 8—10月."""
    out = []
    for i, text in enumerate(periods):
        if len(text) == 4:
            out.append(w("short_year", y=text))
        elif "--" in text:
            out.append(_span(i, periods, w))
        elif "Q" in text:
            short = w("cmp_quarter", n=text[-1])
            out.append(f"{short}\n{w('short_year', y=text[:4])}" if i == 0 or text.endswith("Q1") else short)
        else:
            out.append(w.short_month(text, with_year=i == 0 or text.endswith("-01")))
    return out


def _span(i: int, periods: Sequence[str], w: Words) -> str:
    """A span's words are long: of many every second one is named, the last always."""
    step = 2 if len(periods) > SPANS else 1
    if (len(periods) - 1 - i) % step:
        return ""
    short, year = w.short_span(periods[i]), periods[i][:4]
    begins = i < step or year != periods[i - step][:4]
    return short if "\n" in short or not begins else f"{short}\n{w('short_year', y=year)}"
