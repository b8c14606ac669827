"""What reports and jobs are called, and the list of jobs. The list of reports: `archive/listing.py`."""


from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from eldercare.core import alerts
from eldercare.core.calendar import Period, Quarter, Span, Year
from eldercare.core.columns import Badge, Column
from eldercare.core.filters import Choice
from eldercare.core.listing import Listing
from eldercare.core.runs import Run
from eldercare.reporting import queries

KINDS = {
    "monthly-oversight": _l("Monthly oversight report"),
    "township-monthly": _l("Township monthly report"),
    "facility-monthly": _l("Facility monthly report"),
    "quarterly-oversight": _l("Quarterly oversight report"),
    "annual-oversight": _l("Annual oversight report"),
    "rectification-ledger": _l("Ledger of rectification"),
}
PAPERS = {
    "incident-brief": _l("Brief on an incident"),
    "inspection-notice": _l("Notice of inspection"),
    "inspection-record": _l("Inspection record"),
    "rectification-order": _l("Rectification order"),
    "recheck-record": _l("Recheck record"),
}
ADHOC = {"ad-hoc": _l("Ad-hoc report")}
JOBS = {
    **KINDS,
    **ADHOC,
    **PAPERS,
    "report_redraw": _l("Pages of a draft drawn anew"),
    "report_document": _l("Report as a Word document"),
    "reports_zip": _l("Reports of a month in one ZIP"),
    "report_files_sweep": _l("Removal of taken-away files, old drafts and ad-hoc reports"),
    "retention_propose": _l("Reports whose years are over, proposed"),
    "retention_export": _l("Export of how long reports are kept"),
    "reports_export": _l("Export of the list of reports"),
    "report_publish": _l("Publication of a report"),
    "demo_report": _l("Report of a past month of the demo district"),
    "differences_export": _l("Export of what differs between two editions"),
    "residents_intake": _l("Excel intake: preview"),
    "residents_intake_commit": _l("Excel intake: taking in"),
    "residents_intake_forget": _l("Excel intake: old workbooks removed"),
    "residents_export": _l("Export of older people"),
    "health_export": _l("Export of health and risks"),
    "risk_assessments_due": _l("Reminders of risk assessments overdue"),
    "facilities_export": _l("Export of facilities"),
    "alerts_round": _l("Round of alerts and mails"),
    "beds_export": _l("Export of rooms and beds"),
    "vacancy_export": _l("Export of free beds"),
    "incidents_watch": _l("Deadlines of incidents"),
    "incidents_export": _l("Export of incidents"),
    "selfchecks_make": _l("Rounds of self-checks of the day"),
    "selfchecks_watch": _l("Self-checks due and missed"),
    "selfchecks_export": _l("Export of self-checks"),
    "hazards_watch": _l("Overdue hazards"),
    "draws_announce": _l("Publication of double-random draws"),
    "officer_reminders": _l("Reminders of enforcement certificates"),
    "hazards_export": _l("Export of hazards"),
    "visits_export": _l("Export of visits"),
    "field_retention": _l("Drafts and photos of visits that nobody needs any more"),
    "credit_update": _l("Ledger of points brought up to date"),
    "credit_export": _l("Export of points and classes"),
    "ladder_watch": _l("Reminders and steps of escalation"),
    "ladder_export": _l("Export of escalation"),
    "major_export": _l("Export of major hazards"),
    "plan_rules": _l("Visits asked for by rules"),
    "postings_watch": _l("Who was missed on post"),
    "station_days_export": _l("Export of days on post"),
    "routes_day": _l("Route of a day"),
    "risks_back_test": _l("Back-test of the ranking by risk"),
    "plans_watch": _l("Planned visits made ready, late and missed ones"),
    "teams_watch": _l("Teams that may not go any more"),
    "plans_export": _l("Export of planned visits"),
    "plans_coverage_export": _l("Export of coverage"),
    "orders_export": _l("Export of rectification orders"),
    "stays_due": _l("What falls due for residents of homes"),
    "stays_export": _l("Export of stays"),
    "licence_reminders": _l("Reminders of expiring licences"),
    "certificate_reminders": _l("Reminders of expiring certificates"),
    "staff_export": _l("Export of staff"),
    "roster_watch": _l("Watch over the rosters"),
    "checklist_export": _l("Export of a checklist"),
    "checklists_retire": _l("Checklists that have run out"),
}
STATES = {
    "queued": Badge(_l("Waiting"), "quiet"),
    "running": Badge(_l("Under way"), "active"),
    "done": Badge(_l("Done"), "good"),
    "failed": Badge(_l("Failed"), "bad"),
}
alerts.NAMED.update(KINDS)
LANGUAGES = {"zh": "\u4e2d\u6587", "en": "English"}


def kind_words(kind: str) -> str:
    """What a report or job is called."""
    return str(JOBS.get(kind, kind))


def period_words(period: Period) -> str:
    """October 2026, quarter 3 of 2026, the year 2026."""
    if isinstance(period, Quarter):
        return gettext("Quarter %(number)s of %(year)s", number=period.number, year=period.year)
    if isinstance(period, Span):
        return f"{period.begin} – {period.end}"
    if isinstance(period, Year):
        return gettext("The year %(year)s", year=period.year)
    return str(period)


def place_words(township: str | None, facility: str | None, code: str) -> str:
    """The place a report is about; `code` tells several townships together from the district."""
    return facility or township or (code and queries.unnamed(code)) or gettext("Whole district")


RUNS = Listing(
    name="runs",
    title=_l("Jobs"),
    ident=Run.id.desc(),
    link=lambda row: f"/reporting/runs/{row.Run.id}",
    columns=(
        Column(
            "kind",
            _l("Job"),
            lambda row: kind_words(row.Run.kind),
            sort=Run.kind,
            detail=lambda row: gettext("No. %(id)s", id=row.Run.id),
        ),
        Column("period", _l("Month or day"), "Run.period", sort=Run.period),
        Column("place", _l("Place"), lambda row: row.facility or row.township or queries.unnamed(row.Run.place)),
        Column("state", _l("State"), lambda row: STATES[row.Run.state], sort=Run.state, kind="badge"),
        Column("created_at", _l("Asked for"), "Run.created_at", sort=Run.created_at, kind="moment"),
        Column("finished_at", _l("Finished"), "Run.finished_at", sort=Run.finished_at, kind="moment"),
    ),
    filters=(
        Choice(
            "state",
            _l("State"),
            choices=tuple((state, badge.word) for state, badge in STATES.items()),
            where=lambda state: Run.state == state,
        ),
        Choice("kind", _l("Job"), choices=tuple(JOBS.items()), where=lambda kind: Run.kind == kind),
        Choice("period", _l("Month or day"), quiet=True, where=lambda period: Run.period == period),
    ),
    empty_title=_l("No job here"),
    empty_why=_l("Imports, exports and reports appear here while they run and afterwards."),
)
