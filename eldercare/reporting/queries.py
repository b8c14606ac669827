"""Reads of reports and Runs; the reports themselves, found by name in `reports/`."""

import importlib
import pkgutil
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import defer

from eldercare.accounts import queries as accounts
from eldercare.accounts.models import Grant
from eldercare.core import calendar, health
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.alerts import Alert
from eldercare.core.calendar import Month, Period, Quarter, Year
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run, routine
from eldercare.core.scope import Scope
from eldercare.facilities.models import REPORTED_TYPES, Facility, Township
from eldercare.reporting.approval.models import OUT
from eldercare.reporting.models import STANDSTILL, Report
from eldercare.reporting.schedules.models import CADENCES

FOLDER = Path(__file__).parents[2] / "reports"
WORKING = frozenset({P.REPORT_BUILD, P.REPORT_COMMENT, P.REPORT_REVIEW, P.REPORT_APPROVE})
WORKERS = [role.value for role in Role if GRANTS[role] & WORKING]  # who sees drafts
ADHOC = "ad-hoc"
SEVERAL = "-townships"  # ends the place of an ad-hoc report about some townships together, after their number
CHOSEN = "~"  # stands between the place of an ad-hoc report and the mark of what was chosen
# what a kind of report is about: "request" is made when it is asked for, of any period
PERIODS: dict[str, tuple[type, ...]] = {
    "monthly": (Month,), "quarterly": (Quarter,), "annual": (Year,), "request": (Month, Quarter, Year),
}  # fmt: skip


@cache
def kinds() -> dict[str, ModuleType]:
    """Every report by its kind: `monthly-oversight` is the folder `reports/monthly_oversight`."""
    found = {}
    for entry in pkgutil.iter_modules([str(FOLDER)]):
        if entry.ispkg and (FOLDER / entry.name / "report.py").exists():
            found[entry.name.replace("_", "-")] = importlib.import_module(f"reports.{entry.name}.report")
    return found


def kind_of(name: str) -> ModuleType:
    """One report's module; `report.unknown_kind`."""
    module = kinds().get(name)
    if module is None:
        raise Refused("report.unknown_kind", kind=name)
    return module


@cache
def coming_round() -> dict[str, ModuleType]:
    """The kinds of report that come round by themselves, the monthly first."""
    found = [each for each in kinds().items() if each[1].CADENCE in CADENCES]
    return dict(sorted(found, key=lambda each: CADENCES.index(each[1].CADENCE)))


def monthly(name: str) -> ModuleType:
    """A report of a period, as against a paper about one row; `report.unknown_kind`."""
    module = kind_of(name)
    if module.CADENCE not in PERIODS:
        raise Refused("report.unknown_kind", kind=name)
    return module


def words(kind: str, language: str) -> Any:
    """How a report of a kind speaks: its words, figures, months in one language."""
    return importlib.import_module("reports._paper.words").Words(kind.replace("-", "_"), language)


def parts(one: Report, language: str) -> list[tuple[str, str]]:
    """The parts of a report with their headings, in its order; none of a paper's or an old template's."""
    w = words(one.kind, language)
    found = {key: importlib.import_module(f"reports._parts.{key}") for key in one.dataset.get("parts", ())}
    return [(key, each.title(one.dataset, w) if hasattr(each, "title") else w(f"h_{key}")) for key, each in found.items()]


def places(scope: Scope, audience: str) -> list[Place]:
    """The places a report of this audience is due for: the district, 17 townships, 154 facilities; "any": all of them."""
    if audience == "district":
        return [Place()]
    if audience == "any":
        return [each for one in ("district", "township", "facility") for each in places(scope, one)]
    if audience == "township":
        rows = db.session.execute(select(Township.id, Township.code).order_by(Township.code))
        return [Place(code, township_id=township_id) for township_id, code in rows]
    facilities = (
        scope.columns(Facility, Facility.id, Facility.code, Facility.township_id)
        .where(Facility.facility_type.in_(REPORTED_TYPES), Facility.state.in_(["operating", "suspended"]))
        .order_by(Facility.code)
    )
    return [Place(code, township_id, facility_id) for facility_id, code, township_id in db.session.execute(facilities)]


def place_named(scope: Scope, audience: str, code: str | None) -> Place:
    """The place with a code, of the kind a report is about; `place.unknown`."""
    for place in places(scope, audience):
        if place.code == (code or ""):
            return place
    raise Refused("report.place_wrong", field="place")


def _name_in(language: str) -> Any:
    return Township.name_en if language == "en" else Township.name


def townships(language: str) -> list[tuple[str, str]]:
    """(code, name) of every township."""
    return list(db.session.execute(select(Township.code, _name_in(language)).order_by(Township.code)))


