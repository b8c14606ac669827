"""What the papers about one row share: their frame, a signature drawn from its strokes, photos with captions."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reports._paper.words import Words, _load

Json = dict[str, Any]
MARGIN = 4  # around a signature, in the units of its strokes


def frame(kind: str, version: str, subject: Any, moment: datetime) -> Json:
    """What every paper starts with: who issues it, about which place, as of when."""
    from eldercare.core import calendar  # noqa: PLC0415 — the drawing process needs none of this

    at = calendar.local(moment)
    facility = subject.facility
    return {
        "schema": 1, "kind": kind, "template": version, "period": f"{at:%Y-%m}", "cutoff_at": at.isoformat(),
        "organ": dict(_load("inspection_notice")["organ"]), "facility_id": facility.id, "internal": subject.internal,
        "facility": {
            "code": facility.code, "name": facility.name, "address": facility.address, "head": facility.head,
            "township": facility.township.name,
        },
        "draft": False, "photos": [],
    }  # fmt: skip


def stroke_picture(strokes: Mapping[str, Any] | None) -> str | None:
    """A signature as an SVG picture in a data address; None where nothing was drawn.

    `strokes`: {"w", "h", "lines": [[[x, y], …], …]} in the units of the tablet's pad.
    """
    lines = [line for line in (strokes or {}).get("lines", []) if line]
    if not strokes or not lines:
        return None
    width, height = float(strokes["w"]) + 2 * MARGIN, float(strokes["h"]) + 2 * MARGIN
    paths = "".join(f'<polyline points="{_points(line)}"/>' for line in lines)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} {-MARGIN} {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" fill="none" stroke="#111" stroke-width="{max(width, height) / 160:g}" stroke-linecap="round"'
        f' stroke-linejoin="round">{paths}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()


def _points(line: Sequence[Sequence[float]]) -> str:
    points = [(float(x), float(y)) for x, y in line]
    if len(points) == 1:  # a dot
        points.append((points[0][0] + 0.1, points[0][1]))
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def captions(w: Words, photos: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Photos as a paper shows them: [{"sha256", "words"}], when each was taken."""
    return [{"sha256": each["sha256"], "words": w.moment(each["taken_at"]) if each.get("taken_at") else ""} for each in photos]
