"""How settings are read: typed look-ups in the environment, and secrets made once and kept in the instance folder."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

T = TypeVar("T")


class ConfigError(click.ClickException):
    """A setting that cannot be used; the message is one line that names the variable."""

    exit_code = 2


class Reader:
    """Typed look-ups in the environment; an empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str | None:
        """The text, trimmed; None when there is none."""
        return self.environ.get(name, "").strip() or None

    def as_(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Read by `parse`; what it refuses ends the start."""
        text = self.text(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError as wrong:
            raise ConfigError(f"{name} cannot be read: {wrong}") from None

    def flag(self, name: str, *, default: bool) -> bool:
        """0 or 1."""
        return self.choice(name, ("0", "1"), "1" if default else "0") == "1"

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some words."""
        text = self.text(name) or default
        if text not in allowed:
            raise ConfigError(f"{name} must be one of {', '.join(allowed)}")
        return text

    def like(self, name: str, default: Any) -> Any:
        """Read a variable as the type of its default; names that clash elsewhere have a prefix."""
        name = PREFIXED.get(name, name)
        if isinstance(default, bool):
            return self.flag(name, default=default)
        if isinstance(default, int):
            return self.as_(name, int, default)
        if isinstance(default, tuple):
            kind = type(default[0])
            return self.as_(name, lambda text: tuple(kind(part.strip()) for part in text.split(",")), default)
        return self.text(name) or default


PREFIXED = {
    name: f"ELDERCARE_{name}"
    for name in ("DEMO_RESIDENTS", "TIMEZONE", "WORKER_CONCURRENCY", "PAGE_SIZE")
}


class Keeper:
    """Secrets made once and kept in the instance folder, readable by their owner alone."""

    def __init__(self, instance: Path, *, make: bool) -> None:
        self.instance, self.make = instance, make

    def __call__(self, name: str, new: Callable[[], str]) -> str:
        if not self.make:
            return ""
        path = self.instance / name
        try:
            if not path.exists():
                self._put(path, new())
            return path.read_text("ascii").strip()
        except OSError as wrong:
            raise ConfigError(f"ELDERCARE_INSTANCE: {wrong.strerror}: {wrong.filename}") from None

    def _put(self, path: Path, value: str) -> None:
        """Write beside and link: of two processes at once one wins and both read the same."""
        self.instance.mkdir(mode=0o750, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(value + "\n")
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()


def new_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_password() -> str:
    """Twelve letters and digits no one misreads, of the three classes that sign-in asks for."""
    letters = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(8))
    return f"{letters.capitalize()}-{secrets.randbelow(900) + 100}"


def key_of(text: str) -> bytes:
    """The bytes of a key in base64; ConfigError unless there are 32 or none at all."""
    if not text:
        return b""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ConfigError("PII_KEY must be 32 bytes in base64 (openssl rand -base64 32)")
    return key


def is_weak(secret: str) -> bool:
    """Shorter than 32 characters, or of fewer than 12 different ones."""
    return len(secret) < 32 or len(set(secret)) < 12
