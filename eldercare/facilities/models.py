"""Places of care and where they lie. Fields and rules: domain.md §1.2–1.5, §3.1."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from eldercare.core import alerts, calendar, coordinates
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful

# values → words; the keys in the order of the register are what the database accepts
TYPE_WORDS: dict[str, Any] = {
    "institution": _l("Eldercare institution"),
    "township_center": _l("Township centre"),
    "village_station": _l("Village station"),
    "canteen": _l("Senior canteen"),
    "home_care_org": _l("Home-care organisation"),
}
STATE_WORDS: dict[str, Any] = {
    "preparing": _l("Preparing"),
    "operating": _l("Operating"),
    "suspended": _l("Suspended"),
    "closed": _l("Closed"),
    "deregistered": _l("Deregistered"),
}
OWNERSHIP_WORDS: dict[str, Any] = {
    "public": _l("Public, publicly run"),
    "public_private": _l("Public-built, privately run"),
    "private_nonprofit": _l("Private, non-profit"),
    "private_profit": _l("Private, for profit"),
}
AUTHORITY_WORDS: dict[str, Any] = {
    "civil_affairs": _l("Civil affairs"),
    "market": _l("Market regulation"),
    "establishment": _l("Public establishment office"),
}
FIRE_WORDS: dict[str, Any] = {
    "accepted": _l("Fire acceptance passed"),
    "filed": _l("Fire filing made"),
    "assessed": _l("Assessed as safe"),
    "none": _l("No fire paper"),
}
KITCHEN_WORDS: dict[str, Any] = {
    "self_cook": _l("Own kitchen"),
    "delivered": _l("Meals delivered"),
    "central_kitchen": _l("Central kitchen"),
}
MEDICAL_WORDS: dict[str, Any] = {
    "clinic": _l("Own clinic or infirmary"),
    "hospital": _l("Own hospital or nursing hospital"),
    "agreement": _l("Agreement with a hospital"),
}
LICENCE_WORDS: dict[str, Any] = {
    "business": _l("Registration certificate"),
    "filing": _l("Filing receipt of the institution"),
    "food": _l("Food business licence"),
    "medical": _l("Medical licence or clinic filing"),
    "fire": _l("Fire acceptance or filing"),
    "special_equipment": _l("Inspection of lifts and boilers"),
    "insurance": _l("Liability insurance"),
    "property": _l("Property title or lease"),
    "contract": _l("Service or entrustment contract"),
    "other": _l("Other paper"),
}
BED_KIND_WORDS: dict[str, Any] = {
    "nursing": _l("Nursing bed"),
    "general": _l("General bed"),
    "dementia": _l("Dementia unit"),
    "short_stay": _l("Short stay"),
}
BED_CONDITION_WORDS: dict[str, Any] = {
    "planned": _l("Planned"),
    "available": _l("In use"),
    "maintenance": _l("Out of use"),
    "retired": _l("Retired"),
}
TYPES, OWNERSHIP_MODES, REGISTRATION_AUTHORITIES = tuple(TYPE_WORDS), tuple(OWNERSHIP_WORDS), tuple(AUTHORITY_WORDS)
REPORTED_TYPES = ("institution", "township_center", "village_station", "canteen")  # the 154 with a monthly report of their own
FIRE_STATUSES, LICENCE_TYPES, BED_KINDS = tuple(FIRE_WORDS), tuple(LICENCE_WORDS), tuple(BED_KIND_WORDS)


def one_of(column: str, values: tuple[str, ...], name: str | None = None) -> CheckConstraint:
    """A CHECK that keeps a column to its words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


class Township(Base):
    """镇街: a township, subdistrict or functional zone; `code` has nine digits (§1.5)."""

    __tablename__ = "townships"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str]
    name_en: Mapped[str]
    pinyin: Mapped[str]
    kind: Mapped[str]
    former_names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    lon: Mapped[float]
    lat: Mapped[float]
    area_km2: Mapped[float | None]


