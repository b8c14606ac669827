"""The lists of places, and a facility's record and history put into words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, coordinates, jinja
from eldercare.core.audit import AuditEntry
from eldercare.core.errors import Refused
from eldercare.core.listing import Badge, Choice, Column, Flag, Listing, Search
from eldercare.core.scope import Scope
from eldercare.facilities import queries
from eldercare.facilities.forms import LABELS, township_words
from eldercare.facilities.models import (
    AUTHORITY_WORDS,
    FIRE_WORDS,
    KITCHEN_WORDS,
    LICENCE_WORDS,
    MEDICAL_WORDS,
    OWNERSHIP_WORDS,
    STATE_WORDS,
    TYPE_WORDS,
    Facility,
    Licence,
    Township,
)
from eldercare.facilities.services import SHOWN

STATE_TONES = {"preparing": "active", "operating": "good", "suspended": "watch", "closed": "quiet", "deregistered": "quiet"}
# verb on the button for each step to a state; from preparing and from suspended "operating" reads differently
STEP_WORDS: dict[tuple[str, str], Any] = {
    ("preparing", "operating"): _l("Open for service"),
    ("suspended", "operating"): _l("Resume service"),
    ("operating", "suspended"): _l("Suspend service"),
    ("operating", "closed"): _l("Close down"),
    ("suspended", "closed"): _l("Close down"),
    ("closed", "deregistered"): _l("Deregister"),
    ("preparing", "deregistered"): _l("Deregister"),
}

WHERE = _l("Where it lies")
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Registration and filing"), ("usc_code", "usc_override_reason", "registration_authority", "ownership_mode", "operator",
                                     "filing_no", "filing_on", "opened_on", "closed_on", "contract_no")),
    (_l("People responsible"), ("legal_person", "head", "safety_officer", "fire_safety_responsible", "fire_safety_manager")),
    (WHERE, ("township_id", "village_id", "address", "phone", "coord_system")),
    (_l("Beds"), ("beds_filed", "beds_set", "beds_usable", "beds_nursing")),
    (_l("Service"), ("services", "open_hours", "area_m2", "kitchen_mode", "seats", "meals_per_day", "caregivers", "medical_type",
                     "ltci_designated", "ltci_on")),
    (_l("Supervision"), ("stationed", "credit_class", "credit_class_on", "star_level", "star_valid_to", "fire_key_unit")),
    (_l("Building and equipment"), ("fire_status", "fire_acceptance_no", "floors", "building_area", "fire_rating",
                                    "structure_appraisal", "has_elevator", "has_boiler", "has_fire_control_room", "has_canteen",
                                    "has_clinic", "uses_gas")),
)  # fmt: skip
_CHOICES = {
    "facility_type": TYPE_WORDS, "state": STATE_WORDS, "ownership_mode": OWNERSHIP_WORDS, "fire_status": FIRE_WORDS,
    "registration_authority": AUTHORITY_WORDS, "kitchen_mode": KITCHEN_WORDS, "medical_type": MEDICAL_WORDS,
    "licence_type": LICENCE_WORDS, "coord_system": coordinates.SYSTEM_WORDS,
}
PHOTO_WORDS: dict[str, Any] = {
    "front": _l("Front and gate"),
    "rooms": _l("Rooms"),
    "common": _l("Common rooms and grounds"),
    "kitchen": _l("Kitchen and dining room"),
    "fire": _l("Fire equipment and exits"),
    "activity": _l("Activities"),
    "other": _l("Other photo or paper"),
}
ACTIONS: dict[str, Any] = {
    "facility.registered": _l("Entered in the register"),
    "facility.changed": _l("Record corrected"),
    "facility.area_changed": _l("Townships served changed"),
    "facility.opened": _l("Opened"),
    "facility.suspended": _l("Suspended"),
    "facility.resumed": _l("Resumed"),
    "facility.closed": _l("Closed down"),
    "facility.deregistered": _l("Deregistered"),
    "licence.added": _l("Licence added"),
    "licence.changed": _l("Licence corrected"),
    "licence.retired": _l("Licence retired"),
    "licence.file_opened": _l("Scan of a licence opened"),
    "rooms.made": _l("Rooms and beds set up"),
}


def state_badge(facility: Facility) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[facility.state], STATE_TONES[facility.state])  # type: ignore[arg-type]


def step_words(facility: Facility, to: str) -> Any:
    """The verb for a step to another state; move.not_allowed where there is none."""
    if (facility.state, to) not in STEP_WORDS:
        raise Refused("move.not_allowed")
    return STEP_WORDS[facility.state, to]


def value_words(key: str, value: Any) -> Any:
    """A value as people read it; None stays None."""
    if value is None or value == "":
        return None
    if key in _CHOICES:
        return _CHOICES[key].get(value, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key in {"star_level", "fire_rating"}:
        return _("level %(n)s", n=value)
    if key == "structure_appraisal":
        return _("class %(letter)s", letter=value)
    if isinstance(value, date | datetime):
        return jinja.day(value)
    if isinstance(value, Decimal):
        return jinja.number(value, 0 if value == value.to_integral() else 2)
    return jinja.number(value) if isinstance(value, int) else value


def sections(facility: Facility, caregivers: int | None = None) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    """What is on file, by section, only the fields the type has: [(title, [(label, words)])].

    caregivers: counted from the staff on record; it stands instead of the number entered by hand.
    """
    fields = {*SHOWN[facility.facility_type], "township_id", "usc_override_reason", "closed_on"}
    if facility.usc_override_reason is None:
        fields.discard("usc_override_reason")
    if facility.closed_on is None:
        fields.discard("closed_on")
    shown = []
    for title, keys in GROUPS:
        rows = [(LABELS[key], _caring(facility, caregivers) if key == "caregivers" else _shown(facility, key))
                for key in keys if key in fields]  # fmt: skip
        if rows:
            shown.append((title, rows))
    return shown


def _caring(facility: Facility, counted: int | None) -> str | None:
    if counted is not None:
        return _("%(number)s, counted from the staff on record", number=jinja.number(counted))
    entered = facility.caregivers
    return None if entered is None else _("%(number)s, as entered; no staff is on record", number=jinja.number(entered))


def _shown(facility: Facility, key: str) -> Any:
    if key == "township_id":
        return township_words(facility.township)
    if key == "village_id":
        return facility.village.name if facility.village else None
    if key == "coord_system":
        return _position(facility)
    return value_words(key, getattr(facility, key))


def _position(facility: Facility) -> str | None:
    if facility.lon is None or facility.lat is None:
        return None
    lon, lat = coordinates.as_given(facility.coord_system, facility.lon, facility.lat)
    return f"{lon:.6f}, {lat:.6f} · {coordinates.SYSTEM_WORDS[facility.coord_system]}"


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    return [
        {
            "at": entry.at, "who": entry.person_name, "words": _entry_words(entry),
            "changes": [] if entry.action.endswith((".registered", ".added")) else [
                (LABELS[key], _logged(key, before), _logged(key, after))
                for key, (before, after) in entry.changes.items() if key in LABELS and key not in {"lon", "lat", "is_current"}
            ],
        }
        for entry in entries
    ]  # fmt: skip


def _entry_words(entry: AuditEntry) -> str:
    words = [str(ACTIONS.get(entry.action, entry.action))]
    added = entry.changes.get("licence_type")
    if entry.action == "licence.added" and added:
        words.append(str(LICENCE_WORDS.get(added[1], added[1])))
    if entry.details.get("reason"):
        words.append(str(entry.details["reason"]))
    if entry.details.get("townships"):
        words.append(_(", ").join(entry.details["townships"]))
    return _("%(what)s: %(values)s", what=words[0], values=_(", ").join(words[1:])) if words[1:] else words[0]


def _logged(key: str, value: Any) -> Any:
    if isinstance(value, str) and key.endswith(("_on", "_to", "_from")):
        value = date.fromisoformat(value)
    return value_words(key, value)


# ---- licences -------------------------------------------------------------------------------------


def thresholds() -> tuple[int, ...]:
    """The reminder days of this installation."""
    found: tuple[int, ...] = current_app.config["LICENCE_REMINDER_DAYS"]
    return found


def bands() -> list[tuple[str, str]]:
    """The choices of "licence expiring": expired, each threshold's own days, and all of them."""
    steps = sorted(thresholds())
    choices = [("expired", _("Expired"))]
    for before, days in zip([-1, *steps], steps, strict=False):
        first = before < 0
        between = _("in %(least)s to %(most)s days", least=before + 1, most=days)
        choices.append((str(days), _("in %(days)s days or fewer", days=days) if first else between))
    return [*choices, ("all", _("Expired or within %(days)s days", days=steps[-1]))]


