"""Rows into tables, fast: COPY into a temporary table, then INSERT … SELECT (a walled table refuses COPY)."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from eldercare.core.db import db

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve(table: str, count: int) -> list[int]:
    """The next `count` ids of a table."""
    statement = text("SELECT nextval(pg_get_serial_sequence(:t, 'id')) FROM generate_series(1, :n)")
    return [row[0] for row in db.session.execute(statement, {"t": table, "n": count})]


def put(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows: values in the order of `columns`."""
    listed = ", ".join(f'"{column}"' for column in columns)
    stage = f"CREATE TEMPORARY TABLE stage ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA"  # noqa: S608 — our own names
    db.session.execute(text(stage))
    body = io.StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in rows))
    cursor: Any = db.session.connection().connection.cursor()
    cursor.copy_expert("COPY stage FROM STDIN", body)
    # the order of the rows is the order of their ids: lists read the table's pages in sequence
    db.session.execute(text(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM stage"))  # noqa: S608 — our own names
    db.session.execute(text("DROP TABLE stage"))


def put_dicts(table: str, rows: Sequence[dict[str, Any]]) -> None:
    """`put` for rows that all have the same keys; at least one."""
    columns = list(rows[0])
    put(table, columns, ([row[column] for column in columns] for row in rows))


def _cell(value: Any) -> str:
    """A value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple):  # an array of text
        return ("{" + ",".join(json.dumps(item, ensure_ascii=False) for item in value) + "}").translate(_ESCAPES)
    if isinstance(value, dict | list):  # jsonb
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return str(value)
