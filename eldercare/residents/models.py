"""The registry of older people. Fields: domain.md §2.1; ability assessment: GB/T 42195-2022, §2.3."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.ethnicities import ETHNICITY_WORDS
from eldercare.core.secrets import Sealed, SealedText
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, Township, Village, one_of

SEXES = ("male", "female")
SCALE = "GB/T 42195-2022"  # results of other scales are kept beside it and never converted (§2.3)
STATES = ("active", "moved_out", "deceased", "duplicate")
ID_TYPES = ("id_card", "hk_macao_permit", "taiwan_permit", "passport", "other")
# 特困(集中/分散) 低保 低保边缘 刚性支出困难 优抚 计划生育特殊家庭 重度残疾 普通
HOUSEHOLD_TYPES = (
    "extreme_poverty_institution", "extreme_poverty_home", "subsistence_allowance", "near_subsistence",
    "rigid_expenditure", "preferential", "special_family", "severe_disability", "ordinary",
)
LOW_INCOME = ("extreme_poverty_institution", "extreme_poverty_home", "subsistence_allowance", "near_subsistence")
# 独居 空巢 与子女同住 与其他亲属 入住机构 其他
LIVING_ARRANGEMENTS = ("living_alone", "empty_nest", "with_children", "with_relatives", "institution", "other")
ABILITY_LEVELS = ("intact", "mild", "moderate", "severe", "total")  # index = level 0–4
AGE_BANDS = {"60-69": (60, 69), "70-79": (70, 79), "80-89": (80, 89), "90-99": (90, 99), "100+": (100, 199), "under-60": (0, 59)}

# What the codes are called, for lists, forms, histories and reports: kind → code → words.
WORDS: dict[str, dict[Any, Any]] = {
    "sex": {"male": _l("Male"), "female": _l("Female")},
    "state": {
        "active": _l("Registered"), "moved_out": _l("Moved out"), "deceased": _l("Deceased"),
        "duplicate": _l("Duplicate record"),
    },
    "id_type": {
        "id_card": _l("Resident identity card"), "hk_macao_permit": _l("Hong Kong or Macao permit"),
        "taiwan_permit": _l("Taiwan permit"), "passport": _l("Passport"), "other": _l("Other document"),
    },
    "birth_date_source": {"id_number": _l("from the ID number"), "entered": _l("entered by hand")},
    "household_type": {
        "extreme_poverty_institution": _l("Extreme difficulty, supported in a home"),
        "extreme_poverty_home": _l("Extreme difficulty, supported at home"),
        "subsistence_allowance": _l("Subsistence allowance"), "near_subsistence": _l("Near subsistence"),
        "rigid_expenditure": _l("Hardship through unavoidable costs"), "preferential": _l("Preferential treatment"),
        "special_family": _l("Special family under family planning"), "severe_disability": _l("Severe disability"),
        "ordinary": _l("Ordinary household"),
    },
    "living_arrangement": {
        "living_alone": _l("Living alone"), "empty_nest": _l("Empty nest (couple only)"),
        "with_children": _l("With children"), "with_relatives": _l("With other relatives"),
        "institution": _l("In a home"), "other": _l("Other living arrangement"),
    },
    "hukou_type": {"urban": _l("Urban"), "rural": _l("Rural"), "unified": _l("Unified resident")},
    "ability_level": {
        0: _l("Level 0, intact"), 1: _l("Level 1, mildly disabled"), 2: _l("Level 2, moderately disabled"),
        3: _l("Level 3, severely disabled"), 4: _l("Level 4, totally disabled"),
    },
    "age_band": {
        "60-69": _l("60–69 years"), "70-79": _l("70–79 years"), "80-89": _l("80–89 years"), "90-99": _l("90–99 years"),
        "100+": _l("100 years and over"), "under-60": _l("Under 60 years"),
    },
    "chronic_diseases": {
        "I10": _l("High blood pressure"), "I25": _l("Coronary heart disease"), "I50": _l("Heart failure"), "I63": _l("Stroke"),
        "E11": _l("Diabetes"), "J44": _l("Chronic lung disease"), "N18": _l("Chronic kidney disease"), "C80": _l("Cancer"),
        "G20": _l("Parkinson’s disease"), "M17": _l("Arthritis"), "M81": _l("Osteoporosis"), "H25": _l("Cataract"),
    },
    "assessment_kind": {
        "first": _l("First assessment"), "regular": _l("Regular assessment"), "prompt": _l("Assessment on change"),
        "review": _l("Review of an assessment"),
    },
    "relation": {
        "spouse": _l("Husband or wife"), "son": _l("Son"), "daughter": _l("Daughter"), "child": _l("Child"),
        "son_in_law": _l("Son-in-law"), "daughter_in_law": _l("Daughter-in-law"), "grandchild": _l("Grandchild"),
        "sibling": _l("Brother or sister"), "nephew": _l("Nephew"), "niece": _l("Niece"), "relative": _l("Other relative"),
        "neighbour": _l("Neighbour"), "friend": _l("Friend"), "committee": _l("Village or residents’ committee"),
        "other": _l("Other relation"),
    },
    "legal_basis": {"law": _l("by law"), "agreement": _l("by agreement"), "court": _l("by the court")},
    "contact_kind": {"emergency": _l("Emergency contact"), "guardian": _l("Guardian")}, "ethnicity": ETHNICITY_WORDS,
    "death_source": {
        "family": _l("Told by the family"), "village": _l("Told by the village committee"), "home": _l("Told by the home"),
        "hospital": _l("Hospital"), "police": _l("Police household register"), "funeral": _l("Funeral service records"),
        "match": _l("Data matching"),
    },
}

# What the columns are called, for histories and for the side-by-side view of an intake.
LABELS: dict[str, Any] = {
    "name": _l("Full name"), "sex": _l("Sex"), "birth_date": _l("Date of birth"),
    "birth_date_source": _l("Source of the date of birth"),
    "id_type": _l("Kind of document"), "id_number": _l("ID number"), "phone": _l("Telephone"),
    "social_card_no": _l("Social security card"), "bank_account": _l("Bank account"), "bank_name": _l("Bank"),
    "ethnicity": _l("Ethnic group"), "hukou_township_id": _l("Township of household registration"),
    "hukou_type": _l("Kind of household registration"), "hukou_address": _l("Address of household registration"),
    "township_id": _l("Township"), "village_id": _l("Village or community"), "village_name": _l("Village as written"),
    "address": _l("Address"), "facility_id": _l("Care home"), "household_type": _l("Household type"),
    "living_arrangement": _l("Living arrangement"), "left_behind": _l("Left behind"), "ability_level": _l("Ability level"),
    "ability_score": _l("Ability score"), "assessed_on": _l("Assessed on"), "next_due_on": _l("Next assessment due"),
    "care_level": _l("Care level"), "chronic_diseases": _l("Chronic diseases"), "dementia": _l("Dementia"),
    "disability_cert": _l("Disability certificate"), "notes": _l("Notes"), "state": _l("State"),
    "registered_on": _l("Registered on"), "moved_out_on": _l("Moved out on"), "moved_to": _l("Moved to"),
    "died_on": _l("Died on"), "death_source": _l("Source of the death notice"), "duplicate_of_id": _l("Duplicate of"),
    "kind": _l("Kind"), "position": _l("Order"), "relation": _l("Relation"), "may_contact": _l("Agreed to be called"),
    "legal_basis": _l("Legal basis"), "certificate_no": _l("Certificate number"), "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"), "purpose": _l("Purpose"), "version": _l("Version of the text"), "signed_by": _l("Signed by"),
    "signed_on": _l("Signed on"), "withdrawn_on": _l("Withdrawn on"), "scale": _l("Scale"), "items": _l("Indicators"),
    "score": _l("Score"), "raw_level": _l("Level by score"), "adjustments": _l("Adjustments"), "final_level": _l("Final level"),
    "assessor": _l("Assessor"), "second_assessor": _l("Second assessor"), "note": _l("Note"), "is_void": _l("Void"),
}


class Resident(Audited, Scoped, Stateful, Base):
    """老年人: one person of the register.

    `township_id` is where they live (residence); `facility_id` the home they live in, if any.
    """

    __tablename__ = "residents"
    AUDIT_NOUN = "resident"
    MOVES: ClassVar[Any] = {
        ("active", "moved_out"): "resident.moved_out",
        ("active", "deceased"): "resident.deceased",
        ("moved_out", "deceased"): "resident.deceased",
        ("moved_out", "active"): "resident.returned",
        ("deceased", "active"): "resident.death_corrected",
        ("active", "duplicate"): "resident.marked_duplicate",
        ("duplicate", "active"): "resident.duplicate_corrected",
    }
    __table_args__ = (
        place_key("residents"),
        ForeignKeyConstraint(
            ["village_id", "township_id"], ["villages.id", "villages.township_id"], name="residents_village_fkey"
        ),
        one_of("sex", SEXES),
        one_of("state", STATES),
        one_of("id_type", ID_TYPES),
        one_of("birth_date_source", ("id_number", "entered")),
        one_of("household_type", HOUSEHOLD_TYPES),
        one_of("living_arrangement", LIVING_ARRANGEMENTS),
        one_of("hukou_type", ("urban", "rural", "unified")),
        CheckConstraint("ability_level BETWEEN 0 AND 4", name="ability_level"),
        CheckConstraint("ability_score BETWEEN 0 AND 90", name="ability_score"),
        CheckConstraint("birth_date > DATE '1890-01-01'", name="birth_date"),
        CheckConstraint("state <> 'deceased' OR died_on IS NOT NULL", name="death_day"),
        CheckConstraint("died_on >= birth_date", name="death_after_birth"),
        CheckConstraint("least(died_on, moved_out_on) >= registered_on", name="leaving_after_registration"),
        CheckConstraint("facility_id IS NULL OR state = 'active'", name="home_only_active"),
        UniqueConstraint("id", "township_id"),
        # what a stay keeps of a person follows from here (a foreign key that cascades)
        Index("residents_identity_key", "id", "name", "sex", "birth_date", unique=True),
        Index("residents_id_number_key", "id_number_index", unique=True, postgresql_where="state <> 'duplicate'"),
        Index("residents_search_idx", "search", postgresql_using="gin"), Index("residents_birth_date_idx", "birth_date"),
        Index("residents_township_list_idx", "township_id", "state", "id"), Index("residents_id_last4_idx", "id_last4"),
        given("residents_place_idx", "facility_id", "township_id"), Index("residents_phone_index_idx", "phone_index"),
        given("residents_village_place_idx", "village_id", "township_id"),
        given("residents_hukou_township_id_idx", "hukou_township_id"), given("residents_duplicate_of_id_idx", "duplicate_of_id"),
        given("residents_ability_level_idx", "ability_level"), given("residents_next_due_on_idx", "next_due_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"))
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(info={"mask": "name"})
    sex: Mapped[str]
    birth_date: Mapped[date]
    birth_date_source: Mapped[str] = mapped_column(default="id_number")
    id_type: Mapped[str] = mapped_column(default="id_card")
    id_number: Mapped[Sealed | None] = mapped_column(SealedText("id_number"), info={"mask": "id_number"})
    id_number_index: Mapped[bytes | None] = mapped_column(info={"silent": True})
    id_last4: Mapped[str | None] = mapped_column(info={"silent": True})
    phone: Mapped[Sealed | None] = mapped_column(SealedText("phone"), info={"mask": "phone"})
    phone_index: Mapped[bytes | None] = mapped_column(info={"silent": True})
    social_card_no: Mapped[Sealed | None] = mapped_column(SealedText("social_card_no"), info={"mask": "hide"})
    bank_account: Mapped[Sealed | None] = mapped_column(SealedText("bank_account"), info={"mask": "hide"})
    bank_name: Mapped[str | None]
    ethnicity: Mapped[str | None]
    hukou_township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"))
    hukou_type: Mapped[str | None]
    hukou_address: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    village_id: Mapped[int | None]
    village_name: Mapped[str | None]  # as written in the source, where the register knows no such village
    address: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    household_type: Mapped[str] = mapped_column(default="ordinary", index=True)
    living_arrangement: Mapped[str] = mapped_column(default="other", index=True)
    left_behind: Mapped[bool] = mapped_column(default=False)
    ability_level: Mapped[int | None]
    ability_score: Mapped[int | None]
    assessed_on: Mapped[date | None]
    next_due_on: Mapped[date | None]
    care_level: Mapped[str | None]
    chronic_diseases: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"mask": "hide"})
    dementia: Mapped[bool] = mapped_column(default=False)
    disability_cert: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    notes: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    state: Mapped[str] = mapped_column(default="active")
    registered_on: Mapped[date] = mapped_column(default=calendar.today)
    moved_out_on: Mapped[date | None]
    moved_to: Mapped[str | None]
    died_on: Mapped[date | None]
    death_source: Mapped[str | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, info={"silent": True})
    # which list brought the record in: a trace, never looked up, and no key, since that took an eighth of a list's time
    import_run_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    updated_at: Mapped[datetime] = mapped_column(default=calendar.now, onupdate=calendar.now, info={"silent": True})
    version: Mapped[int] = mapped_column(default=1, info={"silent": True})
    township: Mapped[Township] = relationship(foreign_keys=[township_id], lazy="raise_on_sql", viewonly=True)
    facility: Mapped[Facility | None] = relationship(lazy="raise_on_sql", viewonly=True)
    village: Mapped[Village | None] = relationship(lazy="raise_on_sql", viewonly=True)
    __mapper_args__: ClassVar[Any] = {"version_id_col": version}


class _OfResident(Scoped):
    """A row about a resident; its place follows the resident's (trigger `follow_resident`, key `of_resident()`)."""

    township_id: Mapped[int] = mapped_column(index=True)
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    resident_id: Mapped[int] = mapped_column(BigInteger, index=True)


