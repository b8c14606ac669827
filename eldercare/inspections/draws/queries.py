"""Reads of draws. The whole district sees all; others, and the public, what the wall leaves: what is committed or out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer, Recusal
from eldercare.accounts.officers.queries import in_force, officers
from eldercare.checklists.models import Checklist, ChecklistVersion
from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.hazards.credit import queries as credit
from eldercare.hazards.credit.models import DEFAULT
from eldercare.inspections.draws.models import PUBLIC_STATES, Draw, DrawAnnouncement, DrawPaper, DrawReplacement
from eldercare.inspections.models import Visit, VisitOfficer
from eldercare.inspections.plans import queries as plans
from eldercare.inspections.plans.models import Terms
from eldercare.inspections.queries import untold, visits


def draws(scope: Scope) -> Select[Any]:
    """Every draw, the newest batch first."""
    return scope.select(Draw).order_by(Draw.batch.desc())


def published(scope: Scope) -> list[Draw]:
    """What the public may see, the newest first: committed, drawn, void."""
    return list(db.session.scalars(draws(scope).where(Draw.state.in_(PUBLIC_STATES))))


def draw(scope: Scope, draw_id: int) -> Draw:
    """One draw; 404."""
    return scope.get(Draw, draw_id)


def by_batch(scope: Scope, batch: str) -> Draw | None:
    """The draw of a batch, if it may be seen."""
    return db.session.scalars(scope.select(Draw).where(Draw.batch == batch)).one_or_none()


def public_draw(scope: Scope, batch: str) -> Draw:
    """The draw of a batch as the public may see it; 404."""
    found = by_batch(scope, batch)
    return found if found is not None and found.state in PUBLIC_STATES else scope.get(Draw, 0)


def of_day(scope: Scope, draw_id: int) -> list[Visit]:
    """The visits in reach that a draw made, by day."""
    query = visits(scope).where(Visit.draw_id == draw_id).order_by(Visit.planned_on, Visit.id)
    return list(db.session.scalars(query))


def paper(scope: Scope, draw_id: int) -> DrawPaper | None:
    """The frozen texts, where the wall lets them be read: to the district, and to anybody once published."""
    return db.session.scalars(scope.select(DrawPaper).where(DrawPaper.draw_id == draw_id)).one_or_none()


def replacements(scope: Scope, draw_id: int) -> list[DrawReplacement]:
    """What took a closed place's place, in order."""
    query = scope.select(DrawReplacement).where(DrawReplacement.draw_id == draw_id)
    return list(db.session.scalars(query.order_by(DrawReplacement.seq)))


def announcements(scope: Scope, draw_id: int) -> list[DrawAnnouncement]:
    """The drawn places whose notice is due, each with its editions in order."""
    query = scope.select(DrawAnnouncement).where(DrawAnnouncement.draw_id == draw_id)
    return list(db.session.scalars(query.order_by(DrawAnnouncement.rank, DrawAnnouncement.edition)))


def history(scope: Scope, draw_id: int) -> list[AuditEntry]:
    """What happened to a draw, newest first."""
    return list(db.session.scalars(audit.history(scope, "draw", draw_id)))


def makers(scope: Scope, row: Draw) -> set[int | None]:
    """Who planned a draw or changed its plan, as the log has it: none of them approves it (§5.6 (1))."""
    return {row.author_id, *db.session.scalars(audit.doers(scope, "draw", [row.id], ("draw.planned", "draw.changed")))}


def usual_weights(scope: Scope) -> dict[str, str]:
    """{class: weight} as the credit classes say today, for new plans; a place without a class weighs like the usual one."""
    weights = {letter: f"{each.weight.normalize():f}" for letter, each in credit.classes(scope).items()}
    return weights | {"none": weights[DEFAULT]}


# ---- what is frozen -----------------------------------------------------------------------------


def eligible(scope: Scope, of: Draw) -> list[Facility]:
    """The places in operation that a plan covers, by id, with their townships."""
    query = scope.select(Facility).options(joinedload(Facility.township)).where(
        Facility.state == "operating", Facility.facility_type.in_(of.facility_types)
    )  # fmt: skip
    if of.townships:
        query = query.join(Township, Township.id == Facility.township_id).where(Township.code.in_(of.townships))
    if of.classes:
        query = query.where(func.coalesce(Facility.credit_class, "none").in_(of.classes))
    return list(db.session.scalars(query.order_by(Facility.id)))