class Village(Base):
    """村居: a village or residents' community; `code` has twelve digits where it is known."""

    __tablename__ = "villages"
    __table_args__ = (
        UniqueConstraint("township_id", "name"),
        UniqueConstraint("id", "township_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"))
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]


class Facility(Audited, Scoped, Stateful, Base):
    """设施: one of five types; fields of §1.3. `facility_id` repeats `id` so that one wall fits every table."""

    __tablename__ = "facilities"
    AUDIT_NOUN = "facility"
    MOVES: ClassVar[Any] = {
        ("preparing", "operating"): "facility.opened",
        ("operating", "suspended"): "facility.suspended",
        ("suspended", "operating"): "facility.resumed",
        ("operating", "closed"): "facility.closed",
        ("suspended", "closed"): "facility.closed",
        ("closed", "deregistered"): "facility.deregistered",
        ("preparing", "deregistered"): "facility.deregistered",
    }
    __table_args__ = (
        one_of("facility_type", TYPES),
        one_of("state", tuple(STATE_WORDS)),
        one_of("ownership_mode", OWNERSHIP_MODES),
        one_of("registration_authority", REGISTRATION_AUTHORITIES),
        one_of("fire_status", FIRE_STATUSES),
        one_of("credit_class", ("A", "B", "C", "D")),
        one_of("kitchen_mode", tuple(KITCHEN_WORDS)),
        one_of("coord_system", tuple(coordinates.SYSTEM_WORDS)),
        CheckConstraint("beds_usable <= beds_set", name="beds_usable"),
        CheckConstraint("beds_nursing <= beds_set", name="beds_nursing"),
        CheckConstraint("least(beds_filed, beds_set, beds_usable, beds_nursing) >= 0", name="beds_not_negative"),
        CheckConstraint("star_level BETWEEN 1 AND 5", name="star_level"),
        CheckConstraint("lon BETWEEN 73 AND 136 AND lat BETWEEN 3 AND 54", name="position"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="position_whole"),
        UniqueConstraint("id", "township_id"),
        UniqueConstraint("code"),
        Index("facilities_usc_code_key", "usc_code", "facility_type", "name", unique=True),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(BigInteger, Computed("id", persisted=True), index=True, info={"silent": True})
    village_id: Mapped[int | None] = mapped_column(ForeignKey("villages.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    facility_type: Mapped[str] = mapped_column(index=True)
    usc_code: Mapped[str | None]
    usc_override_reason: Mapped[str | None]
    address: Mapped[str] = mapped_column(default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    coord_system: Mapped[str] = mapped_column(default="wgs84")  # as given; lon and lat are WGS-84
    phone: Mapped[str | None]
    operator: Mapped[str | None]
    legal_person: Mapped[str | None]
    head: Mapped[str | None]
    safety_officer: Mapped[str | None]
    fire_safety_responsible: Mapped[str | None]
    fire_safety_manager: Mapped[str | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]  # the first day it no longer is a place of care
    # institutions
    filing_no: Mapped[str | None]
    filing_on: Mapped[date | None]
    ownership_mode: Mapped[str | None]
    registration_authority: Mapped[str | None]
    beds_filed: Mapped[int | None]
    beds_set: Mapped[int | None]
    beds_usable: Mapped[int | None]
    beds_nursing: Mapped[int | None]
    fire_status: Mapped[str | None]
    fire_acceptance_no: Mapped[str | None]
    fire_key_unit: Mapped[bool] = mapped_column(default=False)
    medical_type: Mapped[str | None]
    star_level: Mapped[int | None]
    star_valid_to: Mapped[date | None]
    ltci_designated: Mapped[bool] = mapped_column(default=False)
    ltci_on: Mapped[date | None]
    stationed: Mapped[bool] = mapped_column(default=False)
    credit_class: Mapped[str | None]
    credit_class_on: Mapped[date | None]
    # what the building has; drives applies_if in the checklists
    has_elevator: Mapped[bool] = mapped_column(default=False)
    has_boiler: Mapped[bool] = mapped_column(default=False)
    has_fire_control_room: Mapped[bool] = mapped_column(default=False)
    has_canteen: Mapped[bool] = mapped_column(default=False)
    has_clinic: Mapped[bool] = mapped_column(default=False)
    uses_gas: Mapped[bool] = mapped_column(default=False)
    floors: Mapped[int | None]
    building_area: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    fire_rating: Mapped[str | None]
    structure_appraisal: Mapped[str | None]
    # stations, canteens, home-care organisations
    area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    open_hours: Mapped[str | None]
    services: Mapped[str | None]
    kitchen_mode: Mapped[str | None]
    seats: Mapped[int | None]
    meals_per_day: Mapped[int | None]
    caregivers: Mapped[int | None]
    contract_no: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    updated_at: Mapped[datetime] = mapped_column(default=calendar.now, onupdate=calendar.now, info={"silent": True})
    # filled where a list asks for them: residents there (a higher floor counts them), the first licence to expire
    in_home: Mapped[int | None] = query_expression()
    next_expiry: Mapped[date | None] = query_expression()
    township: Mapped[Township] = relationship(lazy="raise_on_sql")
    village: Mapped[Village | None] = relationship(lazy="raise_on_sql")

    @property
    def township_code(self) -> str:
        """The code of its township."""
        return self.township.code


class ServiceTownship(Base):
    """Which townships a home-care organisation serves (M:N, §1.2)."""

    __tablename__ = "facility_service_townships"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"), primary_key=True)
    served_township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), primary_key=True, index=True)


class Licence(Audited, Scoped, Base):
    """证照: one paper with its dates; reminders at 90, 30 and 7 days before `valid_to`."""

    __tablename__ = "licences"
    AUDIT_NOUN = "licence"
    __table_args__ = (
        place_key("licences"),
        one_of("licence_type", LICENCE_TYPES),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="dates"),
        Index("licences_valid_to_idx", "valid_to"),
        Index("licences_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, index=True)  # type: ignore[assignment]
    licence_type: Mapped[str]
    number: Mapped[str]
    issuer: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    file_hash: Mapped[str | None] = mapped_column(info={"silent": True})
    file_name: Mapped[str | None]
    is_current: Mapped[bool] = mapped_column(default=True)


EXPIRING = alerts.kind(
    alerts.Kind(
        "licence.expiring", _l("Licence %(number)s of %(place)s ends on %(day)s"), P.LICENCE_EDIT, "facilities.licence",
        "licence_id", steps=alerts.ONCE_OVER, by_mail=True, of_open_place=True,
    )
).name


class Room(Audited, Scoped, Base):
    """房间: building, floor, name; `sex_policy` any, male or female."""

    __tablename__ = "rooms"
    AUDIT_NOUN = "room"
    __table_args__ = (
        place_key("rooms"),
        one_of("sex_policy", ("any", "male", "female")),
        UniqueConstraint("facility_id", "building", "name"),
        UniqueConstraint("id", "facility_id"),
        Index("rooms_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    building: Mapped[str] = mapped_column(default="")
    floor: Mapped[int]
    name: Mapped[str]
    sex_policy: Mapped[str] = mapped_column(default="any")


class Bed(Audited, Scoped, Base):
    """床位: kinds and states of §3.1; whether someone sleeps in it is a stay's business, not a state."""

    __tablename__ = "beds"
    AUDIT_NOUN = "bed"
    __table_args__ = (
        place_key("beds"),
        one_of("bed_kind", BED_KINDS),
        one_of("condition", tuple(BED_CONDITION_WORDS)),
        CheckConstraint("price_fen >= 0", name="price_fen"),
        UniqueConstraint("room_id", "number"),
        UniqueConstraint("id", "facility_id"),
        Index("beds_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    number: Mapped[str]
    bed_kind: Mapped[str] = mapped_column(default="general")
    condition: Mapped[str] = mapped_column(default="available")  # its moves: beds/places/models.py
    price_fen: Mapped[int | None]  # a month


catalogue(
    {
        "facility.code_taken": (409, _l("Another facility has this code. Choose a different one.")),
        "facility.taken": (409, _l("This facility is registered already: same credit code, type and name.")),
        "facility.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "facility.beds_usable_above_set": (422, _l("Usable beds cannot be more than the beds set up. Check the two numbers.")),
        "facility.beds_nursing_above_set": (422, _l("Nursing beds cannot be more than the beds set up. Check the two numbers.")),
        "facility.beds_negative": (422, _l("A number of beds cannot be below zero.")),
        "facility.star_out_of_range": (422, _l("The star rating runs from 1 to 5.")),
        "facility.position_wrong": (422, _l("The position lies outside the country. Check longitude and latitude.")),
        "facility.position_half": (422, _l("Give both longitude and latitude, or neither.")),
        "facility.usc_wrong": (
            422,
            _l(
                "The check character of this credit code is wrong: compare it with the certificate. "
                "If the certificate says so, a district officer can accept it with a reason."
            ),
        ),
        "village.code_elsewhere": (422, _l("The first nine digits of this code are another township's. Compare them.")),
        "village.taken": (409, _l("This township has a village of this name or code already.")),
        "township.taken": (409, _l("There is a township with this code or name already.")),
        "facility.usc_length": (422, _l("A credit code has 18 characters.")),
        "facility.usc_signs": (422, _l("A credit code has digits and capital letters, but never I, O, S, V or Z.")),
        "facility.usc_authority": (
            422,
            _l("The credit code was given by another authority than the one chosen here. Compare both with the certificate."),
        ),
        "facility.residents_present": (
            409,
            _l("%(people)s residents still live here. Move them to other homes and end their stays first."),
        ),
        "facility.township_out_of_reach": (403, _l("This township lies outside your duties. Choose one of yours.")),
        "facility.village_elsewhere": (422, _l("This village belongs to another township. Choose one of this township.")),
        "licence.retired": (409, _l("This licence has been retired. Add the new one instead.")),
        "licence.dates_reversed": (422, _l("The licence cannot end before it begins. Check the two dates.")),
        "room.taken": (409, _l("This building has a room of this name already.")),
        "bed.number_taken": (409, _l("This room has a bed of this number already.")),
    },
    {
        "facilities_code_key": "facility.code_taken",
        "facilities_usc_code_key": "facility.taken",
        "facilities_id_township_id_key": "facility.taken",
        **{
            f"facilities_{name}_check": "facility.word_unknown"
            for name in (
                "facility_type", "state", "ownership_mode", "registration_authority", "fire_status", "credit_class",
                "kitchen_mode", "coord_system",
            )
        },
        "facilities_beds_usable_check": "facility.beds_usable_above_set",
        "facilities_beds_nursing_check": "facility.beds_nursing_above_set",
        "facilities_beds_not_negative_check": "facility.beds_negative",
        "facilities_star_level_check": "facility.star_out_of_range",
        "facilities_position_check": "facility.position_wrong",
        "facilities_position_whole_check": "facility.position_half",
        "villages_township_id_name_key": "village.taken",
        "villages_code_key": "village.taken",
        "villages_id_township_id_key": "village.taken",
        **dict.fromkeys(("townships_code_key", "townships_name_key"), "township.taken"),
        "licences_licence_type_check": "facility.word_unknown",
        "licences_dates_check": "licence.dates_reversed",
        **dict.fromkeys(("rooms_facility_id_building_name_key", "rooms_id_facility_id_key"), "room.taken"),
        "rooms_sex_policy_check": "facility.word_unknown",
        "beds_room_id_number_key": "bed.number_taken",
        "beds_id_facility_id_key": "bed.number_taken",
        "beds_bed_kind_check": "facility.word_unknown",
        "beds_condition_check": "facility.word_unknown",
    },
)