def of_resident(table: str) -> tuple[ForeignKeyConstraint, Index]:
    """Whose row it is and that it lies where they live (when they move, it moves along); the rows of a home."""
    columns, theirs = ["resident_id", "township_id"], ["residents.id", "residents.township_id"]
    key = ForeignKeyConstraint(columns, theirs, f"{table}_resident_fkey", onupdate="CASCADE")
    return key, given(f"{table}_facility_id_idx", "facility_id")


class Assessment(_OfResident, Audited, Base):
    """能力评估: 26 indicators of GB/T 42195-2022; score 0–90, higher = abler; levels 0–4."""

    __tablename__ = "assessments"
    AUDIT_NOUN = "assessment"
    __table_args__ = (
        *of_resident("assessments"),
        one_of("kind", ("first", "regular", "prompt", "review")),
        one_of("scale", (SCALE, "LTCI", "MZ/T 039")),
        CheckConstraint("score BETWEEN 0 AND 90", name="score"),
        CheckConstraint("raw_level BETWEEN 0 AND 4 AND final_level BETWEEN 0 AND 4", name="levels"),
        CheckConstraint("next_due_on > assessed_on", name="dates"),
        Index("assessments_latest_idx", "resident_id", "assessed_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(default="first")
    scale: Mapped[str] = mapped_column(default=SCALE)
    assessed_on: Mapped[date]
    items: Mapped[dict[str, Any]]  # indicator → points; empty where only the result is known
    score: Mapped[int]
    raw_level: Mapped[int]
    adjustments: Mapped[list[Any]] = mapped_column(default=list)
    final_level: Mapped[int]
    next_due_on: Mapped[date]
    assessor: Mapped[str]
    second_assessor: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    # what a list had said of the person's ability before this took its place: columns of Resident → values
    replaced: Mapped[dict[str, Any] | None] = mapped_column(info={"silent": True})
    is_void: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)


class Contact(_OfResident, Audited, Base):
    """紧急联系人 and 监护人: whom to call, in order."""

    __tablename__ = "contacts"
    AUDIT_NOUN = "contact"
    __table_args__ = (*of_resident("contacts"), one_of("kind", ("emergency", "guardian")))
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(default="emergency")
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(info={"mask": "name"})
    relation: Mapped[str | None]
    phone: Mapped[Sealed | None] = mapped_column(SealedText("phone"), info={"mask": "phone"})
    may_contact: Mapped[bool] = mapped_column(default=True)
    legal_basis: Mapped[str | None]


class HouseholdSpell(_OfResident, Audited, Base):
    """家庭类型 over time, with its certificate."""

    __tablename__ = "household_spells"
    AUDIT_NOUN = "household_spell"
    __table_args__ = (
        *of_resident("household_spells"),
        one_of("household_type", HOUSEHOLD_TYPES),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    household_type: Mapped[str]
    certificate_no: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Consent(_OfResident, Audited, Base):
    """授权同意: to what purpose, in which version, signed by whom, when withdrawn (PIPL arts. 13, 29)."""

    __tablename__ = "consents"
    AUDIT_NOUN = "consent"
    __table_args__ = (
        *of_resident("consents"), CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= signed_on", name="dates"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    purpose: Mapped[str]
    version: Mapped[str]
    signed_by: Mapped[str] = mapped_column(info={"mask": "name"})
    signed_on: Mapped[date]
    withdrawn_on: Mapped[date | None]


class ResidentChange(_OfResident, Base):
    """What an Excel intake changed in a record: {column: [before, after]}, personal values masked.

    Written by the intake alone, with one AuditEntry that carries the file's hash for all of them.
    """

    __tablename__ = "resident_changes"
    __table_args__ = of_resident("resident_changes")
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    row_number: Mapped[int]
    changes: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=calendar.now)


_WORDS = {
    "residents": ("sex", "state", "id_type", "birth_date_source", "household_type", "living_arrangement", "hukou_type"),
    "assessments": ("kind", "scale"),
    "contacts": ("kind",), "household_spells": ("household_type",),
}
catalogue(
    {
        "resident.id_number_taken": (409, _l(
            "Someone with this ID number is registered already. Search for the number to open the record."
        )),
        "resident.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "resident.birth_date_wrong": (422, _l("The date of birth cannot be right. Compare it with the identity card.")),
        "resident.death_day_missing": (422, _l("Give the day of death.")),
        "resident.death_before_birth": (422, _l("The day of death lies before the day of birth. Check the date.")),
        "resident.left_before_registered": (422, _l("This day lies before the day of registration. Correct whichever is wrong.")),
        "resident.lives_in_home": (409, _l(
            "This person lives in a home. Open the stay under “Stays in homes” on this page and record the discharge or the "
            "death there; the record follows."
        )),
        "resident.registered_elsewhere": (409, _l(
            "Someone with this ID number is registered in another township. Ask the district office to move the "
            "record here."
        )),
        "resident.maybe_known": (409, _l(
            "People who may be the same are registered already. Compare them below; if it is someone else, tick the "
            "box and send again."
        )),
        "resident.number_contradicts": (422, _l(
            "The ID number says otherwise: %(says)s. Compare both with the identity card."
        )),
        "resident.number_missing": (422, _l("Give the number of the document.")),
        "resident.village_elsewhere": (422, _l("This village belongs to another township. Choose the village again.")),
        "resident.day_ahead": (422, _l("This day has not come yet.")),
        "resident.changed_meanwhile": (409, _l(
            "%(who)s changed this record while you had it open (%(what)s). Nothing of yours was saved: look at the "
            "record, then repeat your change."
        )),
        "resident.place_needed": (403, _l(
            "New people are registered by the township or the district. Ask your township office to register this "
            "person first."
        )),
        "resident.not_found_there": (422, _l("There is no other record with this number within your duties.")),
        "resident.same_township": (422, _l("The person lives in this township already.")),
        "resident.not_active": (409, _l("This record is closed. Take the person back onto the register first.")),
        "resident.number_in_address": (
            422, _l("A whole number must not stand in an address. Send it in the body: POST /api/v1/residents/find.")
        ),
        "resident.value_unknown": (404, _l("There is no such value to show.")),
        "resident.export_too_large": (409, _l(
            "%(rows)s records are more than the %(limit)s one export may hold without the district's approval. Narrow "
            "the list, or ask the district office to export it."
        )),
        "resident.taken": (409, _l("This record exists already.")),
        "household.dates_reversed": (422, _l("The entitlement cannot end before it begins. Check the two dates.")),
        "consent.dates_reversed": (422, _l("A consent cannot be withdrawn before it was signed.")),
    },
    {
        **{f"{table}_{name}_check": "resident.word_unknown" for table, names in _WORDS.items() for name in names},
        "residents_id_number_key": "resident.id_number_taken",
        "residents_id_township_id_key": "resident.taken",
        "residents_identity_key": "resident.taken",
        "residents_birth_date_check": "resident.birth_date_wrong",
        "residents_death_day_check": "resident.death_day_missing",
        "residents_death_after_birth_check": "resident.death_before_birth",
        "residents_leaving_after_registration_check": "resident.left_before_registered",
        "residents_home_only_active_check": "resident.lives_in_home",
        "household_spells_dates_check": "household.dates_reversed",
        "consents_dates_check": "consent.dates_reversed",
    },
)
