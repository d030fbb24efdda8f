"""LINE's webhooks: how soon they are answered, what a repeat costs, and that a repeat changes nothing."""

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

from sqlalchemy import func, select

from bench import load, paced, servers
from bench.load import BenchError, Load, Request
from bench.options import NAMES, Options
from bench.report import Row, middle, say
from commands import demo_shop
from core import clock
from db.base import Base
from db.database import Database
from db.tables import InboxEvent, OutboxMessage
from settings import Settings

PATH = "/webhooks/line"
RATE = 200  # events a second
ACCOUNTS = 1_000
PIECE = 20_000  # events in one load
FIRSTS = 500  # events whose repeats are sent
DRAINS_WITHIN = 600  # seconds
WORDS = ("優惠", "2", "hello", "coupon")
HEADERS = {"User-Agent": "LineBotWebhook/2.0", "Content-Type": "application/json"}


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        with _shop(kind) as (shop, platform, _):
            yield from _timely(options, kind, shop, platform)
        with _shop(kind) as (shop, _, database):
            yield from _repeated(options, kind, shop, database)


@contextlib.contextmanager
def _shop(kind: str) -> Iterator[tuple[servers.Shop, str, Database]]:
    """The demo's campaigns and flows in a new shop, the address of the platform it talks to, and its database."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(servers.databases(kind))()
        platform = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        database = Database(url)
        stack.callback(database.dispose)
        list(demo_shop.seed(database, Settings()))
        shop = servers.shop(url, LINE_API_URL=platform, LINE_CHANNEL_ACCESS_TOKEN="line-token")  # noqa: S106 (the stand-in's)
        yield stack.enter_context(shop), platform, database


def event(number: int, accounts: int = ACCOUNTS, words: str = "") -> Request:
    """A text message of one of the accounts, signed as LINE signs it. The same number is the same event."""
    words = words or WORDS[number // ACCOUNTS % len(WORDS)]
    message = {"type": "text", "id": str(number), "text": words, "quoteToken": "q"}
    one = {
        "type": "message",
        "webhookEventId": f"01BENCH{number:019d}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(clock.now().timestamp() * 1000),
        "source": {"type": "user", "userId": f"U{number % accounts:032x}"},
        "mode": "active",
        "replyToken": f"{number:032x}",
        "message": message,
    }
    body = json.dumps({"destination": "U0", "events": [one]})
    digest = hmac.digest(servers.LINE_SECRET.encode(), body.encode(), hashlib.sha256)
    return Request(PATH, ("x-line-signature", base64.b64encode(digest).decode()), body)


def _timely(options: Options, kind: str, shop: servers.Shop, platform: str) -> Iterator[Row]:
    """At a fixed rate, with the workers at work on what comes in; against the same bodies to an empty route."""
    ours: list[Load] = []
    empty: list[Load] = []
    count = RATE * options.seconds
    for number in range(options.rounds + 1):
        events = [event(one) for one in range(count * number, count * (number + 1))]
        for found, url in ((ours, shop.url), (empty, platform)):
            asked = [Request("/empty/1", one.header, one.body) if url == platform else one for one in events]
            found.append(paced.at_rate(url, asked, RATE, connections=64, method="POST", headers=HEADERS))
        say(f"{NAMES[kind]}, webhooks: {ours[-1]}")
    ours, empty = ours[1:], empty[1:]  # in the first round connections were made and code was loaded
    name = f"p99 of a webhook at {RATE} text events/s, workers busy, {NAMES[kind]}"
    yield Row(name, middle([one.p99 for one in ours]), "an empty Flask route", middle([one.p99 for one in empty]), "ms")


def _repeated(options: Options, kind: str, shop: servers.Shop, database: Database) -> Iterator[Row]:
    """New events, until all are handled; then the same ones again and again, until nothing is left of them either."""
    events = [event(number) for number in range(FIRSTS)]
    start = time.monotonic()
    # All of them arrive, as those that are under way when a full load ends need not.
    paced.at_rate(shop.url, events, 4 * FIRSTS, connections=options.connections, method="POST", headers=HEADERS)
    _drained(shop, database)
    new, before = time.monotonic() - start, _contents(database)
    again = (events * (options.repeats // FIRSTS + 1))[: options.repeats]
    start = time.monotonic()
    answered = sum(_send(options, shop, again[at : at + PIECE]).answered for at in range(0, len(again), PIECE))
    _drained(shop, database)
    repeated = time.monotonic() - start
    say(f"{NAMES[kind]}: {FIRSTS:,} new events took {new:.1f} s, {answered:,} repeats {repeated:.1f} s")
    changed = len(set(_contents(database).items()) - set(before.items()))
    name = f"a repeated webhook, until all is handled, {NAMES[kind]}"
    yield Row(name, 1000 * repeated / answered, "a new one", 1000 * new / FIRSTS, "ms")
    yield Row(f"tables that {answered:,} repeats changed, {NAMES[kind]}", changed, "tables", len(before), "")


def _send(options: Options, shop: servers.Shop, events: list[Request]) -> Load:
    """All of the events at full load: as long as it takes, within reason."""
    seconds = max(options.seconds, len(events) // 50)
    done = load.full(shop.url, events, seconds=seconds, connections=options.connections, method="POST", headers=HEADERS)
    if set(done.statuses) != {"200"}:
        raise BenchError(f"A webhook was not answered with 200: {done}")
    return done


def _drained(shop: servers.Shop, database: Database) -> None:
    """Wait until every event is handled and every message is sent."""
    waiting = (
        select(func.count()).select_from(InboxEvent).where(InboxEvent.handled_at.is_(None)),
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.status.in_(["pending", "sending"])),
    )

    def is_drained() -> bool:
        time.sleep(0.5)
        with database.read() as session:
            return not any(session.scalar(statement) for statement in waiting)

    shop.programs.until(is_drained, DRAINS_WITHIN, "all events are handled")


def _contents(database: Database) -> dict[str, str]:
    """A fingerprint of every row of each table."""
    found = {}
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table).order_by(*table.primary_key.columns))
            digest = hashlib.sha256()
            for row in rows:
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
    return found
