"""Base, naming convention, the Scoped and Audited mixins, and the session's three rules.

Wall set: nobody reads a Scoped model before a Scope was entered. Audit owed: a changed Audited
row must be named by an AuditEntry before commit. Bulk named: a bulk statement on an Audited
model says `audited="noun.past"` and an entry of that action must follow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from select import POLLIN, poll
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Date, DateTime, Engine, ForeignKeyConstraint, Index, MetaData, Text, event, inspect, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column, registry
from sqlalchemy.pool import Pool

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """Every model's base."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            str: Text,
            date: Date,
            datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Scoped:
    """A row that belongs to a place: both walls apply to it.

    `township_id` is the township it lies in; `facility_id` the facility, where there is one.
    Add `place_key()` to `__table_args__` and `wall()` the table in its migration.
    """

    township_id: Mapped[int] = mapped_column(index=True)
    facility_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


def place_key(table: str) -> ForeignKeyConstraint:
    """The composite key that keeps township and facility of a row an honest pair."""
    return ForeignKeyConstraint(
        ["facility_id", "township_id"], ["facilities.id", "facilities.township_id"], name=f"{table}_place_fkey"
    )


def given(name: str, *columns: str) -> Index:
    """An index of the rows where the first column holds anything: most records have no home, village or level.

    It serves a search for a value and a foreign key alike; a list of 42,500 people pays for no empty entry.
    """
    return Index(name, *columns, postgresql_where=text(f"{columns[0]} IS NOT NULL"))


class Audited:
    """A row whose every change owes the log an entry (`audit.record`)."""

    AUDIT_NOUN: ClassVar[str]  # "resident"; the entity's name in the log


class AuditOwed(AssertionError):
    """A commit was tried while a changed Audited row had no entry in the log."""


class WallNotSet(AssertionError):
    """A Scoped model was read before any Scope was entered."""


def changes_of(row: Any) -> dict[str, tuple[Any, Any]]:
    """What is about to change in a row: column → (before, after)."""
    state = inspect(row)
    out: dict[str, tuple[Any, Any]] = {}
    for attr in state.mapper.column_attrs:
        history = state.attrs[attr.key].history
        if history.has_changes():
            out[attr.key] = (history.deleted[0] if history.deleted else None, history.added[0] if history.added else None)
    return out


def _note_changes(session: Session, *_: Any) -> None:
    owed = session.info.setdefault("owed", {})
    for row in [*session.new, *session.dirty, *session.deleted]:
        if not isinstance(row, Audited):
            continue
        changed = changes_of(row)
        if row in session.dirty and not changed and row not in session.deleted:
            continue
        before = owed.setdefault(row, {})
        for key, (old, new) in changed.items():
            before[key] = (before[key][0] if key in before else old, new)


