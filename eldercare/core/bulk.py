"""Many rows into the database at once: COPY into a table of this transaction's own.

COPY into a table behind the wall is refused by PostgreSQL; so rows are staged in a temporary table
and the feature's service sends an INSERT … SELECT (or UPDATE … FROM) over it, which the wall checks.
"""

import gc
import itertools
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from typing import Any, Self

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


_serial = itertools.count(1)


@contextmanager
def steady() -> Iterator[None]:
    """Many rows without the cycle collector: they make no cycles, and its rounds cost a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Lane:
    """One thing after another beside the main thread: the database works while Python prepares what follows.

    The work shares the session's connection, so whoever uses the session waits first. An error comes
    back at the next `do()` or `wait()`; leaving the block waits for what is under way.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bulk")
        self._last: Future[Any] | None = None

    def __enter__(self) -> Self:
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)  # the thread needs the interpreter for a moment only, but soon
        return self

    def __exit__(self, *_: object) -> None:
        sys.setswitchinterval(self._interval)
        self._thread.shutdown(wait=True, cancel_futures=True)

    def do(self, work: Callable[[], Any]) -> None:
        """Hand over one piece; waits while the one before is under way, so that little piles up."""
        self.wait()
        self._last = self._thread.submit(work)

    def wait(self) -> None:
        """Until the connection is free again."""
        last, self._last = self._last, None
        if last is not None:
            last.result()


def column(values: Sequence[Any]) -> list[str]:
    """`cell()` for a column of one kind of values and None; texts and bytes, which are most, without a call each."""
    kind = type(next((value for value in values if value is not None), None))
    if kind is str:
        whole = "".join([value for value in values if value is not None])
        if whole.isprintable() and "\\" not in whole:  # as nearly always: nothing to escape in any of them
            return ["\\N" if value is None else value for value in values]
        return [
            "\\N" if value is None else value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
            for value in values
        ]
    if kind is bytes:
        return ["\\N" if value is None else "\\\\x" + value.hex() for value in values]
    if kind is list:
        return [cell(value) for value in values]
    said = {value: cell(value) for value in set(values)}
    return [said[value] for value in values]


class Stage:
    """A temporary table, filled by `add()`, gone at the end of the transaction.

    `columns`: name → PostgreSQL type, with a DEFAULT where `add()` leaves a column out (`given` names the others).
    """

    def __init__(self, name: str, columns: Mapping[str, str], *, given: Sequence[str] = ()) -> None:
        self.name, self.given = f"{name}_{next(_serial)}", tuple(given) or tuple(columns)
        body = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._connection = db.session.connection()
        self._connection.execute(text(f"CREATE TEMPORARY TABLE {self.name} ({body}) ON COMMIT DROP"))
        self._rows: list[Sequence[Any]] = []
        self._is_filled = False
        self.count = 0

    def add(self, row: Sequence[Any]) -> None:
        """One row, in the order of `given`."""
        self._rows.append(row)
        self.count += 1

    def take(self) -> list[str]:
        """The rows that wait, as lines to be handed to `send()`."""
        rows, self._rows = self._rows, []
        return self.lines(zip(*rows, strict=True)) if rows else []

    @staticmethod
    def lines(columns: Iterable[Sequence[Any]]) -> list[str]:
        """Whole columns, in the order of `given`, as lines."""
        return list(map("\t".join, zip(*map(column, columns), strict=True)))

    def send(self, lines: list[str], *statements: str, **values: Any) -> int:
        """COPY rows in and run statements over them (`{stage}` is the table); returns how many rows the last one touched.

        What was sent before is gone by then. Safe on a Lane: a few round trips, none of which waits for Python.
        """
        if self._is_filled:
            self._connection.execute(text(f"TRUNCATE {self.name}"))
        self._is_filled = bool(lines)
        if lines:
            driver: Any = self._connection.connection
            data = StringIO("\n".join(lines) + "\n")
            with driver.cursor() as cursor:
                # one read of everything: a second one would wait for the interpreter's lock each time
                cursor.copy_expert(f"COPY {self.name} ({', '.join(self.given)}) FROM STDIN", data, size=1 << 28)
        joined = ";\n".join(statements).replace("{stage}", self.name)
        return self._connection.execute(text(joined), values).rowcount if joined else 0


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
