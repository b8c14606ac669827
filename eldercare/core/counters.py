"""Numbers given one after another within a year: orders, records of visits, batches of draws, issues of reports.

A row and no sequence: whoever takes a number holds the row to the end of the transaction, and what is rolled back gives its
number back, so that a year's numbers have no gap that would look like a paper gone missing.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Text, select
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


def last_of(name: str, year: int) -> int:
    """The last number given, held by nobody: what comes next may be taken by the time it is wanted."""
    return db.session.scalar(select(Counter.last).where(Counter.name == name, Counter.year == year)) or 0


def reach(name: str, year: int, number: int) -> bool:
    """Move a series on to a number and hold it; False where it stands there already, or further."""
    statement = insert(Counter).values(name=name, year=year, last=number).on_conflict_do_update(
        index_elements=["name", "year"], set_={"last": number}, where=Counter.last < number
    )
    return db.session.execute(statement.returning(Counter.last)).scalar() is not None


catalogue(
    {"counter.taken": (409, _l("Somebody was given this number at the same moment. Send it again."))},
    {"counters_last_check": "counter.taken"},
)
