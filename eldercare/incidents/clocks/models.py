"""The deadlines of domain.md §4.3: one row each; only a receipt stops one, and lateness stays for ever.

Numbers of law stand here with their source; what is marked [K] or [P] is a setting (`Rules`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar
from eldercare.core.access import P
from eldercare.core.db import Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import one_of
from eldercare.incidents.grading.models import Facts, Rules

HOUR = timedelta(hours=1)
COUNTY = HOUR  # Order 493 art. 9: head of the unit → county departments
LEVEL = 2 * HOUR  # art. 11: each further level
OUTBREAK, DISEASE = 2 * HOUR, 24 * HOUR  # a medical body: outbreaks and class A; the others (§4.3)
FIGURES = {"fire": timedelta(days=7), "traffic": timedelta(days=7)}  # art. 13; 30 days otherwise
FIGURES_ELSE = timedelta(days=30)
# how far up an accident of a level is reported, beyond the county (art. 10)
FURTHER: dict[str | None, tuple[str, ...]] = {
    None: (),
    "ordinary": ("city",),
    "larger": ("city", "province"),
    "major": ("city", "province", "state"),
    "extra_major": ("city", "province", "state"),
}

# kind → (what is due, the sentence of its reminder)
CLOCK_WORDS: dict[str, tuple[Any, Any]] = {
    "county": (_l("Report received by the county"), _l("%(home)s, %(number)s: nobody has acknowledged the report yet")),
    "emergency": (_l("Emergency management told"), _l("%(home)s, %(number)s: tell the emergency management department")),
    "city": (_l("Report received by the city"), _l("%(home)s, %(number)s: report on to the city")),
    "province": (_l("Report received by the province"), _l("%(home)s, %(number)s: report on to the province")),
    "state": (_l("Report received by the State Council departments"), _l("%(home)s, %(number)s: report on to the State Council")),
    "fire_119": (_l("Fire brigade called (119)"), _l("%(home)s, %(number)s: call 119 and enter it")),
    "police_110": (_l("Police called (110)"), _l("%(home)s, %(number)s: call 110 and enter it")),
    "market": (_l("Market regulation told"), _l("%(home)s, %(number)s: tell market regulation")),
    "health": (_l("Health department told"), _l("%(home)s, %(number)s: tell the health department")),
    "cdc": (_l("Disease control told"), _l("%(home)s, %(number)s: tell disease control")),
    "family": (_l("Family told"), _l("%(home)s, %(number)s: tell the family and enter it")),
    "follow_up": (_l("Follow-up report received"), _l("%(home)s, %(number)s: the daily follow-up report is due")),
    "final": (_l("Final report received"), _l("%(home)s, %(number)s: the final report is due")),
    "figures": (_l("Figures may be changed until"), None),
}
KINDS = tuple(CLOCK_WORDS)
BY_OFFICER = ("county", "follow_up", "final")  # stopped by an officer's own acknowledgement in the platform
ABOVE = ("city", "province", "state")  # the county's own duty
# bodies beside those with a clock that may be told as well
BODY_WORDS: dict[str, Any] = {
    "family": _l("The family"),
    "fire_119": _l("Fire brigade (119)"),
    "police_110": _l("Police (110)"),
    "ambulance_120": _l("Ambulance (120)"),
    "cdc": _l("Disease control centre or medical body"),
    "market": _l("Market regulation"),
    "health": _l("Health department"),
    "emergency": _l("Emergency management"),
    "city": _l("City"),
    "province": _l("Province"),
    "state": _l("State Council departments"),
    "other": _l("Another body"),
    "township": _l("Township"),
    "district": _l("District"),
}
OUTSIDE = tuple(body for body in BODY_WORDS if body not in {"township", "district"})
WAY_WORDS: dict[str, Any] = {
    "phone": _l("By telephone"),
    "in_person": _l("In person"),
    "message": _l("By message"),
    "letter": _l("In writing"),
    "platform": _l("On the platform"),
}


class IncidentClock(Scoped, Base):
    """时限: one deadline of an incident. Open until a receipt stops it or it no longer applies (`dropped_at`).

    `is_late`, `late_minutes`: once set they are never cleared (a trigger keeps the worst that was). `is_window`:
    no duty, only until when something may be done.
    """

    __tablename__ = "incident_clocks"
    __table_args__ = (
        place_key("incident_clocks"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_clocks_of_fkey"
        ),
        one_of("kind", KINDS),
        CheckConstraint("due_at >= started_at", name="times"),
        CheckConstraint("late_minutes >= 0 AND is_late = (late_minutes > 0)", name="late"),
        CheckConstraint("(met_at IS NULL) = (receipt_id IS NULL) OR is_window", name="receipt"),
        CheckConstraint("met_at IS NULL OR dropped_at IS NULL", name="one_end"),
        Index(
            "incident_clocks_open_key",
            "incident_id",
            "kind",
            unique=True,
            postgresql_where="met_at IS NULL AND dropped_at IS NULL",
        ),
        Index("incident_clocks_due_idx", "due_at", postgresql_where="met_at IS NULL AND dropped_at IS NULL"),
        Index("incident_clocks_place_idx", "facility_id", "township_id"),
        Index("incident_clocks_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    is_window: Mapped[bool] = mapped_column(default=False)
    met_at: Mapped[datetime | None]
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("incident_receipts.id"), index=True)
    is_late: Mapped[bool] = mapped_column(default=False)
    late_minutes: Mapped[int] = mapped_column(default=0)
    dropped_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.met_at is None and self.dropped_at is None

    def overdue(self, now: datetime) -> bool:
        """A duty past its deadline that nothing has stopped."""
        return self.is_running and not self.is_window and self.due_at < now


class IncidentReceipt(Scoped, Base):
    """回执: that somebody was told, and the proof. Of a report, by the officer who acknowledges it; of an outside
    body or the family, as entered: when, how, by whom, to whom, receipt number, and who entered it when."""

    __tablename__ = "incident_receipts"
    __table_args__ = (
        place_key("incident_receipts"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_receipts_of_fkey"
        ),
        one_of("body", tuple(BODY_WORDS)),
        one_of("way", tuple(WAY_WORDS)),
        CheckConstraint("(report_id IS NOT NULL) = (body IN ('township', 'district'))", name="report"),
        CheckConstraint("received_at <= entered_at", name="times"),
        UniqueConstraint("report_id", "body"),
        Index("incident_receipts_place_idx", "facility_id", "township_id"),
        Index("incident_receipts_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("incident_reports.id"))
    body: Mapped[str]
    way: Mapped[str]
    told_by: Mapped[str | None]
    told_whom: Mapped[str | None]
    receipt_no: Mapped[str | None]
    received_at: Mapped[datetime]
    note: Mapped[str | None]
    entered_at: Mapped[datetime] = mapped_column(default=calendar.now)
    entered_by: Mapped[str]
    entered_by_id: Mapped[int | None] = mapped_column(BigInteger)


@dataclass(frozen=True)
class About:
    """What the deadlines of an incident follow from."""

    facts: Facts
    grade: str
    goes_up: bool  # grave by the grade given or by rule, or an accident with a level: no choice of the home's keeps it below
    accident_level: str | None
    is_medical: bool  # the home has its own clinic or hospital
    with_people: bool  # residents are involved
    occurred_at: datetime
    known_at: datetime


def wanted(about: About, rules: Rules) -> Iterator[tuple[str, datetime]]:
    """(kind, due) of every deadline that starts when the head learns of it, by §4.3."""
    known, kind = about.known_at, about.facts.type
    at_once = known + timedelta(minutes=rules.at_once_minutes)
    soon = known + timedelta(minutes=rules.without_delay_minutes)
    if about.goes_up:
        yield "county", known + COUNTY
    elif about.grade == "E3":
        yield "county", max(calendar.at(calendar.local(known).date()) + rules.e3_hour * HOUR, known + COUNTY)
    if about.accident_level:
        yield "emergency", known + COUNTY
    if kind == "fire":
        yield "fire_119", at_once
    if about.facts.missing in {"searching", "long"}:
        yield "police_110", at_once
    if kind == "food_poisoning":
        yield "market", soon
        yield "health", soon
    if kind == "infectious_disease":
        medical = known + (OUTBREAK if about.facts.ill >= rules.e1_ill else DISEASE)
        yield "cdc", medical if about.is_medical else at_once
    if about.with_people and (about.goes_up or about.grade != "E4"):
        yield "family", at_once
    if about.accident_level or about.grade == "E1":
        yield "figures", about.occurred_at + FIGURES.get(kind, FIGURES_ELSE)


for _name, (_what, _said) in CLOCK_WORDS.items():
    if _said is not None:
        alerts.kind(
            alerts.Kind(
                f"incident.clock_{_name}",
                _said,
                P.INCIDENT_REPORT,
                "incidents.show",
                "incident_id",
                tone="bad",
                by_mail=True,
                steps=(alerts.Step(timedelta(0), "township"), alerts.Step(HOUR, "district")),
            )
        )
_ASKED = _l("%(home)s reported %(number)s (%(grade)s): acknowledge it")
_UP = {"permission": P.INCIDENT_RECEIVE, "endpoint": "incidents.show", "ident": "incident_id", "tone": "bad", "by_mail": True}
_FIRST = (alerts.Step(timedelta(minutes=-20), "district"),)
alerts.kind(alerts.Kind("incident.receive", _ASKED, steps=_FIRST, title=_l("reports of incidents to acknowledge"), **_UP))
alerts.kind(alerts.Kind("incident.receive_grave", _ASKED, title=_l("reports of grave incidents to acknowledge"), **_UP))
_RAISED = _l("%(home)s: %(number)s was raised to %(grade)s")
alerts.kind(alerts.Kind("incident.raised", _RAISED, is_todo=False, title=_l("incidents raised in grade"), **_UP))

catalogue(
    {
        "incident.clock_taken": (409, _l("This deadline runs already. Open the incident again.")),
        "incident.clock_wrong": (
            409,
            _l("This deadline is in a state it cannot be in. Tell the administrator the incident’s number."),
        ),
        "incident.received_already": (409, _l("This report has been acknowledged already.")),
        "incident.own_receipt": (409, _l("You sent this report yourself. Somebody else must acknowledge it.")),
        "incident.receipt_report": (422, _l("An acknowledgement belongs to a report.")),
        "incident.receipt_ahead": (422, _l("The receipt cannot lie in the future. Check the time.")),
        "incident.receipt_before": (422, _l("Nobody can have been told before it happened. Check the time.")),
        "incident.nothing_to_receive": (409, _l("No report waits for an acknowledgement.")),
        "incident.not_theirs": (403, _l("Only the district reports on to the levels above it.")),
    },
    {
        "incident_clocks_kind_check": "incident.word_unknown",
        "incident_clocks_times_check": "incident.clock_wrong",
        "incident_clocks_late_check": "incident.clock_wrong",
        "incident_clocks_receipt_check": "incident.clock_wrong",
        "incident_clocks_one_end_check": "incident.clock_wrong",
        "incident_clocks_open_key": "incident.clock_taken",
        "incident_receipts_body_check": "incident.word_unknown",
        "incident_receipts_way_check": "incident.word_unknown",
        "incident_receipts_report_check": "incident.receipt_report",
        "incident_receipts_times_check": "incident.receipt_ahead",
        "incident_receipts_report_id_body_key": "incident.received_already",
    },
)
