"""Sending one mail by SMTP, and knowing what became of it.

Three endings, told apart because they ask for different things: taken (returns), `NotSent` (certainly
not taken: try again, unless it is final) and `Unsure` (the connection broke after the text was handed
over: it may have been taken, so sending again could send it twice).
"""

import smtplib
import ssl
from email.message import EmailMessage

from config import Config

TIMEOUT_S = 20
SERVER_AWAY = ("server_unreachable", "sign_in_refused")  # codes of `NotSent` that say nothing of the mail in hand


class NotSent(Exception):
    """The server has not taken the mail; `final` when it never will. `code`: a word for people and the log."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final


class Unsure(Exception):
    """Nobody can say whether the server has taken the mail."""


def is_set(config: Config) -> bool:
    """Whether mail can be sent at all."""
    return bool(config.smtp_host and config.smtp_from)


def send(config: Config, *, to: str, subject: str, text: str, message_id: str) -> None:
    """Hand one mail over; NotSent, Unsure."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = config.smtp_from, to, subject, message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    talk = _connected(config)
    try:
        _address(talk, str(config.smtp_from), to)
        try:
            code, _said = talk.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:
            raise NotSent("text_refused", final=error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unsure from error
        if code != 250:
            raise NotSent("text_refused", final=code >= 500)
    finally:
        _leave(talk)


def _connected(config: Config) -> smtplib.SMTP:
    host, port = str(config.smtp_host), config.smtp_port
    try:
        if config.smtp_security == "tls":
            talk: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        else:
            talk = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
            if config.smtp_security == "starttls":
                talk.starttls(context=ssl.create_default_context())
        talk.ehlo_or_helo_if_needed()
        if config.smtp_user:
            talk.login(config.smtp_user, config.smtp_password or "")
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("sign_in_refused") from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent("server_unreachable") from error
    return talk


def _address(talk: smtplib.SMTP, sender: str, to: str) -> None:
    try:
        for code, _said in (talk.mail(sender), talk.rcpt(to)):
            if code not in (250, 251):
                raise NotSent("address_refused", final=code >= 500)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent("server_unreachable") from error


def _leave(talk: smtplib.SMTP) -> None:
    try:
        talk.quit()
    except (OSError, smtplib.SMTPException):
        talk.close()
