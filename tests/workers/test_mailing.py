"""Mails to those who work here, to a real SMTP server: each once, or as often as nobody can have got it."""

import email
import email.message
import email.policy
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from core import clock, mail, user_changes, user_links, users
from core.audit import Doer
from core.shop import Shop
from db.database import Database
from db.tables import LoginLink, Mail, User
from settings import TAIPEI
from workers import context, periodic
from workers.jobs import mailing
from workers.smtp import Post

SHOP = Shop("日日茶", TAIPEI, "https://shop.example")
MINUTE = timedelta(minutes=1)


@dataclass
class Server:
    """An SMTP server that keeps what it gets, or answers as it is told to."""

    got: list[email.message.EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802, ANN401 (aiosmtpd's names)
        envelope.rcpt_tos.append(address)
        return "550 no such box" if address.startswith("gone") else "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802, ANN401 (as above)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            read = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(read, email.message.EmailMessage)
            self.got.append(read)
            self.recipients += envelope.rcpt_tos
        return answer

    @property
    def post(self) -> Post:
        return Post(f"smtp://127.0.0.1:{self.port}", "shop@shop.example", "日日茶", "shop.example")


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    server.port = port
    yield server
    controller.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as made:
        yield made


def ask(database: Database, asked: str, now: datetime, language: str = "en") -> int:
    with database.write() as session:
        return mail.to_whoever_is(session, asked, language, now)


def work(database: Database, post: Post, mail_id: int, now: datetime) -> None:
    """What the job does."""
    with database.write() as session:
        letter = mail.begin(session, mail_id, SHOP, now)
    if letter:
        failed = post.send(letter)
        with database.write() as session:
            mail.settle(session, letter, failed, now)


def row(database: Database, mail_id: int) -> Mail:
    with database.read() as session:
        return session.get_one(Mail, mail_id)


@pytest.fixture
def ann(database: Database, now: datetime) -> int:
    with database.write() as session:
        return users.create(session, "ann", "a long password", "staff", "Xinyi", now, "ann@example.com").id


def test_a_forgotten_password_comes_as_one_mail_with_a_link_that_is_in_no_row(
    database: Database, server: Server, ann: int, now: datetime
) -> None:
    mail_id = ask(database, "ANN@example.com", now, "zh-Hant")
    for _ in range(2):  # a second worker, or the same job once more
        work(database, server.post, mail_id, now)
    (got,) = server.got
    assert server.recipients == ["ann@example.com"] and got["To"] == "ann@example.com"
    assert (got["From"], got["Subject"]) == ("日日茶 <shop@shop.example>", "重設 日日茶 的密碼")
    assert got["Auto-Submitted"] == "auto-generated" and got["Message-ID"].endswith("@shop.example>")
    (token,) = re.findall(r"https://shop\.example/password/(\S+)", got.get_content())
    with database.read() as session:
        assert token not in str([one.__dict__ for one in session.scalars(select(Mail))])
        assert token not in str([one.__dict__ for one in session.scalars(select(LoginLink))])
        assert row(database, mail_id).state == "sent"
        found = user_links.whose(session, token, now + 59 * MINUTE)
        assert found and found.user_id == ann
        assert user_links.whose(session, token, now + 60 * MINUTE) is None


def test_nobody_gets_a_mail_who_is_unknown_without_an_address_or_shut_out(
    database: Database, server: Server, ann: int, now: datetime
) -> None:
    with database.write() as session:
        users.create(session, "oda", None, "owner", None, now)
        user_changes.disable(session, Doer(), ann, now)
    asked = [ask(database, one, now) for one in ("oda", "ann", "ann@example.com", "nobody", "' OR 1=1 --", "x" * 500)]
    for mail_id in asked:
        work(database, server.post, mail_id, now)
    assert server.got == [] and {row(database, one).state for one in asked} == {"nobody"}
    with database.read() as session:
        assert session.scalars(select(LoginLink)).all() == []


@pytest.mark.usefixtures("ann")
def test_what_may_be_repeated_is_with_growing_waits_until_it_is_given_up(
    database: Database, server: Server, now: datetime
) -> None:
    server.answers = ["451 busy"] * (len(mail.WAITS) + 1)
    mail_id, moment, waits = ask(database, "ann", now), now, list[timedelta]()
    while row(database, mail_id).state == "pending":
        work(database, server.post, mail_id, moment - timedelta(seconds=1) if waits else moment)  # too early: nothing
        work(database, server.post, mail_id, moment)
        waits.append(row(database, mail_id).due_at - moment)
        moment = row(database, mail_id).due_at
    assert tuple(waits[:-1]) == mail.WAITS and server.answers == []
    assert (row(database, mail_id).state, row(database, mail_id).detail) == ("failed", "451 busy")
    away = ask(database, "ann", now)
    work(database, replace(server.post, url="smtp://127.0.0.1:1"), away, now)
    assert (row(database, away).state, row(database, away).attempts) == ("pending", 1)
    work(database, server.post, away, now + MINUTE)
    assert row(database, away).state == "sent" and len(server.got) == 1


def test_what_the_server_refuses_for_good_is_not_repeated(database: Database, server: Server, now: datetime) -> None:
    with database.write() as session:
        users.create(session, "eve", None, "marketer", None, now, "gone@example.com")
        eve = mail.to_user(session, "invitation", users.id_of(session, "eve") or 0, "en", now)
    work(database, server.post, eve, now)
    assert (row(database, eve).state, row(database, eve).detail) == ("failed", "550 no such box")
    for address in ("e..ve@example.com", "éve@example.com"):  # from before these were refused
        with database.write() as session:
            user_id = users.id_of(session, "eve") or 0
            session.get_one(User, user_id).email = address
            eve = mail.to_user(session, "invitation", user_id, "en", now)
        work(database, server.post, eve, now)
        assert row(database, eve).state == "failed" and server.got == []


@pytest.mark.usefixtures("ann")
def test_a_mail_that_may_have_arrived_is_never_sent_again(database: Database, server: Server, now: datetime) -> None:
    killed = ask(database, "ann", now)
    with database.write() as session:
        assert mail.begin(session, killed, SHOP, now) is not None  # and then the worker dies
    for minutes in range(12):
        with database.read() as session:
            due = mail.due(session, now + minutes * MINUTE)
        for mail_id in due:
            work(database, server.post, mail_id, now + minutes * MINUTE)
    assert row(database, killed).state == "unknown"
    with cut_off() as port:
        lost = ask(database, "ann", now)
        work(database, replace(server.post, url=f"smtp://127.0.0.1:{port}"), lost, now)
    assert row(database, lost).state == "unknown"
    assert server.got == []


@contextmanager
def cut_off() -> Iterator[int]:
    """A server that takes the mail whole and is cut off before it says so."""

    class Gone(Server):
        async def handle_DATA(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802, ANN401 (aiosmtpd's names)
            server.transport.abort()
            return "250 nobody hears this"

    with serving(Gone()) as made:
        yield made.port


@pytest.mark.usefixtures("ann")
def test_no_password_is_told_to_a_server_without_tls(database: Database, server: Server, now: datetime) -> None:
    mail_id = ask(database, "ann", now)
    work(database, replace(server.post, url=f"smtp://us%40er:secret@127.0.0.1:{server.port}"), mail_id, now)
    assert row(database, mail_id).state == "pending" and "STARTTLS" in row(database, mail_id).detail
    assert server.got == []
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED  # what both kinds of TLS ask for


class Bell:
    """Who was woken."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, ...]] = []

    def wake(self, kind: str, *keys: str) -> None:
        self.rung.append((kind, *keys))

    def begin(self, *_: str) -> None:
        """A job begins."""


def test_the_job_and_the_sweep_bring_a_mail_out(
    database: Database, server: Server, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, bell = clock.now(), Bell()
    with database.write() as session:
        mail_id = mail.to_user(session, "changed", ann, "en", now)
    shop: Any = SimpleNamespace(database=database, bell=bell, shop=SHOP, post=server.post)
    monkeypatch.setattr(context, "current", lambda: shop)
    for at in (now, now + MINUTE):  # younger work is on its ordinary way
        periodic.wake_mails(shop, at)
    assert bell.rung == [("mails", str(mail_id))]
    for _ in range(2):
        mailing.send(str(mail_id))
    (got,) = server.got
    assert got["Subject"] == "Your password for 日日茶 was changed"
    periodic.wake_mails(shop, now + MINUTE)
    assert len(bell.rung) == 1
