"""The database's own users, made the same way in the embedded server and in any PostgreSQL >= 15.

  eldercare_owner     owns database and schema; migrations run as this role
  eldercare_app       what web, clock and worker sign in as; NOINHERIT: alone it sees no row
  eldercare_backup    reads everything past row-level security; only backup and restore use it
  eldercare_district, eldercare_local, eldercare_auditor
                      cannot sign in; entered by `scope.enter()` with SET LOCAL ROLE

The passwords of the three that sign in follow from the password in DATABASE_URL by HMAC, so every
process with the same DATABASE_URL agrees and nothing more has to be kept or sent around.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection, cursor
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVER = "postgresql+psycopg2"
OWNER, APP, BACKUP = "eldercare_owner", "eldercare_app", "eldercare_backup"
LOGINS = (OWNER, APP, BACKUP)
REACHES = ("eldercare_district", "eldercare_local", "eldercare_auditor")
ATTRIBUTES = {
    OWNER: "LOGIN NOINHERIT",
    APP: "LOGIN NOINHERIT",
    BACKUP: "LOGIN NOINHERIT BYPASSRLS",
    **dict.fromkeys(REACHES, "NOLOGIN NOINHERIT"),
}
# Limits a request must live within; a job that needs longer says SET LOCAL statement_timeout. The
# idle limit leaves room for a worker that draws a report between two statements.
APP_LIMITS = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "lock_timeout": "10s",
    "timezone": "UTC",
}
# People's data must not reach the server's log by way of a failing statement.
QUIET = {"log_min_error_statement": "panic", "log_parameter_max_length_on_error": "0"}
LOCK = 0x656C6465  # advisory lock: two set-ups at once take turns


class DatabaseUnavailable(click.ClickException):
    """The database cannot be used as asked; the message is one line that says what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Urls:
    """Where to sign in as whom, as SQLAlchemy addresses (`postgresql+psycopg2://…`).

    All but `app` are empty in a process that was given only DATABASE_APP_URL; `admin` is who makes
    databases and roles, for set-up and tests alone.
    """

    owner: str = field(repr=False)
    app: str = field(repr=False)
    backup: str = field(repr=False)
    admin: str = field(default="", repr=False)


def plain(url: str) -> str:
    """The same address for libpq and psycopg 3: no driver name, and %20 where libpq wants it."""
    server, mark, options = url.replace(f"{DRIVER}://", "postgresql://", 1).partition("?")
    return server + mark + options.replace("+", "%20")


def given_urls(admin_url: str | None, app_url: str | None) -> Urls:
    """The addresses for DATABASE_URL and/or DATABASE_APP_URL; makes what is missing in the first."""
    app = _sqlalchemy(app_url, "DATABASE_APP_URL") if app_url else ""
    if not admin_url:
        return Urls(owner="", app=app, backup="")
    urls = ensure_roles(_sqlalchemy(admin_url, "DATABASE_URL"))
    return Urls(urls.owner, app or urls.app, urls.backup, urls.admin)


def ensure_roles(admin_url: str) -> Urls:
    """Make roles, memberships and ownership where they are missing; the addresses to sign in with.

    Asking again is one query. Raises DatabaseUnavailable when the server is not there, is older
    than 15, is not UTF-8, or does not let this user make roles.
    """
    try:
        _create_missing_database(admin_url)
        with connect(admin_url) as db, db.cursor() as at:
            _check_server(at)
            marks = {role: _mark(admin_url, role) for role in LOGINS}
            if not _is_done(at, marks):
                _make(db, at, admin_url, marks)
    except errors.InsufficientPrivilege as wrong:
        said = str(wrong).strip().splitlines()[0]
        raise DatabaseUnavailable(
            "the user in DATABASE_URL may not set up the roles (it needs CREATEROLE, BYPASSRLS and "
            f"ownership of the database, or superuser): {said}"
        ) from None
    except psycopg2.OperationalError as wrong:
        said = " ".join(str(wrong).split())
        raise DatabaseUnavailable(f"the database does not answer: {said}") from None
    owner, app, backup = (_login_url(admin_url, role) for role in LOGINS)
    return Urls(owner, app, backup, admin_url)


@contextmanager
def connect(url: str) -> Iterator[connection]:
    """A psycopg2 connection in autocommit, closed at the end."""
    db = psycopg2.connect(plain(url), connect_timeout=10, application_name="eldercare set-up")
    try:
        db.autocommit = True
        yield db
    finally:
        db.close()


@contextmanager
def _beside(admin_url: str) -> Iterator[cursor]:
    """A cursor in the maintenance database, where databases are made and dropped."""
    beside = make_url(admin_url).set(database="postgres").render_as_string(hide_password=False)
    with connect(beside) as db, db.cursor() as at:
        yield at


def _sqlalchemy(url: str, name: str) -> str:
    """Accept postgres://, postgresql:// and any driver; return ours."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        parsed = URL.create("unreadable")
    if parsed.get_backend_name() != "postgresql" or not parsed.database:
        raise DatabaseUnavailable(f"{name} must look like postgresql://user:password@host:5432/name")
    return parsed.set(drivername=DRIVER).render_as_string(hide_password=False)


def _password(admin_url: str, role: str) -> str:
    """The role's password; empty where the administrator has none (peer or trust on a socket)."""
    admin = make_url(admin_url)
    secret = admin.password or (os.environ.get("PGPASSWORD") if admin.host else None)
    if not secret:
        return ""
    return hmac.new(str(secret).encode(), f"eldercare/{role}".encode(), hashlib.sha256).hexdigest()


