"""What an ad-hoc report can be made of, and the choices a person keeps."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from eldercare.core.db import db
from eldercare.core.runs import Place
from eldercare.core.scope import Scope
from eldercare.facilities.models import REPORTED_TYPES, Facility, Township
from eldercare.reporting import queries as reporting
from eldercare.reporting.adhoc.models import Preset

KIND, DISTRICT = reporting.ADHOC, "district"


def module() -> Any:
    """`reports/ad_hoc/report.py`."""
    return reporting.kind_of(KIND)


def parts(language: str) -> list[tuple[str, str, str]]:
    """(key, heading, what it holds) in the order of the report."""
    words = reporting.words(KIND, language)
    return [(key, words(f"h_{key}"), words(f"holds_{key}")) for key in module().PARTS]


def townships(scope: Scope, language: str) -> list[tuple[str, str, int]]:
    """(code, name, id) of the townships in reach."""
    name = Township.name_en if language == "en" else Township.name
    rows = db.session.execute(select(Township.code, name, Township.id).order_by(Township.code))
    return [(code, said, number) for code, said, number in rows if scope.everywhere or number in scope.townships]


def places(scope: Scope, language: str) -> list[tuple[str, str]]:
    """(code, name) of every single place in reach, the widest first."""
    district = [(DISTRICT, gettext("Whole district"))] if scope.everywhere else []
    homes = scope.columns(Facility, Facility.code, Facility.name).where(Facility.facility_type.in_(REPORTED_TYPES))
    found = [(code, name) for code, name in db.session.execute(homes.order_by(Facility.code))]
    return [*district, *((code, name) for code, name, _ in townships(scope, language)), *found]


def place(scope: Scope, code: str) -> Place | None:
    """The one place with a code in reach; None where there is none."""
    if code == DISTRICT:
        return Place() if scope.everywhere else None
    for known, _, township_id in townships(scope, "zh"):
        if known == code:
            return Place(code, township_id)
    home = db.session.execute(
        scope.columns(Facility, Facility.id, Facility.township_id).where(
            Facility.code == code, Facility.facility_type.in_(REPORTED_TYPES)
        )
    ).one_or_none()
    return Place(code, home.township_id, home.id) if home else None


def presets(person_id: int | None) -> list[Preset]:
    """A person's kept choices by name."""
    return list(db.session.scalars(select(Preset).where(Preset.person_id == person_id).order_by(Preset.name)))


def preset(person_id: int | None, row_id: int) -> Preset | None:
    """One of a person's own."""
    return db.session.scalars(select(Preset).where(Preset.person_id == person_id, Preset.id == row_id)).one_or_none()