def places(scope: Scope, of: Draw, terms: Terms, day: date) -> tuple[list[Facility], list[Facility]]:
    """The library of places: those that can be drawn, and those left out, which have all the checks of a year they may (§5.5).

    What is planned counts. In a period over New Year who is full in either year is left out: no day is known before the draw.
    """
    years = range(max(of.starts_on, day).year, of.ends_on.year + 1)
    full = {place for year in years for place in plans.at_their_cap(scope, year, terms, day)}
    covered = eligible(scope, of)
    return [each for each in covered if each.id not in full], [each for each in covered if each.id in full]


def library(scope: Scope, first: date, last: date) -> list[Officer]:
    """The officers whose certificate counts on some day of a period, by id."""
    query = officers(scope).where(or_(in_force(first), in_force(last)), User.is_enabled)
    return list(db.session.scalars(query.order_by(Officer.id)))


def avoidances(scope: Scope, facility_ids: Sequence[int], first: date, last: date) -> list[Recusal]:
    """What the officers avoid in a period; why, is nobody else's business."""
    query = scope.select(Recusal).where(
        Recusal.facility_id.in_(facility_ids), Recusal.starts_on <= last,
        func.coalesce(Recusal.ends_on, last) >= first,
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Recusal.officer_id, Recusal.facility_id, Recusal.starts_on)))


def last_teams(scope: Scope, facility_ids: Sequence[int]) -> list[dict[str, Any]]:
    """[{"object", "officers"}]: who was at each place the last time. Case checks and their rechecks stay unknown."""
    newest = (
        scope.columns(Visit, Visit.id).ext(distinct_on(Visit.facility_id))
        .where(Visit.facility_id.in_(facility_ids), Visit.state == "sent", ~untold())
        .order_by(Visit.facility_id, Visit.planned_on.desc(), Visit.id.desc())
    )  # fmt: skip
    pair = (VisitOfficer.facility_id, VisitOfficer.officer_id)
    found: dict[int, list[int]] = {}
    query = scope.columns(VisitOfficer, *pair).where(VisitOfficer.visit_id.in_(newest))
    for facility_id, officer_id in db.session.execute(query.order_by(*pair)):
        found.setdefault(facility_id, []).append(officer_id)
    return [{"object": place, "officers": team} for place, team in found.items()]


def versions(scope: Scope, items: Sequence[Any]) -> list[ChecklistVersion]:
    """The versions a frozen plan names: what was frozen is filled in, whatever was published since."""
    named = [tuple_(Checklist.code, ChecklistVersion.number).in_([(each["list"], each["version"]) for each in items])]
    query = scope.select(ChecklistVersion).join(Checklist, Checklist.id == ChecklistVersion.checklist_id).where(*named)
    return list(db.session.scalars(query.order_by(ChecklistVersion.id)))


# ---- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A draw as it stood at the end of a day: places drawn, visits of it made by then, their results public by then."""

    batch: str
    title: str
    drawn_on: date
    eligible: int
    picked: int
    is_void: bool
    is_public: bool
    made: int
    published: int


def standings(scope: Scope, first: date, last: date) -> list[Standing]:
    """The draws made by a day whose visits fall, wholly or in part, into the period, or that were made in it; by batch."""
    of_visits = (
        scope.columns(
            Visit, Visit.draw_id, func.count().filter(and_(Visit.state == "sent", Visit.planned_on <= last)).label("made"),
            func.count().filter(_local(Visit.published_at) <= last).label("published"),
        )
        .where(Visit.draw_id.is_not(None))
        .group_by(Visit.draw_id)
        .subquery()
    )  # fmt: skip
    drawn_on = _local(Draw.drawn_at)
    query = (
        scope.columns(
            Draw, Draw.batch, Draw.title, drawn_on, func.coalesce(Draw.eligible, 0), func.coalesce(Draw.picked, 0),
            Draw.state == "void", func.coalesce(_local(Draw.published_at) <= last, False),
            func.coalesce(of_visits.c.made, 0), func.coalesce(of_visits.c.published, 0),
        )
        .outerjoin(of_visits, of_visits.c.draw_id == Draw.id)
        .where(drawn_on <= last, or_(drawn_on >= first, and_(Draw.starts_on <= last, Draw.ends_on >= first)))
        .order_by(Draw.batch)
    )  # fmt: skip
    return [Standing(*row) for row in db.session.execute(query)]


def _local(moment: Any) -> Any:
    return func.date(func.timezone("Asia/Shanghai", moment))
