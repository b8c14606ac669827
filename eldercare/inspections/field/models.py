"""What comes from the tablets: photos, drafts, findings; whom a visit is to look at. Rules: domain.md §5.3, house.md.

A photo is kept as it came, under the hash the tablet knows; beside it the picture drawn anew, without position, for
everybody outside. A draft is what the tablet has written so far, entry by entry: it is there so that a lost tablet loses
little, and goes some time after the record. Neither of them ever overwrites what is newer.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar, words, workdays
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import one_of
from eldercare.hazards.models import SEVERITY_WORDS, Deadlines, Hazard
from eldercare.hazards.orders.models import Terms

HASH = "^[0-9a-f]{64}$"


@dataclass(frozen=True)
class Rules:
    """Settings of the field: none of them was read in a law."""

    number: str  # letters before the number of a visit
    sample: int  # residents drawn for a visit
    photo_px: int
    photo_bytes: int
    late_hours: int  # a record that arrives so long after its end is marked
    clock_minutes: int  # a tablet whose clock is off by so much is marked
    answer_days: int  # working days in which the home may answer
    publish_days: int  # working days after the end until the result is public
    deadlines: Deadlines
    terms: Terms  # of rectification orders

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("NUMBER", "SAMPLE", "PHOTO_PX", "PHOTO_BYTES", "LATE_HOURS", "CLOCK_MINUTES", "ANSWER_WORKING_DAYS",
                 "PUBLISH_WORKING_DAYS")  # fmt: skip
        return cls(*(config[f"VISIT_{name}"] for name in names), Deadlines.of(config), Terms.of(config))

    def working_day(self, day: date, count: int) -> date:
        """The count-th working day after a day."""
        return workdays.known().after(day, count)


def _of_visit(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["visit_id", "facility_id"], ["visits.id", "visits.facility_id"], name=f"{table}_visit_fkey")


class VisitPhoto(Audited, Scoped, Base):
    """现场照片: the bytes as they came (`sha256`), the picture drawn anew without any note (`clean_*`), a small one."""

    __tablename__ = "visit_photos"
    AUDIT_NOUN = "visit_photo"
    __table_args__ = (
        place_key("visit_photos"),
        _of_visit("visit_photos"),
        CheckConstraint(f"sha256 ~ '{HASH}'", name="hash"),
        UniqueConstraint("visit_id", "sha256"),
        Index("visit_photos_visit_idx", "visit_id", "facility_id"),
        Index("visit_photos_place_idx", "facility_id", "township_id"),
        *(Index(f"visit_photos_{each}_idx", each) for each in ("sha256", "clean_sha256", "thumb_sha256")),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    bytes: Mapped[int]
    width: Mapped[int] = mapped_column(info={"silent": True})
    height: Mapped[int] = mapped_column(info={"silent": True})
    clean_sha256: Mapped[str] = mapped_column(info={"silent": True})
    clean_bytes: Mapped[int] = mapped_column(info={"silent": True})
    thumb_sha256: Mapped[str] = mapped_column(info={"silent": True})
    received_at: Mapped[datetime] = mapped_column(default=calendar.now)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)


class VisitDraft(Scoped, Base):
    """草稿: one entry of what a tablet has written, the newest it sent. Not in the log: every tap would be."""

    __tablename__ = "visit_drafts"
    __table_args__ = (
        place_key("visit_drafts"),
        _of_visit("visit_drafts"),
        CheckConstraint("seq >= 0", name="seq"),
        CheckConstraint("length(key) BETWEEN 1 AND 200 AND length(device) BETWEEN 1 AND 100", name="key"),
        UniqueConstraint("visit_id", "device", "key"),
        Index("visit_drafts_visit_idx", "visit_id", "facility_id"),
        Index("visit_drafts_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[str]
    key: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str]
    sha256: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    saved_at: Mapped[datetime] = mapped_column(default=calendar.now)


class VisitSample(Audited, Scoped, Base):
    """抽取老人: whom the visit looks at, drawn once: the order of the pool is by HMAC-SHA256(seed, resident id)."""

    __tablename__ = "visit_samples"
    AUDIT_NOUN = "visit_sample"
    __table_args__ = (
        place_key("visit_samples"),
        _of_visit("visit_samples"),
        CheckConstraint(f"seed ~ '{HASH}'", name="seed"),
        UniqueConstraint("visit_id"),
        Index("visit_samples_visit_idx", "visit_id", "facility_id"),
        Index("visit_samples_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    seed: Mapped[str]
    pool: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), info={"silent": True})
    resident_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    drawn_at: Mapped[datetime] = mapped_column(default=calendar.now)


class VisitFinding(Audited, Scoped, Base):
    """检查发现: what a record found wrong, by the key the tablet gave it, and the hazard it became."""

    __tablename__ = "visit_findings"
    AUDIT_NOUN = "visit_finding"
    __table_args__ = (
        place_key("visit_findings"),
        _of_visit("visit_findings"),
        ForeignKeyConstraint(
            ["hazard_id", "facility_id"], ["hazards.id", "hazards.facility_id"], name="visit_findings_hazard_fkey"
        ),
        one_of("severity", tuple(SEVERITY_WORDS)),
        CheckConstraint("(version_id IS NULL) = (item_code IS NULL)", name="item"),
        UniqueConstraint("visit_id", "key"),
        UniqueConstraint("hazard_id"),
        given("visit_findings_hazard_idx", "hazard_id", "facility_id"),
        given("visit_findings_version_idx", "version_id"),
        Index("visit_findings_visit_idx", "visit_id", "facility_id"),
        Index("visit_findings_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("checklist_versions.id"))
    item_code: Mapped[str | None]
    severity: Mapped[str]
    hazard_code: Mapped[str | None]
    description: Mapped[str]
    demand: Mapped[str] = mapped_column(default="")
    place_note: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]  # as it was said at the place
    fixed_on_spot: Mapped[bool] = mapped_column(default=False)
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"silent": True})
    hazard_id: Mapped[int | None] = mapped_column(BigInteger)
    hazard: Mapped[Hazard | None] = relationship(
        primaryjoin="foreign(VisitFinding.hazard_id) == Hazard.id", viewonly=True, lazy="raise_on_sql"
    )


class RescueKey(Base):
    """应急密钥: what the tablets seal a rescue file with (`public`, a JWK); the other half is sealed with PII_KEY."""

    __tablename__ = "rescue_keys"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    public: Mapped[dict[str, Any]]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)


class RescueFile(Base):
    """应急文件: one that was looked into and not taken in yet; its bytes lie in the store until it is, or its days are over."""

    __tablename__ = "rescue_files"
    __table_args__ = (UniqueConstraint("sha256"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sha256: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    kept_at: Mapped[datetime] = mapped_column(default=calendar.now)


words.name(
    "visit_photo", _l("photo of a visit"),
    columns={"visit_id": _l("Visit"), "sha256": "SHA-256", "bytes": _l("Size in bytes"), "received_at": _l("Received"),
             "person_id": _l("Sent by")},
    actions={
        "visit_photo.received": _l("Photo of a visit received"), "visit_photo.opened": _l("Photo of a visit opened"),
        "visit_photo.removed": _l("Photo removed that no record names"),
    },
)  # fmt: skip
words.name(
    "visit_sample", _l("residents drawn for a visit"),
    columns={"visit_id": _l("Visit"), "seed": _l("Seed"), "resident_ids": _l("Residents drawn"), "drawn_at": _l("Drawn")},
    actions={"visit_sample.drawn": _l("Residents drawn by lot")},
)  # fmt: skip
words.name(
    "visit_finding", _l("finding of a visit"),
    columns={
        "visit_id": _l("Visit"), "key": _l("Mark on the tablets"),
        "version_id": _l("Version of the list"), "item_code": _l("Item"), "severity": _l("Severity"),
        "hazard_code": _l("Row of the major hazards"), "description": _l("What is wrong"), "demand": _l("What is demanded"),
        "place_note": _l("Where"), "due_on": _l("Deadline"), "fixed_on_spot": _l("Put right on the spot"),
        "hazard_id": _l("Hazard"),
    },
    values={"severity": SEVERITY_WORDS},
    actions={"visit_finding.received": _l("Finding received")},
)  # fmt: skip

catalogue(
    {
        "photo.damaged": (422, _l("The photo arrived damaged. It is kept on the tablet and will be sent again.")),
        "photo.busy": (409, _l("This photo is being received already. It will be asked for again.")),
        "draft.wrong": (422, _l("The draft could not be read. It stays on the tablet.")),
        "visit.not_lead": (403, _l("Only the lead of this visit writes its record. Sign in as the lead on this tablet.")),
        "visit.not_in_team": (403, _l("You are no longer of the team of this visit.")),
        "visit.is_cancelled": (409, _l("This visit was cancelled, so no record is taken. Tell your district officer.")),
        "visit.photos_missing": (409, _l("Photos of this record have not arrived yet. They are sent first.")),
        "visit.record_unread": (422, _l("This is no record the platform can read: %(why)s. It stays on the tablet.")),
        "visit.record_wrong": (422, _l("Some entries of the record are missing or do not fit. They are named one by one.")),
        "visit.half_sent": (409, _l("The finding cannot be kept twice. Send the record again.")),
        "rescue.wrong": (422, _l("This is no rescue file of this platform, or it is damaged. Take the file the tablet made.")),
        "rescue.gone": (422, _l("The file that was looked into is here no longer. Choose it once more.")),
        "rescue.other_platform": (
            422, _l("This file was sealed for another platform and cannot be opened here. Take it to the platform it is from."),
        ),
    },
    {
        "visit_photos_hash_check": "photo.damaged",
        "visit_photos_visit_id_sha256_key": "photo.busy",
        "visit_drafts_seq_check": "draft.wrong",
        "visit_drafts_key_check": "draft.wrong",
        "visit_drafts_visit_id_device_key_key": "row.busy",
        "visit_samples_seed_check": "row.busy",
        "visit_samples_visit_id_key": "row.busy",
        "visit_findings_severity_check": "visit.word_unknown",
        "visit_findings_item_check": "visit.half_sent",
        "visit_findings_visit_id_key_key": "visit.half_sent",
        "visit_findings_hazard_id_key": "visit.half_sent",
        "rescue_keys_one_check": "row.busy",
        "rescue_files_sha256_key": "row.busy",
    },
)
