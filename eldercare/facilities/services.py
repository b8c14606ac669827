"""Writes of places: reference data, facilities, licences, reminders. lock → judge → change → record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from eldercare.core import alerts, attachments, audit, coordinates, files, states, yamlfile
from eldercare.core.attachments import Checked
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.identifiers import usc_code_fault
from eldercare.core.scope import Scope
from eldercare.facilities import queries
from eldercare.facilities.models import EXPIRING, Facility, Licence, ServiceTownship, Township, Village

DATA = Path(__file__).parent / "data" / "townships.yaml"

# which fields a type has (domain.md §1.3); nothing else is ever written by a form
COMMON = (
    "code", "name", "village_id", "address", "coord_system", "lon", "lat", "phone", "usc_code", "operator", "legal_person",
    "head", "safety_officer", "fire_safety_responsible", "fire_safety_manager", "opened_on",
)
FILING = ("ownership_mode", "registration_authority")
FIRE = ("fire_status", "fire_acceptance_no")
BUILDING = (
    "floors", "building_area", "fire_rating", "structure_appraisal", "has_elevator", "has_boiler", "has_fire_control_room",
    "has_canteen", "has_clinic", "uses_gas",
)
SERVICE = ("area_m2", "open_hours", "services", "caregivers")
FIELDS: dict[str, tuple[str, ...]] = {
    "institution": (
        *COMMON, *FILING, *FIRE, *BUILDING, "filing_no", "filing_on", "beds_filed", "beds_set", "beds_usable",
        "beds_nursing", "fire_key_unit", "medical_type", "star_level", "star_valid_to", "ltci_designated", "ltci_on",
        "stationed", "services", "caregivers",
    ),
    "township_center": (*COMMON, *FILING, *FIRE, *BUILDING, *SERVICE, "beds_set", "contract_no"),
    "village_station": (*COMMON, "area_m2", "open_hours", "services"),
    "canteen": (*COMMON, "area_m2", "open_hours", "services", "kitchen_mode", "seats", "meals_per_day", "uses_gas"),
    "home_care_org": (*COMMON, *FILING, "open_hours", "services", "caregivers", "contract_no"),
}
# shown with the rest, written by whoever decides on the class alone
SHOWN: dict[str, tuple[str, ...]] = {
    kind: (*fields, "credit_class", "credit_class_on") if kind in queries.CLASSED else fields
    for kind, fields in FIELDS.items()
}
# the first character of a credit code names the authority that registered its holder (§1.4)
AUTHORITY_OF = {"1": "establishment", "5": "civil_affairs", "9": "market"}


def load_places(scope: Scope) -> dict[str, int]:
    """Bring the district's townships to what data/townships.yaml says, by code; the same again changes nothing.

    Returns {"townships": how many there are in the file, "created": …, "updated": …}. A unit that is no longer
    in the file stays: rows refer to it.
    """
    known = {each.code: each for each in db.session.scalars(select(Township))}
    created = updated = 0
    units: list[dict[str, Any]] = yamlfile.read(DATA)["townships"]
    for unit in units:
        values = {
            "code": unit["code"], "name": unit["name"], "short_name": unit["short_name"], "name_en": unit["name_en"],
            "pinyin": unit["pinyin"], "kind": unit["kind"], "former_names": unit.get("former_names", []),
            "lon": unit["lon"], "lat": unit["lat"], "area_km2": unit.get("area_km2"),
        }
        township = known.get(unit["code"])
        if township is None:
            db.session.add(Township(**values))
            created += 1
        elif any(getattr(township, key) != value for key, value in values.items()):
            for key, value in values.items():
                setattr(township, key, value)
            updated += 1
    db.session.flush()
    if created or updated:
        audit.record(scope, "places.loaded", entity="township", created=created, updated=updated)
    return {"townships": len(units), "created": created, "updated": updated}


# ---- facilities -----------------------------------------------------------------------------------


def register(
    scope: Scope, facility_type: str, township_id: int, values: Mapping[str, Any], *, state: str = "preparing",
    override: str | None = None, served: Iterable[int] | None = None,
) -> Facility:
    """Enter a facility in the register. `values`: fields of its type (others are left out).

    `override`: the reason of someone who may accept a credit code whose check character is wrong.
    `served`: ids of the townships a home-care organisation serves.
    Refused: facility.township_out_of_reach, facility.village_elsewhere, facility.usc_…, facility.code_taken.
    """
    if not scope.covers(township_id):
        raise Refused("facility.township_out_of_reach")
    facility = Facility(facility_type=facility_type, township_id=township_id, state=state)
    _fill(facility, values, override)
    db.session.add(facility)
    audit.record(scope, "facility.registered", facility)
    _serve(scope, facility, served)
    return facility


def change(
    scope: Scope, facility_id: int, values: Mapping[str, Any], *, override: str | None = None,
    served: Iterable[int] | None = None, seen: str | None = None,
) -> Facility:
    """Correct a facility's record. `seen`: when the form was drawn, its `updated_at` (row.changed when it moved on)."""
    facility = scope.lock(Facility, facility_id)
    if seen and seen != facility.updated_at.isoformat():
        raise Refused("row.changed")
    _fill(facility, values, override)
    if changes_of(facility):
        audit.record(scope, "facility.changed", facility)
    _serve(scope, facility, served)
    return facility


