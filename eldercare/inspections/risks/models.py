"""Weights of the risk score, and the places proposed for a month. The score: domain.md §5.5 and §10.3; all weights are [P].

A factor gives a plain number; a number gives points: `each` for one, `most` at most. The points of all factors are the
score. Weights are kept by the day they begin to count; what was counted by an earlier version stays explained by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

YEAR = 365
CLASSES = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Factor:
    """What is counted. `within`: days that are looked back; None: what holds on the day. `unit`: of what `each` is paid for."""

    code: str
    words: Any
    unit: Any
    within: int | None = None


FACTORS: dict[str, Factor] = {
    each.code: each
    for each in (
        Factor("major", _l("Major hazards open"), _l("hazard")),
        Factor("overdue", _l("Hazards overdue"), _l("hazard")),
        Factor("repeat", _l("Found again at the same place"), _l("finding"), YEAR),
        Factor("incidents_e1", _l("Incidents E1 in 12 months"), _l("incident"), YEAR),
        Factor("incidents_e2", _l("Incidents E2 in 12 months"), _l("incident"), YEAR),
        Factor("incidents_e3", _l("Incidents E3 in 12 months"), _l("incident"), YEAR),
        Factor("incidents_e4", _l("Incidents E4 in 12 months"), _l("incident"), YEAR),
        Factor("complaints", _l("Complaints upheld in 12 months"), _l("complaint"), YEAR),
        Factor("selfchecks", _l("Self-checks missed in 30 days"), _l("round"), 30),
        Factor("credit", _l("Credit class below A"), _l("class")),
        Factor("unseen", _l("Time since the last visit"), _l("30 days")),
    )
}  # fmt: skip
# The project's proposal, to be confirmed by the district: {factor: (points for each, points at most)}.
PROPOSED: dict[str, tuple[int, int]] = {
    "major": (15, 30), "overdue": (8, 24), "repeat": (5, 20), "incidents_e1": (20, 40), "incidents_e2": (12, 36),
    "incidents_e3": (3, 12), "incidents_e4": (1, 4), "complaints": (5, 20), "selfchecks": (1, 15), "credit": (5, 15),
    "unseen": (2, 24),
}  # fmt: skip
STATE_WORDS: dict[str, Any] = {"proposed": _l("Proposed"), "taken": _l("Planned as a visit"), "set_aside": _l("Set aside")}


@dataclass(frozen=True)
class Point:
    """One line of a score. `number` None: nothing is known of it (see `note`), and nothing is counted."""

    factor: str
    number: int | None
    each: int
    most: int
    points: int


def points(numbers: Mapping[str, int | None], weights: Mapping[str, Any]) -> list[Point]:
    """The lines of a score, in the order of the factors; their points add up to it."""
    lines = []
    for code in FACTORS:
        number, (each, most) = numbers.get(code), weights[code]
        lines.append(Point(code, number, each, most, min(number * each, most) if number else 0))
    return lines


class RiskWeights(Audited, Base):
    """风险权重: what each factor is worth from a day on; never changed, followed by the next."""

    __tablename__ = "risk_weights"
    AUDIT_NOUN = "risk_weights"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason"), UniqueConstraint("valid_from"))
    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    factors: Mapped[dict[str, Any]]  # {factor: [each, most]}
    is_confirmed: Mapped[bool] = mapped_column(default=False)  # the district's own word; False: the project's proposal
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    created_by: Mapped[str] = mapped_column(default="")


class RiskProposal(Audited, Scoped, Stateful, Base):
    """检查建议: a place proposed for a month by its score; taken over as a visit, or set aside with a reason. Both are kept.

    `lines`: the score's lines as they were on `as_of`. A home sees none before the visit it became is shown to it.
    """

    __tablename__ = "risk_proposals"
    AUDIT_NOUN = "risk_proposal"
    MOVES: ClassVar[Any] = {
        ("proposed", "taken"): "risk_proposal.taken",
        ("proposed", "set_aside"): "risk_proposal.set_aside",
        ("set_aside", "proposed"): "risk_proposal.taken_up_again",
    }
    __table_args__ = (
        place_key("risk_proposals"),
        ForeignKeyConstraint(["visit_id", "facility_id"], ["visits.id", "visits.facility_id"], name="risk_proposals_visit_fkey"),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),
        CheckConstraint("rank > 0 AND score >= 0", name="figures"),
        CheckConstraint("state <> 'set_aside' OR reason <> ''", name="reason"),
        CheckConstraint("(state = 'taken') = (visit_id IS NOT NULL)", name="taken"),
        UniqueConstraint("month", "facility_id"),
        Index("risk_proposals_place_idx", "facility_id", "township_id"),
        Index("risk_proposals_visit_idx", "visit_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    month: Mapped[str]
    rank: Mapped[int]
    score: Mapped[int]
    lines: Mapped[list[Any]] = mapped_column(info={"silent": True})  # [{"factor", "number", "each", "most", "points"}]
    as_of: Mapped[date]
    weights_id: Mapped[int] = mapped_column(ForeignKey("risk_weights.id"), index=True)
    state: Mapped[str] = mapped_column(default="proposed")
    reason: Mapped[str] = mapped_column(default="")
    visit_id: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    made_by: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str | None]
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(RiskProposal.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )

    @property
    def points(self) -> list[Point]:
        """The lines of the score as they were."""
        return [Point(**line) for line in self.lines]


LABELS: dict[str, Any] = {
    "valid_from": _l("Counts from"), "factors": _l("Weights"), "is_confirmed": _l("Confirmed by the district"),
    "reason": _l("Reason"), "created_by": _l("Set by"), "month": _l("Month"), "rank": _l("Rank"), "score": _l("Points"),
    "as_of": _l("As of"), "weights_id": _l("Weights"), "state": _l("State"), "visit_id": _l("Visit"),
    "made_at": _l("Proposed"), "made_by": _l("Proposed by"), "decided_by": _l("Decided by"), "facility_id": _l("Facility"),
}  # fmt: skip
words.name("risk_weights", _l("weights of the risk score"), columns=LABELS, actions={"risk_weights.set": _l("Weights set")})
words.name(
    "risk_proposal", _l("proposal by risk"), columns=LABELS, values={"state": STATE_WORDS},
    actions={
        "risk_proposal.made": _l("Proposed by risk"), "risk_proposal.taken": _l("Planned as a visit"),
        "risk_proposal.set_aside": _l("Set aside"), "risk_proposal.taken_up_again": _l("Taken up again"),
    },
)  # fmt: skip
catalogue(
    {
        "risk_weights.reason_missing": (422, _l("Say why the weights change.")),
        "risk_weights.day_taken": (409, _l("Weights are set from this day already. Choose another day.")),
        "risk_weights.past": (422, _l("Weights count from today or later: what was counted before stays as it was.")),
        "risk_weights.not_whole": (422, _l("Give both numbers for each factor, from 0 to 100.")),
        "risk_weights.most_below_each": (422, _l("The most cannot be below what one is worth.")),
        "risk_proposal.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "risk_proposal.month_wrong": (422, _l("Choose this month or a later one.")),
        "risk_proposal.figures_wrong": (422, _l("The rank begins at 1, the points at 0.")),
        "risk_proposal.reason_missing": (422, _l("Say why it is set aside.")),
        "risk_proposal.without_visit": (409, _l("A proposal is taken over together with its visit.")),
        "risk_proposal.made_already": (409, _l("The place is proposed for this month already.")),
        "risk_proposal.none_left": (409, _l(
            "No place is left: all of them are proposed or planned for that month. Choose another month or kind of place.")),
        "risk_proposal.other_month": (422, _l("Choose a day in %(month)s, the month it is proposed for.")),
    },
    {
        "risk_weights_reason_check": "risk_weights.reason_missing",
        "risk_weights_valid_from_key": "risk_weights.day_taken",
        "risk_proposals_state_check": "risk_proposal.word_unknown",
        "risk_proposals_month_check": "risk_proposal.month_wrong",
        "risk_proposals_figures_check": "risk_proposal.figures_wrong",
        "risk_proposals_reason_check": "risk_proposal.reason_missing",
        "risk_proposals_taken_check": "risk_proposal.without_visit",
        "risk_proposals_month_facility_id_key": "risk_proposal.made_already",
    },
)
