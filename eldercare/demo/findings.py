"""What is found wrong in demo places, and two drawn scenes of it: as found and as put right. The list: findings.yaml."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from eldercare.core import files, yamlfile
from eldercare.core.attachments import JPEG, Kept

SCENES = ("corridor", "wall")
BOXES = ((180, 470, 150), (300, 420, 100), (610, 440, 140), (560, 400, 80))  # left, top, size


@dataclass(frozen=True)
class Finding:
    """A fault as an officer writes it. picture: the scene drawn of it, "" for none."""

    item: str
    severity: str
    words: str
    where: str
    demand: str
    done: str
    picture: str = ""
    hazard_code: str | None = None


def by_type() -> dict[str, list[Finding]]:
    """The faults of each kind of place; those of `major` can befall any institution."""
    told = yamlfile.read(Path(__file__).with_name("findings.yaml"))
    return {kind: [Finding(*each) for each in rows] for kind, rows in told.items()}


def pictures() -> dict[str, Kept]:
    """{"corridor before": …}: drawn, so that no real place is shown, and kept as the platform keeps photos."""
    return {f"{scene} {kind}": _kept(_drawn(scene, tidy=kind == "after")) for scene in SCENES for kind in ("before", "after")}


def _drawn(scene: str, *, tidy: bool) -> Image.Image:
    image = Image.new("RGB", (960, 720), "#e9e4d8")
    draw = ImageDraw.Draw(image)
    if scene == "wall":
        draw.rectangle([0, 560, 960, 720], fill="#b9b0a0")
        draw.rectangle([400, 250, 560, 560], fill="#c9332c", outline="#7f1d19", width=5)
        draw.rectangle([430, 285, 530, 325], fill="#f4f1ea")
        if not tidy:
            draw.rectangle([330, 330, 660, 600], fill="#8d8371", outline="#554d40", width=6)
            draw.rectangle([360, 360, 630, 430], fill="#6f6656")
        return image
    draw.polygon([(0, 720), (960, 720), (590, 330), (370, 330)], fill="#b7b1a3")
    draw.polygon([(0, 0), (370, 190), (370, 330), (0, 720)], fill="#d8d2c4")
    draw.polygon([(960, 0), (590, 190), (590, 330), (960, 720)], fill="#cfc8b8")
    draw.rectangle([430, 215, 530, 330], fill="#7d9a86")
    draw.rectangle([445, 196, 515, 212], fill="#2f8f4e")
    for x, y, size in () if tidy else BOXES:
        draw.rectangle([x, y, x + size, y + size], fill="#a9793f", outline="#6d4a20", width=4)
        draw.line([x, y + size // 2, x + size, y + size // 2], fill="#6d4a20", width=4)
    return image


def _kept(image: Image.Image) -> Kept:
    large, small = io.BytesIO(), io.BytesIO()
    image.save(large, "JPEG", quality=85)
    thumb = image.copy()
    thumb.thumbnail((320, 320))
    thumb.save(small, "JPEG", quality=80)
    whole = large.getvalue()
    thumb_sha256 = files.put(small.getvalue(), secret=True)
    return Kept(JPEG, files.put(whole, secret=True), len(whole), image.width, image.height, thumb_sha256)
