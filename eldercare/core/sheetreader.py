"""The reading process: a workbook on stdin, its rows as JSON lines on stdout.

Files come from anybody, and their parser is compiled code: so it runs in a process of its own that
may use little memory and little time, and that knows no key, no database and no setting. It is
started by path (`sheets.read`) and imports nothing of ours.

Lines out: {"sheet": name, "left": columns skipped, "height": rows, "others": [names]}, then lists of
rows, then {"end": true}; or {"refused": code}. Cells are text, number, bool or "" ; dates are ISO text.
"""

import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

MEGABYTE = 1 << 20
MEMORY = 470 * MEGABYTE  # address space; with the importing process the whole stays under 600 MB
SECONDS = 60  # of processor time
UNPACKED = 700 * MEGABYTE  # what a workbook may unpack to: 200,000 rows of 40 columns take about 500
RATIO = 150  # honest workbooks pack 5 to 40 times
MEMBERS = 5000
CHUNK = 500
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",\t;|，"


class Unreadable(Exception):
    """The file cannot be read; the argument is a code of the refusals' catalogue."""


def kind_of(data: bytes) -> str:
    """`zip`, `ole` or `text`, by what is in the file; never by its name."""
    if not data.strip(b"\x00\r\n\t "):
        raise Unreadable("sheet.empty")
    if data.startswith(b"PK"):
        return "zip"
    if data.startswith(_OLE):
        return "ole"
    return "text"


def check_zip(data: bytes) -> None:
    """Refuse what is no workbook and what would unpack to too much, before unpacking anything."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise Unreadable("sheet.damaged") from None
    names = {member.filename.lower() for member in members}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise Unreadable("sheet.not_a_workbook")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("sheet.encrypted")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MEMBERS or unpacked > UNPACKED or (unpacked > 32 * MEGABYTE and unpacked / packed > RATIO):
        raise Unreadable("sheet.too_large")


def decode(data: bytes) -> str:
    """Text in UTF-8, UTF-16 or GB 18030 (which holds GBK and GB 2312)."""
    encodings = [name for mark, name in _BOMS if data.startswith(mark)]
    if not encodings and data[:400].count(0) > len(data[:400]) // 5:
        encodings = ["utf-16-le" if data[1:400:2].count(0) >= data[0:400:2].count(0) else "utf-16-be"]
    for encoding in encodings or ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(sign < " " and sign not in "\t\r\n\x0b\x0c\x1a" for sign in text[:20000]):
            break
        return text.rstrip("\x1a")
    raise Unreadable("sheet.not_a_workbook")


def delimiter_of(text: str) -> str:
    """The sign that splits most of the first lines into most parts."""
    lines = [line for line in text[:65536].splitlines()[:40] if line.strip()]
    counts = {sign: sorted(line.count(sign) for line in lines) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: (counts[sign][len(lines) // 2], counts[sign][-1])) if lines else ","


def text_rows(data: bytes) -> Iterator[list[str]]:
    """The records of a CSV file."""
    text = decode(data)
    if text.lstrip().startswith("<"):
        raise Unreadable("sheet.web_page")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    except csv.Error:
        raise Unreadable("sheet.damaged") from None


def plain(value: Any) -> Any:
    """Cells JSON does not know: dates and times as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.hour or value.minute or value.second else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def book_sheets(data: bytes, kind: str) -> Iterator[tuple[dict[str, Any], Iterator[list[Any]]]]:
    """Each visible sheet of a workbook: its head, then its rows."""
    import python_calamine as calamine  # noqa: PLC0415 — only a workbook needs it

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        seen = [
            meta.name for meta in book.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        for name in seen or book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            start = sheet.start or (0, 0)
            head = {"sheet": name, "left": start[1], "height": start[0] + sheet.height}
            yield head | {"others": [other for other in seen if other != name]}, sheet.iter_rows()
    except calamine.PasswordError:
        raise Unreadable("sheet.encrypted") from None
    except (calamine.CalamineError, OSError, ValueError):
        ciphered = kind == "ole" and "EncryptedPackage".encode("utf-16-le") in data
        foreign = kind == "ole" and "WordDocument".encode("utf-16-le") in data
        raise Unreadable(
            "sheet.encrypted" if ciphered else "sheet.not_a_workbook" if foreign else "sheet.damaged"
        ) from None


def lines(data: bytes) -> Iterator[Any]:
    """Everything the file holds, as the lines to print."""
    kind = kind_of(data)
    if kind == "zip":
        check_zip(data)
    text_head = {"sheet": "", "left": 0, "height": data.count(b"\n"), "others": []}
    sheets = book_sheets(data, kind) if kind != "text" else iter([(text_head, text_rows(data))])
    for head, rows in sheets:
        chunk: list[list[Any]] = []
        yield head
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
        yield chunk
    yield {"end": True}


def main() -> None:
    """Read stdin, print lines; a refusal is a line too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode
    out = sys.stdout
    try:
        for line in lines(sys.stdin.buffer.read()):
            out.write(encode(line))
            out.write("\n")
            out.flush()
    except Unreadable as refusal:
        out.write(encode({"refused": str(refusal)}) + "\n")
    except MemoryError:
        out.write('{"refused":"sheet.too_large"}\n')
    out.flush()


if __name__ == "__main__":
    main()
