"""Many contacts talk at once while workers are killed: each has the conversation that a single contact has.

24 contacts; with PROVE 1,000. And a live chat beside many reminders that are all due.
"""

import base64
import hashlib
import hmac
import json
import random
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core import contacts
from db.database import Database
from db.tables import Conversation, FlowVersion, InboxEvent, OutboxMessage, StaffNotice, Wait
from tests import cast, release
from tests.proof import sizes, verdict
from tests.proof.conftest import Say
from tests.proof.line import Line
from tests.system.shop import Shop

TALKERS = 1_000 if sizes.IS_PROOF else 24
WAITS = 5_000 if sizes.IS_PROOF else 400
BURST, CHATTING, REMINDED = range(10_000, 10_010), 20_000, range(30_000, 30_000 + WAITS)  # numbers of contacts
CLIENTS = 8  # connections by which the platform brings webhooks
KILLED_EVERY = 1.0  # seconds, once both workers are there
CHAT = """
flow: chat
title: A talk with a memory
languages: [en]
starts:
  - words: [hello]
steps:
  - ask: {keep: name, text: "Your name?"}
  - tag: named
  - ask: {keep: town, text: "And your town, {{ answers.name }}?"}
  - notify: "{{ answers.name }} came"
  - send_coupon: {campaign: summer-tea, text: "For {{ answers.name }}", button: Open, refused: {otherwise: sorry}}
  - ask: {keep: number, text: "A number?", kind: number, otherwise: "No number, {{ answers.name }}."}
  - say: "{{ answers.name }}, {{ answers.town }}, {{ answers.number }}"
  - say: Bye
  - end: true
  - id: sorry
    say: Sorry
"""
REMINDER = """
flow: reminder
title: A reminder
languages: [en]
starts:
  - words: [remind]
steps:
  - wait: {for: 1 day}
  - say: Do not forget
"""
WORDS = ("hello", "name {}", "town {}", "no number", "{}")  # what a contact writes, and its number


def told(number: int) -> list[str]:
    """What a contact that is alone is told."""
    name = f"name {number}"
    return [
        "Your name?",
        f"And your town, {name}?",
        f"For {name}",
        "A number?",
        f"No number, {name}.",
        f"{name}, town {number}, {number}",
        "Bye",
    ]


def account(number: int) -> str:
    return f"U{number:032x}"


class Platform:
    """Brings webhooks to a shop, some twice and out of order, as LINE may."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self._url, self._chance = f"{shop.url}/webhooks/line", chance
        self._started = datetime.now(UTC)

    def bring(self, number: int, place: int) -> None:
        """The event until it is taken: the platform repeats what was not answered."""
        body = json.dumps({"destination": "U0", "events": [self._event(number, place)]}).encode()
        signature = base64.b64encode(hmac.digest(b"line-secret", body, hashlib.sha256)).decode()
        headers = {"Content-Type": "application/json", "x-line-signature": signature}
        for _ in range(self._chance.choice((1, 1, 2))):
            request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
            Shop.until(lambda request=request: Shop.request(request)[0] == 200, 30, "a webhook is taken")

    def _event(self, number: int, place: int) -> dict[str, Any]:
        at = self._started + timedelta(seconds=place)
        return {
            "type": "message",
            "webhookEventId": f"e{number}-{place}",
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(at.timestamp() * 1000),
            "source": {"type": "user", "userId": account(number)},
            "mode": "active",
            "replyToken": f"t{number}-{place}",
            "message": {"type": "text", "id": "1", "text": WORDS[place].format(number), "quoteToken": "q"},
        }


@pytest.fixture(scope="module")
def line(shared_url: str) -> Iterator[Line]:  # noqa: ARG001 (each database's shop has its own)
    with Line() as made:
        yield made


@pytest.fixture(scope="module")
def shop(shared_url: str, line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Web, two workers, the periodic process, and flows, before LINE's stand-in; each test has contacts of its own."""
    folder, now = tmp_path_factory.mktemp("shop"), datetime.now(UTC)
    with Shop(shared_url, folder, LINE_API_URL=line.url, SIMULATOR="") as made:
        database = Database(made.database_url)
        with database.write() as session:
            cast.campaign(session, now, codes=10)
            for source in (CHAT, REMINDER):
                file = folder / "flow.yaml"
                file.write_text(source, encoding="utf-8")
                release.publish(session, file, now)
        database.dispose()
        made.open()
        yield made


@pytest.fixture
def database(shop: Shop) -> Iterator[Database]:
    """The shop's, once all its parts are well; afterwards nothing in it is broken."""
    shop.healthy()
    opened = Database(shop.database_url)
    yield opened
    broken = verdict.broken(opened)
    opened.dispose()
    assert broken == {}


