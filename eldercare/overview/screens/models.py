"""Wall screens: which place they show, who answers for them, how they were connected.

A code is typed in once at the screen; from then on its browser holds a token that opens this one page and nothing else.
Both are kept as hashes. What a screen shows is what its maker may see today: it ends with their right to have one.
"""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.accounts.models import User
from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.facilities.models import Township

MAP_WORDS: dict[str, Any] = {  # what colours the map
    "hazards": _l("Hazards not put right"), "occupancy": _l("Occupancy"), "elders": _l("Older people"),
}  # fmt: skip


class WallScreen(Audited, Base):
    """大屏: one screen on a wall."""

    __tablename__ = "wall_screens"
    AUDIT_NOUN = "screen"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    place_township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"), index=True)  # None: the whole district
    shows: Mapped[str] = mapped_column(default="hazards")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    code_hash: Mapped[str | None] = mapped_column(unique=True, info={"mask": "hide"})
    code_until: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(unique=True, info={"mask": "hide"})
    connected_at: Mapped[datetime | None]
    connected_from: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    made_by: Mapped[User] = relationship(lazy="joined")
    place: Mapped[Township | None] = relationship(lazy="joined")

    def standing(self, moment: datetime) -> str:
        """One of: waiting (for its code), expired (the code), connected, silent (for ten minutes), over, revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.token_hash is None:
            return "waiting" if moment < self.code_until else "expired"
        if self.expires_at is not None and self.expires_at <= moment:
            return "over"
        seen = self.last_seen_at or self.connected_at
        return "connected" if seen and (moment - seen).total_seconds() < 600 else "silent"


words.name(
    "screen", _l("wall screen"),
    actions={"screen.made": _l("Wall screen set up"), "screen.connected": _l("Wall screen connected"),
             "screen.revoked": _l("Wall screen disconnected")},
    columns={"name": _l("Name"), "place_township_id": _l("Township"), "shows": _l("The map shows"),
             "connected_from": _l("Connected from")},
    values={"shows": MAP_WORDS},
)  # fmt: skip
catalogue(
    {
        "screen.code_wrong": (422, _l("This code is wrong or no longer good. Ask for a new one where the screen was set up.")),
        "screen.revoked": (409, _l("This screen has been disconnected already.")),
        "screen.taken": (409, _l("This code exists already. Set the screen up again.")),
        "screen.place_wrong": (422, _l("Choose a place within your reach.")),
    },
    {"wall_screens_code_hash_key": "screen.taken", "wall_screens_token_hash_key": "screen.taken"},
)
