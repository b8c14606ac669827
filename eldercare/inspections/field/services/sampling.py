"""Whom a visit looks at: drawn by the server, once, so that nobody chooses; seed and pool are kept and can be recomputed."""

import hmac
import secrets

from eldercare.core import audit, calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.field import queries
from eldercare.inspections.field.models import VisitSample
from eldercare.inspections.models import Visit


def draw_sample(scope: Scope, visit: Visit, size: int) -> VisitSample:
    """The residents of a visit: drawn when it is first taken to a tablet, the same ever after."""
    there = queries.sample(scope, visit.id)
    if there is not None:
        return there
    scope.lock(Visit, visit.id)
    there = queries.sample(scope, visit.id)
    if there is not None:
        return there
    seed = secrets.token_hex(32)
    pool = queries.pool(scope, visit.facility_id, calendar.today())
    drawn = VisitSample(
        township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, seed=seed, pool=pool,
        resident_ids=chosen(seed, pool, size),
    )  # fmt: skip
    db.session.add(drawn)
    audit.record(scope, "visit_sample.drawn", drawn)
    return drawn


def chosen(seed: str, pool: list[int], size: int) -> list[int]:
    """The first of the pool in the order of HMAC-SHA256(seed, id): whoever has seed and pool finds the same."""
    return sorted(pool, key=lambda each: hmac.digest(bytes.fromhex(seed), str(each).encode(), "sha256"))[:size]