def killing(shop: Shop, chance: random.Random, over: threading.Event) -> int:
    """Kill a worker now and then, and start it again, as a supervisor would; the next dies once both are at work."""
    kills = 0
    while not over.wait(KILLED_EVERY * chance.uniform(0.5, 1.5)):
        name = chance.choice(("first", "second"))
        starts = shop.log_of(name).count("worker_started")
        shop.kill(name)
        shop.worker(name)
        kills += 1
        while shop.log_of(name).count("worker_started") == starts and not over.wait(0.1):
            pass
    return kills


def at_rest(database: Database) -> bool:
    with database.read() as session:
        events = session.scalar(select(func.count()).where(InboxEvent.handled_at.is_(None)))
        messages = session.scalar(select(func.count()).where(OutboxMessage.status.in_(("pending", "sending"))))
    return not events and not messages


def outlived_its_token(row: OutboxMessage) -> bool:
    """Whether it is rightly unknown: a repeat of a reply in doubt was refused, too late to say that the first arrived.

    On a starved machine a worker is killed and missed so long that it happens. LINE's stand-in lets no token die, so
    that even such a message was received, once.
    """
    late = row.attempted_at is not None and row.reply_until is not None and row.attempted_at >= row.reply_until
    return (row.status, row.reason, row.is_in_doubt) == ("unknown", "outcome_unknown", True) and late


@sizes.both_in_proof
def test_every_one_of_many_conversations_is_the_one_that_a_single_contact_has(
    shop: Shop, database: Database, line: Line, say: Say
) -> None:
    seed = sizes.seed()
    chance = random.Random(seed)  # noqa: S311 (a test's chance)
    over = threading.Event()
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        platform = Platform(shop, chance)
        kills = pool.submit(killing, shop, chance, over)
        try:
            for place in range(len(WORDS)):
                numbers = chance.sample(range(TALKERS), TALKERS)
                list(pool.map(lambda number, place=place: platform.bring(number, place), numbers))
                Shop.until(lambda: at_rest(database), 120, "everybody is answered")
        finally:
            over.set()
        say(f"PROVE_SEED={seed}, {TALKERS} contacts, {kills.result()} workers killed")
    assert kills.result() > 0
    with database.read() as session:
        notices = session.scalars(select(StaffNotice.text)).all()
        others = session.scalars(select(OutboxMessage).where(OutboxMessage.status != "sent")).all()
    assert {number: line.texts(account(number)) for number in range(TALKERS)} == {
        number: told(number) for number in range(TALKERS)
    }
    assert sorted(notices) == sorted(f"name {number} came" for number in range(TALKERS))
    assert [row.id for row in others if not outlived_its_token(row)] == []


@sizes.both_in_proof
def test_a_burst_that_arrives_backwards_is_answered_in_the_order_of_its_time(
    shop: Shop, database: Database, line: Line
) -> None:
    """While no worker is there all of it comes, the last event first; then workers answer it."""
    for name in ("first", "second"):
        shop.kill(name)
    platform = Platform(shop, random.Random(1))  # noqa: S311 (a test's chance)
    for place in reversed(range(len(WORDS))):
        for number in BURST:
            platform.bring(number, place)
    shop.worker("first")
    shop.worker("second")
    Shop.until(lambda: at_rest(database), 60, "everybody is answered")
    assert [line.texts(account(number)) for number in BURST] == [told(number) for number in BURST]


@sizes.both_in_proof
def test_a_live_chat_does_not_wait_for_the_reminders_that_are_due(
    shop: Shop, database: Database, line: Line, say: Say
) -> None:
    platform = Platform(shop, random.Random(1))  # noqa: S311 (a test's chance)
    platform.bring(CHATTING, 0)
    Shop.until(lambda: line.texts(account(CHATTING)), 30, "the first answer is there")
    make_due(database, REMINDED)
    Shop.until(lambda: left(database) < WAITS, 30, "reminders have begun")
    began = time.monotonic()
    platform.bring(CHATTING, 1)
    Shop.until(lambda: len(line.texts(account(CHATTING))) > 1, 30, "the answer is there")
    waited, still = time.monotonic() - began, left(database)
    say(f"answered after {1000 * waited:.0f} ms, {still} of {WAITS} reminders still to come")
    Shop.until(lambda: left(database) == 0 and at_rest(database), 120, "all reminders are sent")
    assert still > 0
    reminded = [line.texts(account(number)) for number in REMINDED]
    assert reminded == [["Do not forget"]] * WAITS


def make_due(database: Database, numbers: range) -> None:
    """Contacts whose wait has just ended."""
    now = datetime.now(UTC)
    state = {"step": 0, "answers": {}, "waits_for": "wait", "is_ended": False, "due_at": now.isoformat()}
    with database.write() as session:
        version = session.scalars(select(func.max(FlowVersion.id))).one()
        for number in numbers:
            contact = contacts.ensure(session, "line", account(number), now)
            contacts.note_profile(contact, "Mei", "", "en", now)
            session.add(Conversation(contact_id=contact.id, flow_version_id=version, state=state, updated_at=now))
            session.flush()
            session.add(Wait(contact_id=contact.id, flow_version_id=version, due_at=now, happens=[], created_at=now))


def left(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Wait)) or 0