def days_badge(licence: Licence) -> Badge | None:
    """How long a licence still runs; None when it has no end."""
    if not licence.is_current:
        return Badge(_l("Retired"), "quiet")
    if licence.valid_to is None:
        return Badge(_l("No end"), "quiet")
    left = (licence.valid_to - calendar.today()).days
    steps = sorted(thresholds())
    if left < 0:
        return Badge(ngettext("expired %(num)d day ago", "expired %(num)d days ago", -left), "bad")
    words = _("ends today") if left == 0 else ngettext("%(num)d day left", "%(num)d days left", left)
    return Badge(words, "bad" if left <= steps[0] else "watch" if left <= steps[-1] else "quiet")


def _expiring(band: str) -> Any:
    return queries.with_licence_in(calendar.today(), band, thresholds())


def _next_expiry(facility: Facility) -> Badge | None:
    if facility.next_expiry is None:
        return None
    return days_badge(Licence(valid_to=facility.next_expiry, is_current=True))


def _is_home(facility: Facility) -> bool:
    return facility.facility_type == "institution"


def _rate(facility: Facility) -> float | None:
    if not _is_home(facility) or facility.in_home is None or not facility.beds_set:
        return None
    return facility.in_home / facility.beds_set


def _beds(facility: Facility) -> int | None:
    return facility.beds_set if _is_home(facility) else None


