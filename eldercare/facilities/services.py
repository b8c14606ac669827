"""Writes of places: reference data, facilities, licences. lock → judge → change → record."""

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from eldercare.core import audit
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township

DATA = Path(__file__).parent / "data" / "townships.yaml"


def load_places(scope: Scope) -> dict[str, int]:
    """Bring the district's townships to what data/townships.yaml says, by code; the same again changes nothing.

    Returns {"townships": how many there are in the file, "created": …, "updated": …}. A unit that is no longer
    in the file stays: rows refer to it.
    """
    known = {each.code: each for each in db.session.scalars(select(Township))}
    created = updated = 0
    units: list[dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))["townships"]
    for unit in units:
        values = {
            "code": unit["code"], "name": unit["name"], "short_name": unit["short_name"], "name_en": unit["name_en"],
            "pinyin": unit["pinyin"], "kind": unit["kind"], "former_names": unit.get("former_names", []),
            "lon": unit["lon"], "lat": unit["lat"], "area_km2": unit.get("area_km2"),
        }
        township = known.get(unit["code"])
        if township is None:
            db.session.add(Township(**values))
            created += 1
        elif any(getattr(township, key) != value for key, value in values.items()):
            for key, value in values.items():
                setattr(township, key, value)
            updated += 1
    db.session.flush()
    if created or updated:
        audit.record(scope, "places.loaded", entity="township", created=created, updated=updated)
    return {"townships": len(units), "created": created, "updated": updated}
