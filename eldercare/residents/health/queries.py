"""Reads of what carers must know: profiles, allergies, risks, watch-lists, care levels, papers, what is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, and_, any_, bindparam, case, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from eldercare.core import alerts, attachments
from eldercare.core.attachments import Attachment
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.residents.dossier import queries as dossier
from eldercare.residents.health.models import (
    RISK_DUE,
    SAFE_TEXTURES,
    WATCH,
    Allergy,
    CareLevel,
    HealthProfile,
    RiskAssessment,
)
from eldercare.residents.models import Contact, Resident

R, H = Resident, HealthProfile


def _levels_from(level: str) -> tuple[str, ...]:
    return ("high",) if level == "high" else ("some", "high")


def _latest(scope: Scope, day: date) -> Any:
    """Each resident's risk assessment in force on a day, as a subquery."""
    theirs = RiskAssessment
    query = scope.columns(
        theirs, theirs.id, theirs.resident_id, theirs.assessed_on, theirs.next_due_on, theirs.levels, theirs.signs
    ).where(~theirs.is_void, theirs.assessed_on <= day)
    by_day = query.ext(distinct_on(theirs.resident_id)).order_by(theirs.resident_id, theirs.assessed_on.desc(), theirs.id.desc())
    return by_day.subquery("risk")


def on_lists(risk: Any, level: str) -> dict[str, ColumnElement[bool]]:
    """Each watch-list (domain.md §3.4) as a condition on a resident, their profile and their risks."""

    def sign(code: str) -> ColumnElement[bool]:
        return literal(code) == any_(risk.c.signs)

    def at_risk(code: str) -> ColumnElement[bool]:
        judged: ColumnElement[bool] = risk.c.levels[code].astext.in_(_levels_from(level))
        return judged

    found = {
        "bedridden": or_(H.mobility == "bedridden", sign("bedridden")),
        "swallowing": or_(at_risk("choking"), H.texture.not_in(SAFE_TEXTURES)),
        "elopement": and_(R.dementia, at_risk("elopement")),
        "falls": sign("fell"),
        "suicidal": sign("suicidal"),
        "devices": func.cardinality(H.devices) > 0,
    }
    return {code: func.coalesce(found[code], False) for code in WATCH}


def risk_then(reach: Scope, day: Any) -> Any:
    """The risk assessment of one resident in force on a day, to be joined laterally: an index look-up a person."""
    theirs = RiskAssessment
    query = reach.columns(theirs, theirs.levels, theirs.signs).where(
        theirs.resident_id == R.id, ~theirs.is_void, theirs.assessed_on <= day
    )
    return query.order_by(theirs.assessed_on.desc(), theirs.id.desc()).limit(1).correlate(R).lateral("risk")


@lru_cache(maxsize=256)
def _watching(reach: Scope, level: str) -> Select[Any]:
    risk = risk_then(reach, bindparam("day", type_=Date))
    lists, people = on_lists(risk, level), bindparam("people", type_=ARRAY(BigInteger))
    query = (
        reach.columns(R, R.id, *(each.label(code) for code, each in lists.items()))
        .outerjoin(risk, true())
        .outerjoin(H, and_(H.resident_id == R.id, reach.where(H)))
        .where(R.id == any_(people), or_(*lists.values()))
    )
    return query.execution_options(prepared=True)


def watch_lists(scope: Scope, resident_ids: Iterable[int], day: date, level: str = "some") -> dict[int, list[str]]:
    """Which watch-lists residents within reach are on, by resident id; who is on none is not in it.

    Codes of `models.WATCH` in its order. `level`: the setting risk_watch_level. Newly admitted and back from
    hospital are a stay's business: `beds.queries.watch_lists` tells both.
    """
    rows = db.session.execute(_watching(scope.reach, level), {"people": list(resident_ids), "day": day})
    return {row.id: [code for code in WATCH if getattr(row, code)] for row in rows}