def place_choices(scope: Scope, language: str) -> list[tuple[str, str]]:
    """Every place a report can be about: (code, name); the whole district is the empty choice."""
    homes = scope.columns(Facility, Facility.code, Facility.name).where(Facility.facility_type.in_(REPORTED_TYPES))
    return [*townships(language), *db.session.execute(homes.order_by(Facility.code))]


def period_of(text: str, *, ended_before: Any, cadence: str = "monthly") -> Period:
    """Read a period of a cadence that has ended; `period.invalid`, `report.period_wrong`, `report.too_early`."""
    try:
        period = calendar.period(text)
    except ValueError:
        raise Refused("period.invalid", period=text) from None
    if not isinstance(period, PERIODS[cadence]):
        raise Refused("report.period_wrong", field="period")
    if period.last >= ended_before:
        raise Refused("report.too_early", period=text)
    return period


def periods(cadence: str, day: Any) -> list[Period]:
    """The periods of a cadence that had ended before a day, newest first: eighteen months, six quarters, three years."""
    month = Month.of(day)
    found: list[Period] = []
    for kind, latest, count in (
        (Month, month.plus(-1), 18), (Quarter, Quarter(month.year, (month.month + 2) // 3).plus(-1), 6),
        (Year, Year(month.year - 1), 3),
    ):  # fmt: skip
        if kind in PERIODS[cadence]:
            found += [latest.plus(-n) for n in range(count)]
    return found


def light() -> list[Any]:
    """Options of a query over reports that wants none of their figures and words (most of a row's bytes)."""
    return [defer(each, raiseload=True) for each in (Report.dataset, Report.imprint, Report.texts)]


def reports(scope: Scope, language: str) -> Select[Any]:
    """The reports in reach, with their place's name, without their figures and words (most of a row's bytes)."""
    return (
        scope.select(Report)
        .options(*light())
        .where(is_ones_own(scope))
        .add_columns(_name_in(language).label("township"), Facility.name.label("facility"))
        .outerjoin(Township, Township.id == Report.township_id)
        .outerjoin(Facility, (Facility.id == Report.facility_id) & scope.where(Facility))
    )


def report(scope: Scope, report_id: int) -> Report:
    """One report; 404 outside reach, and for another person's draft."""
    row: Report | None = db.session.scalars(scope.select(Report).where(Report.id == report_id, is_ones_own(scope))).one_or_none()
    return row if row is not None else scope.get(Report, 0)  # there is no such id: 404


def is_ones_own(scope: Scope) -> ColumnElement[bool]:
    """What the person who asks may see: their own draft papers; of reports not published yet those they work on."""
    own = or_(Report.person_id.is_(None), Report.person_id == scope.person_id)
    if scope.person_id is None or scope.permission in WORKING:
        return own
    works = and_(Grant.user_id == scope.person_id, Grant.role.in_(WORKERS), accounts.in_force())
    return and_(own, or_(Report.state.in_(OUT), select(Grant.id).where(works).exists()))


def report_of_run(scope: Scope, run_id: int, language: str | None = None) -> Report | None:
    """What a Run made, in a language (or the first)."""
    query = scope.select(Report).where(Report.run_id == run_id, is_ones_own(scope)).order_by(Report.id)
    if language:
        query = query.where(Report.language == language)
    return db.session.scalars(query.limit(1)).one_or_none()


def made_by(scope: Scope, one: Run) -> Report | None:
    """The report a finished job is about: what it made, drew anew or published."""
    report_id = one.result.get("report_id")
    query = scope.select(Report).where(Report.id == report_id, is_ones_own(scope))
    return db.session.scalars(query).one_or_none() if report_id else None


def same_report(one: Report) -> tuple[ColumnElement[bool], ...]:
    """The editions and languages of a report, itself among them."""
    return (Report.kind == one.kind, Report.period == one.period, Report.place == one.place, Report.subject == one.subject)


def siblings(scope: Scope, one: Report) -> list[Report]:
    """The other editions and languages of the same report."""
    query = scope.select(Report).where(*same_report(one), Report.id != one.id, is_ones_own(scope))
    return list(db.session.scalars(query.order_by(Report.edition.desc(), Report.language.desc())))


def latest(scope: Scope, language: str) -> Report | None:
    """The newest published report in reach, of the widest place: the district's, a township's own, a manager's own.

    Of those that come round; where a month ends a quarter or a year as well, the month's.
    """
    widest = Report.place == "" if scope.everywhere else Report.facility_id.is_(None) if scope.townships else true()
    first = case({name: n for n, name in enumerate(coming_round())}, value=Report.kind)
    usual = and_(first.is_not(None), Report.file_removed_at.is_(None))
    query = scope.select(Report).where(widest, usual, Report.subject == "", Report.state == "published").order_by(
        Report.cutoff_at.desc(), first, (Report.language == language).desc(), Report.edition.desc(), Report.id.desc()
    )
    return db.session.scalars(query.limit(1)).one_or_none()


def next_edition(one: Run) -> int:
    """The number the next edition of a Run's report takes."""
    # two builds of the same report take turns
    subject = subject_of(one)
    place = func.hashtextextended(f"{one.kind} {one.period} {one.place} {subject}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(place)))
    query = select(func.max(Report.edition)).where(
        Report.kind == one.kind, Report.period == one.period, Report.place == one.place, Report.subject == subject
    )
    return (db.session.scalar(query) or 0) + 1


def subject_of(one: Run) -> str:
    """The row a Run's paper is about ("visit:12"); empty for a month's report."""
    subject: str = one.params.get("subject", "")
    return subject


def runs(scope: Scope, language: str) -> Select[Any]:
    """The jobs in reach with their place's name, newest first."""
    return _named(scope, language).where(or_(Run.kind.not_in(routine()), Run.state == "failed"))


def _named(scope: Scope, language: str) -> Select[Any]:
    """Rows (job, township's name, facility's name): a place's code says nothing to most."""
    code = func.split_part(Run.place, CHOSEN, 1)
    return (
        scope.select(Run)
        .add_columns(_name_in(language).label("township"), Facility.name.label("facility"))
        .outerjoin(Township, Township.code == code)
        .outerjoin(Facility, (Facility.code == code) & scope.where(Facility))
    )


def job_place(scope: Scope, run: Run, language: str) -> str:
    """The name of a job's place; its code where the name is out of reach; empty for the district and what has no place."""
    row = db.session.execute(_named(scope, language).where(Run.id == run.id)).one()
    return str(row.facility or row.township or unnamed(run.place))


def unnamed(place: str) -> str:
    """What a place without a name of its own is called: several townships by their number, others by their code."""
    code = place.partition(CHOSEN)[0]
    several, is_several, _rest = code.partition(SEVERAL)
    return ngettext("%(num)d township", "%(num)d townships", int(several)) if is_several else code


def run(scope: Scope, run_id: int) -> Run:
    """One job; 404 outside reach."""
    return scope.get(Run, run_id)


def standing(scope: Scope, period: str) -> dict[str, int]:
    """How many of a period's scheduled jobs stand where: {state: count}."""
    query = scope.columns(Run, Run.state, func.count()).where(Run.period == period, Run.is_scheduled).group_by(Run.state)
    return dict(db.session.execute(query).all())


def unsettled(scope: Scope, language: str) -> list[tuple[Run, str]]:
    """The report jobs that run or failed with their places' names, newest first, at most eight: what a person may look at.

    Of reports made by request one's own of the last day alone: what was chosen wrongly is no matter of the month's.
    """
    ones_own = and_(Run.person_id == scope.person_id, Run.created_at > calendar.now() - timedelta(days=1))
    unsettled_states = or_(Run.state.in_(["running", "failed"]), (Run.state == "queued") & (Run.attempts > 0))
    query = _named(scope, language).where(Run.kind.in_(list(kinds())), unsettled_states, or_(Run.kind != ADHOC, ones_own))
    rows = db.session.execute(query.order_by(Run.id.desc()).limit(8))
    return [(row.Run, row.facility or row.township or unnamed(row.Run.place)) for row in rows]


def failures_told(kind: str) -> list[Alert]:
    """What was told of failed jobs of a kind and nobody has settled."""
    told = (Alert.kind == "run.failed", Alert.settled_at.is_(None), Alert.details["job"].as_string() == kind)
    return list(db.session.scalars(Scope.system(P.REPORT_BUILD).select(Alert).where(*told)))


def standstill(scope: Scope) -> list[Any]:
    """In words, which part of the platform stands still: the queue, the clock; asked as the platform itself."""
    wrong = [part.name for part in health.parts() if part.wrong]
    scope.enter()
    return [STANDSTILL[name] for name in wrong if name in STANDSTILL]


def place_of(scope: Scope, report: Report, language: str) -> str | None:
    """The name of the facility or township a report is about, how many townships together; None for the district."""
    if report.facility_id is not None:
        facility = scope.find(Facility, report.facility_id)
        return facility.name if facility else None
    name: str | None = db.session.scalar(select(_name_in(language)).where(Township.id == report.township_id))
    return name or unnamed(report.place) or None
