"""Reports as rows, without their pages drawn: what the archive, comparisons and documents are tried on."""

from typing import Any

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.reporting import queries, render
from eldercare.reporting import services as making
from eldercare.reporting.approval.models import OUT
from eldercare.reporting.models import Report


def store(kind: str = "monthly-oversight", period: str = "2026-10", place: Any = None, **more: Any) -> Report:
    """One edition in the archive; `place`: a township or a facility."""
    level = "" if place is None else "township" if not hasattr(place, "facility_type") else "facility"
    pair = {"township_id": None, "facility_id": None}
    if level:
        pair = {"township_id": place.township_id if level == "facility" else place.id, "facility_id": place.id if level == "facility" else None}
    code = place.code if level else ""
    run = Run(kind=kind, period=period, place=code, state="done", finished_at=calendar.now(), **pair)
    db.session.add(run)
    db.session.flush()
    values: dict[str, Any] = {
        "run_id": run.id, "kind": kind, "period": period, "place": code, **pair, "cutoff_at": calendar.period(period).cutoff,
        "template_version": queries.kind_of(kind).TEMPLATE_VERSION, "dataset": render.sample(kind) | {"period": period},
        "dataset_sha256": "0" * 64, "imprint": dict(render.BLANK), "drawn_sha256": "0" * 64, "drawn_bytes": 1,
        "pdf_sha256": "0" * 64, "pages": 1, "bytes": 1,
    }  # fmt: skip
    row = Report(**(values | more))
    if (row.state or "published") in OUT and row.keep_until is None:
        making.keep(row)
    db.session.add(row)
    db.session.flush()
    return row
