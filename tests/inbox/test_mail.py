"""Mail by a real SMTP server on loopback: nothing lost when it fails, nothing sent twice."""

import dataclasses
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update

from config import Config
from eldercare.core import alerts, calendar, mail
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inbox import services
from eldercare.inbox.models import Mail, MailAddress
from tests import make

ADDRESS = "officer@example.cn"


class Office:
    """What the server was handed, and what it answers next."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answers: list[str] = []  # to the text; "hang up" closes the line instead

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250") or answer == "hang up":
            self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        if answer == "hang up":
            server.transport.abort()
        return answer


@pytest.fixture
def office() -> Iterator[Office]:
    taking = Office()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(taking, hostname="127.0.0.1", port=port)
    controller.start()
    taking.port = port  # type: ignore[attr-defined]
    yield taking
    controller.stop()


@pytest.fixture
def mailing(config: Config, office: Office) -> Config:
    """The settings with that server."""
    return dataclasses.replace(
        config, smtp_host="127.0.0.1", smtp_port=office.port, smtp_security="none",  # type: ignore[attr-defined]
        smtp_from="platform@example.cn", public_url="https://care.example.cn",
    )


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    by_mail = {"endpoint": "facilities.show", "ident": "facility_id", "by_mail": True}
    alerts.kind(alerts.Kind("test.fire", "Fire reported by %(home)s", P.STAFF_READ, **by_mail))
    yield
    alerts.KINDS.pop("test.fire")


@pytest.fixture
def home(app: Flask, district: Scope) -> Any:
    """A home whose manager wants mail; the trial mail is out of the way."""
    place = make.make_facility()
    person = make.make_user(Role.FACILITY_MANAGER, place, language="en")
    as_person = dataclasses.replace(district, person_id=person.id)
    services.set_address(as_person, ADDRESS, is_on=True)
    db.session.execute(update(Mail).values(state="sent", sent_at=calendar.now()))
    district.enter()
    return place


def states() -> list[str]:
    return list(db.session.scalars(select(Mail.state).where(Mail.alert_id.is_not(None)).order_by(Mail.id)))


def due_again() -> None:
    db.session.execute(update(Mail).values(next_try_at=calendar.real_now()))


def test_an_alert_goes_once_to_whoever_it_is_for(district: Scope, mailing: Config, office: Office, home: Any) -> None:
    alerts.tell(district, "test.fire", home, home=home.name)
    alerts.tell(district, "test.fire", make.make_facility(), home="another")
    assert services.write_mails(district) == 1
    assert services.write_mails(district) == 0
    assert services.send_mails(district, mailing)["sent"] == 1
    assert services.send_mails(district, mailing)["sent"] == 0
    (to, letter), = office.taken
    assert to == [ADDRESS]
    assert home.name in letter["Subject"]
    assert "https://care.example.cn/inbox/" in letter.get_content()
    assert letter["Message-ID"] == db.session.scalar(select(Mail.message_id).where(Mail.alert_id.is_not(None)))


def test_a_server_that_is_down_loses_nothing(district: Scope, mailing: Config, office: Office, home: Any) -> None:
    away = dataclasses.replace(mailing, smtp_port=1)
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    assert services.send_mails(district, away)["waiting"] == 1
    assert services.send_mails(district, mailing)["sent"] == 0, "it waits a minute before the next try"
    due_again()
    assert services.send_mails(district, mailing)["sent"] == 1
    assert len(office.taken) == 1


def test_a_server_that_is_down_is_asked_once_a_round(district: Scope, mailing: Config, home: Any) -> None:
    away = dataclasses.replace(mailing, smtp_port=1)
    for occasion in ("1", "2", "3"):
        alerts.tell(district, "test.fire", home, occasion=occasion, home=home.name)
    services.write_mails(district)
    assert services.send_mails(district, away)["waiting"] == 1
    assert states().count("waiting") == 3


def test_after_six_tries_a_person_is_asked(district: Scope, mailing: Config, home: Any) -> None:
    away = dataclasses.replace(mailing, smtp_port=1)
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    for _ in range(6):
        services.send_mails(district, away)
        due_again()
    assert states() == ["failed"]
    assert services.try_again(district) == 1
    assert services.send_mails(district, mailing)["sent"] == 1


def test_a_passing_refusal_is_tried_again_and_a_final_one_is_not(
    district: Scope, mailing: Config, office: Office, home: Any
) -> None:
    office.answers = ["451 later", "554 never"]
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    assert services.send_mails(district, mailing)["waiting"] == 1
    due_again()
    assert services.send_mails(district, mailing)["failed"] == 1
    due_again()
    assert sum(services.send_mails(district, mailing).values()) == 0
    assert office.taken == []


def test_a_line_that_breaks_after_the_text_is_never_sent_a_second_time(
    district: Scope, mailing: Config, office: Office, home: Any
) -> None:
    office.answers = ["hang up"]
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    assert services.send_mails(district, mailing)["unsure"] == 1
    due_again()
    assert sum(services.send_mails(district, mailing).values()) == 0
    assert len(office.taken) == 1


def test_a_worker_that_dies_with_a_mail_in_hand_leaves_it_unsure(
    district: Scope, mailing: Config, office: Office, home: Any
) -> None:
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    mail_id = services._claim(district)
    assert sum(services.send_mails(district, mailing).values()) == 0, "somebody may still be at it"
    long_ago = calendar.real_now() - 2 * services.GIVEN_UP
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(claimed_at=long_ago))
    assert services.send_mails(district, mailing)["unsure"] == 1
    assert office.taken == []


def test_what_is_settled_meanwhile_is_not_sent(district: Scope, mailing: Config, office: Office, home: Any) -> None:
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    alerts.settle(district, home)
    services.send_mails(district, mailing)
    assert (states(), office.taken) == (["failed"], [])


def test_the_address_is_kept_sealed_and_out_of_the_log(district: Scope, home: Any) -> None:
    raw = db.session.connection().exec_driver_sql("SELECT address FROM mail_addresses").scalar()
    assert ADDRESS.encode() not in bytes(raw)
    logged = db.session.connection().exec_driver_sql("SELECT string_agg(changes::text, '') FROM audit_entries").scalar()
    assert "example.cn" not in logged
    assert db.session.scalar(select(MailAddress)).address.reveal() == ADDRESS


def test_two_workers_take_a_mail_once(fresh_app: Flask) -> None:
    import threading

    scope = Scope.system("test").enter()
    person = make.make_user(Role.DISTRICT_OFFICER)
    db.session.add_all(Mail(person_id=person.id, message_id=f"<{n}@test>") for n in range(20))
    db.session.commit()
    taken: list[int] = []

    def worker() -> None:
        with fresh_app.app_context():
            own = Scope.system("test").enter()
            while (mail_id := services._claim(own)) is not None:
                taken.append(mail_id)
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scope.enter()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 20


def test_nothing_goes_out_without_a_server(district: Scope, mailing: Config, home: Any) -> None:
    silent = dataclasses.replace(mailing, smtp_host=None)
    assert not mail.is_set(silent)
    alerts.tell(district, "test.fire", home, home=home.name)
    services.write_mails(district)
    assert sum(services.send_mails(district, silent).values()) == 0
    assert states() == ["waiting"]
