"""One chart, two media: functions that give a Vega-Lite spec; `svg()` draws it for paper.

The screen embeds the very same dict (it is plain JSON, with no addresses and no expressions).
Rules: one question per chart; direct labels, no legends, no axes of Vega's own (labels are text
marks: nearer to what they name, and eight times faster to measure than an axis); bars start at
zero; one palette whose neighbours differ in lightness, so that colour-blind eyes and a black-and-
white printer tell them apart. Labels arrive ready in the reader's language.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

Spec = dict[str, Any]
Number = float | int
Text = Callable[[Number], str]

VEGA_LITE = "6.4"  # the same on paper (vl-convert) and on screen (package.json)
FONT = "Noto Sans CJK SC"
SCREEN_FONTS = f"{FONT}, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
INK, SOFT, RULE = "#1f2933", "#52606d", "#cbd2d9"
# dark, light, middle: any two neighbours differ by 25 or more in CIE lightness
PALETTE = ("#1b4f8f", "#f2b134", "#5b8c5a", "#9fc4e7", "#7a3b69")
# one hue from light to dark, for what has an order (ability levels)
RAMP = ("#d6e6f5", "#9fc4e7", "#5e98cf", "#2b68ab", "#123a6b")
SPARE = "spare"  # the layer chart.js leaves out where its canvas is narrow
_SIZE = 12


def trend(
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    *,
    text: Text = str,
    width: int | str = 560,
    height: int = 150,
    zero: bool = False,
    year: int | None = None,
) -> Spec:
    """Lines over months, oldest first; None leaves a gap. The last point carries name and value.

    `year`: which label names the year. On a narrow screen it stays while every second one gives way.
    """
    known = [value for values in series.values() for value in values if value is not None]
    ticks = _ticks(0 if zero else min(known, default=0), max(known, default=1))
    rows = [
        {"i": i, "y": value, "name": name}
        for name, values in series.items()
        for i, value in enumerate(values)
    ]
    ends = []
    for name, values in series.items():
        at, value = next(((i, v) for i, v in reversed(list(enumerate(values))) if v is not None), (0, None))
        if value is not None:
            ends.append({"i": at, "y": float(value), "text": f"{name} {text(value)}".strip()})
    _apart(ends, (ticks[-1] - ticks[0]) * 14 / height)
    step = ceil(len(labels) / 13) or 1
    last = len(labels) - 1
    shown: list[dict[str, Any]] = []
    spare: list[dict[str, Any]] = []
    for i, label in enumerate(labels):
        if (last - i) % step == 0:
            (shown if year is None or (i - year) % (2 * step) == 0 else spare).append({"i": i, "text": label})
    months = _label("center", dy=14, color=SOFT) | {"lineBreak": "\n"}
    along = {"y": {"value": height}, "text": {"field": "text"}}
    x = {"field": "i", "type": "quantitative", "axis": None,
         "scale": {"domain": [-0.3, max(last, 1) + 0.3], "nice": False, "zero": False}}
    y = {"field": "y", "type": "quantitative", "axis": None,
         "scale": {"domain": [ticks[0], ticks[-1]], "zero": False, "nice": False}}
    colour = {"field": "name", "type": "nominal", "legend": None, "scale": _colours(list(series))}
    dash = {"field": "name", "type": "nominal", "legend": None,
            "scale": {"domain": list(series), "range": [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]][: len(series)]}}
    grid = [{"y": tick, "text": text(tick)} for tick in ticks]
    return spec(
        width,
        height,
        layer(grid, {"type": "rule", "color": RULE, "strokeWidth": 0.7}, y=y),
        layer(grid, _label("right", dx=-6, color=SOFT), y=y, x={"value": 0}, text={"field": "text"}),
        layer(rows, {"type": "line", "strokeWidth": 2.2}, x=x, y=y, color=colour, strokeDash=dash),
        layer(rows, {"type": "point", "filled": True, "size": 18, "opacity": 1}, x=x, y=y, color=colour),
        layer(ends, _label("left", dx=8, weight="bold"), x=x, y=y, text={"field": "text"}),
        layer(shown, months, x=x, **along),
        *([layer(spare, months, x=x, **along) | {"name": SPARE}] if spare else []),
    )  # fmt: skip


def bars(
    rows: Sequence[tuple[str, Number | None, str]],
    *,
    mark: tuple[Number, str] | None = None,
    most: Number | None = None,
    width: int | str = 420,
    row_height: int = 19,
) -> Spec:
    """Horizontal bars in the order given: (label, value, text at the bar's end).

    `mark`: a reference line and its label (a target, an average); `most`: the scale's end.
    A row without a value keeps its line and shows its text.
    """
    top = most or max([row[1] or 0 for row in rows] + [mark[0] if mark else 0, 0]) or 1
    values = [{"n": f"{i:03d}", "label": label, "v": value or 0, "text": shown}
              for i, (label, value, shown) in enumerate(rows)]  # fmt: skip
    y = {"field": "n", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.34, "paddingOuter": 0.1}}
    x = {"field": "v", "type": "quantitative", "axis": None,
         "scale": {"domain": [0, top], "nice": False, "zero": True}}  # fmt: skip
    layers: list[Spec] = []
    if mark:  # drawn first: words lie over the line
        at = [{"v": mark[0], "text": mark[1]}]
        line = {"type": "rule", "color": SOFT, "strokeDash": [3, 3], "strokeWidth": 0.8}
        layers += [
            layer(at, line, x=x),
            layer(at, _label("center", dy=-9, color=SOFT), x=x, y={"value": 0}, text={"field": "text"}),
        ]
    layers += [
        layer(values, {"type": "bar", "color": PALETTE[0]}, x=x, y=y),
        layer(values, _label("right", dx=-6), x={"value": 0}, y=y, text={"field": "label"}),
        layer(values, _label("left", dx=5), x=x, y=y, text={"field": "text"}),
    ]
    return spec(width, row_height * len(rows), *layers)


def stacked(
    rows: Sequence[tuple[str, Sequence[Number]]],
    parts: Sequence[str],
    *,
    texts: Callable[[Number, Number], str],
    width: int | str = 560,
    row_height: int = 34,
    ordered: bool = True,
) -> Spec:
    """Bars cut into shares of 100 %: (label, one number per part).

    `texts(part, whole)` words a segment; one under 6 % carries none. The parts' names stand above
    the first bar, over their own segment (the name of a thin one moves aside rather than vanish).
    """
    colours = list(RAMP if ordered else PALETTE)[: len(parts)]
    cut: list[dict[str, Any]] = []
    for i, (label, numbers) in enumerate(rows):
        whole, at = sum(numbers), 0.0
        for name, number, colour in zip(parts, numbers, colours, strict=True):
            share = number / whole if whole else 0.0
            cut.append({"n": f"{i:03d}", "label": label, "name": name, "from": at, "to": at + share, "mid": at + share / 2,
                        "text": texts(number, whole) if share >= 0.06 else "",
                        "ink": "#ffffff" if is_dark(colour) else INK, "fill": colour})  # fmt: skip
            at += share
    y = {"field": "n", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.3, "paddingOuter": 0.05}}
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "nice": False}}
    heads = _spread([part | {"at": part["mid"]} for part in cut[: len(parts)] if part["to"] > part["from"]])
    fill = {"field": "fill", "type": "nominal", "scale": None}
    return spec(
        width,
        row_height * len(rows),
        layer(cut, {"type": "bar", "stroke": "#ffffff", "strokeWidth": 1},
               x=x | {"field": "from"}, x2={"field": "to"}, y=y, color=fill),
        layer(cut, _label("center"), x=x | {"field": "mid"}, y=y, text={"field": "text"},
               color={"field": "ink", "type": "nominal", "scale": None}),
        layer(cut[:: len(parts) or 1], _label("right", dx=-6), x={"value": 0}, y=y, text={"field": "label"}),
        layer(heads, _label("center", dy=-9, color=SOFT), x=x | {"field": "at"}, y={"value": 0},
               text={"field": "name"}),
    )  # fmt: skip


def pyramid(
    rows: Sequence[tuple[str, Number, Number]],
    *,
    left: str,
    right: str,
    text: Text = str,
    width: int = 520,
    row_height: int = 24,
) -> Spec:
    """Bands with two sexes back to back, in the order given from the top: (band, left, right)."""
    top = max([max(a, b) for _, a, b in rows] + [1])
    gap = 0.24 * top  # the band's name stands between the two halves
    values = [
        {"n": f"{i:03d}", "band": band, "a": -a - gap, "b": b + gap, "ga": -gap, "gb": gap,
         "ta": text(a), "tb": text(b)}
        for i, (band, a, b) in enumerate(rows)
    ]  # fmt: skip
    reach = (top + gap) * 1.16
    y = {"field": "n", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.22, "paddingOuter": 0.1}}
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [-reach, reach], "nice": False}}
    high = {"value": -9}
    return spec(
        width,
        row_height * len(rows),
        layer(values, {"type": "bar", "color": PALETTE[0]}, x=x | {"field": "a"}, x2={"field": "ga"}, y=y),
        layer(values, {"type": "bar", "color": PALETTE[1]}, x=x | {"field": "gb"}, x2={"field": "b"}, y=y),
        layer(values, _label("center"), x=x | {"datum": 0}, y=y, text={"field": "band"}),
        layer(values, _label("right", dx=-5), x=x | {"field": "a"}, y=y, text={"field": "ta"}),
        layer(values, _label("left", dx=5), x=x | {"field": "b"}, y=y, text={"field": "tb"}),
        layer([{}], _label("right", weight="bold"), x=x | {"datum": -gap}, y=high, text={"value": left}),
        layer([{}], _label("left", weight="bold"), x=x | {"datum": gap}, y=high, text={"value": right}),
    )


def sparkline(values: Sequence[Number | None], *, width: int = 110, height: int = 26) -> Spec:
    """A line without words, its last point marked; the figure it belongs to stands beside it."""
    rows = [{"i": i, "y": value} for i, value in enumerate(values)]
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=1)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1
    x = {"field": "i", "type": "quantitative", "axis": None, "scale": {"domain": [0, max(len(rows) - 1, 1)], "nice": False}}
    y = {"field": "y", "type": "quantitative", "axis": None,
         "scale": {"domain": [low - room, high + room], "zero": False, "nice": False}}  # fmt: skip
    last = [row for row in rows if row["y"] is not None][-1:]
    return spec(
        width,
        height,
        layer(rows, {"type": "line", "color": PALETTE[0], "strokeWidth": 1.6}, x=x, y=y),
        layer(last, {"type": "point", "filled": True, "size": 26, "color": PALETTE[0], "opacity": 1}, x=x, y=y),
    )


def svg(spec: Spec, font: str = FONT) -> str:
    """Draw a spec, the same text for the same spec in any process.

    Vega numbers its clip paths across a process's life and adds words for screen readers; the first
    are renumbered, the second dropped (on paper the picture's description stands in the page).
    """
    import vl_convert  # noqa: PLC0415 — loads a JavaScript engine: only where something is drawn

    config = spec["config"] | {"font": font, "text": {"font": font}}
    drawn: str = vl_convert.vegalite_to_svg(spec | {"config": config}, vl_version=VEGA_LITE, allowed_base_urls=[])
    drawn = re.sub(r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"', "", drawn)
    drawn = re.sub(r'<path d="M0,0h0v0h0Z"[^>]*/>|<path[^>]*d=""[^>]*/>', "", drawn)
    numbers: dict[str, str] = {}
    return re.sub(
        r'(id="|url\(#)([^")]+)', lambda found: found[1] + numbers.setdefault(found[2], f"k{len(numbers)}"), drawn
    )


def png(spec: Spec, font: str = FONT, *, scale: float = 2.5) -> bytes:
    """The same drawing as a picture of dots on white, for what holds no SVG; `scale`: dots a px of the spec."""
    import vl_convert  # noqa: PLC0415 — as above

    dots: bytes = vl_convert.svg_to_png(svg(spec | {"background": "#ffffff"}, font), scale=scale)
    return dots


def spec(width: int | str, height: int, *layers: Spec) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "background": None,
        "padding": 2,
        "layer": list(layers),
        "config": {
            "font": SCREEN_FONTS,
            "view": {"stroke": None},
            "text": {"font": SCREEN_FONTS},
            "aria": False,
        },
    }


def layer(values: Sequence[Mapping[str, Any]], mark: Spec, **encoding: Any) -> Spec:
    return {"data": {"values": list(values)}, "mark": mark, "encoding": encoding}


def _label(align: str, *, dx: int = 0, dy: int = 0, color: str = INK, weight: str = "normal") -> Spec:
    return {"type": "text", "align": align, "baseline": "middle", "dx": dx, "dy": dy, "fontSize": _SIZE,
            "color": color, "fontWeight": weight}  # fmt: skip


def _colours(names: list[str]) -> Spec:
    return {"domain": names, "range": [PALETTE[i % len(PALETTE)] for i in range(len(names))]}


def _ticks(low: Number, high: Number) -> list[float]:
    """Round numbers, three to six of them, that enclose low and high."""
    span = (high - low) or abs(high) or 1
    step = 10.0 ** floor(log10(span / 3))
    step *= next(m for m in (1, 2, 2.5, 5, 10) if span / (step * m) <= 4)
    first, last = floor(low / step), ceil(high / step)
    if first == last:
        last += 1
    return [round(n * step, 10) for n in range(first, last + 1)]


def _apart(ends: list[dict[str, Any]], least: float) -> None:
    """Lift names at the ends of lines until no two lie on each other; none goes below its line."""
    ends.sort(key=lambda end: end["y"])
    for below, above in itertools.pairwise(ends):
        above["y"] = max(above["y"], below["y"] + least)


def _spread(heads: list[dict[str, Any]], apart: float = 0.135) -> list[dict[str, Any]]:
    """Move names along the top until neighbours stand apart (shares of the width)."""
    for i in range(1, len(heads)):
        heads[i]["at"] = max(heads[i]["at"], heads[i - 1]["at"] + apart)
    over = heads[-1]["at"] - 0.97 if heads else 0
    if over > 0:
        heads[-1]["at"] -= over
        for i in range(len(heads) - 2, -1, -1):
            heads[i]["at"] = min(heads[i]["at"], heads[i + 1]["at"] - apart)
    return heads


def is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
