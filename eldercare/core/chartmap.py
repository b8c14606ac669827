"""A district as a chart: one cell for each township, drawn from the townships' centres alone, shaded by a figure.

No boundaries are kept (see `static/parts/sketch.js`, which draws the same on the screen's map): the outline is a soft hull
around the centres, each cell what lies nearer to its centre than to any other. It shows where, not how large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eldercare.core import charts

Point = tuple[float, float]
REACH, STEPS = 0.062, 24  # degrees around a centre that belong to the district
NONE = "#f1f3f5"


@dataclass(frozen=True)
class Cell:
    """A township: its centre in degrees (lon, lat), name, figure (None: nothing to show) and how the figure is written."""

    at: Point
    name: str
    value: float | None
    text: str


def district(townships: Sequence[Cell], *, width: int = 480) -> charts.Spec:
    """The spec of the map; darker is more, in five steps of equal width between the lowest and the highest figure."""
    squeeze = math.cos(math.radians(sum(each.at[1] for each in townships) / len(townships)))
    sites = [(each.at[0] * squeeze, each.at[1]) for each in townships]
    border = _hull([
        (x + REACH * math.cos(step * math.tau / STEPS), y + REACH * math.sin(step * math.tau / STEPS))
        for x, y in sites for step in range(STEPS)
    ])  # fmt: skip
    left, right = min(x for x, _ in border), max(x for x, _ in border)
    low, high = min(y for _, y in border), max(y for _, y in border)
    known = [each.value for each in townships if each.value is not None]
    floor, span = min(known, default=0), (max(known, default=0) - min(known, default=0)) or 1
    areas, names = [], []
    for i, each in enumerate(townships):
        ring = _cell(sites[i], [site for n, site in enumerate(sites) if n != i], border)
        step = None if each.value is None else min(int((each.value - floor) / span * len(charts.RAMP)), len(charts.RAMP) - 1)
        fill = NONE if step is None else charts.RAMP[step]
        areas += [{"c": i, "i": n, "x": round(x, 5), "y": round(y, 5), "fill": fill} for n, (x, y) in enumerate([*ring, ring[0]])]
        ink = "#ffffff" if step is not None and charts.is_dark(fill) else charts.INK
        x, y = _middle(ring)
        names.append({"x": round(x, 5), "y": round(y, 5), "name": each.name, "text": each.text, "ink": ink})
    scale_x = {"domain": [left, right], "nice": False, "zero": False}
    scale_y = {"domain": [low, high], "nice": False, "zero": False}
    x_axis: Any = {"field": "x", "type": "quantitative", "axis": None, "scale": scale_x}
    y_axis: Any = {"field": "y", "type": "quantitative", "axis": None, "scale": scale_y}
    shape = {"type": "line", "stroke": "#ffffff", "strokeWidth": 1.5}
    plain = {"scale": None, "type": "nominal"}
    text = {"x": x_axis, "y": y_axis, "color": {"field": "ink", **plain}}
    size = max(7.5, min(width / 45, 13))  # words no wider than the smallest cells
    return charts.spec(
        width, round(width * (high - low) / (right - left)),
        charts.layer(areas, shape, x=x_axis, y=y_axis, detail={"field": "c", "type": "nominal"}, order={"field": "i"},
                     fill={"field": "fill", **plain}),
        charts.layer(names, {"type": "text", "dy": -0.65 * size, "fontSize": size},
                     text={"field": "name", "type": "nominal"}, **text),
        charts.layer(names, {"type": "text", "dy": 0.65 * size, "fontSize": size, "fontWeight": "bold"},
                     text={"field": "text", "type": "nominal"}, **text),
    )  # fmt: skip


def _turn(o: Point, a: Point, b: Point) -> float:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def _hull(points: Sequence[Point]) -> list[Point]:
    def half(listed: Sequence[Point]) -> list[Point]:
        kept: list[Point] = []
        for point in listed:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
                kept.pop()
            kept.append(point)
        return kept[:-1]

    ordered = sorted(points)
    return [*half(ordered), *half(ordered[::-1])]


def _cell(site: Point, others: Sequence[Point], border: list[Point]) -> list[Point]:
    """The border cut, by the line half way to every other centre."""
    ring = border
    for other in others:
        kept: list[Point] = []
        for n, point in enumerate(ring):
            following = ring[(n + 1) % len(ring)]
            here, there = _nearer(point, site, other), _nearer(following, site, other)
            if here >= 0:
                kept.append(point)
            if (here >= 0) != (there >= 0):
                share = here / (here - there)
                kept.append((point[0] + share * (following[0] - point[0]), point[1] + share * (following[1] - point[1])))
        ring = kept
    return ring


def _nearer(point: Point, site: Point, other: Point) -> float:
    """Positive where a point lies nearer to the site than to the other."""
    return math.dist(point, other) ** 2 - math.dist(point, site) ** 2


def _middle(ring: Sequence[Point]) -> Point:
    """The centre of gravity of a cell, where its name stands."""
    area = x = y = 0.0
    for n, (ax, ay) in enumerate(ring):
        bx, by = ring[(n + 1) % len(ring)]
        cross = ax * by - bx * ay
        area, x, y = area + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (3 * area), y / (3 * area)