# ---- one resident -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Health:
    """What is known of one resident."""

    profile: HealthProfile | None
    allergies: list[Allergy]  # in force, the gravest first
    risks: list[RiskAssessment]  # newest first
    care_levels: list[CareLevel]  # newest first

    @property
    def risk(self) -> RiskAssessment | None:
        """The risk assessment in force."""
        return next((each for each in self.risks if not each.is_void), None)


def health(scope: Scope, resident_id: int) -> Health:
    """Everything known of a resident; ask for the resident first: it proves the reach."""

    def theirs(model: Any, *order: Any) -> list[Any]:
        return list(db.session.scalars(scope.select(model).where(model.resident_id == resident_id).order_by(*order)))

    profile, allergies = known_allergies(scope, resident_id)
    return Health(
        profile,
        allergies,
        theirs(RiskAssessment, RiskAssessment.assessed_on.desc(), RiskAssessment.id.desc()),
        theirs(CareLevel, CareLevel.starts_on.desc()),
    )


def allergies_of(scope: Scope, resident_ids: Iterable[int]) -> dict[int, list[Allergy]]:
    """The allergies in force of many residents by resident id, the gravest first; who has none is not in it."""
    gravity = case((Allergy.severity == "life_threatening", 0), (Allergy.severity == "severe", 1), else_=2)
    query = scope.select(Allergy).where(Allergy.resident_id.in_(list(resident_ids)), Allergy.ended_on.is_(None))
    found: dict[int, list[Allergy]] = {}
    for each in db.session.scalars(query.order_by(gravity, Allergy.substance)):
        found.setdefault(each.resident_id, []).append(each)
    return found


def care_level_on(scope: Scope, resident_id: int, day: date) -> CareLevel | None:
    """The tier of care in force on a day."""
    query = scope.select(CareLevel).where(CareLevel.resident_id == resident_id, CareLevel.starts_on <= day)
    return db.session.scalars(query.order_by(CareLevel.starts_on.desc()).limit(1)).first()


def known_allergies(scope: Scope, resident_id: int) -> tuple[HealthProfile | None, list[Allergy]]:
    """One resident's profile (it tells whether somebody asked) and allergies in force."""
    profile = db.session.scalars(scope.select(H).where(H.resident_id == resident_id)).one_or_none()
    return profile, allergies_of(scope, [resident_id]).get(resident_id, [])


def missing_papers(papers: Iterable[Attachment], required: Iterable[str]) -> list[str]:
    """The kinds of paper a file must hold (the setting resident_papers) and does not."""
    there = {each.kind for each in papers}
    return [kind for kind in required if kind not in there]


def contacts(scope: Scope, resident_id: int) -> list[Contact]:
    """Whom to call, guardians after emergency contacts, in their order."""
    query = scope.select(Contact).where(Contact.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(Contact.kind, Contact.position, Contact.id)))


def history(scope: Scope, resident_id: int, most: int = 40) -> list[AuditEntry]:
    """What happened to a resident's health record and papers, newest first."""
    ways = []
    for model in (H, Allergy, RiskAssessment, CareLevel):
        ids = scope.columns(model, model.id).where(model.resident_id == resident_id)
        ways.append(and_(AuditEntry.entity == model.AUDIT_NOUN, AuditEntry.entity_id.in_(ids)))
    papers = scope.columns(Attachment, Attachment.id).where(Attachment.entity == "resident", Attachment.entity_id == resident_id)
    ways.append(and_(AuditEntry.entity == "attachment", AuditEntry.entity_id.in_(papers)))
    looks = AuditEntry.action.in_(["health.looked", "health.card_shown"])
    ways.append(and_(AuditEntry.entity == "resident", AuditEntry.entity_id == resident_id, looks))
    query = scope.select(AuditEntry).where(or_(*ways))
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(most)))


def of_resident(scope: Scope, model: Any, resident_id: int, row_id: int) -> Any:
    """One row of a resident's health record; 404 when it is not theirs or out of reach."""
    return dossier.of_resident(scope, model, resident_id, row_id)


# ---- many residents -----------------------------------------------------------------------------