def _settle(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    owed, bulk = session.info.get("owed", {}), session.info.get("owed_bulk", set())
    if owed or bulk:
        names = sorted({type(row).__name__ for row in owed} | bulk)
        raise AuditOwed(f"changed without an entry in the log: {', '.join(names)}")


def _remember(session: Session, transaction: Any) -> None:
    if transaction.nested:
        owed = {row: dict(before) for row, before in session.info.get("owed", {}).items()}
        session.info.setdefault("owed_before", {})[transaction] = (owed, set(session.info.get("owed_bulk", ())))


def _take_back(session: Session, transaction: Any) -> None:
    # what a savepoint changed that was not released (`_released` did not see it) is owed no more
    before = session.info.get("owed_before", {}).pop(transaction, None)
    if before is not None:
        session.info["owed"], session.info["owed_bulk"] = before


def _forget(session: Session, *_: Any) -> None:
    if not session.in_nested_transaction():
        for key in ("owed", "owed_bulk", "owed_before", "scope", "workdays"):
            session.info.pop(key, None)


def _released(session: Session) -> None:
    if session.in_nested_transaction():
        session.info.get("owed_before", {}).pop(session.get_nested_transaction(), None)


def _check_statement(state: ORMExecuteState) -> None:
    bulk = state.is_update or state.is_delete or state.is_insert
    if not bulk and "scope" in state.session.info:
        return  # nothing to judge; naming a statement's models costs more than the rest of this
    models = {mapper.class_ for mapper in state.all_mappers}
    if any(issubclass(model, Scoped) for model in models) and "scope" not in state.session.info:
        raise WallNotSet("enter a Scope before reading " + ", ".join(sorted(m.__name__ for m in models)))
    if bulk and any(issubclass(model, Audited) for model in models):
        action = state.execution_options.get("audited")
        if not action:
            raise AuditOwed('a bulk statement on an Audited model says .execution_options(audited="noun.past")')
        state.session.info.setdefault("owed_bulk", set()).add(action)


def guard(session: Any) -> None:
    """Put the three rules on a session (or its factory)."""
    event.listen(session, "before_flush", _note_changes)
    event.listen(session, "before_commit", _settle)
    event.listen(session, "after_commit", _forget)
    event.listen(session, "after_rollback", _forget)
    event.listen(session, "after_transaction_create", _remember)
    event.listen(session, "after_commit", _released)
    event.listen(session, "after_transaction_end", _take_back)
    event.listen(session, "do_orm_execute", _check_statement)


# ---- what every page asks ----------------------------------------------------------------------


@event.listens_for(Pool, "checkout")
def _is_open(connection: Any, _record: Any, _proxy: Any) -> None:
    """A resting connection on which something can be read was ended by the server: the pool then opens another.

    Tells a restarted server as a ping would, without a round trip to it.
    """
    if not hasattr(connection, "fileno"):  # a database in a file has no server
        return
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    if waiting.poll(0):
        raise DisconnectionError



MOST_PREPARED = 400  # statements a connection keeps the plans of


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def _as_prepared(connection: Any, cursor: Any, statement: str, values: Any, context: Any, _many: Any) -> tuple[str, Any]:
    """Let PostgreSQL plan a statement marked `prepared=True`, or any question of a connection so marked, once a connection.

    For look-ups by id that every page asks, and the hundred questions of a report: planning costs as much as answering.
    The walls hold as for any statement: PostgreSQL plans anew when the role or a table has changed.
    """
    asked = context is not None and context.execution_options.get("prepared") and statement.startswith(("SELECT", "WITH"))
    if not asked or not values:
        return statement, values
    known, names = connection.info.setdefault("prepared", {}), sorted(values)
    if statement not in known:
        if len(known) >= MOST_PREPARED:
            return statement, values
        cursor.execute(f"PREPARE kept_{len(known)} AS " + statement % {name: f"${at}" for at, name in enumerate(names, 1)})
        known[statement] = f"kept_{len(known)}"
    return f"EXECUTE {known[statement]} ({', '.join(f'%({name})s' for name in names)})", values


@contextmanager
def savepoint() -> Iterator[Session]:
    """A part of the transaction that may fail alone."""
    with db.session.begin_nested():
        yield db.session()


# ---- for migrations ----------------------------------------------------------------------------

TOWNSHIPS = "(SELECT string_to_array(nullif(current_setting('app.townships', true), ''), ',')::bigint[])"
FACILITIES = "(SELECT string_to_array(nullif(current_setting('app.facilities', true), ''), ',')::bigint[])"
PERSON = "(SELECT nullif(current_setting('app.person', true), '')::bigint)"


def wall(op: Any, table: str, *, owner: str | None = None, auditor: bool = False) -> None:
    """Raise the second wall on a table (row-level security, forced).

    `owner` names a column with the person whose own rows are theirs to see as well (Runs);
    `auditor` lets the log reader in.
    """
    local = f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR facility_id = ANY ({FACILITIES}::bigint[])"
    if owner:
        local += f" OR {owner} = {PERSON}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY district ON {table} TO eldercare_district USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY local ON {table} TO eldercare_local USING ({local}) WITH CHECK ({local})")
    if auditor:
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO eldercare_auditor USING (true)")


def leads_attachments(op: Any, table: str, noun: str) -> None:
    """The attachments of a table's rows (`noun`: its AUDIT_NOUN) follow when a row moves to another place."""
    op.execute(
        f"CREATE TRIGGER {table}_lead_attachments AFTER UPDATE ON {table} FOR EACH ROW"
        " WHEN (OLD.township_id IS DISTINCT FROM NEW.township_id OR OLD.facility_id IS DISTINCT FROM NEW.facility_id)"
        f" EXECUTE FUNCTION lead_attachments('{noun}')"
    )


def enter_district(connection: Any) -> None:
    """For data migrations: FORCE binds the owner too, so step inside the wall first."""
    connection.execute(text("SET LOCAL ROLE eldercare_district"))
