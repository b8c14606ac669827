"""The list of residents by what carers must watch, and how health is put into words."""

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import column

from eldercare.core import calendar, words
from eldercare.core.columns import wire
from eldercare.core.filters import Pairs
from eldercare.core.listing import Badge, Choice, Column, Listing
from eldercare.core.secrets import mask_name
from eldercare.residents import listing as people
from eldercare.residents.health.models import (
    AIDS,
    ALLERGY_KINDS,
    BLOOD_TYPES,
    DEVICES,
    DIETS,
    LEVELS,
    MEASURES,
    MOBILITY,
    OCCASIONS,
    PAPERS,
    PRECAUTIONS,
    PRIVATE,
    RISKS,
    SEVERITIES,
    SIGNS,
    TEXTURES,
    WATCH,
)

__all__ = [
    "AIDS",
    "ALLERGY_KINDS",
    "BLOOD_TYPES",
    "DEVICES",
    "DIETS",
    "LEVELS",
    "MEASURES",
    "MOBILITY",
    "OCCASIONS",
    "PAPERS",
    "PRECAUTIONS",
    "PRIVATE",
    "RISKS",
    "SEVERITIES",
    "SIGNS",
    "TEXTURES",
    "WATCH",
]
LEVEL_TONES = {"none": "quiet", "some": "watch", "high": "bad"}
SEVERITY_TONES = {"mild": "watch", "severe": "bad", "life_threatening": "bad"}


def required() -> list[str]:
    """The papers a file must hold."""
    return [kind for kind in current_app.config["RESIDENT_PAPERS"].split(",") if kind]


def watch_level() -> str:
    """From which level a risk puts somebody on a watch-list."""
    return str(current_app.config["RISK_WATCH_LEVEL"])


def intervals() -> dict[str, int]:
    """How long a risk assessment holds, in months."""
    return {"months": current_app.config["RISK_MONTHS"], "months_high": current_app.config["RISK_MONTHS_HIGH"]}


def level_badge(level: str) -> Badge:
    """A risk's level as people see it."""
    return Badge(LEVELS[level], LEVEL_TONES[level])  # type: ignore[arg-type]


def severity_badge(severity: str) -> Badge:
    """How grave an allergy is."""
    return Badge(SEVERITIES[severity], SEVERITY_TONES[severity])  # type: ignore[arg-type]


def named(codes: Any, known: Any) -> str | None:
    """Codes in words, or None for none."""
    return _(", ").join(str(known.get(code, code)) for code in codes) or None


def blood(profile: Any) -> str | None:
    """Blood type with its factor."""
    if profile is None or not profile.blood_type:
        return None
    return f"{BLOOD_TYPES[profile.blood_type]}{', ' + _('Rh negative') if profile.rh_negative else ''}"


def care_level(code: Any) -> Any:
    """A tier of care in words; a home's own word as it is."""
    return people.say("care_level", code)


def papers_line(missing: list[str]) -> str:
    """How the papers a file must hold stand."""
    return _("missing: %(papers)s", papers=named(missing, PAPERS)) if missing else _("all there")


def due_badge(next_due_on: Any) -> Badge:
    """When the next risk assessment is due."""
    if next_due_on is None:
        return Badge(_l("Never assessed"), "bad")
    left = (next_due_on - calendar.today()).days
    if left < 0:
        return Badge(_("overdue for %(days)d days", days=-left), "bad")
    return Badge(_("in %(days)d days", days=left), "watch" if left <= 30 else "good")


def watch_words(codes: Any) -> str | None:
    """Watch-lists in words."""
    return _(", ").join(str(WATCH[code][0]) for code in codes) or None


# ---- the list -----------------------------------------------------------------------------------


def _codes(row: Any) -> list[str]:
    return [code for code in WATCH if getattr(row, f"watch_{code}")]


def _papers(row: Any) -> str:
    return f"{row.papers}/{len(required())}"


def _due(value: str) -> Any:
    due, day = column("next_due_on"), calendar.today()
    if value == "never":
        return due.is_(None)
    return due < day if value == "overdue" else due.between(day, day + timedelta(days=30))


