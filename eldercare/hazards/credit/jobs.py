"""What is told of points and classes; the facts of this floor; the ledger brought up to date; exports."""

from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import alerts, audit, calendar, files, runs, sheets
from eldercare.core.access import P
from eldercare.core.columns import plain, reader_of
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit import listing, queries, services
from eldercare.hazards.credit.models import RECORD_WORDS, FactKind, facts
from eldercare.hazards.models import SEVERITY_WORDS


def _alert(name: str, words: Any, title: Any, permission: P, endpoint: str, ident: str, **more: Any) -> None:
    alerts.kind(alerts.Kind(name, words, permission, endpoint, ident, title=title, **more))


_alert(
    "credit.deducted",
    _l("%(home)s: %(points)s points deducted for %(label)s"),
    _l("deductions of points"),
    P.HAZARD_READ,
    "credit.show",
    "facility_id",
    is_todo=False,
)
_alert(
    "credit.proposed",
    _l("%(home)s: the rule proposes class %(new)s instead of %(old)s; decide"),
    _l("credit classes to decide"),
    P.CREDIT_EDIT,
    "credit.show",
    "facility_id",
)
_alert(
    "credit.announced",
    _l("%(home)s: class %(new)s is announced; objections until %(until)s"),
    _l("announced changes of class to answer"),
    P.HAZARD_REPLY,
    "credit.change",
    "change_id",
    tone="bad",
    by_mail=True,
)
_alert(
    "credit.objected",
    _l("%(home)s objects to class %(new)s: decide"),
    _l("objections to a class to decide"),
    P.CREDIT_EDIT,
    "credit.change",
    "change_id",
    by_mail=True,
)
_alert(
    "credit.to_decide",
    _l("%(home)s: the time for objections to class %(new)s is over; decide"),
    _l("announced classes to put into effect"),
    P.CREDIT_EDIT,
    "credit.change",
    "change_id",
)
_alert(
    "credit.changed",
    _l("%(home)s is in class %(new)s"),
    _l("changes of credit class"),
    P.HAZARD_READ,
    "credit.change",
    "change_id",
    is_todo=False,
    by_mail=True,
)


def init_app(_app: Flask) -> None:
    """What counts on this floor, and the night's round (before any page of the day is opened)."""
    facts(FactKind("hazard", _l("Hazard ordered to be put right"), queries.ordered, SEVERITY_WORDS))
    facts(FactKind("overdue", _l("Rectification overdue"), queries.overdue, SEVERITY_WORDS))
    facts(FactKind("recheck_failed", _l("Recheck failed"), queries.failed, SEVERITY_WORDS))
    for kind, words in RECORD_WORDS.items():
        facts(FactKind(kind, words, partial(queries.recorded, kind=kind)))
    runs.schedule(Schedule("credit_update", lambda _scope: [Place()], hour=3))


@runs.handler("credit_update")
def credit_update(scope: Scope, run: Run) -> dict[str, Any]:
    """Enter the facts known by the Run's day, and tell of classes to decide. Doing it again enters nothing twice."""
    day, terms = date.fromisoformat(run.period) if run.period else calendar.today(), listing.terms()
    return services.bring_up_to_date(scope, day, terms) | services.watch(scope, day, terms)


@runs.handler("credit_export")
def credit_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The places with their classes, or the ledger, as asked, in the reach of who asked."""
    townships, homes = facilities.townships(scope), list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices = listing.choices(townships, homes)
    if run.params["what"] == "entries":
        bound = listing.LEDGER.bind(run.params["query"], choices=choices)
        rows = bound.xlsx_rows(db.session(), queries.entries(scope))
        heads = next(rows)
    else:
        found = {each.id: each for each in queries.standings(scope, calendar.today(), listing.terms())}
        bound = listing.places(list(found.values())).bind(run.params["query"], choices=choices)
        ids = [each.id for each in db.session.scalars(bound.narrowed(queries.homes(scope)))]
        readers = [reader_of(column) for column in bound.columns]
        rows = iter([plain(read(found[each])) for read in readers] for each in ids if each in found)
        heads = [str(column.title) for column in bound.columns]
    columns = [sheets.Column(title, width=36 if at in (1, 2) else 16) for at, title in enumerate(heads)]
    said = [", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips), _("As of %(day)s", day=calendar.today().isoformat())]
    dress = sheets.Dress(
        title=str(bound.title), lines=[each for each in said if each], sheet=str(bound.title), person=scope.person_name
    )
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(
        scope,
        "credit_entry.exported" if run.params["what"] == "entries" else "credit.exported",
        entity="credit_entry",
        rows=count,
    )
    return {
        "file": files.put(out.getvalue()),
        "name": f"credit-{run.params['what']}-{calendar.today().isoformat()}.xlsx",
        "rows": count,
    }
