"""Incidents, who was involved, what was reported, what was changed afterwards. Rules: domain.md §4."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from eldercare.core import alerts, calendar
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of
from eldercare.incidents.grading.models import (
    CARE_WORDS,
    GRADES,
    LEVEL_WORDS,
    MISSING_WORDS,
    PAIRS,
    PLACE_WORDS,
    Facts,
)

STATE_WORDS: dict[str, Any] = {
    "draft": _l("Draft, not reported"),
    "reported": _l("Reported"),
    "responding": _l("First response"),
    "investigating": _l("Under investigation"),
    "rectifying": _l("Being put right"),
    "review": _l("Under review"),
    "closed": _l("Settled"),
    "reopened": _l("Reopened"),
    "merged": _l("Merged into another"),
    "rejected": _l("No incident"),
}
GRAVE = ("E1", "E2")
OVER = ("closed", "merged", "rejected")
INVESTIGATED = ("responding", "investigating")  # where an account of why it happened is written
OPEN = tuple(state for state in STATE_WORDS if state not in OVER)
ROLE_WORDS: dict[str, Any] = {
    "resident": _l("Resident"),
    "staff": _l("Member of staff"),
    "family": _l("Relative"),
    "visitor": _l("Visitor"),
    "other": _l("Somebody else"),
}
OUTCOME_WORDS: dict[str, Any] = {
    "involved": _l("involved"),
    "unharmed": _l("unharmed"),
    "hurt": _l("hurt"),
    "serious": _l("seriously hurt"),
    "ill": _l("ill"),
    "missing": _l("missing"),
    "dead": _l("dead"),
    "witness": _l("saw it"),
}
REPORT_WORDS: dict[str, Any] = {"first": _l("First report"), "follow_up": _l("Follow-up report"), "final": _l("Final report")}
CHANGE_WORDS: dict[str, Any] = {
    "times": _l("Times moved"),
    "grade": _l("Grade changed"),
    "figures": _l("Figures changed"),
    "kind": _l("Type changed"),
}
CAUSE_WORDS: dict[str, Any] = {
    "human": _l("Human factors"),
    "equipment": _l("Equipment"),
    "environment": _l("Environment"),
    "management": _l("Management"),
}


class Incident(Audited, Scoped, Stateful, Base):
    """事件: one thing that happened at a home. The four times are kept apart; the clocks start at `known_at`.

    `dead`, `injured` (everyone hurt, the serious ones too), `serious`, `ill`: people. `loss_fen`: direct loss.
    """

    __tablename__ = "incidents"
    AUDIT_NOUN = "incident"
    MOVES: ClassVar[Any] = {
        ("draft", "reported"): "incident.reported",
        ("reported", "responding"): "incident.responded",
        ("responding", "investigating"): "incident.investigation_begun",
        ("reopened", "investigating"): "incident.investigation_begun",
        ("investigating", "rectifying"): "incident.investigated",
        ("rectifying", "review"): "incident.submitted",
        ("review", "rectifying"): "incident.sent_back",
        ("review", "closed"): "incident.closed",
        ("closed", "reopened"): "incident.reopened",
        ("rejected", "reopened"): "incident.reopened",
        **{(state, "merged"): "incident.merged" for state in OPEN},
        **{(state, "rejected"): "incident.rejected" for state in OPEN},
    }
    __table_args__ = (
        place_key("incidents"),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint(f"family || '.' || type IN ({', '.join(repr(pair) for pair in PAIRS)})", name="type"),
        one_of("place_kind", tuple(PLACE_WORDS)),
        one_of("care", tuple(CARE_WORDS)),
        one_of("missing", tuple(MISSING_WORDS)),
        one_of("grade", GRADES),
        one_of("grade_proposed", GRADES),
        one_of("accident_level", tuple(LEVEL_WORDS)),
        one_of("cause_class", tuple(CAUSE_WORDS)),
        CheckConstraint("occurred_at <= discovered_at AND discovered_at <= known_at", name="times"),
        CheckConstraint("known_at <= reported_at", name="reported_after_known"),
        CheckConstraint("(state IN ('draft', 'rejected', 'merged')) OR reported_at IS NOT NULL", name="reported"),
        CheckConstraint("least(dead, injured, serious, ill, loss_fen) >= 0 AND serious <= injured", name="figures"),
        CheckConstraint("grade = grade_proposed OR grade_reason IS NOT NULL", name="grade_reason"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("reviewed_by_id IS NULL OR reviewed_by_id <> reporter_id", name="reviewer"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        UniqueConstraint("number"),
        UniqueConstraint("client_key"),
        UniqueConstraint("stay_id"),
        UniqueConstraint("id", "facility_id"),
        ForeignKeyConstraint(["bed_id", "facility_id"], ["beds.id", "beds.facility_id"], name="incidents_bed_fkey"),
        ForeignKeyConstraint(["stay_id", "facility_id"], ["stays.id", "stays.facility_id"], name="incidents_stay_fkey"),
        Index("incidents_place_idx", "facility_id", "township_id"),
        Index("incidents_bed_idx", "bed_id", "facility_id"),
        Index("incidents_stay_idx", "stay_id", "facility_id"),
        Index("incidents_occurred_at_idx", "occurred_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    number: Mapped[str]
    client_key: Mapped[UUID | None] = mapped_column(info={"silent": True})  # the form's own: sent twice, kept once
    family: Mapped[str]
    type: Mapped[str]
    place_kind: Mapped[str] = mapped_column(default="other")
    place_text: Mapped[str | None]
    bed_id: Mapped[int | None] = mapped_column(BigInteger)
    summary: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    dead: Mapped[int] = mapped_column(default=0)
    injured: Mapped[int] = mapped_column(default=0)
    serious: Mapped[int] = mapped_column(default=0)
    ill: Mapped[int] = mapped_column(default=0)
    loss_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    care: Mapped[str] = mapped_column(default="none")
    missing: Mapped[str] = mapped_column(default="no")
    signs: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    is_operational: Mapped[bool] = mapped_column(default=False)  # from operations: Order 493 applies
    grade: Mapped[str] = mapped_column(index=True)
    grade_proposed: Mapped[str]
    grade_why: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    grade_reason: Mapped[str | None]
    accident_level: Mapped[str | None]
    occurred_at: Mapped[datetime]
    discovered_at: Mapped[datetime]
    known_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    times_moved_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    state: Mapped[str] = mapped_column(default="draft", index=True)
    reporter_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    reporter: Mapped[str] = mapped_column(default="")
    stay_id: Mapped[int | None] = mapped_column(BigInteger)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    response: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    responded_at: Mapped[datetime | None]
    stable_at: Mapped[datetime | None]
    cause_class: Mapped[str | None]
    investigation: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    investigated_by: Mapped[str | None]
    submitted_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    reviewed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    reviewed_by: Mapped[str | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    review_note: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    closed_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Incident.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    bed_room: Mapped[str | None] = query_expression()
    bed_number: Mapped[str | None] = query_expression()
    next_due: Mapped[datetime | None] = query_expression()  # filled where a list asks for it
    merged_into: Mapped["Incident | None"] = relationship(remote_side=[id], lazy="raise_on_sql")

    @property
    def facility_code(self) -> str:
        """The register code of its home."""
        return self.facility.code

    @property
    def bed_label(self) -> tuple[str, str] | None:
        """(room, number) of the bed, where one is named."""
        return (self.bed_room, self.bed_number or "") if self.bed_room else None

    @property
    def key(self) -> dict[str, int]:
        """What a row that hangs on it is keyed by."""
        return {"incident_id": self.id, "township_id": self.township_id, "facility_id": self.facility_id}

    @property
    def is_grave(self) -> bool:
        """E1 or E2, by the grade given or by rule: the district closes it. Who reports cannot grade it out of sight."""
        return not {self.grade, self.grade_proposed}.isdisjoint(GRAVE)

    @property
    def goes_up(self) -> bool:
        """The county itself must have the report within the hour (Order 493 art. 9; §4.2): a township's reading is not enough."""
        return self.is_grave or self.accident_level is not None

    @property
    def is_open(self) -> bool:
        """Neither closed nor merged nor rejected."""
        return self.state in OPEN

    @property
    def facts(self) -> Facts:
        """What its grade is proposed from."""
        return Facts(
            self.family, self.type, self.dead, self.injured, self.serious, self.ill, self.care, self.missing,
            frozenset(self.signs),
        )  # fmt: skip


