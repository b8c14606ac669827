"""What tablets sent and nobody needs goes at night, and keeps nobody from writing while it is looked for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from eldercare.core import calendar, files
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.field import services
from eldercare.inspections.field.models import VisitPhoto
from tests.inspections.tablet import Tablet, jpeg, make_tablet, sha


@pytest.fixture
def tablet(app: Flask, district: Scope, sign_in: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Tablet:
    """A tablet with three photos of a visit nobody recorded."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = make_tablet(sign_in)
    for number in (1, 2, 3):
        made.photo(jpeg(number))
    return made


def later() -> Scope:
    return Scope.system("test").enter()


UNTIL = calendar.today() + timedelta(days=2)


def test_all_is_asked_at_once_before_the_first_entry_of_the_log(tablet: Tablet, queries: list[str]) -> None:
    scope = later()
    queries.clear()
    assert services.tidy(scope, UNTIL)["photos"] == 3
    asked = [at for at, each in enumerate(queries) if each.startswith("SELECT") and "check_answers" in each]
    written = [at for at, each in enumerate(queries) if "INTO audit_entries" in each]
    assert len(written) == 3
    assert len(asked) == 1
    assert asked[0] < written[0]


def test_what_is_looked_for_is_found_by_an_index(tablet: Tablet, plans: list[str]) -> None:
    scope = later()
    plans.clear()
    services.tidy(scope, UNTIL)
    (plan,) = [each for each in plans if "check_answers" in each]
    for index in ("visit_photos_sha256_idx", "visit_photos_clean_sha256_idx", "visit_photos_thumb_sha256_idx",
                  "attachments_sha256_idx", "attachments_thumb_sha256_idx", "check_answers_photos_idx"):  # fmt: skip
        assert index in plan


def test_bytes_that_another_row_holds_stay(tablet: Tablet) -> None:
    scope = later()
    photo = db.session.scalars(scope.select(VisitPhoto).where(VisitPhoto.sha256 == sha(jpeg(1)))).one()
    own, clean, small = photo.sha256, photo.clean_sha256, photo.thumb_sha256
    kept = Attachment(
        township_id=photo.township_id, facility_id=photo.facility_id, entity="facility", entity_id=photo.facility_id, kind="item",
        media_type="image/jpeg", bytes=1, sha256=clean, thumb_sha256=small, width=1, height=1,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    db.session.info["owed"].pop(kept)  # how it came there is not what is asked here
    services.tidy(scope, UNTIL)
    drops = {digest for digest, _secret in db.session.info[files.DROPS]}
    assert own in drops
    assert not drops & {clean, small}
