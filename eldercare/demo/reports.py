"""The oversight reports of three months past, as they were published: drawn by the worker, after the demo is loaded."""

import json
from collections import defaultdict
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from eldercare.accounts.models import User
from eldercare.core import audit, calendar, counters, runs, yamlfile
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting import render
from eldercare.reporting import services as making
from eldercare.reporting.approval import queries as approval
from eldercare.reporting.approval.models import TEXTS
from eldercare.reporting.models import Report, new_code

KIND, RUN = "monthly-oversight", "demo_report"
# months back → before the clock's own reports, or among them: the month that waits as a draft corrects the newest
MONTHS = {2: 40, 3: 15, 4: 15}
DAYS = {"district": 2, "district2": 3, "leader": 5}  # who wrote, reviewed and approved, so many days after the month
_WRITTEN = yamlfile.read(Path(__file__).with_name("reports.yaml"))


def ask(scope: Scope) -> None:
    """Have them made while the platform is already in use."""
    last = Month.of(calendar.today())
    for back, priority in MONTHS.items():
        runs.enqueue(scope, RUN, period=str(last.plus(-back)), priority=priority)


def make(scope: Scope, run: Run) -> dict[str, Any]:
    """One month: collected as it stood, written, reviewed, approved and published in the days after it by three people."""
    period, module = Month.parse(run.period), reporting.kind_of(KIND)
    made = reporting.report_of_run(scope, run.id)
    if made is not None:
        return {"report_id": made.id}
    data = module.collect(scope, period) | {"issued_on": (period.last + timedelta(days=5)).isoformat()}
    runs.end_snapshot(scope)
    data, rows = json.loads(render.canonical(data)), []
    for done, language in enumerate(module.LANGUAGES):
        runs.progress(run.id, done, len(module.LANGUAGES), runs.N_("Drawing the pages"))
        row = _published(period, data, language, run.id)
        making.draw(row)
        making.keep(row)
        rows.append(row)
    db.session.add_all(rows)
    counters.reach(approval.series(KIND), period.year, period.month)
    db.session.flush()
    audit.record(scope, "report.made", rows[0], kind=KIND, period=str(period), edition=1)
    return {"report_id": rows[0].id, "pages": rows[0].pages}


def _published(period: Month, data: dict[str, Any], language: str, run_id: int) -> Report:
    people = {each.username: each for each in db.session.scalars(select(User).where(User.username.in_(DAYS)))}
    days = {who: calendar.at(period.last + timedelta(days=n), 10) for who, n in DAYS.items()}
    texts, code = written(data, language), new_code()
    return Report(
        run_id=run_id, kind=KIND, period=str(period), language=language, edition=1, cutoff_at=period.cutoff, code=code,
        template_version=reporting.kind_of(KIND).TEMPLATE_VERSION, dataset=data,
        dataset_sha256=sha256(render.canonical(data)).hexdigest(), life="reviewed",
        state="published", texts=texts, texts_version=1, drawn_version=1, made_at=period.cutoff + timedelta(hours=2),
        **{f"texts_{key}": value for key, value in _signed(people["district"], days["district"]).items()},
        **{f"reviewed_{key}": value for key, value in _signed(people["district2"], days["district2"]).items()},
        **{f"approved_{key}": value for key, value in _signed(people["leader"], days["leader"]).items()},
        published_by=people["district"].name, published_at=days["leader"] + timedelta(hours=3), number_year=period.year,
        number=period.month, imprint=render.BLANK | {
            "code": code, "url": render.check_page(code), "state": "published", "texts": texts,
            "number": {"year": period.year, "number": period.month},
            "reviewed": {"name": people["district2"].name, "on": calendar.local(days["district2"]).date().isoformat()},
            "approved": {"name": people["leader"].name, "on": calendar.local(days["leader"]).date().isoformat()},
        },
    )  # fmt: skip


def _signed(person: User, at: Any) -> dict[str, Any]:
    return {"by_id": person.id, "by": person.name, "at": at}


def written(data: dict[str, Any], language: str) -> dict[str, list[str]]:
    """What the office wrote over a month's figures."""
    w = reporting.words(KIND, language)
    figures = {each["key"]: w.figure(each["value"]) for each in data["indicators"]}
    said = defaultdict(lambda: w("none"), figures | {"month": w.month(data["period"])})
    month = int(data["period"][-2:])
    return {part: [text.format_map(said) for text in _WRITTEN[part][month % len(_WRITTEN[part])][language]] for part in TEXTS}
