"""What the acts on a stay speak of: the nine risks, papers, causes, destinations; their refusals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.access import P
from eldercare.core.alerts import LEVELS, Kind, Step, kind
from eldercare.core.errors import catalogue

PAPERS: dict[str, Any] = {
    "id_card": _l("Copy of the identity card"), "household_book": _l("Copy of the household register"),
    "check_up": _l("Health check of the last three months"), "infectious": _l("Result on infectious diseases"),
    "medical_history": _l("Medical records and medicines"), "guarantor": _l("Identity of the family or guardian"),
}
CAUSES: dict[str, Any] = {
    "natural": _l("Natural"), "illness": _l("Illness"), "accident": _l("Accident"), "unknown": _l("Not known yet"),
}
DESTINATIONS: dict[str, Any] = {
    "own_home": _l("Back to where they lived"), "other_home": _l("Another home of the district"),
    "hospital": _l("A hospital"), "elsewhere": _l("Elsewhere"),
}
DOCUMENTS: dict[str, Any] = {
    "contract": _l("Contract or supplement"), "consent": _l("Consent or risk notice"), "application": _l("Application papers"),
    "assessment": _l("Assessment sheet"), "settlement": _l("Settlement"), "death": _l("Death certificate"),
    "other": _l("Other paper"),
}


def declare(climb_hours: Sequence[int] = (24, 72)) -> None:
    """The to-dos of stays; past due so many hours the township is told, then the district (a setting)."""
    steps = tuple(Step(timedelta(hours=hours), level) for hours, level in zip(climb_hours, LEVELS[1:], strict=False))

    def todo(name: str, words: Any, title: Any, tone: str = "watch", *, climbs: bool = True) -> None:
        kind(Kind(f"stay.{name}", words, P.STAY_EDIT, "stays.show", "stay_id", tone=tone, steps=steps if climbs else (),
                  title=title, above=P.RESIDENT_EDIT))

    todo("return_overdue", _l("%(home)s: a resident on leave was expected back on %(day)s"), _l("returns overdue"), "bad")
    todo("contract_ending", _l("%(home)s: a contract ends on %(day)s"), _l("contracts about to end"), climbs=False)
    todo("contract_lapsed", _l("%(home)s: a contract ended on %(day)s and was not renewed"), _l("contracts lapsed"), "bad")
    todo("assessment_ending", _l("%(home)s: a resident is due for assessment by %(day)s"), _l("assessments due"))
    todo("reassess", _l("%(home)s: a resident is back from hospital since %(day)s and to be assessed again"),
         _l("assessments after hospital"))
    todo("trial_ending", _l("%(home)s: a trial stay ends on %(day)s; sign a contract or end it"), _l("trial stays about to end"))
    kind(Kind(
        "stay.incoming", _l("%(home)s discharges somebody to this home on %(day)s. Take the application when they come."),
        P.STAY_EDIT, "stays.new", "facility_id", is_todo=False, title=_l("people on their way here"),
    ))  # fmt: skip


declare()

catalogue(
    {
        "stay.changed_meanwhile": (409, _l(
            "%(who)s changed this stay while you had it open (%(what)s). Nothing of yours was saved: look at the stay, then "
            "repeat what is still needed."
        )),
        "stay.not_on_register": (422, _l(
            "Not on the register under this number and name. Compare both with the identity card; if the person is new, "
            "fill in “Register this person” below."
        )),
        "stay.not_registered": (409, _l(
            "This person could not be put on the register with this number. Compare number and name with the identity card, "
            "or ask the township office."
        )),
        "stay.day_ahead": (422, _l("This day has not come yet.")),
        "stay.moment_ahead": (422, _l("This moment has not come yet.")),
        "stay.before_start": (422, _l("This day lies before the day of moving in (%(day)s). Check the date.")),
        "stay.no_result": (409, _l(
            "The register holds no ability result of this person that is still valid. Enter the result of the assessment."
        )),
        "stay.trial_length": (422, _l("A trial stay lasts %(least)s to %(most)s days. Check when it ends.")),
        "stay.contract_over": (422, _l("This contract has ended already. Check its dates.")),
        "stay.same_bed": (422, _l("The person sleeps in this bed already. Choose another one.")),
        "stay.before_last_bed": (422, _l("The person has had the present bed since %(day)s. Choose that day or a later one.")),
        "stay.bed_elsewhere": (422, _l("This bed belongs to another home. Choose a bed of this home.")),
        "stay.destination_missing": (422, _l("Choose the home the person moves to.")),
        "stay.same_home": (422, _l("The person lives in this home already. Use “Transfer” for another bed.")),
        "stay.told_before_death": (422, _l("The family cannot have been told before the death. Check the times.")),
        "stay.before_leaving": (422, _l("The person left on %(day)s. Nobody comes back before that.")),
        "stay.expected_before": (422, _l("The expected return lies before the day of leaving. Check the dates.")),
    }
)
