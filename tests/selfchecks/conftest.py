"""The house the tests stand in."""

import pytest

from eldercare.core.scope import Scope
from tests.selfchecks import made


@pytest.fixture
def house(district: Scope, monkeypatch: pytest.MonkeyPatch) -> made.House:
    """A home of forty beds, its manager, the officers above it; the day's rounds are not made yet."""
    return made.house(monkeypatch)
