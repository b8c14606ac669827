"""Health profile, allergies, the nine risks of GB 38600-2019 (domain.md §3.4, §4.1), care level over time."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar
from eldercare.core.access import P
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.secrets import Sealed, SealedText
from eldercare.facilities.models import one_of
from eldercare.residents.models import WORDS, _OfResident, of_resident

BLOOD_TYPES: dict[str, Any] = {"A": _l("Type A"), "B": _l("Type B"), "AB": _l("Type AB"), "O": _l("Type O")}
MOBILITY: dict[str, Any] = {
    "alone": _l("Walks alone"),
    "aided": _l("Walks with help or an aid"),
    "wheelchair": _l("Wheelchair"),
    "bedridden": _l("Bedridden"),
}
AIDS: dict[str, Any] = {
    "stick": _l("Walking stick"),
    "frame": _l("Walking frame"),
    "wheelchair": _l("Wheelchair"),
    "lift": _l("Lift or sling"),
    "hearing_aid": _l("Hearing aid"),
    "glasses": _l("Glasses"),
    "denture": _l("Denture"),
    "prosthesis": _l("Prosthesis"),
}
TEXTURES: dict[str, Any] = {
    "ordinary": _l("Ordinary food"),
    "soft": _l("Soft food"),
    "minced": _l("Minced food"),
    "pureed": _l("Pureed food"),
    "liquid": _l("Liquid food"),
    "tube": _l("By tube only"),
}
DIETS: dict[str, Any] = {
    "low_salt": _l("Low salt"),
    "low_sugar": _l("Diabetic"),
    "low_fat": _l("Low fat"),
    "low_purine": _l("Low purine"),
    "low_protein": _l("Low protein"),
    "halal": _l("Halal"),
    "vegetarian": _l("Vegetarian"),
}
DEVICES: dict[str, Any] = {
    "oxygen": _l("Oxygen"),
    "feeding_tube": _l("Feeding tube"),
    "catheter": _l("Urinary catheter"),
    "tracheostomy": _l("Tracheostomy tube"),
    "stoma": _l("Stoma bag"),
    "drain": _l("Drain"),
    "venous_line": _l("Venous line"),
    "dialysis": _l("Dialysis"),
}
PRECAUTIONS: dict[str, Any] = {
    "none": _l("Nothing beyond the usual"),
    "contact": _l("Contact"),
    "droplet": _l("Droplets"),
    "airborne": _l("Air"),
    "blood": _l("Blood and body fluids"),
}
# what carers read only by an explicit, logged look (§2.4: health free text is hidden)
PRIVATE: dict[str, Any] = {
    "medications": _l("Medicines (name, dose, when)"),
    "infections": _l("Infectious diseases"),
    "notes": _l("Notes on health"),
}
ALLERGY_KINDS: dict[str, Any] = {
    "drug": _l("Medicine"),
    "food": _l("Food"),
    "contact": _l("Contact or material"),
    "other": _l("Other allergy"),
}
SEVERITIES: dict[str, Any] = {"mild": _l("Mild"), "severe": _l("Severe"), "life_threatening": _l("Life-threatening")}
# the nine service-safety risks (GB 38600-2019, chapter 6) and what is done against each
RISKS: dict[str, Any] = {
    "choking": _l("Choking"),
    "wrong_intake": _l("Eating or taking something by mistake"),
    "pressure_injury": _l("Pressure sores"),
    "scald": _l("Scalds"),
    "bed_fall": _l("Falling out of bed"),
    "fall": _l("Falls"),
    "harm": _l("Harm to self or others"),
    "elopement": _l("Getting lost"),
    "recreation_accident": _l("Accidents at activities"),
}
LEVELS: dict[str, Any] = {"none": _l("No risk"), "some": _l("Some risk"), "high": _l("High risk")}
MEASURES: dict[str, dict[str, Any]] = {
    "choking": {
        "texture": _l("Food cut, soft or pureed"),
        "watched_meals": _l("Somebody sits by at meals"),
        "upright": _l("Upright at meals and for 30 minutes after"),
    },
    "wrong_intake": {
        "kept_medicine": _l("Medicines kept and given by staff"),
        "locked": _l("Cleaning agents locked away"),
        "food_check": _l("Food from visitors is checked"),
    },
    "pressure_injury": {
        "turning": _l("Turned every two hours, with a record"),
        "mattress": _l("Pressure-relieving mattress"),
        "skin_check": _l("Skin looked at every day"),
    },
    "scald": {
        "water": _l("Water tested before the bath"),
        "no_bottles": _l("No hot-water bottles or heating pads"),
        "served_warm": _l("Food and drink served warm, not hot"),
    },
    "bed_fall": {
        "rails": _l("Bed rails up"),
        "low_bed": _l("Low bed, mat beside it"),
        "night_rounds": _l("More rounds at night"),
    },
    "fall": {
        "escort": _l("Accompanied when walking"),
        "shoes": _l("Non-slip shoes and floor"),
        "call_bell": _l("Call bell within reach"),
        "grab_bars": _l("Grab bars at bed and toilet"),
    },
    "harm": {
        "no_sharp": _l("No sharp or dangerous things within reach"),
        "watched": _l("Watched closely, handed over at each shift"),
        "counselling": _l("Counselling, the family is told"),
    },
    "elopement": {
        "bracelet": _l("Wears a bracelet with name and telephone"),
        "door": _l("Door alarm, the gate knows the face"),
        "accompanied": _l("Goes out only accompanied"),
    },
    "recreation_accident": {"suited": _l("Activities chosen to suit"), "staffed": _l("A member of staff stays near")},
}
SIGNS: dict[str, Any] = {
    "bedridden": _l("Cannot leave the bed"),
    "fell": _l("Fell in the last 12 months"),
    "suicidal": _l("Signs of wanting to die"),
}
OCCASIONS: dict[str, Any] = {
    "admission": _l("Before admission"),
    "regular": _l("Regular"),
    "change": _l("On a change"),
    "after_event": _l("After an incident"),
    "after_hospital": _l("Back from hospital"),
}
# watch-lists of domain.md §3.4 that follow from what is known here: code → (words, icon)
WATCH: dict[str, tuple[Any, str]] = {
    "bedridden": (_l("Bedridden"), "bed"),
    "swallowing": (_l("Swallowing risk"), "bowl"),
    "elopement": (_l("Dementia, may get lost"), "leave"),
    "falls": (_l("Fall history"), "fall"),
    "suicidal": (_l("Signs of wanting to die"), "heart"),
    "devices": (_l("Oxygen or tubes"), "tube"),
}
PAPERS: dict[str, Any] = {
    "contract": _l("Service contract"),
    "consent": _l("Consent form"),
    "id_copy": _l("Copy of the ID card"),
    "health_check": _l("Health check"),
    "photo": _l("Photo of the person"),
    "assessment": _l("Assessment sheet"),
    "other": _l("Other paper"),
}
# a home's own tiers; which of them a district uses is the setting care_levels, and a home's own word stays as it is
WORDS["care_level"] = {
    "self_reliant": _l("Self-reliant"),
    "helped": _l("Needs help"),
    "nursed": _l("Needs care"),
    "special": _l("Needs special care"),
}
SAFE_TEXTURES = ("ordinary", "soft")  # anything else is for people who swallow badly


class HealthProfile(_OfResident, Audited, Base):
    """健康档案: one for each resident; what is free text is sealed and hidden."""

    __tablename__ = "health_profiles"
    AUDIT_NOUN = "health_profile"
    __table_args__ = (
        *of_resident("health_profiles"),
        one_of("blood_type", tuple(BLOOD_TYPES)),
        one_of("mobility", tuple(MOBILITY)),
        one_of("texture", tuple(TEXTURES)),
        one_of("precautions", tuple(PRECAUTIONS)),
        UniqueConstraint("resident_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    blood_type: Mapped[str | None]
    rh_negative: Mapped[bool] = mapped_column(default=False)
    mobility: Mapped[str | None]
    aids: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    texture: Mapped[str] = mapped_column(default="ordinary")
    diets: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    devices: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    precautions: Mapped[str] = mapped_column(default="none")
    hospital: Mapped[str | None]
    doctor: Mapped[str | None]
    doctor_phone: Mapped[str | None]
    no_allergies_on: Mapped[date | None]  # the day somebody asked and none was known
    medications: Mapped[Sealed | None] = mapped_column(SealedText("health"))
    infections: Mapped[Sealed | None] = mapped_column(SealedText("health"))
    notes: Mapped[Sealed | None] = mapped_column(SealedText("health"))
    updated_at: Mapped[datetime] = mapped_column(default=calendar.now, onupdate=calendar.now, info={"silent": True})
    version: Mapped[int] = mapped_column(default=1, info={"silent": True})
    __mapper_args__: ClassVar[Any] = {"version_id_col": version}


class Allergy(_OfResident, Audited, Base):
    """过敏: what must never be given; in force until `ended_on`."""

    __tablename__ = "allergies"
    AUDIT_NOUN = "allergy"
    __table_args__ = (
        *of_resident("allergies"),
        one_of("kind", tuple(ALLERGY_KINDS)),
        one_of("severity", tuple(SEVERITIES)),
        CheckConstraint("ended_on >= noted_on", name="dates"),
        Index("allergies_once_key", "resident_id", "substance", unique=True, postgresql_where="ended_on IS NULL"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    substance: Mapped[str] = mapped_column(info={"mask": "hide"})
    reaction: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    severity: Mapped[str]
    noted_on: Mapped[date]
    ended_on: Mapped[date | None]


class RiskAssessment(_OfResident, Audited, Base):
    """服务安全风险评估: `levels` judges all nine risks none, some or high; `measures` says what is done against each."""

    __tablename__ = "risk_assessments"
    AUDIT_NOUN = "risk_assessment"
    __table_args__ = (
        *of_resident("risk_assessments"),
        one_of("occasion", tuple(OCCASIONS)),
        CheckConstraint("next_due_on > assessed_on", name="dates"),
        CheckConstraint("levels ?& ARRAY['" + "', '".join(RISKS) + "']", name="nine"),
        Index("risk_assessments_latest_idx", "resident_id", "assessed_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    occasion: Mapped[str]
    assessed_on: Mapped[date]
    assessor: Mapped[str]
    levels: Mapped[dict[str, Any]]  # risk → none, some, high
    measures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # risk → [codes of MEASURES]
    signs: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    note: Mapped[Sealed | None] = mapped_column(SealedText("health"))
    next_due_on: Mapped[date]
    is_void: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=calendar.now, info={"silent": True})


class CareLevel(_OfResident, Audited, Base):
    """照护等级: the home's own tier from a day on, until the next; not the ability level (§2.1)."""

    __tablename__ = "care_levels"
    AUDIT_NOUN = "care_level"
    __table_args__ = (*of_resident("care_levels"), UniqueConstraint("resident_id", "starts_on"))
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    care_level: Mapped[str]
    starts_on: Mapped[date]
    reason: Mapped[str | None]


