"""What anybody may know of an edition whose code, or whose file, they hold."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import CODE, Report
from eldercare.reporting.retention.models import kept_from

OPEN = ("monthly", "quarterly", "annual")  # reports of a period; what is about one row, one event or one question is not public
MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", **dict.fromkeys(" -_.·—–\u3000\t\r\n", "")})


@dataclass(frozen=True)
class Edition:
    """An edition as the public may see it; what it says of its content is empty unless `is_open`."""

    code: str
    kind: str
    state: str
    sha256: str
    bytes: int
    made_at: datetime
    drawn_sha256: str
    drawn_bytes: int
    dataset_sha256: str
    run_id: int
    is_open: bool
    is_secret: bool  # how its file is kept
    edition: int
    language: str
    period: str = ""
    township: str = ""
    township_en: str = ""
    facility: str = ""
    number: int | None = None
    number_year: int | None = None
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    published_by: str = ""
    keep_until: date | None = None
    kept_from: date | None = None  # the day its years count from
    kept_longer: bool = False  # than its years; why is not told
    file_removed_at: datetime | None = None
    replaced_by: str = ""  # the code of the edition that counts instead

    @property
    def is_paper(self) -> bool:
        """About one row, as against a month."""
        return self.is_secret


def normal(text: str) -> str:
    """A code as it is kept, however it was typed; empty when it is none.

    Small letters, blanks, I and L for 1, O for 0; the wide letters and digits of a Chinese keyboard; the address the QR holds.
    """
    typed = unicodedata.normalize("NFKC", text).strip().rstrip("/")
    code = typed.rpartition("/verify/")[2].upper().translate(MISREAD)
    return code if len(code) == 16 and set(code) <= set(CODE) else ""


def by_code(scope: Scope, *codes: str) -> Edition | None:
    """The edition with one of these codes."""
    return _one(scope, Report.code.in_([code for each in codes if (code := normal(each))]))


def by_file(scope: Scope, sha256: str) -> Edition | None:
    """The edition whose file has this hash."""
    return _one(scope, Report.pdf_sha256 == sha256)


def _one(scope: Scope, which: ColumnElement[bool]) -> Edition | None:
    """Whoever holds the code or the file holds the paper: no other row can be reached this way, and no figures are read."""
    with scope.widened() as wide:
        row = db.session.execute(_query(wide).where(which).order_by(Report.id).limit(1)).mappings().one_or_none()
    if row is None:
        return None
    module = reporting.kinds().get(row["kind"])
    is_open = not row["subject"] and row["state"] in ("published", "withdrawn") and getattr(module, "CADENCE", "") in OPEN
    told = {name: value for name, value in row.items() if value is not None and name not in ("subject", "cutoff_at")}
    closed = ("period", "township", "township_en", "facility", "number", "number_year", "published_at", "published_by",
              "withdrawn_at")  # fmt: skip
    shown = {name: value for name, value in told.items() if is_open or name not in closed}
    began = kept_from(row["subject"], row["cutoff_at"], row["published_at"] or row["made_at"])
    return Edition(**shown, is_open=is_open, is_secret=bool(row["subject"]), kept_from=began)


def _query(wide: Scope) -> Any:
    later = aliased(Report)
    columns = (
        Report.code, Report.kind, Report.state, Report.pdf_sha256.label("sha256"), Report.bytes, Report.made_at,
        Report.drawn_sha256, Report.drawn_bytes, Report.dataset_sha256, Report.run_id, Report.edition, Report.language,
        Report.period, Report.subject, Report.number, Report.number_year, Report.published_at, Report.published_by,
        Report.withdrawn_at, Report.cutoff_at, Report.keep_until, Report.keep_reason.is_not(None).label("kept_longer"),
        Report.file_removed_at,
        Township.name.label("township"), Township.name_en.label("township_en"), Facility.name.label("facility"),
        later.code.label("replaced_by"),
    )  # fmt: skip
    return (
        wide.columns(Report, *columns)
        .outerjoin(Township, Township.id == Report.township_id)
        .outerjoin(Facility, (Facility.id == Report.facility_id) & wide.where(Facility))
        .outerjoin(later, later.id == Report.replaced_by_id)
    )
