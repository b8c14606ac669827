"""Sealed reports: the data as it stood, the paper made from it, and their hashes."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar, runs, words
from eldercare.core.access import P
from eldercare.core.db import Base, Scoped
from eldercare.core.errors import catalogue
from eldercare.reporting.approval.models import Life, rules
from eldercare.reporting.retention.models import Kept, kept_from
from eldercare.reporting.retention.models import rules as kept_rules

CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is mistaken for another by eye


def new_code() -> str:
    """Sixteen characters by which an edition is found again; 80 bits, not to be guessed."""
    return "".join(secrets.choice(CODE) for _ in range(16))


class Report(Scoped, Life, Kept, Base):
    """One edition of one report: `dataset` is what collect() returned, sealed by its hash.

    A paper is about one row, its `subject` ("visit:12"), and is kept encrypted. `is_internal`: the place it is about does
    not see it yet (the wall says so too); `person_id`: a draft paper, seen by its author alone.
    `imprint` is what people add to the figures: code and address of the check page, number, words, who reviewed and
    approved. The PDF follows from figures, imprint, language, edition and template; its bytes as drawn have
    `drawn_sha256`, and the file handed out is these bytes with the seal behind them, `pdf_sha256`. When its years are over
    file, figures and imprint go, and the rest stays for ever (`retention`).
    """

    __tablename__ = "reports"
    AUDIT_NOUN = "report"
    __table_args__ = (
        # the same report of the same month and place, or of the same row, has each edition once
        Index(
            "reports_edition_key", "kind", "period", "place", "subject", "language", "edition",
            unique=True,
        ),
        CheckConstraint("person_id IS NULL OR is_internal", name="draft"),
        CheckConstraint("state IN ('draft', 'reviewed', 'approved', 'published', 'withdrawn')", name="state"),
        Index("reports_code_key", "code", unique=True),
        Index("reports_pdf_idx", "pdf_sha256"),
        Index("reports_subject_idx", "subject", postgresql_where="subject <> ''"),
        Index("reports_run_key", "run_id", "language", unique=True),
        Index("reports_cutoff_at_idx", "cutoff_at"),
        Index(
            "reports_photos_idx", text("(dataset['photos'])"), postgresql_using="gin",
            postgresql_where=text("file_removed_at IS NULL"),
        ),
        *rules(),
        *kept_rules(),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str]
    period: Mapped[str] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")  # beside its kind's name: a title of its own, a paper's number
    subject: Mapped[str] = mapped_column(default="")
    is_internal: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    township_id: Mapped[int | None] = mapped_column(index=True)  # type: ignore[assignment]
    facility_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    language: Mapped[str] = mapped_column(default="zh")
    edition: Mapped[int] = mapped_column(default=1)
    template_version: Mapped[str]
    tools_key: Mapped[str | None] = mapped_column(ForeignKey("report_tools.key"), index=True)  # null: drawn before they were kept
    cutoff_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="published")
    code: Mapped[str] = mapped_column(default=new_code)
    dataset: Mapped[dict[str, Any]]
    dataset_sha256: Mapped[str]
    imprint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    drawn_sha256: Mapped[str]
    drawn_bytes: Mapped[int]
    pdf_sha256: Mapped[str]
    pages: Mapped[int]
    bytes: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)

    @property
    def is_paper(self) -> bool:
        """About one row, as against a month."""
        return bool(self.subject)

    @property
    def cutoff_day(self) -> date:
        """The last day whose figures are in it, to 24:00."""
        return calendar.local(self.cutoff_at - timedelta(seconds=1)).date()

    @property
    def kept_from(self) -> date:
        """The day the years of its keeping count from."""
        return kept_from(self.subject, self.cutoff_at, self.published_at or self.made_at or calendar.now())


class Tools(Base):
    """What reports were drawn with: a bundle of templates and code (a blob), and the engine and fonts beside it."""

    __tablename__ = "report_tools"
    key: Mapped[str] = mapped_column(primary_key=True)
    bundle_sha256: Mapped[str]
    engine: Mapped[dict[str, Any]]
    first_at: Mapped[datetime] = mapped_column(default=calendar.now)


class SealCertificate(Base):
    """A certificate that stood under reports, or above one that did: what an old key sealed can be told years later."""

    __tablename__ = "seal_certificates"
    sha256: Mapped[str] = mapped_column(primary_key=True)  # of the certificate in DER
    name: Mapped[str]
    pem: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    first_used_at: Mapped[datetime] = mapped_column(default=calendar.now)


class ClockMark(Base):
    """What the clock remembers: until which day each kind of work was written down, its last tick."""

    __tablename__ = "clock_marks"
    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date | None]
    at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


def _failed(details: dict[str, Any]) -> str:
    from eldercare.reporting.listing import kind_words  # noqa: PLC0415 — the lists need the tables first

    job = f"{kind_words(details['job'])} {details['period']}".strip()
    why = runs.reason(details["code"], details["why"])
    return str(gettext("%(job)s was not made at try %(tries)s. %(why)s", job=job, tries=details["tries"], why=why))


FAILED = alerts.kind(
    alerts.Kind("run.failed", _failed, P.REPORT_BUILD, "reporting.show_run", "run_id", tone="bad", by_mail=True,
                title=_l("jobs of the clock failed"))
)  # fmt: skip
STANDSTILL = {
    "queue": _l(
        "No worker is running, so nothing that waits is done: no report, no export, no mail. Start it with “flask worker”."
    ),
    "clock": _l("The clock is not running, so nothing falls due: no report, no reminder. Start it with “flask clock”."),
}
for _part, _words in STANDSTILL.items():
    alerts.kind(
        alerts.Kind(f"{_part}.stands", _words, P.REPORT_BUILD, "reporting.index", "part", tone="bad", by_mail=True,
                    title=_l("parts of the platform standing still"))
    )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """The queue or the clock, as what an alert is about."""

    name: str
    AUDIT_NOUN: ClassVar[str] = "part"

    @property
    def id(self) -> int:
        """Its number."""
        return list(STANDSTILL).index(self.name) + 1


words.name(
    "report", _l("report"),
    actions={
        "report.made": _l("Report made"), "report.asked_for": _l("Report asked for"), "report.opened": _l("Report opened"),
        "report.packed": _l("Reports of a month packed into a ZIP"),
        "report.files_removed": _l("Files of jobs removed"),
        "report.exported": _l("List of reports exported"),
    },
    columns={
        "kind": _l("Report"), "period": _l("Month"), "place": _l("Place"), "edition": _l("Edition"), "how": _l("How"),
        "language": _l("Language"), "report_id": _l("No."),
        "pdf_sha256": "SHA-256 (PDF)", "dataset_sha256": _l("SHA-256 (figures)"),
    },
    values={"how": {"preview": _l("on screen"), "download": _l("downloaded"), "docx": _l("as a Word document")}},
)
words.name(
    "run", _l("job"),
    actions={"run.tried_again": _l("Job tried again"), "run.file_taken": _l("File of a job downloaded")},
    columns={"run_id": _l("No."), "kind": _l("Job"), "rows": _l("Rows"), "period": _l("Month"), "place": _l("Place")},
)
catalogue(
    {
        "report.edition_taken": (409, _l("This edition of the report exists already. Open it in the list.")),
        "run.not_yours": (403, _l("This job was asked for by someone else. Ask for one of your own.")),
        "report.unknown_kind": (422, _l("There is no report called “%(kind)s”.")),
        "report.place_wrong": (422,
            _l("This report is about another kind of place. Choose the district, a township or a facility as it asks."),
        ),
        "report.too_early": (422, _l("The period %(period)s is not over yet. Choose one that has ended.")),
        "report.period_wrong": (422, _l("This report is about another length of time. Choose a period as it is made for.")),
        "report.state_wrong": (409, _l("A report is a draft, reviewed, approved, published or withdrawn.")),
        "report.draft_shown": (409, _l("A draft is seen by its author alone.")),
        "report.no_month": (404, _l("There is no report of %(period)s within your reach.")),
        "comparison.apart": (422, _l("Only two periods of the same report about the same place are compared.")),
        "report.no_document": (409,
            _l("There is no Word document of this one: official papers and reports of the first templates are PDF alone."),
        ),
        "report.no_paper": (409, _l("There is nothing to draw yet. Fill in what the paper is about, then ask again.")),
        "report.not_rebuildable": (404, _l("No report was made by run %(run_id)s.")),
    },
    {
        "reports_edition_key": "report.edition_taken", "reports_run_key": "report.edition_taken",
        "reports_draft_check": "report.draft_shown", "reports_state_check": "report.state_wrong",
        "reports_code_key": "row.busy",
    },
)
