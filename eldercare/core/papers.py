"""Papers: an official document about one row (a visit, an order), drawn by a Run, kept in the archive.

A feature asks by the name of the folder in `reports/` and never knows who draws. Each `report.py` of a paper names its
ENTITY and PERMISSION and offers `subject()`, from which the page's own list of papers is made (`reporting/papers`).
"""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from eldercare.core import calendar, files, runs
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope

PHOTO_PX, PHOTO_QUALITY = 1000, 72  # what a paper shows of a photo: 150 dots an inch at half the width of the page


@dataclass(frozen=True)
class Subject:
    """What a paper is about: the row, its place, and whether that place may see it yet.

    `period`: the month it belongs to; none: that of the day it is asked for. Its editions are counted within it.
    """

    entity: str
    row_id: int
    facility: Any
    internal: bool = False
    period: str | None = None

    @property
    def name(self) -> str:
        """`visit:12`."""
        return f"{self.entity}:{self.row_id}"


def ask(scope: Scope, kind: str, subject: Subject) -> Run:
    """Have a paper drawn; what the place may not see yet leaves no trace there either."""
    facility = subject.facility
    place = Place(facility.code, facility.township_id, None if subject.internal else facility.id)
    period = subject.period or str(calendar.Month.of(calendar.today()))
    return runs.enqueue(scope, kind, period=period, place=place, subject=subject.name, row_id=subject.row_id)


def photo(sha256: str) -> str:
    """Keep what a paper shows of a photo that was judged before; the SHA-256 of that smaller picture."""
    with Image.open(io.BytesIO(files.get(sha256, secret=True)), formats=["JPEG"]) as picture:
        small = picture.convert("RGB")
        small.thumbnail((PHOTO_PX, PHOTO_PX))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=PHOTO_QUALITY, optimize=True)
    return files.put(out.getvalue(), secret=True)