def _under_state(facility: Facility) -> str | None:
    return _("Stationed supervision") if facility.stationed else None


_FILTERS = (
    Search("q", _l("Name, code or credit code"), where=queries.matching),
    Choice("type", _l("Type"), choices=tuple(TYPE_WORDS.items()), where=lambda kind: Facility.facility_type == kind),
    Choice("township", _l("Township"), where=lambda code: Township.code == code),
    Choice("expiring", _l("Licence expiring"), choices=bands, where=_expiring),
)
FACILITIES = Listing(
    name="facilities",
    title=_l("Facilities"),
    ident=Facility.id,
    columns=(
        Column("name", _l("Facility name"), sort=Facility.name, detail="code"),
        Column("facility_type", _l("Type"), lambda row: TYPE_WORDS[row.facility_type], sort=Facility.facility_type,
               detail=lambda row: OWNERSHIP_WORDS.get(row.ownership_mode)),
        Column("township", _l("Township"), lambda row: township_words(row.township), sort=Township.code),
        Column("state", _l("State"), state_badge, kind="badge", sort=Facility.state, detail=_under_state),
        Column("beds_set", _l("Beds set up"), _beds, kind="number", sort=Facility.beds_set, spare=True),
        Column("in_home", _l("In residence"), lambda row: row.in_home if _is_home(row) else None, kind="number", spare=True),
        Column("rate", _l("Occupancy"), _rate, kind="ratio"),
        Column("next_expiry", _l("Next licence to expire"), _next_expiry, kind="badge"),
    ),
    filters=(
        *_FILTERS,
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), where=lambda state: Facility.state == state, quiet=True),
        Choice("ownership", _l("Ownership"), choices=tuple(OWNERSHIP_WORDS.items()),
               where=lambda mode: Facility.ownership_mode == mode, quiet=True),
        Flag("stationed", _l("Under stationed supervision"), where=lambda _on: Facility.stationed, quiet=True),
    ),
    order=(Facility.code,),
    json=(
        "id", "code", "name", "facility_type", "state", "township_code", "ownership_mode", "usc_code", "address", "lon", "lat",
        "opened_on", "beds_filed", "beds_set", "beds_usable", "beds_nursing", "stationed", "star_level", "credit_class",
    ),
    empty_title=_l("No facility here"),
    empty_why=_l("No facility of your places is registered yet."),
)  # fmt: skip
MAP = Listing(name="map", title=_l("Map"), ident=Facility.id, columns=(), filters=_FILTERS, order=(Facility.code,))

