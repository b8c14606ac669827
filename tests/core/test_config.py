"""Settings: read once, typed, secrets made once, production refused while unsafe."""

import stat
from pathlib import Path

import pytest

from config import Config, ConfigError, unsafe_for_production

STRONG = {
    "ELDERCARE_ENV": "production",
    "SECRET_KEY": "q8W2nV5xZ1mK7pR4tY9uB3cD6fG0hJ-L",
    "PII_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "DATABASE_URL": "postgresql://someone:secret@127.0.0.1/somewhere",
    "PUBLIC_URL": "https://eldercare.example.test",
}


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path):
    first = Config.from_environ({"ELDERCARE_INSTANCE": str(tmp_path / "i")})
    again = Config.from_environ({"ELDERCARE_INSTANCE": str(tmp_path / "i")})
    assert first == again
    assert len(first.pii_key) == 32
    for name in ("secret_key", "pii_key", "demo_password"):
        assert stat.S_IMODE((tmp_path / "i" / name).stat().st_mode) == 0o600


def test_two_instances_share_no_secret(tmp_path: Path):
    one, other = (Config.from_environ({"ELDERCARE_INSTANCE": str(tmp_path / name)}) for name in "ab")
    assert one.secret_key != other.secret_key
    assert one.pii_key != other.pii_key


def test_no_secret_shows_when_the_settings_are_printed(tmp_path: Path):
    config = Config.from_environ(STRONG | {"ELDERCARE_INSTANCE": str(tmp_path)})
    for secret in ("q8W2nV5x", "secret@", str(config.pii_key)):
        assert secret not in repr(config)


def test_production_makes_up_nothing_and_names_what_is_missing(tmp_path: Path):
    config = Config.from_environ({"ELDERCARE_ENV": "production", "ELDERCARE_INSTANCE": str(tmp_path / "i")})
    assert not (tmp_path / "i").exists()
    said = "\n".join(unsafe_for_production(config))
    for name in ("SECRET_KEY", "PII_KEY", "DATABASE_URL", "PUBLIC_URL"):
        assert name in said


def test_a_complete_production_setting_is_safe(tmp_path: Path):
    assert unsafe_for_production(Config.from_environ(STRONG | {"ELDERCARE_INSTANCE": str(tmp_path / "i")})) == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("SECRET_KEY", "x" * 40, "SECRET_KEY"),
        ("PII_KEY", "A" * 43 + "=", "PII_KEY"),
        ("COOKIE_SECURE", "0", "COOKIE_SECURE"),
        ("ELDERCARE_TODAY", "2026-11-24", "ELDERCARE_TODAY"),
        ("PUBLIC_URL", "http://eldercare.example.test", "PUBLIC_URL"),
    ],
)
def test_one_weak_setting_is_enough_to_be_unsafe(tmp_path: Path, name: str, value: str, word: str):
    config = Config.from_environ(STRONG | {"ELDERCARE_INSTANCE": str(tmp_path / "i"), name: value})
    assert [line for line in unsafe_for_production(config) if word in line]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ELDERCARE_TODAY", "yesterday"),
        ("ELDERCARE_DEMO_RESIDENTS", "many"),
        ("PII_KEY", "short"),
        ("TILE_COORDS", "mars"),
        ("ELDERCARE_ENV", "staging"),
        ("LICENCE_REMINDER_DAYS", "90;30"),
        ("HOLIDAYS", "2026-10-01;2026-10-02"),
        ("MAKEUP_DAYS", "2026-02-30"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_variable(tmp_path: Path, name: str, value: str):
    with pytest.raises(ConfigError, match=name):
        Config.from_environ({"ELDERCARE_INSTANCE": str(tmp_path), name: value})
