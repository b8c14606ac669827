"""Choices somebody keeps under a name: the address of the form, filled in."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar
from eldercare.core.db import Base
from eldercare.core.errors import catalogue

MOST = 30  # names a person keeps
LONGEST = 40


class Preset(Base):
    """One person's choice: `query` is what stands behind the ? of the form's address."""

    __tablename__ = "report_presets"
    __table_args__ = (
        UniqueConstraint("person_id", "name"),
        CheckConstraint(f"name <> '' AND length(name) <= {LONGEST}", name="name"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    query: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)


catalogue(
    {
        "adhoc.no_parts": (422, _l("No part is chosen. Tick at least one.")),
        "adhoc.period_needed": (422, _l("Choose a period, or the months from and to.")),
        "adhoc.period_backwards": (422, _l("It ends before it begins. Choose a later last month.")),
        "adhoc.period_long": (422, _l("Too long: %(most)s months at most.")),
        "adhoc.one_or_several": (422, _l("Choose one place above, or several townships here, not both.")),
        "adhoc.place_needed": (422, _l("Choose a place.")),
        "adhoc.nothing_applies": (409, _l("None of the chosen parts says anything about this place. Choose others.")),
        "adhoc.name_needed": (422, _l("Give the choices a name of at most %(most)s characters.")),
        "adhoc.name_taken": (409, _l("You keep choices under this name already. Forget those first, or take another name.")),
        "adhoc.too_many": (409, _l("You keep %(most)s choices already. Forget one first.")),
    },
    {"report_presets_person_id_name_key": "adhoc.name_taken", "report_presets_name_check": "adhoc.name_needed"},
)
