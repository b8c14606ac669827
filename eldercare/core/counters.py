"""Numbers given one after another within a year: orders, records of visits, batches of draws.

A row and no sequence: whoever takes a number holds the row to the end of the transaction, and what is rolled back gives its
number back, so that a year's numbers have no gap that would look like a paper gone missing.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core.db import Base, db
from eldercare.core.errors import catalogue


class Counter(Base):
    """The last number of a series (`name`) given in a year."""

    __tablename__ = "counters"
    __table_args__ = (CheckConstraint("last > 0", name="last"),)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def next_of(name: str, year: int) -> int:
    """The next number of a series in a year, from 1 on."""
    statement = insert(Counter).values(name=name, year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=["name", "year"], set_={"last": Counter.last + 1})
    number: int = db.session.execute(statement.returning(Counter.last)).scalar_one()
    return number


catalogue(
    {"counter.taken": (409, _l("Somebody was given this number at the same moment. Send it again."))},
    {"counters_last_check": "counter.taken"},
)