class IncidentPerson(Scoped, Base):
    """涉及人员: a resident, or somebody else by role and name."""

    __tablename__ = "incident_people"
    __table_args__ = (
        place_key("incident_people"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_people_of_fkey"
        ),
        one_of("role", tuple(ROLE_WORDS)),
        one_of("outcome", tuple(OUTCOME_WORDS)),
        CheckConstraint("(role = 'resident') = (resident_id IS NOT NULL)", name="resident"),
        UniqueConstraint("incident_id", "resident_id"),
        Index("incident_people_place_idx", "facility_id", "township_id"),
        Index("incident_people_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    role: Mapped[str]
    name: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(default="involved")
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)


class IncidentReport(Scoped, Base):
    """首报、续报、终报: what was sent up (content of Order 493 art. 12), sealed: the database lets nobody change it.

    `content` is {heading: text or number}; `sha256` covers it and the report before: a chain.
    """

    __tablename__ = "incident_reports"
    __table_args__ = (
        place_key("incident_reports"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_reports_of_fkey"
        ),
        one_of("kind", tuple(REPORT_WORDS)),
        CheckConstraint("(kind = 'first') = (seq = 1)", name="first"),
        UniqueConstraint("incident_id", "seq"),
        Index("incident_reports_place_idx", "facility_id", "township_id"),
        Index("incident_reports_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int]
    kind: Mapped[str]
    content: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime] = mapped_column(default=calendar.now)
    sent_by: Mapped[str]
    sent_by_id: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str]


class IncidentChange(Scoped, Base):
    """更改: times, grade, figures or type changed after the first report: old, new, why, by whom; kept for good."""

    __tablename__ = "incident_changes"
    __table_args__ = (
        place_key("incident_changes"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_changes_of_fkey"
        ),
        one_of("kind", tuple(CHANGE_WORDS)),
        CheckConstraint("reason <> ''", name="reason"),
        Index("incident_changes_place_idx", "facility_id", "township_id"),
        Index("incident_changes_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=calendar.now)
    by: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(BigInteger)


def _kind(name: str, said: Any, permission: P, **more: Any) -> None:
    alerts.kind(alerts.Kind(f"incident.{name}", said, permission, "incidents.show", "incident_id", **more))


_kind(
    "draft", _l("%(home)s: a death was recorded; complete %(number)s and report it"), P.INCIDENT_REPORT, tone="bad", by_mail=True,
    title=_l("deaths to complete and report as incidents"),
)  # fmt: skip
_kind(
    "special",
    _l("%(home)s: %(number)s is of grade E1; a special inspection is proposed"),
    P.INCIDENT_CLOSE,
    tone="bad",
    by_mail=True,
    title=_l("special inspections proposed after an E1 incident"),
)
alerts.kind(
    alerts.Kind(
        "incident.trend",
        _l("%(home)s: %(count)s incidents of one type within %(days)s days; a special inspection is proposed"),
        P.INCIDENT_CLOSE,
        "incidents.index",
        "home",
        is_todo=False,  # no act here would ever end it
        title=_l("special inspections proposed after several incidents of one type"),
    )
)

_WORDS = ("state", "place_kind", "care", "missing", "grade", "grade_proposed", "accident_level", "cause_class", "type")
catalogue(
    {
        "incident.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "incident.times_wrong": (
            422,
            _l("The times must follow one another: happened, discovered, known to the head, reported. Check them."),
        ),
        "incident.time_ahead": (422, _l("This time lies in the future. Check it.")),
        "incident.district_lowers": (
            403, _l("A grade of E1 or E2 is lowered by the district alone. Give your reason in a follow-up report."),
        ),
        "incident.not_reported": (409, _l("This incident has not been reported yet.")),
        "incident.figures_wrong": (422, _l("The numbers do not fit: nothing below zero, and no more seriously hurt than hurt.")),
        "incident.grade_reason": (422, _l("Say why you choose another grade than the rule.")),
        "incident.same_grade": (422, _l("This is the grade it has. Choose another, or leave it.")),
        "incident.closed_half": (409, _l("A closed incident has its moment of closing, an open one has none.")),
        "incident.own_review": (409, _l("You reported this incident yourself. Somebody else must review it.")),
        "incident.merged_half": (409, _l("An incident that is merged says into which one.")),
        "incident.taken": (409, _l("This incident is on file already. Open the list.")),
        "incident.stay_taken": (409, _l("An incident for this death is on file already.")),
        "incident.person_taken": (409, _l("This person is named already.")),
        "incident.person_unknown": (422, _l("Choose a resident, or write who it was.")),
        "incident.not_there": (422, _l("This person did not live in the home on that day. Choose somebody who did.")),
        "incident.report_taken": (409, _l("Somebody else has just sent a report. Open the incident again.")),
        "incident.reason_missing": (422, _l("Give a reason.")),
        "incident.over": (409, _l("This incident is closed, merged or rejected. Reopen it first.")),
        "incident.figures_late": (
            409,
            _l("The time for changing the figures ended on %(day)s. The district can still note it in a follow-up report."),
        ),
        "incident.nothing_changed": (422, _l("Nothing was changed.")),
        "incident.facility_wrong": (422, _l("This home lies outside your duties. Choose one of yours.")),
    },
    {
        **{f"incidents_{name}_check": "incident.word_unknown" for name in _WORDS},
        "incidents_times_check": "incident.times_wrong",
        "incidents_reported_after_known_check": "incident.times_wrong",
        "incidents_reported_check": "incident.not_reported",
        "incidents_figures_check": "incident.figures_wrong",
        "incidents_grade_reason_check": "incident.grade_reason",
        "incidents_closed_check": "incident.closed_half",
        "incidents_reviewer_check": "incident.own_review",
        "incidents_merged_check": "incident.merged_half",
        "incidents_number_key": "incident.taken",
        "incidents_client_key_key": "incident.taken",
        "incidents_id_facility_id_key": "incident.taken",
        "incidents_stay_id_key": "incident.stay_taken",
        "incident_people_role_check": "incident.word_unknown",
        "incident_people_outcome_check": "incident.word_unknown",
        "incident_people_resident_check": "incident.person_unknown",
        "incident_people_incident_id_resident_id_key": "incident.person_taken",
        "incident_reports_kind_check": "incident.word_unknown",
        "incident_reports_first_check": "incident.report_taken",
        "incident_reports_incident_id_seq_key": "incident.report_taken",
        "incident_changes_kind_check": "incident.word_unknown",
        "incident_changes_reason_check": "incident.reason_missing",
    },
)
