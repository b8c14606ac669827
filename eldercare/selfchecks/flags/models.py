"""What is hardly plausible about a round. A flag is a question to the place, never a finding, and blocks nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import one_of
from eldercare.selfchecks.models import LABELS, SelfCheckRound

KIND_WORDS: dict[str, Any] = {
    "too_fast": _l("Answered too fast"), "same_photo": _l("The same photo again"),
    "same_minute": _l("Always at the same minute"), "far_away": _l("Far from the place"),
}  # fmt: skip
STATE_WORDS: dict[str, Any] = {
    "open": _l("To be looked at"), "in_order": _l("Looked at, nothing wrong"), "not_in_order": _l("Looked at, something wrong"),
}  # fmt: skip
JUDGED = ("in_order", "not_in_order")


@dataclass(frozen=True)
class Limits:
    """From where on something is flagged (all [P]): settings.

    seconds: an item, on the average of a round. items: rounds with fewer say nothing about pace. bits: of 64 that differ at
    the most between two pictures of the same. photo_days: how far back pictures are compared. minute: so many of the last
    so many rounds of a duty begun at the same minute. far_m: metres, beyond what the telephone itself is unsure of.
    """

    seconds: int
    items: int
    bits: int
    photo_days: int
    minute: tuple[int, ...]
    far_m: int

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("SECONDS_PER_ITEM", "PACE_ITEMS", "SAME_PHOTO_BITS", "PHOTO_DAYS", "SAME_MINUTE", "FAR_M")
        return cls(*(config[f"SELFCHECK_{name}"] for name in names))


class SelfCheckFlag(Audited, Scoped, Stateful, Base):
    """可信度提示: one reason to look at a round; `evidence` is what it was judged by (see flags/queries.py)."""

    __tablename__ = "selfcheck_flags"
    AUDIT_NOUN = "selfcheck_flag"
    MOVES: ClassVar[Any] = {
        ("open", "in_order"): "selfcheck_flag.in_order",
        ("open", "not_in_order"): "selfcheck_flag.not_in_order",
        ("in_order", "not_in_order"): "selfcheck_flag.not_in_order",
        ("not_in_order", "in_order"): "selfcheck_flag.in_order",
    }
    __table_args__ = (
        place_key("selfcheck_flags"),
        one_of("kind", tuple(KIND_WORDS)),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint(
            "(state = 'open') = (judged_at IS NULL) AND (state = 'open') = (note IS NULL)", name="judged"
        ),
        UniqueConstraint("round_id", "kind", name="selfcheck_flags_once_key"),
        Index("selfcheck_flags_place_idx", "facility_id", "made_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    round_id: Mapped[int] = mapped_column(ForeignKey("selfcheck_rounds.id"))
    kind: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="open")
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    judged_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    judged_by: Mapped[str | None] = mapped_column(info={"silent": True})
    note: Mapped[str | None]
    round: Mapped[SelfCheckRound] = relationship(lazy="raise_on_sql")


words.name(
    "selfcheck_flag", _l("plausibility flag"),
    columns=LABELS | {"round_id": _l("Round"), "kind": _l("Reason"), "evidence": _l("Evidence"), "note": _l("Note")},
    values={"kind": KIND_WORDS, "state": STATE_WORDS},
    actions={
        "selfcheck_flag.raised": _l("Flag raised"), "selfcheck_flag.in_order": _l("Looked at: nothing wrong"),
        "selfcheck_flag.not_in_order": _l("Looked at: something wrong"),
    },
)  # fmt: skip
catalogue(
    {
        "selfcheck_flag.twice": (409, _l("This round was flagged for that reason already.")),
        "selfcheck_flag.half": (409, _l("Whoever looked at a flag says what they found. Write a note.")),
    },
    {
        "selfcheck_flags_kind_check": "selfcheck.word_unknown",
        "selfcheck_flags_state_check": "selfcheck.word_unknown",
        "selfcheck_flags_judged_check": "selfcheck_flag.half",
        "selfcheck_flags_once_key": "selfcheck_flag.twice",
    },
)
