"""Conversations: the engine alone, from a webhook to the message at LINE, and what many reminders at once do to that.

Latencies count from the moment at which the webhook was due to the moment at which the message is at the platform.
"""

import contextlib
import json
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench import paced, servers, webhooks
from bench.load import BenchError, Load, Request
from bench.options import NAMES, Options
from bench.programs import Programs, answers, free_port
from bench.report import Row, middle, say
from bench.talk import steps_a_second
from core import clock
from db.database import Database
from db.several import insert_all
from db.tables import Contact, Conversation, Flow, FlowVersion, Person, Wait
from tests import release

RATES = (10, 50, 200)  # events a second
BESIDE = 10  # events a second beside reminders
ACCOUNTS = 500
ARRIVES_WITHIN = 30  # seconds
TOKEN = "line-token"  # noqa: S105 (the stand-in takes any)
HELLO = """
flow: hello
title: One message
languages: [en]
starts:
  - words: [hello]
steps:
  - say: "Hello {{ contact.name }}!"
"""
REMINDER = """
flow: reminder
title: A reminder
languages: [en]
starts:
  - words: [remind]
steps:
  - wait: {for: 1 day}
  - say: "Do not forget, {{ contact.name }}!"
"""


@dataclass(frozen=True)
class Side:
    """A bot that is asked, and the LINE that it answers to."""

    name: str
    url: str
    line: str

    def talk(self, events: Sequence[Request], rate: float) -> tuple[float, float]:
        """Send the events; the median and the 99th percentile of milliseconds until their messages are there.

        Raises:
            BenchError: a webhook was refused, or a message did not come.
        """
        client = _Noting(self.url, "POST", webhooks.HEADERS)
        done = client.run(events, rate)
        if set(done.statuses) != {"200"} or done.failed:
            raise BenchError(f"{self.name} did not answer every webhook: {done}")
        arrived: dict[str, float] = {}
        deadline = time.monotonic() + ARRIVES_WITHIN
        while len(arrived) < len(events) and time.monotonic() < deadline:
            time.sleep(0.1)
            arrived |= {token: at for token, at in self._arrivals().items() if token in client.due}
        if len(arrived) < len(events):
            raise BenchError(f"{self.name}: {len(events) - len(arrived)} of {len(events)} messages did not come.")
        taken = sorted((arrived[token] - due) * 1000 for token, due in client.due.items())
        return paced.percentile(taken, 0.5), paced.percentile(taken, 0.99)

    def _arrivals(self) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.line}/arrivals", timeout=10) as answer:  # noqa: S310 (our own address)
            found: dict[str, float] = json.loads(answer.read())
        return found


class _Noting(paced.Client):
    """A client that remembers when each event was due, by its reply token."""

    due: dict[str, float]

    def run(self, events: Sequence[Request], rate: float) -> Load:
        """Send the events at the rate."""
        self.due = {}
        return paced.run(self.send(events, rate, 64))

    async def _one(self, request: Request, due: float, free: paced.Free) -> None:
        self.due[json.loads(request.body)["events"][0]["replyToken"]] = due
        await super()._one(request, due, free)


def run(options: Options) -> Iterator[Row]:
    """The engine, then every database asked for."""
    alone, saved = steps_a_second(options.seconds)
    yield Row("engine steps/s, state saved and read between turns", saved, "not saved", alone, "/s")
    for kind in options.databases:
        with _sides(kind) as (ours, echo, _):
            yield from _at_rates(options, kind, ours, echo)
        with _sides(kind) as (ours, _, database):
            yield from _beside_reminders(options, kind, ours, database)


@contextlib.contextmanager
def _sides(kind: str) -> Iterator[tuple[Side, Side, Database]]:
    """The product with two flows and its workers, the echo bot on the same server settings, each with a LINE."""
    with contextlib.ExitStack() as stack:
        programs = stack.enter_context(Programs())
        lines = [_line(programs, name) for name in ("ours", "echos")]
        url = stack.enter_context(servers.databases(kind))()
        database = Database(url)
        stack.callback(database.dispose)
        _publish(database, programs.directory)
        shop = stack.enter_context(servers.shop(url, LINE_API_URL=lines[0], LINE_CHANNEL_ACCESS_TOKEN=TOKEN))
        port = free_port()
        variables = {"LINE_CHANNEL_SECRET": servers.LINE_SECRET, "LINE_CHANNEL_ACCESS_TOKEN": TOKEN}
        servers.web(
            programs, "echo", "bench.echo:create_app()", port, LINE_API_URL=lines[1], PORT=str(port), **variables
        )
        echo = Side("line-bot-sdk's echo bot", f"http://127.0.0.1:{port}", lines[1])
        yield Side("Tessera", shop.url, lines[0]), echo, database