def _login_url(admin_url: str, role: str) -> str:
    url = make_url(admin_url).set(username=role, password=_password(admin_url, role) or None)
    return url.render_as_string(hide_password=False)


def _mark(admin_url: str, role: str) -> str:
    """A comment on the role that changes with its password, its attributes and these settings."""
    seen = f"{_password(admin_url, role)}{ATTRIBUTES}{APP_LIMITS}{QUIET}3"
    return "made by eldercare " + hashlib.sha256(seen.encode()).hexdigest()[:16]


def _create_missing_database(admin_url: str) -> None:
    try:
        with connect(admin_url):
            return
    except psycopg2.OperationalError as wrong:
        name = make_url(admin_url).database
        if f'database "{name}" does not exist' not in str(wrong):
            raise
    with _beside(admin_url) as at:
        _do(at, "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", str(name))


def _check_server(at: cursor) -> None:
    at.execute(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " current_setting('server_encoding')"
    )
    number, version, encoding = at.fetchone() or (0, "", "")
    if number < 150000:
        raise DatabaseUnavailable(f"PostgreSQL {version} is too old: 15 or later is needed")
    if encoding != "UTF8":
        raise DatabaseUnavailable(f"the database is {encoding}: make it with ENCODING 'UTF8'")


def _is_done(at: cursor, marks: dict[str, str]) -> bool:
    at.execute(
        "SELECT rolname, coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles"
        " WHERE rolname = ANY(%s)",
        (list(ATTRIBUTES),),
    )
    found = dict(at.fetchall())
    at.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        " UNION ALL SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'"
    )
    owners = [row[0] for row in at.fetchall()]
    roles_there = found.keys() == ATTRIBUTES.keys() and marks.items() <= found.items()
    return roles_there and owners == [OWNER, OWNER]


def _make(db: connection, at: cursor, admin_url: str, marks: dict[str, str]) -> None:
    """All of it in one transaction; every statement may meet what it makes already there."""
    db.autocommit = False
    with db:
        at.execute("SELECT pg_advisory_xact_lock(%s), current_database()", (LOCK,))
        database = (at.fetchone() or ("", ""))[1]
        at.execute("SELECT rolname FROM pg_roles")
        there = {row[0] for row in at.fetchall()}
        for role, attributes in ATTRIBUTES.items():
            verb = "ALTER" if role in there else "CREATE"
            _do(at, f"{verb} ROLE {{}} {attributes}", role)
        for role in LOGINS:
            if password := _password(admin_url, role):
                at.execute(_ident("ALTER ROLE {} PASSWORD %s", role), (password,))
            at.execute(_ident("COMMENT ON ROLE {} IS %s", role), (marks[role],))
        _memberships(at, db.server_version)
        _ownership(at, database)
        _limits(at, database)


def _memberships(at: cursor, version: int) -> None:
    """App and owner may become a reach, but have nothing of it before they do."""
    how = "WITH INHERIT FALSE, SET TRUE" if version >= 160000 else ""
    for reach in REACHES:
        for member in (APP, OWNER):
            _do(at, f"GRANT {{}} TO {{}} {how}", reach, member)
    # ALTER DATABASE … OWNER asks that whoever runs it can become the new owner
    at.execute("SELECT rolsuper, rolname FROM pg_roles WHERE rolname = current_user")
    is_super, me = at.fetchone() or (False, "")
    if not is_super:
        _do(at, "GRANT {} TO {}", OWNER, me)


def _ownership(at: cursor, database: str) -> None:
    _do(at, "ALTER DATABASE {} OWNER TO {}", database, OWNER)
    _do(at, "ALTER SCHEMA public OWNER TO {}", OWNER)
    _do(at, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    _do(at, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for role in ATTRIBUTES:
        _do(at, "GRANT CONNECT ON DATABASE {} TO {}", database, role)
        _do(at, "GRANT USAGE ON SCHEMA public TO {}", role)
    _do(at, "GRANT TEMPORARY ON DATABASE {} TO {}", database, APP)  # imports COPY into one first
    for reach in REACHES:
        _do(at, "GRANT TEMPORARY ON DATABASE {} TO {}", database, reach)
    for objects in ("TABLES", "SEQUENCES"):
        _do(at, f"GRANT SELECT ON ALL {objects} IN SCHEMA public TO {{}}", BACKUP)
        given = f"ALTER DEFAULT PRIVILEGES FOR ROLE {{}} IN SCHEMA public GRANT SELECT ON {objects} TO {{}}"
        _do(at, given, OWNER, BACKUP)


def _limits(at: cursor, database: str) -> None:
    for name, value in APP_LIMITS.items():
        at.execute(_ident(f"ALTER ROLE {{}} IN DATABASE {{}} SET {name} = %s", APP, database), (value,))
    for role in LOGINS:
        for name, value in QUIET.items():
            at.execute("SAVEPOINT quiet")
            try:
                at.execute(_ident(f"ALTER ROLE {{}} SET {name} = %s", role), (value,))
            except errors.InsufficientPrivilege:  # a managed server: its owner decides on logs
                at.execute("ROLLBACK TO SAVEPOINT quiet")
            at.execute("RELEASE SAVEPOINT quiet")


def _ident(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def _do(at: cursor, statement: str, *names: str) -> None:
    at.execute(_ident(statement, *names))