RISK_DUE = alerts.kind(
    alerts.Kind(
        "risk_assessment_due",
        _l("The risk assessment of resident no. %(number)s is overdue."),
        P.HEALTH_READ,
        "health.show",
        "resident_id",
        title=_l("risk assessments are overdue"),
    )
).name

_UNKNOWN = (422, _l("One of the choices is not in the list. Choose again."))
catalogue(
    {
        "health.word_unknown": _UNKNOWN,
        "health.profile_there": (409, _l("This person has a health profile already. Open it again.")),
        "health.day_wrong": (422, _l("This day cannot lie in the future or before birth.")),
        "allergy.twice": (409, _l("This allergy is recorded already.")),
        "allergy.dates": (422, _l("The end cannot lie before the day it was noted.")),
        "allergy.some_known": (409, _l("Allergies are recorded. Take them away first if none is known any more.")),
        "allergy.over": (409, _l("This allergy was taken away already.")),
        "risk.missing": (422, _l("Judge each of the nine risks.")),
        "risk.dates": (422, _l("The next assessment lies after this one.")),
        "risk.void_already": (409, _l("This assessment is void already.")),
        "care_level.same_day": (409, _l("A care level begins on this day already. Choose another day.")),
        "care_level.same": (409, _l("This is the care level already in force on that day.")),
    },
    {
        **{
            f"health_profiles_{name}_check": "health.word_unknown"
            for name in ("blood_type", "mobility", "texture", "precautions")
        },
        "health_profiles_resident_id_key": "health.profile_there",
        "allergies_kind_check": "health.word_unknown",
        "allergies_severity_check": "health.word_unknown",
        "allergies_dates_check": "allergy.dates",
        "allergies_once_key": "allergy.twice",
        "risk_assessments_occasion_check": "health.word_unknown",
        "risk_assessments_dates_check": "risk.dates",
        "risk_assessments_nine_check": "risk.missing",
        "care_levels_resident_id_starts_on_key": "care_level.same_day",
    },
)
