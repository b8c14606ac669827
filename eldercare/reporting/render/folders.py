"""Folders a drawing process works in: held while whoever made them lives, swept when they are dead.

A process killed outright clears nothing away; the lock on its folder falls with it, so the next one to need a folder
knows which are nobody's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "report-press-"
HELD = ".held"


class Folder:
    """A folder of one's own under the system's temporary one."""

    def __init__(self) -> None:
        sweep()
        self.path = tempfile.mkdtemp(prefix=PREFIX)
        self._lock = os.open(Path(self.path, HELD), os.O_CREAT | os.O_RDWR, 0o600)  # not handed on to children
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, b"held")  # from here on whoever can lock it knows its maker is dead

    def clear(self) -> None:
        """Away with it; a second time does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1


@contextmanager
def folder() -> Iterator[str]:
    """A folder for the length of a `with`."""
    own = Folder()
    try:
        yield own.path
    finally:
        own.clear()


def sweep() -> None:
    """Clear away the folders whose makers are dead."""
    for held in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{HELD}"):
        with suppress(OSError):  # held by somebody, somebody else's, or gone meanwhile
            lock = os.open(held, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_size:  # empty: its maker is about to lock it
                    shutil.rmtree(held.parent, ignore_errors=True)
            finally:
                os.close(lock)
