"""Many rows into the database at once: COPY into a table of this transaction's own.

COPY into a table behind the wall is refused by PostgreSQL; so rows are staged in a temporary table
and the feature's service sends one INSERT … SELECT (or UPDATE … FROM) over it, which the wall checks.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from sqlalchemy import text

from eldercare.core.db import db

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\x00": None}
)


def cell(value: Any) -> str:
    """A value as COPY's text format has it: text, bytes, bool, number, date, or a list of texts."""
    kind = type(value)
    if kind is str:
        return str(value) if "\\" not in value and value.isprintable() else str(value).translate(_ESCAPES)
    if value is None:
        return "\\N"
    if kind is bytes:
        return f"\\\\x{value.hex()}"
    if kind is bool:
        return "t" if value else "f"
    if kind is list:
        parts = ['"' + str(part).replace("\\", "\\\\").replace('"', '\\"') + '"' for part in value]
        return ("{" + ",".join(parts) + "}").translate(_ESCAPES)
    return str(value).translate(_ESCAPES)


class Stage:
    """A temporary table, filled by `add()`, gone at the end of the transaction.

    `columns`: name → PostgreSQL type (with a DEFAULT where `add()` leaves a column out; see `given`).
    """

    def __init__(self, name: str, columns: Mapping[str, str], *, given: Sequence[str] = (), batch: int = 2000) -> None:
        self.name, self.batch = name, batch
        self.given = tuple(given) or tuple(columns)
        body = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        db.session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
        db.session.execute(text(f"CREATE TEMPORARY TABLE {name} ({body}) ON COMMIT DROP"))
        self._lines: list[str] = []
        self.count = 0

    def add(self, row: Sequence[Any]) -> None:
        """One row, in the order of `given`."""
        self._lines.append("\t".join(map(cell, row)))
        self.count += 1
        if len(self._lines) >= self.batch:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if not self._lines:
            return
        data = StringIO("\n".join(self._lines) + "\n")
        self._lines = []
        raw: Any = db.session.connection().connection
        with raw.cursor() as cursor:
            cursor.copy_expert(f"COPY {self.name} ({', '.join(self.given)}) FROM STDIN", data)


class Spool:
    """Rows kept aside, packed: however many there are, they take little memory. JSON types."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._waiting: list[Any] = []

    def add(self, item: Any) -> None:
        """Keep one."""
        self._waiting.append(item)
        if len(self._waiting) == 500:
            self._pack()

    def _pack(self) -> None:
        self._packed.append(zlib.compress(json.dumps(self._waiting, ensure_ascii=False, default=str).encode(), 1))
        self._waiting = []

    def __iter__(self) -> Iterator[Any]:
        for block in self._packed:
            yield from json.loads(zlib.decompress(block))
        yield from self._waiting
