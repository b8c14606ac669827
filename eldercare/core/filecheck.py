"""The child process that looks into an uploaded file: run by its path, it knows nothing of the platform.

    python -I filecheck.py '{"megapixels": 64, "longest_px": 2000, …}' < the file > the verdict

The verdict is one line of JSON, then the bytes of the picture as it is kept and of its thumbnail. Whatever
a file does to a decoder it does here, under limits of memory and time, and the platform goes on.
A picture is decoded whole, turned upright, made smaller and drawn anew on an empty sheet, so that nothing
comes along with it: no position, no maker, no comment, no bytes behind the end. A PDF is kept as it came
and refused when it is locked, broken, or would do anything but be read.
"""

import contextlib
import json
import resource
import sys
from io import BytesIO
from typing import Any

PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
# what a paper has no need of: keys and words of a PDF's dictionaries (ISO 32000-2, 12.6 actions, 7.11.4 embedded files)
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
ACTIVE_WORDS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/RichMediaExecute", "/EmbeddedFile",
    "/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D",
}
ACTIVE_BYTES = (b"/JavaScript", b"/EmbeddedFile", b"/Launch")  # in what no table of the file leads to
MOST_OBJECTS = 300_000


class Unfit(Exception):
    """The file will not do: a code that `attachments.py` puts into words."""


def look(data: bytes, limits: dict[str, int]) -> tuple[dict[str, Any], bytes, bytes]:
    """({"media_type", "width", "height"}, what is kept, thumbnail); Unfit with the reason."""
    kind = next((name for mark, name in PICTURES.items() if data.startswith(mark)), None)
    if kind is None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "WEBP"
    if kind is not None:
        return _picture(data, kind, limits)
    if data.startswith(b"%PDF-"):
        _pdf(data)
        return {"media_type": "application/pdf", "width": None, "height": None}, data, b""
    raise Unfit("heic" if data[4:8] == b"ftyp" and data[8:12] in HEIC else "kind")


# ---- pictures -----------------------------------------------------------------------------------


def _picture(data: bytes, kind: str, limits: dict[str, int]) -> tuple[dict[str, Any], bytes, bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415 — a PDF needs no picture library

    Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
    longest = limits["longest_px"]
    try:
        image: Any = Image.open(BytesIO(data), formats=[kind])
        if image.width * image.height > limits["megapixels"] * 1_000_000:
            raise Unfit("pixels")
        image.draft("RGB", (longest, longest))  # a JPEG is decoded at no more than the size it is needed in
        image.load()
        image.thumbnail((longest, longest))
        with contextlib.suppress(Exception):  # a broken note about the orientation is no note
            image = ImageOps.exif_transpose(image)
        sheet = _on_paper(image)
    except Unfit:
        raise
    except MemoryError:
        raise Unfit("pixels") from None
    except Exception:  # noqa: BLE001 — decoders raise whatever comes to their mind
        raise Unfit("picture") from None
    small = sheet.copy()
    small.thumbnail((limits["thumbnail_px"], limits["thumbnail_px"]))
    return {"media_type": "image/jpeg", "width": sheet.width, "height": sheet.height}, _jpeg(sheet), _jpeg(small)


def _on_paper(image: Any) -> Any:
    """The picture alone, in ordinary colours on a white sheet."""
    from PIL import Image, ImageCms  # noqa: PLC0415

    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):  # sixteen bits and more
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    sheet = Image.new("RGB", image.size, "white")
    if "A" in image.mode or "transparency" in image.info:
        layer = image.convert("RGBA")
        sheet.paste(layer.convert("RGB"), mask=layer.getchannel("A"))
    else:
        sheet.paste(image.convert("RGB"))
        if profile and image.mode == "RGB":
            with contextlib.suppress(Exception):  # a profile that cannot be used leaves the colours as they are
                theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
                ImageCms.profileToProfile(sheet, theirs, ours, inPlace=True)
    sheet.info.clear()
    return sheet


def _jpeg(image: Any) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


# ---- PDF ----------------------------------------------------------------------------------------


def _pdf(data: bytes) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 — a picture needs no PDF library

    try:
        reader = PdfReader(BytesIO(data), strict=False)
        locked = reader.is_encrypted
        active = not locked and (_is_active(reader) or any(word in data for word in ACTIVE_BYTES))
        pages = 0 if locked else len(reader.pages)
    except Exception:  # noqa: BLE001
        raise Unfit("pdf_broken") from None
    if locked:
        raise Unfit("pdf_locked")
    if active:
        raise Unfit("pdf_active")
    if not pages:
        raise Unfit("pdf_broken")


def _is_active(reader: Any) -> bool:
    """Whether any object of the file, reached from its pages or not, would run, open, send or carry something."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject  # noqa: PLC0415

    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise ValueError
    waiting: list[Any] = [reader.trailer]
    for number, generation in sorted(numbers):
        with contextlib.suppress(Exception):  # what cannot be read cannot be run either
            waiting.append(IndirectObject(number, generation, reader).get_object())
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            if ACTIVE_KEYS & set(each) or any(isinstance(word, NameObject) and word in ACTIVE_WORDS for word in each.values()):
                return True
            waiting.extend(each.values())
        elif isinstance(each, ArrayObject):
            waiting.extend(each)
    return False


def main() -> None:
    """One file in, one verdict out."""
    limits = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_mb"] << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        about, kept, small = look(sys.stdin.buffer.read(), limits)
        verdict = about | {"sizes": [len(kept), len(small)]}
    except Unfit as unfit:
        verdict, kept, small = {"unfit": str(unfit)}, b"", b""
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + kept + small)


if __name__ == "__main__":
    main()
