"""Family care beds are counted by township and day, apart from institution beds."""

from datetime import date

from eldercare.core import audit
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township
from eldercare.homecare import queries
from eldercare.homecare.models import FamilyCareBed
from tests.make import make_resident, make_township


def make_bed(scope: Scope, township: Township, state: str, begins: date | None, ends: date | None = None) -> None:
    bed = FamilyCareBed(
        township_id=township.id, resident_id=make_resident(township).id, state=state, starts_on=begins, ends_on=ends
    )
    db.session.add(bed)
    audit.record(scope, "family_care_bed.applied", bed)


def test_a_bed_counts_while_the_service_runs_and_pauses(district: Scope) -> None:
    township = make_township()
    make_bed(district, township, "active", date(2026, 10, 1))
    make_bed(district, township, "paused", date(2026, 9, 1))
    make_bed(district, township, "closed", date(2026, 8, 1), date(2026, 10, 31))
    make_bed(district, township, "accepted", None)
    rows, total = queries.family_bed_counts(district, date(2026, 10, 30))
    assert [(row.township, row.beds) for row in rows] == [(township.name, 3)]
    assert total.beds == 3
    assert queries.family_bed_counts(district, date(2026, 10, 31))[1].beds == 2
    trend = queries.family_bed_trend(district, Month(2026, 10), 3)
    assert [(str(month), beds) for month, beds in trend] == [("2026-08", 1), ("2026-09", 2), ("2026-10", 2)]
