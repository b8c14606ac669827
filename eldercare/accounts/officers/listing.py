"""The officers' library as a list; officers, avoidances and requests put into words."""

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.accounts.models import User
from eldercare.accounts.officers import queries
from eldercare.accounts.officers.models import GROUND_WORDS, REQUEST_WORDS, SPECIALITY_WORDS, Officer, Recusal, RecusalRequest
from eldercare.core import calendar, jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, Listing, Search
from eldercare.facilities.models import Facility

VALIDITY_WORDS: dict[str, Any] = {"valid": _l("Valid"), "ending": _l("Runs out soon"), "over": _l("Expired or left")}
REQUEST_TONES: dict[str, Any] = {"asked": "watch", "granted": "good", "refused": "quiet"}


def thresholds() -> tuple[int, ...]:
    """The reminder days of this installation."""
    found: tuple[int, ...] = current_app.config["OFFICER_REMINDER_DAYS"]
    return found


def validity(officer: Officer) -> Badge:
    """How a certificate stands today: days left where they are few."""
    today = calendar.today()
    if officer.left_on is not None and officer.left_on <= today:
        return Badge(_l("No longer in the library"), "quiet")
    if officer.valid_from > today:
        return Badge(_l("Not valid yet"), "quiet")
    left = (officer.valid_to - today).days
    if left < 0:
        return Badge(_l("Expired"), "bad")
    if left > max(thresholds()):
        return Badge(_l("Valid"), "good")
    return Badge(ngettext("%(num)d day left", "%(num)d days left", left), "bad" if left <= min(thresholds()) else "watch")


def specialities(officer: Officer) -> str | None:
    """What somebody knows about."""
    return _(", ").join(str(SPECIALITY_WORDS[each]) for each in officer.specialities) or None


def _stands(asked: str) -> Any:
    today = calendar.today()
    soon = today + timedelta(max(thresholds()))
    holds = queries.in_force(today)
    return {"valid": holds & (Officer.valid_to > soon), "ending": holds & (Officer.valid_to <= soon), "over": ~holds}[asked]


def _both(one: Any, other: Any, text: str) -> Any:
    return (one + " " + other).icontains(text, autoescape=True)


OFFICERS = Listing(
    name="officers",
    title=_l("Officers' library"),
    ident=Officer.id,
    columns=(
        Column("name", _l("Officer"), "name", sort=User.name),
        Column("certificate_no", _l("Enforcement certificate"), "certificate_no", sort=Officer.certificate_no),
        Column("specialities", _l("Specialities"), specialities, width="wide"),
        Column("valid_to", _l("Valid to"), "valid_to", kind="day", sort=Officer.valid_to),
        Column("validity", _l("Validity"), validity, kind="badge"),
    ),
    filters=(
        Search("q", _l("Name or certificate"), where=lambda text: _both(User.name, Officer.certificate_no, text)),
        Choice("validity", _l("Validity"), choices=tuple(VALIDITY_WORDS.items()), where=_stands),
        Choice("speciality", _l("Speciality"), choices=tuple(SPECIALITY_WORDS.items()),
               where=lambda each: Officer.specialities.contains([each])),
    ),
    order=(Officer.certificate_no,),
    empty_title=_l("Nobody is in the library"),
    empty_why=_l("Only officers with an enforcement certificate may inspect. Enter them here."),
)  # fmt: skip

def _until(row: Recusal) -> str:
    return jinja.day(row.ends_on) if row.ends_on else str(_("until further notice"))


HOLDS: dict[str, Any] = {"now": _l("Holds now"), "over": _l("Ended or not begun")}
RECUSALS = Listing(
    name="recusals",
    title=_l("Avoidance"),
    ident=Recusal.id,
    link=None,
    columns=(
        Column("officer", _l("Officer"), "officer.name", sort=User.name),
        Column("facility", _l("Inspected place"), "facility.name", sort=Facility.name),
        Column("ground", _l("Ground"), lambda row: GROUND_WORDS[row.ground]),
        Column("starts_on", _l("From"), "starts_on", kind="day", sort=Recusal.starts_on),
        Column("ends_on", _l("Until"), _until, sort=Recusal.ends_on),
        Column("declared_by", _l("Entered by"), "declared_by", spare=True),
    ),
    filters=(
        Search("q", _l("Officer or place"), where=lambda text: _both(User.name, Facility.name, text)),
        Choice("holds", _l("Holds now"), choices=tuple(HOLDS.items()), default="now", any_words=_l("all"),
               where=lambda each: queries.standing(calendar.today()) if each == "now" else ~queries.standing(calendar.today())),
        Choice("ground", _l("Ground"), choices=tuple(GROUND_WORDS.items()), where=lambda each: Recusal.ground == each),
    ),
    order=(Recusal.starts_on.desc(),),
    empty_title=_l("Nobody avoids a place"),
    empty_why=_l("Kin, former work, an interest or a granted request keep an officer from a place; plans and draws heed it."),
)  # fmt: skip


def request_badge(row: RecusalRequest) -> Badge:
    """How a request stands."""
    return Badge(REQUEST_WORDS[row.state], REQUEST_TONES[row.state])


def holds(row: Recusal) -> bool:
    """Whether an avoidance is in force today or will be."""
    return row.ends_on is None or row.ends_on >= calendar.today()


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """The history of an officer's entry."""
    return words.told(entries)
