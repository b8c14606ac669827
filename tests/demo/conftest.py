"""A small demo district, loaded once for the tests that look at it."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine

from config import Config
from eldercare import create_app
from eldercare.core.db import db
from eldercare.core.dbroles import connect
from eldercare.core.scope import Scope
from eldercare.demo import load
from tests.databases import clone_database, drop_database

RESIDENTS = 1500
Ask = Callable[..., list[tuple[Any, ...]]]
_serial = itertools.count(1)


@pytest.fixture(scope="session")
def loaded(config: Config, whole_app: Flask, template_database: None) -> Iterator[Callable[[int], Ask]]:
    """`loaded(seed)` → a question box over a district loaded with that seed into a database of its own."""
    names = []

    def make(seed: int) -> Ask:
        name = f"demo_{os.getpid()}_{next(_serial)}"
        urls = clone_database(config, name)
        names.append(name)
        app = create_app(config)
        app.config.update(TESTING=True, OWNER_URL=urls.owner, BACKUP_URL=urls.backup)
        with app.app_context():
            db.engine.dispose()
            db._app_engines[app][None] = create_engine(urls.app, hide_parameters=True)
            scope = Scope.system("intake:run", "command line").enter()
            load.load(scope, residents=RESIDENTS, seed=seed, password="Demo-2026-pass")
            db.session.commit()
            db.session.remove()
            db.engine.dispose()

        def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
            with connect(urls.backup) as link, link.cursor() as at:
                at.execute(statement, values or None)
                return at.fetchall()

        return ask

    yield make
    for name in names:
        drop_database(config, name)


@pytest.fixture(scope="session")
def ask(loaded: Callable[[int], Ask]) -> Ask:
    """Read the district of seed 1: `ask(sql, …)` → rows."""
    return loaded(1)
