"""Habits 5 and 6: one head and safe steps; the database explains itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text

from config import Config
from eldercare.core.db import db
from eldercare.core.errors import CATALOGUE, CONSTRAINTS
from eldercare.core.scope import Scope
from tests.databases import drop_database, empty_database

VERSIONS = sorted(Path("migrations/versions").glob("*.py"))


def test_migrations_are_numbered_in_one_row_and_named_as_their_revision() -> None:
    before = None
    for number, path in enumerate(VERSIONS, start=1):
        source = path.read_text()
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+", path.stem), path
        assert f'revision = "{path.stem}"' in source, path
        assert f"down_revision = {before!r}".replace("'", '"') in source, f"{path}: comes after {before}"
        before = path.stem


def test_an_index_on_a_table_that_exists_is_made_concurrently() -> None:
    for path in VERSIONS:
        source = path.read_text()
        made = set(re.findall(r"op\.create_table\(\s*['\"](\w+)", source))
        for table in re.findall(r"op\.create_index\(.*?,\s*['\"](\w+)['\"],\s*\[", source):
            assert table in made or "postgresql_concurrently=True" in source, f"{path.name}: index on {table}"


def test_the_models_and_the_migrated_database_are_the_same(whole_app: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from eldercare.core.db import Base

    def ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith(("procrastinate_", "audit_head")) and reflected)

    with create_engine(whole_app.config["OWNER_URL"]).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


@contextmanager
def _migrated(app: Flask, config: Config, name: str) -> Iterator[str]:
    """The owner's address of a database of its own that has been brought up; `upgrade()` and `downgrade()` mean it."""
    urls = empty_database(config, name)
    owner = app.config["OWNER_URL"]
    try:
        with app.app_context():
            app.config["OWNER_URL"] = urls.owner
            upgrade()
            yield urls.owner
    finally:
        app.config["OWNER_URL"] = owner
        drop_database(config, name)


def test_down_and_up_again(whole_app: Flask, config: Config) -> None:
    with _migrated(whole_app, config, "up_and_down") as owner:
        downgrade(revision="base")
        with create_engine(owner).connect() as connection:
            left = connection.execute(
                text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                     " AND relkind IN ('r', 'S', 'v') AND relname <> 'alembic_version'")
            ).scalars().all()
            assert left == []
        upgrade()


def test_numbers_of_issues_go_on_where_they_stood_when_they_move(whole_app: Flask, config: Config) -> None:
    from eldercare.reporting.approval.queries import series

    with _migrated(whole_app, config, "numbers") as owner:
        downgrade(revision="0040_retention")
        with create_engine(owner).begin() as connection:
            connection.execute(text("INSERT INTO report_numbers VALUES ('monthly-oversight', 2026, 9)"))
        upgrade()
        with create_engine(owner).connect() as connection:
            kept = connection.execute(text("SELECT name, year, last FROM counters")).all()
            assert kept == [(series("monthly-oversight"), 2026, 9)]
            assert connection.execute(text("SELECT to_regclass('report_numbers')")).scalar() is None


def test_every_foreign_key_is_indexed(district: Scope) -> None:
    # a partial index serves when all it leaves out is NULL in the key's first column: such a row refers to nothing
    bare = db.session.execute(
        text(
            "SELECT conrelid::regclass::text, string_agg(a.attname, ', ' ORDER BY k.n) FROM pg_constraint c"
            " CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY k(attnum, n)"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum"
            " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace"
            " AND c.conrelid::regclass::text NOT LIKE 'procrastinate%'"
            " AND NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute first ON first.attrelid = i.indrelid"
            " AND first.attnum = i.indkey[0] WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid"
            " AND coalesce(pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', first.attname), true))"
            " GROUP BY c.oid, conrelid"
        )
    ).all()
    assert not bare, "\n".join(f"CREATE INDEX ON {table} ({columns});" for table, columns in bare)


def test_every_constraint_has_a_refusal_in_words(district: Scope) -> None:
    names = set(
        db.session.execute(
            text(
                "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'x')"
                " AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'procrastinate%'"
                " UNION SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                " JOIN pg_class t ON t.oid = i.indrelid WHERE i.indisunique AND NOT i.indisprimary"
                " AND c.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE 'procrastinate%'"
                " AND t.relname NOT IN ('audit_head', 'alembic_version')"
            )
        ).scalars()
    )
    # what triggers refuse under a name of their own (ERRCODE check_violation) is told in words as well
    bodies = db.session.execute(text("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")).scalars()
    names |= {name for body in bodies for name in re.findall(r"(?:CONSTRAINT = |refuse\()'(\w+)'", body)}
    assert names - set(CONSTRAINTS) == set(), "give these a code in their model's catalogue()"
    assert set(CONSTRAINTS) - names == set(), "these constraints are gone: take them out of the catalogue"
    assert set(CONSTRAINTS.values()) <= set(CATALOGUE)


def test_the_log_can_only_be_added_to(district: Scope) -> None:
    held = db.session.execute(
        text(
            "SELECT grantee, privilege_type FROM information_schema.role_table_grants WHERE table_name = 'audit_entries'"
            " AND grantee IN ('eldercare_app', 'eldercare_district', 'eldercare_local', 'eldercare_auditor')"
        )
    ).all()
    assert {privilege for _, privilege in held} == {"INSERT", "SELECT"}