def _line(programs: Programs, name: str) -> str:
    port = free_port()
    programs.start(f"line-{name}", [sys.executable, "-m", "bench.line", str(port)])
    url = f"http://127.0.0.1:{port}"
    programs.until(lambda: answers(f"{url}/arrivals"), servers.STARTS_WITHIN, "LINE's stand-in answers")
    return url


def _publish(database: Database, folder: Path) -> None:
    for source in (HELLO, REMINDER):
        file = folder / "flow.yaml"
        file.write_text(source, encoding="utf-8")
        with database.write() as session:
            release.publish(session, file, clock.now())


def _events(first: int, count: int) -> list[Request]:
    return [webhooks.event(number, ACCOUNTS, "hello") for number in range(first, first + count)]


def _at_rates(options: Options, kind: str, ours: Side, echo: Side) -> Iterator[Row]:
    """Both sides in turn, round by round, at each rate; first every account is met once."""
    for side in (ours, echo):
        side.talk(_events(0, ACCOUNTS), 100)
    first = ACCOUNTS
    for rate in RATES:
        found: dict[str, list[tuple[float, float]]] = {ours.name: [], echo.name: []}
        for _ in range(options.rounds):
            count = rate * options.seconds
            for side in (ours, echo):
                found[side.name].append(side.talk(_events(first, count), rate))
                p50, p99 = found[side.name][-1]
                say(f"{side.name}, {rate}/s, {NAMES[kind]}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
            first += count
        for place, name in enumerate(("p50", "p99")):
            mine, theirs = (middle([one[place] for one in found[side.name]]) for side in (ours, echo))
            yield Row(f"{name} from webhook to message, {rate} events/s, {NAMES[kind]}", mine, echo.name, theirs, "ms")


def _beside_reminders(options: Options, kind: str, ours: Side, database: Database) -> Iterator[Row]:
    """A live chat without and with so many waits that all became due a moment ago."""
    ours.talk(_events(0, ACCOUNTS), 100)
    count = BESIDE * options.seconds
    _, before = ours.talk(_events(ACCOUNTS, count), BESIDE)
    _wait(database, options.rows)
    start, left = time.monotonic(), _waiting(database)
    p50, beside = ours.talk(_events(ACCOUNTS + count, count), BESIDE)
    now_left = _waiting(database)
    seconds = time.monotonic() - start
    rate = (left - now_left) / seconds
    say(f"{NAMES[kind]}: p50 {p50:.1f} ms beside {left:,} to {now_left:,} due waits, {rate:.0f}/s resumed")
    name = f"p99 from webhook to message, {BESIDE} events/s, {options.rows:,} waits due, {NAMES[kind]}"
    yield Row(name, beside, "none due", before, "ms")
    yield Row(f"reminders/s meanwhile, {NAMES[kind]}", rate, "reminders due", left, "")


def _wait(database: Database, count: int) -> None:
    """So many contacts whose wait is over."""
    now = clock.now()
    due = now - timedelta(minutes=1)
    state = {"step": 0, "answers": {}, "waits_for": "wait", "is_ended": False, "due_at": due.isoformat()}
    with database.write() as session:
        named = select(FlowVersion.id).join(Flow, Flow.id == FlowVersion.flow_id).where(Flow.name == "reminder")
        version = session.scalars(named).one()
        first = (session.scalar(select(func.max(Person.id))) or 0) + 1
        ids = range(first, first + count)
        insert_all(session, Person, [{"id": one, "created_at": now} for one in ids])
        blank = {"channel": "line", "name": "Mei", "picture_url": "", "language": "en", "created_at": now}
        accounts = [{"id": one, "person_id": one, "account_id": f"W{one:032x}", "profile_asked_at": now} for one in ids]
        insert_all(session, Contact, [one | blank for one in accounts])
        place = {"flow_version_id": version, "state": state, "updated_at": now}
        insert_all(session, Conversation, [place | {"contact_id": one} for one in ids])
        wait = {"flow_version_id": version, "due_at": due, "happens": [], "created_at": now}
        insert_all(session, Wait, [wait | {"contact_id": one} for one in ids])


def _waiting(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Wait)) or 0