RESIDENTS = Listing(
    name="health",
    title=_l("Health and risks"),
    ident=column("id"),
    link=lambda row: f"/residents/{row.id}/health",
    columns=(
        Column("name", _l("Full name"), value=lambda row: mask_name(row.name), masked=True, detail=people.sex_and_age),
        Column("facility", _l("Care home"), sort=column("facility")),
        Column("watch", _l("Watch-lists"), value=lambda row: watch_words(_codes(row)), width="wide"),
        Column("allergies", _l("Allergies"), kind="number", value=lambda row: row.allergies or None, sort=column("allergies")),
        Column("care_level", _l("Care level"), value=lambda row: care_level(row.care_level), spare=True),
        Column("papers", _l("Papers"), value=_papers, sort=column("papers"), width="narrow", spare=True),
        Column(
            "due",
            _l("Next risk assessment"),
            kind="badge",
            value=lambda row: due_badge(row.next_due_on),
            sort=column("next_due_on"),
        ),
    ),
    filters=(
        Choice("facility", _l("Care home"), where=lambda value: column("facility_id") == int(value)),
        Choice(
            "watch",
            _l("Watch-list"),
            choices=lambda: [("any", _l("on any list")), *((code, each[0]) for code, each in WATCH.items())],
            where=lambda code: column("watched") if code == "any" else column(f"watch_{code}"),
        ),
        Choice(
            "due",
            _l("Risk assessment"),
            where=_due,
            choices=(("overdue", _l("overdue")), ("soon", _l("within 30 days")), ("never", _l("never assessed"))),
        ),
        Choice(
            "papers",
            _l("Papers of the file"),
            choices=(("missing", _l("papers missing")),),
            where=lambda _value: column("papers") < len(required()),
        ),
        Choice(
            "allergies", _l("Allergies"), choices=(("some", _l("with allergies")),), where=lambda _value: column("allergies") > 0
        ),
    ),
    order=(column("next_due_on").asc().nulls_first(),),
    json=("id", "facility"),
    empty_title=_l("Nobody in a home to show"),
    empty_why=_l("Residents appear here when they live in a home within your duties."),
)


def row_as_json(row: Any) -> dict[str, Any]:
    """A line of the list at the wire."""
    return {
        "id": row.id,
        "name": mask_name(row.name),
        "facility_id": row.facility_id,
        "watch_lists": _codes(row),
        "allergies": row.allergies,
        "care_level": row.care_level,
        "papers": row.papers,
        "assessed_on": wire(row.assessed_on),
        "next_due_on": wire(row.next_due_on),
    }


def choices(homes: list[tuple[str, str]]) -> dict[str, Pairs]:
    """What the filters offer that depends on the reach."""
    return {"facility": homes}


words.name(
    "health_profile",
    _l("health profile"),
    actions={
        "health.exported": _l("List of health and risks exported"),
        "health_profile.begun": _l("Health profile begun"),
        "health_profile.corrected": _l("Health profile corrected"),
        "health_profile.notes_written": _l("Hidden notes on health written"),
        "health_profile.none_known": _l("Asked: no allergy known"),
        "health.looked": _l("Hidden notes on health looked at"),
        "health.card_shown": _l("Card for an ambulance shown"),
    },
    columns={
        "blood_type": _l("Blood type"),
        "rh_negative": _l("Rh negative"),
        "mobility": _l("Mobility"),
        "aids": _l("Aids"),
        "texture": _l("Texture of the food"),
        "diets": _l("Diet"),
        "devices": _l("Oxygen and tubes"),
        "precautions": _l("Precautions against infection"),
        "hospital": _l("Hospital"),
        "doctor": _l("Doctor"),
        "doctor_phone": _l("Telephone of the doctor"),
        "no_allergies_on": _l("No allergy known on"),
        **PRIVATE,
    },
    values={
        "blood_type": BLOOD_TYPES,
        "mobility": MOBILITY,
        "aids": AIDS,
        "texture": TEXTURES,
        "diets": DIETS,
        "devices": DEVICES,
        "precautions": PRECAUTIONS,
    },
)
words.name(
    "allergy",
    _l("allergy"),
    actions={"allergy.added": _l("Allergy added"), "allergy.ended": _l("Allergy taken away")},
    columns={
        "kind": _l("Kind"),
        "substance": _l("What the person is allergic to"),
        "reaction": _l("Reaction"),
        "severity": _l("Severity"),
        "noted_on": _l("Noted on"),
        "ended_on": _l("Ended on"),
    },
    values={"kind": ALLERGY_KINDS, "severity": SEVERITIES},
)
words.name(
    "risk_assessment",
    _l("risk assessment"),
    actions={"risk_assessment.made": _l("Risks assessed"), "risk_assessment.voided": _l("Risk assessment declared void")},
    columns={
        "occasion": _l("Occasion"),
        "assessed_on": _l("Assessed on"),
        "assessor": _l("Assessor"),
        "levels": _l("Levels"),
        "measures": _l("Measures"),
        "signs": _l("Observed"),
        "next_due_on": _l("Next risk assessment"),
        "is_void": _l("Void"),
        "note": _l("Note"),
        **RISKS,
    },
    values={
        "occasion": OCCASIONS,
        "signs": SIGNS,
        **dict.fromkeys(RISKS, LEVELS | {c: w for each in MEASURES.values() for c, w in each.items()}),
    },
)
words.name(
    "care_level",
    _l("care level"),
    actions={"care_level.set": _l("Care level set"), "resident.care_level_followed": _l("Care level of the register follows")},
    columns={"care_level": _l("Care level"), "starts_on": _l("From"), "reason": _l("Reason")},
    values={"care_level": people.WORDS["care_level"]},
)
words.name("resident", _l("older person"), values={"care_level": people.WORDS["care_level"]})