def _fill(facility: Facility, values: Mapping[str, Any], override: str | None) -> None:
    fields = FIELDS[facility.facility_type]
    kept = {key: value for key, value in values.items() if key in fields}
    _judge_credit_code(facility, kept, override)
    village_id = kept.get("village_id")
    if village_id is not None and db.session.get_one(Village, village_id).township_id != facility.township_id:
        raise Refused("facility.village_elsewhere", field="village_id")
    _judge_position(facility, kept)
    for key, value in kept.items():
        if key == "address":
            value = value or ""  # noqa: PLW2901 — the column has no empty value but this
        if getattr(facility, key) != value:
            setattr(facility, key, value)


def _judge_position(facility: Facility, values: dict[str, Any]) -> None:
    """Turn a position given in `coord_system` (WGS-84 where none is named) into WGS-84; an untouched one stays as it is."""
    if "lon" not in values:
        return
    lon, lat = values["lon"], values.get("lat")
    system = values["coord_system"] = values.get("coord_system") or "wgs84"
    if lon is None or lat is None:
        return
    here = facility.lon is not None and facility.lat is not None and (system, facility.lon, facility.lat)
    if here and system == facility.coord_system and (lon, lat) == coordinates.as_given(*here):
        del values["lon"], values["lat"]
    else:
        values["lon"], values["lat"] = coordinates.to_wgs84(system, lon, lat)


def _judge_credit_code(facility: Facility, values: dict[str, Any], override: str | None) -> None:
    """GB 32100-2015; a wrong check character blocks unless a district officer gave a reason (§1.4)."""
    code = values.get("usc_code", facility.usc_code)
    fault = usc_code_fault(code) if code else None
    accepted = facility.usc_code == code and facility.usc_override_reason
    if fault in {"usc_code.length", "usc_code.signs"}:
        raise Refused("facility.usc_" + fault.removeprefix("usc_code."), field="usc_code")
    if fault and not override and not accepted:
        raise Refused("facility.usc_wrong", field="usc_code")
    reason = (override or facility.usc_override_reason) if fault else None
    if reason != facility.usc_override_reason:
        facility.usc_override_reason = reason
    authority = values.get("registration_authority")
    expected = AUTHORITY_OF.get(code[0]) if code else None
    if authority and expected and authority != expected:
        raise Refused("facility.usc_authority", field="registration_authority")


def _serve(scope: Scope, facility: Facility, served: Iterable[int] | None) -> None:
    if served is None or facility.facility_type != "home_care_org":
        return
    before = {each.id for each in queries.townships_served(scope, facility.id)}
    wanted = set(served)
    if before == wanted:
        return
    db.session.execute(delete(ServiceTownship).where(ServiceTownship.organisation_id == facility.id))
    db.session.add_all(ServiceTownship(organisation_id=facility.id, served_township_id=each) for each in sorted(wanted))
    names = db.session.scalars(select(Township.name).where(Township.id.in_(wanted)).order_by(Township.code))
    audit.record(scope, "facility.area_changed", facility, townships=list(names))


