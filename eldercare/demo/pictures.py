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
        image = _corridor(random.Random(f"{scene} scene"), 14 * light)
        data, small = _jpeg(image, 85 - light), _jpeg(image.resize((320, 240)), 85)
        bits = bits_of(small)
        first = self.first.setdefault(scene, bits)
        kept = files.put(data, secret=True), files.put(small, secret=True)
        return Picture(scene, data, *kept, bits, ((bits ^ first) & (1 << 64) - 1).bit_count())


def _corridor(own: random.Random, dark: int) -> Any:
    """A corridor to its far end: walls, floor, doors on both sides, an exit sign, what stands about."""

    def shade(*colour: int) -> tuple[int, ...]:
        return tuple(max(0, each - dark) for each in colour)

    image = Image.new("RGB", (640, 480), shade(226, 224, 214))
    pen = ImageDraw.Draw(image)
    left, right, top, bottom = own.randrange(170, 260), own.randrange(380, 470), own.randrange(130, 180), own.randrange(270, 320)
    floor = shade(*own.choice([(150, 132, 110), (120, 128, 132), (168, 160, 140)]))
    pen.polygon([(0, 480), (640, 480), (right, bottom), (left, bottom)], fill=floor)
    pen.polygon([(0, 0), (left, top), (left, bottom), (0, 480)], fill=shade(206, 208, 200))
    pen.polygon([(640, 0), (right, top), (right, bottom), (640, 480)], fill=shade(196, 200, 196))
    pen.rectangle((left, top, right, bottom), fill=shade(184, 186, 180), outline=shade(90, 90, 90), width=3)
    wood = shade(*own.choice([(120, 84, 56), (96, 110, 120), (140, 110, 70)]))
    for side, edge in ((0, left), (640, right)):
        for at in sorted(own.sample(range(15, 85, 10), own.randrange(1, 4))):
            near, far = side + (edge - side) * at / 100, side + (edge - side) * (at + 12) / 100
            high, low = top * at / 100 + 60, 480 - (480 - bottom) * at / 100
            pen.polygon([(near, high), (far, high + 8), (far, low - 6), (near, low)], fill=wood, outline=shade(60, 50, 40))
    middle = (left + right) // 2
    pen.rectangle((middle - 34, top - 34, middle + 34, top - 10), fill=shade(24, 130, 80), outline=shade(240, 240, 240))
    for _each in range(own.randrange(1, 4)):
        x, size = own.randrange(60, 540), own.randrange(26, 70)
        colour = shade(*own.choice([(170, 40, 36), (70, 84, 110), (190, 160, 90)]))
        pen.rectangle((x, 430 - size, x + size, 450), fill=colour, outline=shade(50, 50, 50), width=2)
    return image


def _jpeg(image: Any, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
