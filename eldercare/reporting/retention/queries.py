"""What is kept until when, what is due, what nobody needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, tuple_
from sqlalchemy.dialects.postgresql import array

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import Report
from eldercare.reporting.retention.models import MOST, UNOFFICIAL

HELD = and_(Report.keep_until.is_not(None), Report.file_removed_at.is_(None))
EDITION = (Report.kind, Report.period, Report.place, Report.subject, Report.edition)  # its languages live together


@dataclass(frozen=True)
class Standing:
    """How things stand: files that are kept, of them due, records whose file is gone, the first day a file falls due."""

    held: int
    due: int
    gone: int
    first_on: date | None

    @property
    def due_from(self) -> date | None:
        """The day the first of them is due."""
        return self.first_on + timedelta(days=1) if self.first_on else None


def kept(scope: Scope, language: str) -> Select[Any]:
    """The official records in reach, with the name of their place."""
    return reporting.reports(scope, language).where(Report.keep_until.is_not(None))


def is_due() -> ColumnElement[bool]:
    """Its years are over, and nobody keeps it longer."""
    return and_(HELD, Report.keep_until < calendar.today())


def standing_in(which: str) -> ColumnElement[bool]:
    """due, held, longer (than its years, by somebody's word), gone."""
    ways = {"due": is_due(), "held": HELD, "longer": and_(HELD, Report.keep_reason.is_not(None)),
            "gone": Report.file_removed_at.is_not(None)}  # fmt: skip
    return ways[which]


def ending(days: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Kept until a day between two."""
    first, last = days
    return and_(*([Report.keep_until >= first] if first else []), *([Report.keep_until <= last] if last else []))


def standing(scope: Scope) -> Standing:
    """How things stand in reach."""
    counts = (func.count().filter(HELD), func.count().filter(is_due()), func.count(Report.file_removed_at))
    query = scope.columns(Report, *counts, func.min(Report.keep_until).filter(HELD))
    held, due, gone, first = db.session.execute(query.where(Report.keep_until.is_not(None))).one()
    return Standing(held, due, gone, first)


def asked(scope: Scope) -> Select[Any]:
    """What filters are laid on to tell which editions an act is about."""
    return (
        scope.columns(Report, *EDITION)
        .outerjoin(Township, Township.id == Report.township_id)
        .outerjoin(Facility, (Facility.id == Report.facility_id) & scope.where(Facility))
        .where(Report.keep_until.is_not(None), reporting.is_ones_own(scope))
    )


def editions(narrowed: Select[Any], *also: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    """The editions a filtered list holds: as many as one act takes, and one more where there are more."""
    query = narrowed.where(*also).order_by(None).distinct().limit(MOST + 1)
    return [tuple(row) for row in db.session.execute(query)]


def files_of(scope: Scope, chosen: Sequence[tuple[Any, ...]]) -> int:
    """How many files some editions have, in every language."""
    query = scope.columns(Report, func.count()).where(HELD, tuple_(*EDITION).in_(chosen))
    return int(db.session.scalar(query) or 0) if chosen else 0


def lock(scope: Scope, chosen: Sequence[tuple[Any, ...]]) -> list[Report]:
    """The rows of some editions that still have their file, held against whoever keeps them longer or removes them."""
    query = scope.select(Report).options(*reporting.light()).where(HELD, tuple_(*EDITION).in_(chosen))
    held = query.order_by(Report.id).with_for_update(of=Report).execution_options(populate_existing=True)
    return list(db.session.scalars(held)) if chosen else []


def needed(scope: Scope, digests: Sequence[str], but: Sequence[int]) -> set[str]:
    """Those of some files that another report hands out as well: the same bytes are kept once."""
    query = scope.columns(Report, Report.pdf_sha256).where(
        Report.pdf_sha256.in_(digests), Report.id.not_in(but), Report.file_removed_at.is_(None)
    )
    return set(db.session.scalars(query))


def photos_of(scope: Scope, ids: Sequence[int]) -> set[str]:
    """The small pictures that some reports show and no other report that has its file."""
    shown: Any = Report.dataset["photos"]
    found = {each for row in db.session.scalars(scope.columns(Report, shown).where(Report.id.in_(ids))) for each in row or ()}
    if not found:
        return found
    others = (Report.id.not_in(ids), Report.file_removed_at.is_(None), shown.has_any(array(found)))
    return found - {each for row in db.session.scalars(scope.columns(Report, shown).where(*others)) for each in row}


# ---- what goes of itself --------------------------------------------------------------------------


def abandoned(scope: Scope, drafts_before: datetime, adhoc_before: datetime) -> list[Report]:
    """Nobody's official record, and old: drafts with a later edition, papers drawn to be looked at, ad-hoc reports.

    A draft stays while it is the newest edition of its period: it may still be waiting for its review.
    """
    report = (Report.kind, Report.period, Report.place, Report.subject)
    later = scope.columns(Report, *report, func.max(Report.edition).label("edition")).group_by(*report).subquery()
    same = and_(*(getattr(later.c, column.key) == column for column in report))
    replaces = scope.columns(Report, Report.replaced_by_id).where(
        Report.replaced_by_id.is_not(None), or_(Report.made_at >= adhoc_before, Report.kind.not_in(UNOFFICIAL))
    )
    last = func.greatest(Report.made_at, Report.texts_at, Report.returned_at)
    draft = and_(Report.state == "draft", last < drafts_before, Report.edition < later.c.edition)
    own = and_(Report.person_id.is_not(None), last < drafts_before)
    adhoc = and_(Report.kind.in_(UNOFFICIAL), Report.made_at < adhoc_before, Report.id.not_in(replaces))
    query = scope.select(Report).options(*reporting.light()).join(later, same)
    return list(db.session.scalars(query.where(Report.keep_until.is_(None), or_(draft, own, adhoc)).order_by(Report.id)))


def files_of_jobs(scope: Scope, before: datetime) -> list[Run]:
    """Jobs done before a moment whose file is still kept."""
    query = scope.select(Run).where(Run.finished_at < before, Run.result.has_key("file"))
    return list(db.session.scalars(query))


def files_still_needed(scope: Scope, digests: list[str], but: list[int]) -> set[str]:
    """Those of some files that another job hands out as well: the same bytes are kept once."""
    asked: Any = Run.result["file"].astext
    others = (Run.result.has_key("file"), asked.in_(digests), Run.id.not_in(but))
    return set(db.session.scalars(scope.columns(Run, asked).where(*others)))
