"""What may happen, and how grave it is: code tables and rules of domain.md §4.1 and §4.2.

The grade E1–E4 is an internal one [P] and rests on settings; the accident level is that of State Council
Order 493, article 3: the highest of three columns decides, lower bounds included, upper ones excluded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from flask_babel import lazy_gettext as _l

# the four families of the national plan, the nine risks of GB 38600 with their own, and death
FAMILY_WORDS: dict[str, Any] = {
    "service_risk": _l("Service-safety risk"),
    "accident": _l("Safety accident"),
    "public_health": _l("Public health"),
    "natural_disaster": _l("Natural disaster"),
    "social_security": _l("Social security"),
    "death": _l("Death"),
}
TYPES: dict[str, dict[str, Any]] = {
    "service_risk": {
        "fall": _l("Fall"), "bed_fall": _l("Fall from bed"), "choking": _l("Choking"), "elopement": _l("Missing person"),
        "wrong_intake": _l("Wrong food or medicine"), "scald": _l("Scald"), "pressure_injury": _l("Pressure injury"),
        "harm": _l("Harm to self or others"), "recreation_accident": _l("Accident at recreation"),
        "other": _l("Other risk of care"),
    },
    "accident": {
        "fire": _l("Fire"), "gas_leak": _l("Gas leak"), "electrocution": _l("Electric shock"),
        "lift_entrapment": _l("Trapped in a lift"), "building_damage": _l("Damage to the building"),
        "equipment_failure": _l("Failure of equipment"), "traffic": _l("Traffic accident"), "other": _l("Other accident"),
    },
    "public_health": {
        "food_poisoning": _l("Food poisoning"), "infectious_disease": _l("Infectious disease"),
        "medical_event": _l("Sudden serious illness"), "other": _l("Other matter of health"),
    },
    "natural_disaster": {
        "flood": _l("Flood"), "typhoon": _l("Typhoon"), "cold_wave": _l("Cold wave"), "earthquake": _l("Earthquake"),
        "other": _l("Other disaster"),
    },
    "social_security": {
        "elder_abuse": _l("Suspected abuse"), "theft": _l("Theft"), "fight": _l("Fight"), "fraud": _l("Fraud"),
        "mass_complaint": _l("Mass complaint"), "missing_staff": _l("Staff not on duty"), "other": _l("Other matter of order"),
    },
    "death": {
        "natural_death": _l("Natural death"), "sudden_death": _l("Sudden death"), "accidental_death": _l("Accidental death"),
        "suicide": _l("Suicide"), "unknown_death": _l("Death of unknown cause"),
    },
}  # fmt: skip
PAIRS = tuple(f"{family}.{kind}" for family, kinds in TYPES.items() for kind in kinds)
TYPE_WORDS: dict[str, Any] = {kind: words for kinds in TYPES.values() for kind, words in kinds.items() if kind != "other"}
USUAL = (  # on the first page of the report, in this order; the others behind "something else"
    "service_risk.fall",
    "service_risk.bed_fall",
    "service_risk.choking",
    "service_risk.elopement",
    "service_risk.wrong_intake",
    "service_risk.scald",
    "service_risk.pressure_injury",
    "service_risk.harm",
    "service_risk.recreation_accident",
    "accident.fire",
    "public_health.medical_event",
    "public_health.food_poisoning",
)
PLACE_WORDS: dict[str, Any] = {
    "room": _l("Room"), "toilet": _l("Toilet or bathroom"), "corridor": _l("Corridor or stairs"), "dining": _l("Dining room"),
    "activity": _l("Activity room"), "kitchen": _l("In the kitchen"), "yard": _l("Yard"), "outside": _l("Outside the home"),
    "other": _l("Another place"),
}  # fmt: skip
CARE_WORDS: dict[str, Any] = {
    "none": _l("Nobody is hurt"),
    "treated": _l("Treated in the home"),
    "hospital": _l("Seen in hospital, not admitted"),
    "admitted": _l("Sent to hospital and admitted"),
}
MISSING_WORDS: dict[str, Any] = {
    "no": _l("Nobody is missing"),
    "found": _l("Was missing, found within 3 hours"),
    "searching": _l("Still missing, for less than 3 hours"),
    "long": _l("Missing for more than 3 hours"),
}
# plain questions of yes or no → where they are asked (families or types; empty: of everything)
SIGNS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "fracture": (_l("A bone is broken, or it looks so"), ("service_risk", "accident", "social_security")),
    "burn": (_l("A burn or scald"), ("scald", "fire", "electrocution", "gas_leak")),
    "rescued": (_l("Choked and had to be rescued"), ("choking",)),
    "pressure_3": (_l("Pressure injury of stage 3 or more"), ("pressure_injury",)),
    "evacuated": (_l("People had to be evacuated"), ("accident", "natural_disaster")),
    "trapped": (_l("Trapped for more than 30 minutes"), ("lift_entrapment",)),
    "weather": (_l("Extreme heat, cold or storm outside"), ("elopement",)),
    "abuse": (_l("Abuse by others is suspected"), ("service_risk", "social_security", "death")),
}
GRADES = ("E1", "E2", "E3", "E4")
GRADE_WORDS: dict[str, Any] = {
    "E1": _l("E1 extremely grave"),
    "E2": _l("E2 serious"),
    "E3": _l("E3 ordinary"),
    "E4": _l("E4 slight"),
}
WHY_WORDS: dict[str, Any] = {
    "death": _l("a death that is not natural"),
    "injured_many": _l("several people hurt"),
    "fire_people": _l("a fire with casualties or evacuation"),
    "abuse": _l("suspected abuse with injury"),
    "cluster": _l("several people ill of the same"),
    "missing_long": _l("missing for long, or in extreme weather"),
    "fracture": _l("a fracture"),
    "burn": _l("a burn or scald"),
    "rescued": _l("choking with rescue"),
    "pressure_3": _l("a pressure injury of stage 3 or more"),
    "admitted": _l("sent to hospital and admitted"),
    "serious": _l("a serious injury"),
    "missing": _l("somebody missing"),
    "fire": _l("a fire"),
    "trapped": _l("trapped in a lift for long"),
    "treated": _l("an injury treated without admission"),
    "medication": _l("a mistake with food or medicine"),
    "ill": _l("somebody ill"),
    "suspected": _l("abuse suspected"),
    "natural": _l("a natural death"),
    "slight": _l("nobody hurt"),
}
LEVEL_WORDS: dict[str, Any] = {
    "ordinary": _l("Ordinary accident"),
    "larger": _l("Larger accident"),
    "major": _l("Major accident"),
    "extra_major": _l("Extraordinarily major accident"),
}
LEVELS = tuple(LEVEL_WORDS)
# Order 493 art. 3: from so many deaths, serious injuries, fen of direct loss on the next level begins
_BOUNDS = ((3, 10, 10_000_000_00), (10, 50, 50_000_000_00), (30, 100, 100_000_000_00))


def kind_words(family: str, kind: str) -> Any:
    """What a type is called."""
    return TYPES.get(family, {}).get(kind, kind)


@dataclass(frozen=True)
class Rules:
    """The settings grading, clocks and trends rest on: none is a number of law (those stand in the code)."""

    e1_injured: int
    e1_ill: int
    at_once_minutes: int
    without_delay_minutes: int
    e3_hour: int
    follow_up_hours: int
    final_working_days: int
    warn_minutes: int
    trend_count: int
    trend_days: int
    death_causes: frozenset[str]
    death_days: int

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        numbers = (
            "E1_INJURED",
            "E1_ILL",
            "AT_ONCE_MINUTES",
            "WITHOUT_DELAY_MINUTES",
            "E3_HOUR",
            "FOLLOW_UP_HOURS",
            "FINAL_WORKING_DAYS",
            "WARN_MINUTES",
            "TREND_COUNT",
            "TREND_DAYS",
            "DEATH_DAYS",
        )
        values = {name.lower(): config[f"INCIDENT_{name}"] for name in numbers}
        return cls(**values, death_causes=_words(config["INCIDENT_DEATH_CAUSES"]))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


@dataclass(frozen=True)
class Facts:
    """The answers to the plain questions. `injured` counts everyone hurt, `serious` those of them seriously."""

    family: str
    type: str
    dead: int = 0
    injured: int = 0
    serious: int = 0
    ill: int = 0
    care: str = "none"
    missing: str = "no"
    signs: frozenset[str] = field(default_factory=frozenset)


def propose(facts: Facts, rules: Rules) -> tuple[str, list[str]]:
    """(the grade, why: codes of `WHY_WORDS`) by the rule of domain.md §4.2 [P]."""
    for grade, found in (("E1", _gravest(facts, rules)), ("E2", _serious(facts)), ("E3", _ordinary(facts))):
        why = [code for code, holds in found if holds]
        if why:
            return grade, why
    return "E4", ["natural" if facts.type == "natural_death" else "slight"]


def _gravest(facts: Facts, rules: Rules) -> Iterable[tuple[str, bool]]:
    hurt = bool(facts.injured or facts.serious or facts.care != "none")
    dead = facts.dead > 0 and facts.type != "natural_death"
    cluster = facts.type in {"food_poisoning", "infectious_disease"} and facts.ill >= rules.e1_ill
    abuse = "abuse" in facts.signs or facts.type == "elder_abuse"
    return (
        ("death", dead),
        ("injured_many", facts.injured >= rules.e1_injured),
        ("fire_people", facts.type == "fire" and (facts.dead + facts.injured > 0 or "evacuated" in facts.signs)),
        ("abuse", abuse and hurt),
        ("cluster", cluster),
        ("missing_long", facts.missing == "long" or (facts.missing == "searching" and "weather" in facts.signs)),
    )


def _serious(facts: Facts) -> Iterable[tuple[str, bool]]:
    burn = "burn" in facts.signs or (facts.type == "scald" and (facts.injured > 0 or facts.care != "none"))
    asked = [(code, code in facts.signs) for code in ("fracture", "rescued", "pressure_3", "trapped")]
    return (
        *asked,
        ("burn", burn),
        ("admitted", facts.care == "admitted"),
        ("serious", facts.serious > 0),
        ("missing", facts.missing in {"found", "searching"}),
        ("fire", facts.type == "fire"),
    )


def _ordinary(facts: Facts) -> Iterable[tuple[str, bool]]:
    return (
        ("treated", facts.injured > 0 or facts.care in {"treated", "hospital"}),
        ("medication", facts.type == "wrong_intake"),
        ("ill", facts.ill > 0),
        ("suspected", facts.type == "elder_abuse" or "abuse" in facts.signs),
    )


def accident_level(dead: int, serious: int, loss_fen: int) -> str | None:
    """The level of an accident from operations by Order 493 art. 3; None without casualty or loss.

    One or two deaths are still an ordinary accident: the level does not say how urgent a thing is.
    """
    if not (dead or serious or loss_fen):
        return None
    reached = max(sum(value >= bounds[column] for bounds in _BOUNDS) for column, value in enumerate((dead, serious, loss_fen)))
    return LEVELS[reached]