LICENCES = Listing(
    name="licences",
    title=_l("Licences"),
    ident=Licence.id,
    link=lambda row: f"/facilities/{row.Facility.id}#licences",
    columns=(
        Column("facility", _l("Facility"), "Facility.name", sort=Facility.name,
               detail=lambda row: TYPE_WORDS[row.Facility.facility_type]),
        Column("township", _l("Township"), lambda row: township_words(row.Township), sort=Township.code),
        Column("licence_type", _l("Licence"), lambda row: LICENCE_WORDS[row.Licence.licence_type],
               sort=Licence.licence_type, width="wide",
               detail="Licence.number"),
        Column("issuer", _l("Issued by"), "Licence.issuer", spare=True),
        Column("valid_to", _l("Valid to"), "Licence.valid_to", kind="day", sort=Licence.valid_to),
        Column("left", _l("Remaining"), lambda row: days_badge(row.Licence), kind="badge"),
        Column("scan", _l("Scan"), lambda row: row.Licence.file_hash is not None, kind="flag", spare=True),
    ),
    filters=(
        Search("q", _l("Facility or number"),
               where=lambda q: queries.matching(q) | Licence.number.icontains(q, autoescape=True)),
        Choice("licence", _l("Licence"), choices=tuple(LICENCE_WORDS.items()), where=lambda kind: Licence.licence_type == kind),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Choice("expiring", _l("Licence expiring"), choices=bands,
               where=lambda band: queries.in_band(calendar.today(), band, thresholds())),
        Choice("type", _l("Type"), choices=tuple(TYPE_WORDS.items()),
               where=lambda kind: Facility.facility_type == kind, quiet=True),
        Choice("force", _l("In force"), choices=(("yes", _l("in force now")), ("no", _l("retired"))), default="yes",
               any_words=_l("in force and retired"), where=lambda force: Licence.is_current == (force == "yes"), quiet=True),
    ),
    order=(Licence.valid_to.asc().nulls_last(),),
    empty_title=_l("No licence here"),
    empty_why=_l("Licences are added on the page of their facility."),
)  # fmt: skip


def choices(townships: list[Township]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {"township": [(each.code, township_words(each)) for each in townships]}


# ---- what a page shows beside the rows --------------------------------------------------------------


def in_home(scope: Scope) -> Any:
    """The expression that counts today's residents of a facility; beds/, a floor above, hands it down."""
    return current_app.extensions["in_home_of"](scope, Facility.id, calendar.today())


def warnings(facility: Facility, licences: list[Licence]) -> list[tuple[str, str]]:
    """What an inspector would ask about at once: [(tone, sentence)]."""
    found: list[tuple[str, str]] = []
    expired = [each for each in licences if each.is_current and each.valid_to and each.valid_to < calendar.today()]
    if expired and facility.state not in queries.GONE:
        names = _(", ").join(str(LICENCE_WORDS[each.licence_type]) for each in expired)
        found.append(("bad", _("Expired: %(names)s. Renew it and add the new paper below.", names=names)))
    if facility.structure_appraisal in {"C", "D"}:
        found.append(("bad", _("The building is appraised as class %(letter)s: a dangerous building is a major hazard.",
                               letter=facility.structure_appraisal)))
    if facility.fire_status == "none":
        found.append(("bad", _("There is no fire acceptance or filing: a major hazard.")))
    if _is_home(facility) and facility.beds_set and facility.beds_filed is not None and facility.beds_set > facility.beds_filed:
        found.append(("watch", _("%(more)s more beds are set up than were filed. Have it checked.",
                                 more=facility.beds_set - facility.beds_filed)))
    if facility.in_home and facility.beds_usable is not None and facility.in_home > facility.beds_usable:
        found.append(("bad", _("More people live here than there are usable beds. Check the stays and the beds.")))
    return found


def key_facts(facility: Facility) -> list[tuple[Any, Any]]:
    """The three to five facts under the title."""
    facts: list[tuple[Any, Any]] = [
        (_("Type"), TYPE_WORDS[facility.facility_type]), (_("Township"), township_words(facility.township)),
    ]
    if _is_home(facility):
        rate = _rate(facility)
        facts += [
            (LABELS["beds_set"], value_words("beds_set", facility.beds_set)),
            (_("In residence"), jinja.number(facility.in_home)), (_("Occupancy"), jinja.ratio(rate)),
        ]
    else:
        facts += [(LABELS["operator"], facility.operator), (LABELS["open_hours"], facility.open_hours)]
    return facts


def points(facilities: list[Facility]) -> list[dict[str, Any]]:
    """Facilities as `_parts/map.html` draws them; those without a position are left out."""
    return [
        {"lon": each.lon, "lat": each.lat, "name": each.name, "kind": each.facility_type, "url": f"/facilities/{each.id}",
         "note": str(STATE_WORDS[each.state]) if each.state != "operating" else ""}
        for each in facilities if each.lon is not None
    ]  # fmt: skip


def areas(townships: list[Township]) -> list[dict[str, Any]]:
    """Townships as the map's background; the two zones lie inside others and are left out."""
    return [
        {"name": each.name_en.split()[0] if jinja.lang() == "en" else each.short_name, "lon": each.lon, "lat": each.lat}
        for each in townships if each.kind != "zone"
    ]  # fmt: skip