def move(scope: Scope, facility_id: int, to: str, reason: str, day: date, residents: int = 0) -> Facility:
    """Take a facility to another state, with the reason and the day it takes effect.

    `residents`: who still lives there (the caller asks the floor that knows); a home with residents does not
    close: facility.residents_present (SDYL art. 38: resettlement comes first). move.not_allowed otherwise.
    """
    facility = scope.lock(Facility, facility_id)
    if to in queries.GONE:
        if residents:
            raise Refused("facility.residents_present", people=residents)
        facility.closed_on = facility.closed_on or day
        alerts.settle_closed(scope, facility_id)
    elif to == "operating" and facility.opened_on is None:
        facility.opened_on = day
    states.move(scope, facility, to, reason=reason, day=day)
    return facility


# ---- licences -------------------------------------------------------------------------------------


def add_licence(
    scope: Scope, facility_id: int, values: Mapping[str, Any], scan: Any = None, replaces: int | None = None
) -> Licence:
    """Add a licence to a facility in reach, with its scan (an upload or bytes); `replaces` retires the one it follows.

    Refused as by `attachments.checked()`.
    """
    fit = attachments.checked(scan) if scan else None
    facility = scope.lock(Facility, facility_id)
    licence = Licence(township_id=facility.township_id, facility_id=facility.id)
    _write(licence, facility, values, fit)
    db.session.add(licence)
    audit.record(scope, "licence.added", licence)
    if replaces is not None:
        retire_licence(scope, replaces, "")
    return licence


def change_licence(scope: Scope, licence_id: int, values: Mapping[str, Any], scan: Any = None) -> Licence:
    """Correct a licence; a new scan takes the place of the old one."""
    fit = attachments.checked(scan) if scan else None
    licence = scope.lock(Licence, licence_id)
    if not licence.is_current:
        raise Refused("licence.retired")
    _write(licence, scope.get(Facility, licence.facility_id), values, fit)
    changed = changes_of(licence)
    if changed:
        audit.record(scope, "licence.changed", licence)
    if "valid_to" in changed:
        alerts.settle(scope, licence, EXPIRING)  # the next day's round tells of the new end
    return licence


def retire_licence(scope: Scope, licence_id: int, reason: str) -> Licence:
    """A licence that no longer counts: replaced, withdrawn or not needed. It stays in the record."""
    licence = scope.lock(Licence, licence_id)
    if not licence.is_current:
        raise Refused("licence.retired")
    licence.is_current = False
    audit.record(scope, "licence.retired", licence, **({"reason": reason} if reason else {}))
    alerts.settle(scope, licence, EXPIRING)
    return licence


def _write(licence: Licence, facility: Facility, values: Mapping[str, Any], fit: Checked | None) -> None:
    for key in ("licence_type", "number", "issuer", "valid_from", "valid_to"):
        if key in values and getattr(licence, key) != values[key]:
            setattr(licence, key, values[key])
    licence.issuer = licence.issuer or ""
    if fit:
        licence.file_hash = files.put(fit.data, secret=True)
        licence.file_name = f"{facility.code}-{licence.licence_type}.{fit.ending}"  # never the name it came with


def licence_file(scope: Scope, licence_id: int) -> tuple[bytes, str, str]:
    """(the scan, its media type, its name); file.missing. Who opened it is logged."""
    licence = scope.get(Licence, licence_id)
    if licence.file_hash is None or licence.file_name is None:
        raise Refused("file.missing")
    data = files.get(licence.file_hash, secret=True)
    audit.record(scope, "licence.file_opened", licence)
    return data, attachments.PDF if data.startswith(b"%PDF-") else attachments.JPEG, licence.file_name


def remind(scope: Scope, day: date, thresholds: Sequence[int] = queries.REMINDER_DAYS) -> int:
    """Tell of the licences that run out by a day's thresholds; returns how many alerts are new."""
    due = queries.licences_due(scope, day, max(thresholds))
    return sum(
        alerts.tell_of_end(
            scope, EXPIRING, licence, licence.valid_to, day, thresholds,
            number=licence.number, place=facility.name, day=licence.valid_to.isoformat(),
        )
        for licence, facility in due if licence.valid_to
    )  # fmt: skip
