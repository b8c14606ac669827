"""One migrated database for the run; every test inside a transaction that is rolled back.

`app`, `session`, `sign_in(user)`, `client`; `fresh_app` for what needs real commits and two
connections (its own database, cloned from the migrated one). Network and mail stay closed.
"""

import base64
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, event
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("ELDERCARE_TODAY", "2026-11-24")

from config import Config
from eldercare import create_app
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.databases import TEMPLATE, clone_database, drop_database, empty_database

# What made-up input finds is found by who looks for it (`pytest --hypothesis-profile wide`), never by who only
# wants a commit proved: the same tries every time. A busy machine is no fault.
settings.register_profile("same", derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
settings.register_profile("wide", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile("same")

_fresh = itertools.count()
TODAY = date.fromisoformat(os.environ["ELDERCARE_TODAY"])


class ByFile(LoadScopeScheduling):
    """A file's tests share what is costly, and so do those that look at a demo district: one worker takes them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/demo" if file.startswith("tests/demo/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Of the whole suite; the house's few long tests are better spread (`--dist load`)."""
    return ByFile(config, log) if "tests/house" not in str(config.args) else None


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the whole test run."""
    folder = tmp_path_factory.mktemp("instance")
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def config(instance: Path) -> Config:
    """Fixed keys, a pinned day, the test run's own folder (and DATABASE_URL when one is given)."""
    environ = {
        "ELDERCARE_INSTANCE": str(instance),
        "SECRET_KEY": "for-tests-only-0123456789abcdefghij",
        "PII_KEY": base64.b64encode(bytes(range(32))).decode(),
        "ELDERCARE_TODAY": TODAY.isoformat(),
        "ELDERCARE_DEMO_PASSWORD": "Demo-2026-pass",
        "LOG_LEVEL": "WARNING",
    }
    if os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = os.environ["DATABASE_URL"]
    return Config.from_environ(environ)


@pytest.fixture(scope="session")
def whole_app(config: Config) -> Flask:
    """The application over a database brought up by the migrations."""
    from flask_migrate import upgrade

    app = create_app(config)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, RATELIMIT_ENABLED=False)
    app.wsgi_app = _each_request_forgets(app.wsgi_app)  # type: ignore[method-assign]
    with app.app_context():
        upgrade()
    return app


def _each_request_forgets(inner: Any) -> Any:
    """A request inside the test's own app context would find the last one's `g`: its person, its CSRF token."""

    def forget(environ: Any, start_response: Any) -> Any:
        if has_app_context():
            for key in list(g):
                g.pop(key)
        return inner(environ, start_response)

    return forget


@pytest.fixture
def app(whole_app: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back at the end of the test."""
    with whole_app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        db._app_engines[whole_app][None] = connection
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")

        def shut_the_wall(_session: Any) -> None:
            # a real commit ends SET LOCAL; a released savepoint does not
            if _session.in_nested_transaction():
                return
            connection.exec_driver_sql("RESET ROLE; SELECT set_config('app.townships', '', true)")
            connection.exec_driver_sql("SELECT set_config('app.facilities', '', true), set_config('app.person', '', true)")

        event.listen(db.session, "after_commit", shut_the_wall)
        try:
            yield whole_app
        finally:
            event.remove(db.session, "after_commit", shut_the_wall)
            db.session.remove()
            outer.rollback()
            connection.close()
            db._app_engines[whole_app][None] = engine


@pytest.fixture
def district(app: Flask) -> Scope:
    """The platform's own scope, entered: everything may be made and read."""
    return Scope.system("test").enter()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """`sign_in(user)` → a client signed in as that person (what was made so far is committed)."""

    def enter(user: Any, **session_values: Any) -> FlaskClient:
        db.session.commit()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update({"_user_id": user.get_id(), "_fresh": True, "seen": make.now_stamp(), **session_values})
        return browser

    return enter


@pytest.fixture(scope="session")
def template_database(config: Config, whole_app: Flask) -> None:
    """A migrated, empty database that nobody is connected to: what `fresh_app` copies."""
    from flask_migrate import upgrade

    urls = empty_database(config, TEMPLATE)
    owner = whole_app.config["OWNER_URL"]
    with whole_app.app_context():
        whole_app.config["OWNER_URL"] = urls.owner
        upgrade()
        whole_app.config["OWNER_URL"] = owner


@pytest.fixture
def fresh_app(config: Config, template_database: None, tmp_path: Path) -> Iterator[Flask]:
    """An application over a database of its own, with real commits: for races and Runs."""
    name = f"fresh_{os.getpid()}_{next(_fresh)}"
    urls = clone_database(config, name)
    app = create_app(config)
    app.config.update(
        TESTING=True, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False, BLOBS=tmp_path / "blobs",
        OWNER_URL=urls.owner, BACKUP_URL=urls.backup, SQLALCHEMY_DATABASE_URI=urls.app,
    )
    with app.app_context():
        db.engine.dispose()
        db._app_engines[app][None] = create_engine(urls.app, hide_parameters=True)
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            drop_database(config, name)


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """Every statement sent while the test runs (clear it before what you count)."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def plans(app: Flask) -> Iterator[list[str]]:
    """How each question asked while the test runs would be answered, were no table to be read whole."""
    seen: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith(("SELECT", "WITH")):
            return
        with connection.connection.cursor() as aside:
            aside.execute("SET LOCAL enable_seqscan = off")
            aside.execute(f"EXPLAIN {statement}", values)
            seen.append("\n".join(line for (line,) in aside.fetchall()))
            aside.execute("SET LOCAL enable_seqscan = on")

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def pytest_configure(config: pytest.Config) -> None:
    """Groups that scripts/test names when it skips them."""
    config.addinivalue_line("markers", "browser: needs Chromium and a served district")


