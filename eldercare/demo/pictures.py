"""Drawn photos for the demo: corridors and exits nobody has ever stood in."""

import random
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from eldercare.core import files
from eldercare.selfchecks.flags.queries import bits_of


@dataclass(frozen=True)
class Picture:
    """A drawn photo as the platform keeps it; `scene` tells what is to be seen, `apart` how many bits from the first of it."""

    scene: str
    data: bytes
    sha256: str
    small_sha256: str
    bits: int
    apart: int


class Pictures:
    """Drawn corridors and exits: one home sends the same few again and again."""

    def __init__(self, faked: int) -> None:
        self.faked = faked
        self.first: dict[str, int] = {}
        self.same = {light: [self._draw(scene, light) for scene in ("a", "b")] for light in range(3)}

    def of(self, number: int, duty: str, age: int) -> list[Picture]:
        """The photos of a round of a home, so many days ago: few homes take any in the demo."""
        if duty != "patrol_day" or age > 6:
            return []
        if number == self.faked:
            return self.same[age % 3] if age else []
        return [self._draw(f"{number}-{age}-{at}") for at in range(2)] if number in (1, 2) and age <= 2 else []

    def _draw(self, scene: str, light: int = 0) -> Picture:
        own = random.Random(f"{scene} scene")
        image = Image.new("RGB", (640, 480), (222 - 18 * light, 216 - 18 * light, 200 - 18 * light))
        pen = ImageDraw.Draw(image)
        for _each in range(9):
            left, top = own.randrange(560), own.randrange(400)
            colour = tuple(max(0, own.randrange(60, 215) - 12 * light) for _ in range(3))
            pen.rectangle((left, top, left + own.randrange(60, 240), top + own.randrange(60, 260)), fill=colour)
        pen.rectangle((250, 40, 390, 80), fill=(20, 120, 70))
        data, small = _jpeg(image, 85 - light), _jpeg(image.resize((320, 240)), 85)
        bits = bits_of(small)
        first = self.first.setdefault(scene, bits)
        kept = files.put(data, secret=True), files.put(small, secret=True)
        return Picture(scene, data, *kept, bits, ((bits ^ first) & (1 << 64) - 1).bit_count())


def _jpeg(image: Any, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
