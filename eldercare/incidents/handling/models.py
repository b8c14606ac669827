"""Corrective actions and findings of faulty reporting. Rules: domain.md §4.3, §4.4."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar
from eldercare.core.access import P
from eldercare.core.db import Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import one_of

FAULT_WORDS: dict[str, Any] = {
    "late": _l("Late report"),
    "omitted": _l("Omitted report"),
    "false": _l("False report"),
    "concealed": _l("Concealed report"),
}
GAP_WORDS: dict[str, Any] = {
    "response": _l("the first response"),
    "family": _l("that the family was told"),
    "cause": _l("the class of the cause"),
    "investigation": _l("the investigation"),
    "action": _l("a corrective action with somebody responsible and a date"),
    "evidence": _l("the evidence of every corrective action, or the closing of its hazard"),
    "receipt": _l("the receipt of a report or notice that is due"),
    "review": _l("the review by somebody other than the reporter"),
}


class IncidentAction(Scoped, Base):
    """整改措施: what is put right, by whom, until when; where it must be supervised, its hazard's closing settles it."""

    __tablename__ = "incident_actions"
    __table_args__ = (
        place_key("incident_actions"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_actions_of_fkey"
        ),
        ForeignKeyConstraint(
            ["hazard_id", "facility_id"], ["hazards.id", "hazards.facility_id"], name="incident_actions_hazard_fkey"
        ),
        CheckConstraint("is_supervised = (hazard_id IS NOT NULL)", name="supervised"),
        CheckConstraint("(done_at IS NULL) = (evidence IS NULL)", name="done"),
        CheckConstraint("NOT is_supervised OR done_at IS NULL", name="settled"),
        Index("incident_actions_place_idx", "facility_id", "township_id"),
        Index("incident_actions_of_idx", "incident_id", "facility_id"),
        Index("incident_actions_hazard_idx", "hazard_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str]
    owner: Mapped[str]
    due_on: Mapped[date]
    is_supervised: Mapped[bool] = mapped_column(default=False)
    hazard_id: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[str | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    created_by: Mapped[str]


class IncidentFinding(Scoped, Base):
    """迟报、漏报、谎报、瞒报: each its own finding, with reason and person; withdrawn ones stay."""

    __tablename__ = "incident_findings"
    __table_args__ = (
        place_key("incident_findings"),
        ForeignKeyConstraint(
            ["incident_id", "facility_id"], ["incidents.id", "incidents.facility_id"], name="incident_findings_of_fkey"
        ),
        one_of("fault", tuple(FAULT_WORDS)),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index("incident_findings_once_key", "incident_id", "fault", unique=True, postgresql_where="withdrawn_at IS NULL"),
        Index("incident_findings_place_idx", "facility_id", "township_id"),
        Index("incident_findings_of_idx", "incident_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    fault: Mapped[str]
    reason: Mapped[str]
    person: Mapped[str | None]  # who is answerable for it
    found_at: Mapped[datetime] = mapped_column(default=calendar.now)
    found_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None]


def _kind(name: str, said: Any, permission: P, **more: Any) -> None:
    alerts.kind(alerts.Kind(f"incident.{name}", said, permission, "incidents.show", "incident_id", **more))


_kind("review", _l("%(home)s submitted %(number)s: review it"), P.INCIDENT_REVIEW, title=_l("incidents to review"))
_kind(
    "close", _l("%(home)s: %(number)s (%(grade)s) is reviewed; close it or send it back"), P.INCIDENT_CLOSE,
    title=_l("incidents to settle or send back"),
)  # fmt: skip
_kind("sent_back", _l("%(home)s: %(number)s was sent back"), P.INCIDENT_EDIT, tone="bad", title=_l("incidents were sent back"))
_kind(
    "action_due", _l("%(home)s: a corrective action of %(number)s is overdue"), P.INCIDENT_EDIT,
    title=_l("corrective actions are overdue"),
)  # fmt: skip
_kind(
    "demanded", _l("%(home)s: an officer demands a corrective action in %(number)s"), P.INCIDENT_EDIT,
    title=_l("corrective actions an officer demands"),
)  # fmt: skip

catalogue(
    {
        "incident.not_ready": (409, _l("It cannot be closed yet. Missing: %(missing)s.")),
        "incident.district_closes": (403, _l("An incident of grade E1 or E2 is closed by the district.")),
        "incident.not_reviewed": (409, _l("It has not been reviewed yet.")),
        "incident.action_wrong": (409, _l("A supervised action is settled by its hazard, any other by its evidence.")),
        "incident.action_done": (409, _l("This action is done already.")),
        "incident.action_due_early": (422, _l("The date lies before today. Choose a later one.")),
        "incident.fault_taken": (409, _l("This finding stands already.")),
        "incident.fault_withdrawn": (409, _l("This finding has been withdrawn already.")),
        "incident.merge_self": (422, _l("An incident cannot be merged into itself.")),
        "incident.merge_unknown": (422, _l("There is no open or closed incident of this number at the same home.")),
    },
    {
        "incident_actions_supervised_check": "incident.action_wrong",
        "incident_actions_done_check": "incident.action_wrong",
        "incident_actions_settled_check": "incident.action_wrong",
        "incident_findings_fault_check": "incident.word_unknown",
        "incident_findings_withdrawn_check": "incident.fault_withdrawn",
        "incident_findings_once_key": "incident.fault_taken",
    },
)