def listed(scope: Scope, day: date, required: Iterable[str], level: str = "some") -> Select[Any]:
    """The residents of homes within reach, a light row each with watch-lists, risks, allergies and papers."""
    risk = _latest(scope, day)
    lists = on_lists(risk, level)
    own = scope.where(Allergy)
    grave = (
        select(func.count()).where(Allergy.resident_id == R.id, Allergy.ended_on.is_(None), own).correlate(R).scalar_subquery()
    )
    kinds = func.count(func.distinct(Attachment.kind))
    papers = (
        select(kinds)
        .where(
            Attachment.entity == "resident",
            Attachment.entity_id == R.id,
            Attachment.removed_at.is_(None),
            Attachment.kind.in_(list(required)),
            scope.where(Attachment),
        )
        .correlate(R)
        .scalar_subquery()
    )
    people = (
        scope.columns(
            R,
            R.id,
            R.name,
            R.sex,
            R.birth_date,
            R.died_on,
            R.facility_id,
            R.care_level,
            R.ability_level,
            Facility.name.label("facility"),
            H.texture,
            H.mobility,
            risk.c.assessed_on,
            risk.c.next_due_on,
            grave.label("allergies"),
            papers.label("papers"),
            *(each.label(f"watch_{code}") for code, each in lists.items()),
            or_(*lists.values()).label("watched"),
        )
        .join(Facility, Facility.id == R.facility_id)
        .outerjoin(risk, risk.c.resident_id == R.id)
        .outerjoin(H, H.resident_id == R.id)
        .where(R.state == "active")
    )
    return select(people.subquery("people"))


def homes(scope: Scope) -> list[tuple[str, str]]:
    """The institutions within reach, for the list's filter: (id, name)."""
    query = scope.columns(Facility, Facility.id, Facility.name).where(Facility.facility_type == "institution")
    return [(str(row.id), row.name) for row in db.session.execute(query.order_by(Facility.name))]


def risks_overdue(scope: Scope, day: date) -> dict[int, date | None]:
    """Residents of homes whose risk assessment ended before a day: resident id → its end, or None: never assessed."""
    risk = _latest(scope, day)
    query = (
        scope.columns(R, R.id, risk.c.next_due_on)
        .outerjoin(risk, risk.c.resident_id == R.id)
        .where(R.state == "active", R.facility_id.is_not(None), func.coalesce(risk.c.next_due_on < day, true()))
    )
    return {row.id: row.next_due_on for row in db.session.execute(query)}


def told_overdue(scope: Scope) -> list[Any]:
    """Open alerts about risk assessments: (resident id, home, occasion)."""
    told = alerts.Alert
    query = scope.columns(told, told.entity_id, told.facility_id, told.occasion)
    return list(db.session.execute(query.where(told.kind == RISK_DUE, told.level == "facility", told.settled_at.is_(None))))


def as_json(found: Health, watch: Iterable[str], papers: Iterable[Attachment], required: Iterable[str]) -> dict[str, Any]:
    """A resident's health at the wire: codes and days, no free text."""
    profile = found.profile
    names = ("blood_type", "rh_negative", "mobility", "aids", "texture", "diets", "devices", "precautions")
    on_file = list(papers)
    return {
        "profile": {name: getattr(profile, name) for name in names} if profile else None,
        "watch_lists": list(watch),
        "allergies": [
            {"id": each.id, "kind": each.kind, "severity": each.severity, "noted_on": each.noted_on.isoformat()}
            for each in found.allergies
        ],
        "no_allergies_on": profile.no_allergies_on.isoformat() if profile and profile.no_allergies_on else None,
        "risk_assessments": [
            {
                "id": each.id,
                "assessed_on": each.assessed_on.isoformat(),
                "occasion": each.occasion,
                "levels": each.levels,
                "measures": each.measures,
                "signs": each.signs,
                "next_due_on": each.next_due_on.isoformat(),
                "is_void": each.is_void,
            }
            for each in found.risks
        ],
        "care_levels": [{"care_level": each.care_level, "starts_on": each.starts_on.isoformat()} for each in found.care_levels],
        "papers": [attachments.as_json(each) for each in on_file],
        "papers_missing": missing_papers(on_file, required),
    }
