"""A home with the lists in force, people of it and above it, and the rules as they are by default."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from PIL import Image, ImageDraw

from eldercare.accounts.models import User
from eldercare.checklists import services as lists
from eldercare.checklists.checks import queries as checks
from eldercare.checklists.checks.services import Answer
from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.selfchecks import services
from eldercare.selfchecks.filling import services as filling
from eldercare.selfchecks.flags.models import Limits
from eldercare.selfchecks.models import Rules, SelfCheckRound
from tests import make

DAY = date(2026, 11, 24)  # the pinned day: a Tuesday


@dataclass
class House:
    """A home and who answers for it."""

    home: Facility
    manager: User
    township: User
    district: User
    monkey: pytest.MonkeyPatch

    def at(self, hour: int, minute: int = 0, day: date = DAY) -> datetime:
        """It is that time of that day, for everything that asks."""
        moment = calendar.at(day, hour, minute)
        self.monkey.setattr(calendar, "now", lambda: moment)
        self.monkey.setenv("ELDERCARE_TODAY", day.isoformat())
        return moment

    def scope(self, who: str, permission: P) -> Scope:
        """Somebody's scope under a permission, entered."""
        found = scope_of(getattr(self, who), permission)
        assert found is not None
        return found.enter()

    def rounds(self, **equal: Any) -> list[SelfCheckRound]:
        """The home's rounds, in time."""
        scope = Scope.system("test").enter()
        query = scope.select(SelfCheckRound).filter_by(facility_id=self.home.id, **equal).order_by(SelfCheckRound.from_at, SelfCheckRound.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))


def rules(**other: Any) -> Rules:
    """As by default, with what a test sets otherwise."""
    from dataclasses import replace

    return replace(Rules.of(current_app.config), **other)


def limits(**other: Any) -> Limits:
    """Likewise."""
    from dataclasses import replace

    return replace(Limits.of(current_app.config), **other)


def house(monkeypatch: pytest.MonkeyPatch) -> House:
    """Made under the platform's own scope."""
    scope = Scope.system("test").enter()
    lists.load_catalogue(scope, since=date(2026, 1, 1))
    township = make.make_township()
    home = make.make_facility(township, uses_gas=False, has_canteen=False, has_elevator=False, opened_on=date(2020, 1, 1))
    return House(
        home, make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.TOWNSHIP_OFFICER, township),
        make.make_user(Role.DISTRICT_OFFICER), monkeypatch,
    )


def day_made(house: House, day: date = DAY, at: int = 0) -> None:
    """The clock has made the rounds of a day, at an hour of it."""
    house.at(at, 5, day)
    services.make(Scope.system("test").enter(), day, rules())


def walk(house: House, round_: SelfCheckRound, *, seconds: float = 60, photos: dict[str, bytes] | None = None, but: dict[str, Answer] | None = None,
         start: Any = None, begin: datetime | None = None) -> SelfCheckRound:
    """The manager walks a round: an item each so many seconds, everything in order but what is said."""
    scope = house.scope("manager", P.SELFCHECK_FILL)
    now = begin or calendar.now()
    house.monkey.setattr(calendar, "now", lambda: now)
    row = filling.begin(scope, round_.id, rules(), start or filling.Start())
    assert row.check_id is not None
    for _area, each in checks.answers(scope, row.check_id):
        if each.by_rule:
            continue
        now += timedelta(seconds=seconds)
        house.monkey.setattr(calendar, "now", lambda moment=now: moment)
        for code, data in (photos or {}).items():
            if code == each.item.code:
                filling.add_photo(scope, row.id, code, data)
        filling.answer(scope, row.id, each.item.code, (but or {}).get(each.item.code, Answer("conform")))
    return filling.complete(scope, row.id, rules(), limits())


def picture(scene: int, *, dark: int = 0, quality: int = 90, size: tuple[int, int] = (640, 480)) -> bytes:
    """A drawn photo; the same scene in another light, quality or size shows the same."""
    import random

    own = random.Random(scene)
    image = Image.new("RGB", (640, 480), (215 - dark, 210 - dark, 200 - dark))
    pen = ImageDraw.Draw(image)
    for _each in range(10):
        left, top, shade = own.randrange(560), own.randrange(400), own.randrange(60, 200) - dark
        pen.rectangle((left, top, left + own.randrange(60, 240), top + own.randrange(60, 240)), fill=(shade, shade, shade))
    out = io.BytesIO()
    image.resize(size).save(out, "JPEG", quality=quality)
    return out.getvalue()


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What happens inside is refused with a code, and leaves nothing behind."""
    from eldercare.core.errors import Refused

    with pytest.raises(Refused) as why, db.session.begin_nested():
        yield
    assert why.value.code == code
