"""Coordinate systems of maps in China: what people type, turned into WGS-84 and back.

WGS-84 is what GPS gives; CGCS2000 (Tianditu) agrees with it to centimetres; GCJ-02 (Gaode, Tencent) and BD-09
(Baidu) lie 300 to 600 m off (domain.md §1.5). The formulas are the published approximation, good to a few metres;
`static/parts/coords.js` has the same way out for tiles. Degrees, longitude first.
"""

from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Any

from flask_babel import lazy_gettext as _l

SYSTEM_WORDS: dict[str, Any] = {
    "wgs84": _l("WGS-84 (GPS)"),
    "gcj02": _l("GCJ-02 (Gaode, Tencent)"),
    "bd09": _l("BD-09 (Baidu)"),
    "cgcs2000": _l("CGCS2000 (Tianditu)"),
}
AXIS, ECCENTRICITY = 6378245.0, 0.00669342162296594323
BAIDU = pi * 3000 / 180
Point = tuple[float, float]


def to_wgs84(system: str, lon: float, lat: float) -> Point:
    """The WGS-84 position of a point given in `system`, to a centimetre."""
    found = (lon, lat)
    for _step in range(8):  # the shift changes slowly: each round leaves about a ten-thousandth of the error
        shown = from_wgs84(system, *found)
        found = (found[0] + lon - shown[0], found[1] + lat - shown[1])
    return (round(found[0], 7), round(found[1], 7))


def from_wgs84(system: str, lon: float, lat: float) -> Point:
    """A WGS-84 position as `system` writes it."""
    if system == "gcj02":
        return _gcj(lon, lat)
    if system == "bd09":
        return _baidu(*_gcj(lon, lat))
    return (lon, lat)


def as_given(system: str, lon: float, lat: float) -> Point:
    """A stored position as it was typed in `system`: six places, a decimetre."""
    given = from_wgs84(system, lon, lat)
    return (round(given[0], 6), round(given[1], 6))


def _gcj(lon: float, lat: float) -> Point:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return (lon, lat)
    x, y = lon - 105, lat - 35
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _waves(x, y, 160, 320, 30)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _waves(x, x, 150, 300, 30)
    shrink = 1 - ECCENTRICITY * sin(radians(lat)) ** 2
    metres_north = radians(AXIS * (1 - ECCENTRICITY) / (shrink * sqrt(shrink)))
    metres_east = radians(AXIS / sqrt(shrink) * cos(radians(lat)))
    return (lon + east / metres_east, lat + north / metres_north)


def _waves(x: float, along: float, first: float, second: float, third: float) -> float:
    fine = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    coarse = 20 * sin(along * pi) + 40 * sin(along / 3 * pi)
    return (fine + coarse + first * sin(along / 12 * pi) + second * sin(along / third * pi)) * 2 / 3


def _baidu(lon: float, lat: float) -> Point:
    reach = hypot(lon, lat) + 0.00002 * sin(lat * BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BAIDU)
    return (reach * cos(angle) + 0.0065, reach * sin(angle) + 0.006)
