"""Migrations run as the owner, one transaction each, under a session advisory lock, with short lock waits."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from eldercare.core.db import Base

LOCK = 370215  # one migration at a time over the whole cluster


def _ours(_object: object, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:  # noqa: FBT001 — alembic's signature
    """procrastinate keeps its own tables; they come from its own schema file."""
    return not (kind == "table" and name is not None and name.startswith(("procrastinate_", "audit_head")) and reflected)


def run() -> None:
    """Bring the database to the head."""
    engine = create_engine(current_app.config["OWNER_URL"], poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.execute(text("SET lock_timeout = '2s'"))
        connection.execute(text("SET client_min_messages = warning"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=_ours,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


run()
