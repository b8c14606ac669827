"""Files as people send them, and as those who mean harm do."""

import io
import struct
import zlib
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), *, colour: Any = "seagreen", mode: str = "RGB", **saved: Any) -> bytes:
    """A picture of one colour with a dark left half."""
    image = Image.new(mode, size, colour)
    image.paste(Image.new(mode, (size[0] // 2, size[1])), (0, 0))
    out = io.BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def with_position(size: tuple[int, int] = (400, 300), orientation: int = 6) -> bytes:
    """A phone's JPEG: where it was taken, by what, when, lying on its side, with a comment."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Maker of phones"
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 23.0, 20.0), 3: "E", 4: (120.0, 27.0, 0.0)})
    exif.get_ifd(0x8769)[0x9003] = "2026:11:24 08:00:00"
    return picture(size=size, exif=exif, comment=b"taken by somebody")


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred kilobytes that unpacks to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    body = b"".join(packer.compress(row) for _ in range(min(height, 3000))) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages: int = 1, *, password: str = "", **more: Any) -> bytes:
    """A blank PDF; `script`, `launch`, `file`: with what a paper has no need of."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if "script" in more:
        _act(writer, "/JavaScript", "/JS", more["script"])
    if "file" in more:
        writer.add_attachment("inside.txt", more["file"])
    if "launch" in more:
        _act(writer, "/Launch", "/F", more["launch"])
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _act(writer: PdfWriter, kind: str, key: str, value: str) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject(kind), NameObject(key): TextStringObject(value)})
    writer.root_object[NameObject("/OpenAction")] = action
