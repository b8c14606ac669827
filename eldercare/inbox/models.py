"""Mails: one for each alert and person, never two; and where people want them."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar
from eldercare.core.columns import Badge
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.secrets import Sealed, SealedText
from eldercare.core.words import name

MAIL_STATES: dict[str, Badge] = {
    "waiting": Badge(_l("Waiting to be sent"), "active"),
    "sending": Badge(_l("Being sent"), "active"),
    "sent": Badge(_l("Sent"), "good"),
    "failed": Badge(_l("Not sent"), "bad"),
    "unsure": Badge(_l("Perhaps sent"), "watch"),
}
MAIL_ERRORS: dict[str, Any] = {
    "server_unreachable": _l("The mail server cannot be reached. It is tried again by itself."),
    "sign_in_refused": _l("The mail server refuses our user name or password. Check SMTP_USER and SMTP_PASSWORD."),
    "address_refused": _l("The mail server does not take mail for this address. Correct the address."),
    "text_refused": _l("The mail server took the address and refused the mail."),
    "broken_off": _l(
        "The connection broke after the mail was handed over, so it may have arrived. It is not sent a second time;"
        " the alert itself stands in the inbox."
    ),
    "not_wanted": _l("The person no longer wants mail, or the alert was settled before it went out."),
}


class MailAddress(Audited, Base):
    """邮箱: where a person wants alerts sent, and whether they do."""

    __tablename__ = "mail_addresses"
    AUDIT_NOUN = "mail_address"
    id: Mapped[int] = mapped_column("person_id", ForeignKey("users.id"), primary_key=True)
    address: Mapped[Sealed] = mapped_column(SealedText("mail"), info={"mask": "hide"})
    is_on: Mapped[bool] = mapped_column(default=True)


class Mail(Base):
    """邮件: what goes out about an alert (or, without one, the trial mail to a new address).

    waiting → sending (claimed by one worker) → sent, or waiting again, failed, unsure. See core/mail.py.
    """

    __tablename__ = "mails"
    TO_BE_TRIED: ClassVar[int] = 6  # times, after 1, 2, 4, 8 … minutes
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unsure')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        UniqueConstraint("alert_id", "person_id"),
        UniqueConstraint("message_id"),
        Index("mails_due_idx", "next_try_at", postgresql_where="state IN ('waiting', 'sending')"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=calendar.real_now)
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)


catalogue(
    {
        "mail.written": (409, _l("This mail is written already.")),
        "mail.state_wrong": (409, _l("This mail is in a state it cannot be in. Tell the administrator its number.")),
        "mail.not_failed": (409, _l("No mail waits to be tried again.")),
        "mail.address_wrong": (422, _l("This is not a mail address. It looks like name@example.cn.")),
    },
    {
        "mails_alert_id_person_id_key": "mail.written",
        "mails_message_id_key": "mail.written",
        "mails_state_check": "mail.state_wrong",
        "mails_sent_check": "mail.state_wrong",
    },
)
name(
    "mail_address", _l("mail address"),
    actions={
        "mail_address.set": _l("Mail address for alerts set"), "mail_address.removed": _l("Mail address for alerts removed"),
    },
    columns={"address": _l("Mail address"), "is_on": _l("Alerts by mail")},
)
name(
    "mail", _l("mail"), actions={"mail.tried_again": _l("Mails tried again")}, columns={"mails": _l("Mails")},
)
