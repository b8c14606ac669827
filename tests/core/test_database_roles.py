"""The embedded server's life, and the roles in whichever server the tests use."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors

from config import Config
from eldercare.core.dbroles import DatabaseUnavailable, Urls, connect, ensure_roles, given_urls, plain
from eldercare.core.embedded import Embedded, database_urls


@pytest.fixture(scope="module")
def urls(config: Config) -> Urls:
    return database_urls(config)


def test_the_app_alone_reaches_nothing_and_may_become_each_reach(urls: Urls):
    with connect(urls.app) as db, db.cursor() as at:
        at.execute("SELECT rolinherit, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert at.fetchone() == (False, False, False)
        for reach in ("district", "local", "auditor"):
            at.execute(f"SET ROLE eldercare_{reach}")
        with pytest.raises(errors.InsufficientPrivilege):
            at.execute("SET ROLE eldercare_owner")
        with pytest.raises(errors.InsufficientPrivilege):
            at.execute("CREATE TABLE public.mine (a int)")


def test_a_request_cannot_hold_the_database_for_ever(urls: Urls):
    with connect(urls.app) as db, db.cursor() as at:
        at.execute("SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')")
        assert at.fetchone() == ("30s", "5min")


def test_statements_with_peoples_data_stay_out_of_the_servers_log(urls: Urls):
    with connect(urls.app) as db, db.cursor() as at:
        at.execute("SELECT current_setting('log_min_error_statement'), current_setting('log_parameter_max_length_on_error')")
        assert at.fetchone() == ("panic", "0")


def test_the_owner_owns_database_and_schema_and_is_nobody_special(urls: Urls):
    with connect(urls.owner) as db, db.cursor() as at:
        at.execute(
            "SELECT pg_get_userbyid(datdba), (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public')"
            " FROM pg_database WHERE datname = current_database()"
        )
        assert at.fetchone() == ("eldercare_owner", "eldercare_owner")
        at.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert at.fetchone() == (False, False, False)


def test_only_backup_passes_the_wall(urls: Urls):
    with connect(urls.backup) as db, db.cursor() as at:
        at.execute("SELECT array_agg(rolname::text) FROM pg_roles WHERE rolbypassrls AND rolname LIKE 'eldercare%'")
        assert at.fetchone() == (["eldercare_backup"],)


def test_asking_again_changes_nothing(urls: Urls):
    assert ensure_roles(urls.admin) == urls


@pytest.mark.parametrize("url", ["mysql://a:b@127.0.0.1/c", "nonsense", "postgresql://a:b@127.0.0.1"])
def test_an_address_of_something_else_is_refused_in_one_line(url: str):
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL must look like"):
        given_urls(url, None)


def test_a_server_that_is_not_there_is_named_without_the_password():
    with pytest.raises(DatabaseUnavailable, match="does not answer") as said:
        given_urls("postgresql://someone:hush-hush@127.0.0.1:9/x", None)
    assert "hush-hush" not in str(said.value)


def test_an_app_address_alone_is_enough_to_run():
    urls = given_urls(None, "postgres://eldercare_app:pw@127.0.0.1/x")
    assert urls.app == "postgresql+psycopg2://eldercare_app:pw@127.0.0.1/x"
    assert not urls.owner


def test_the_last_one_out_stops_the_server(tmp_path: Path):
    tmp_path.chmod(0o755)
    one, other = (Embedded(tmp_path / "with space, quote ' and +") for _ in range(2))
    one.hold()
    other.hold()
    one.release()
    with connect(other.admin_url):
        pass
    other.release()
    with pytest.raises(psycopg2.OperationalError), connect(other.admin_url):
        pass


def test_a_user_killed_outright_leaves_a_server_that_heals(tmp_path: Path):
    """After kill -9 the server runs on; after kill -9 of the server its pid file lies."""
    folder = tmp_path / "i"
    use = f"from pathlib import Path; from eldercare.core.embedded import Embedded; Embedded(Path({str(folder)!r})).hold()"
    killed = subprocess.Popen([sys.executable, "-c", f"{use}; print('up', flush=True); input()"], stdin=-1, stdout=-1)
    assert killed.stdout
    assert killed.stdout.readline() == b"up\n"
    killed.kill()
    killed.wait()
    server = Embedded(folder)
    server.hold()
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    subprocess.run(["kill", "-9", str(pid)], check=True)
    time.sleep(0.3)
    again = Embedded(folder)
    again.hold()
    with connect(again.admin_url) as db, db.cursor() as at:
        at.execute("SELECT 1")
    server.release()
    again.release()


def test_a_path_too_long_for_a_socket_works(tmp_path: Path):
    server = Embedded(tmp_path / ("l" * 100) / ("m" * 60))
    server.hold()
    try:
        assert len(str(server.sockets)) < 90
        with connect(server.admin_url):
            pass
    finally:
        server.release()
        server.sockets.rmdir()


def test_libpq_gets_blanks_the_way_it_reads_them():
    assert plain("postgresql+psycopg2://u@/d?host=%2Fa+b%2Fc%2Bd") == "postgresql://u@/d?host=%2Fa%20b%2Fc%2Bd"
