"""Databases of a test's own, for what needs real commits from several connections."""

from sqlalchemy.engine import make_url

from config import Config
from eldercare.core.dbroles import Urls, connect, ensure_roles
from eldercare.core.embedded import Embedded

TEMPLATE = "eldercare_template"


def _admin(config: Config, database: str) -> str:
    url = config.database_url or Embedded(config.instance).admin_url
    url = url.replace("postgres://", "postgresql://", 1)
    return make_url(url).set(drivername="postgresql+psycopg2", database=database).render_as_string(hide_password=False)


def empty_database(config: Config, name: str) -> Urls:
    """A new database with our roles and nothing in it."""
    drop_database(config, name)
    with connect(_admin(config, "postgres")) as db, db.cursor() as at:
        at.execute(f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE template0')
    return ensure_roles(_admin(config, name))


def clone_database(config: Config, name: str, template: str = TEMPLATE) -> Urls:
    """A copy of a database nobody is connected to."""
    drop_database(config, name)
    with connect(_admin(config, "postgres")) as db, db.cursor() as at:
        at.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return ensure_roles(_admin(config, name))


def drop_database(config: Config, name: str) -> None:
    """Remove a database, whoever is connected."""
    with connect(_admin(config, "postgres")) as db, db.cursor() as at:
        at.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
