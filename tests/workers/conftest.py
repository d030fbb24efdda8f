"""A Valkey of the test's own, and a worker's context whose only way out is a LINE that remembers."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot import engine
from bot.catalog import Catalog
from bot.channels.delivery import Allowance, Delivered, Profile
from bot.engine import Event, FlowFailure, Said
from bot.language.model import Flow
from bot.state import State
from commands import demo
from core import inbox
from core.inbox import Arrival, Delivery
from core.reasons import Reason
from core.shop import Shop
from db.database import Database
from settings import TAIPEI, Settings
from tests import cast, release, talk
from workers import answering, context, queues
from workers.bell import Bell
from workers.context import Context
from workers.jobs import delivering
from workers.outlet import MOST, Outlet

SHOP = Shop("日日茶", TAIPEI, "https://shop.example")
REMINDER = """
flow: reminder
title: A reminder
languages: [zh-Hant]
starts:
  - words: [提醒]
steps:
  - send_coupon: {campaign: summer-tea, text: 券, button: 打開, refused: {otherwise: sorry}}
  - wait: {until: redeemed, timeout: {after: 2 days, go: late}}
  - say: 謝謝
  - end: true
  - id: late
    say: 別忘了
  - end: true
  - id: sorry
    say: 抱歉
"""


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) == 0


class Valkey:
    """A Valkey of the test's own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._given = Settings(var_dir=folder)
        self.url = f"unix://{self._given.valkey_socket}"
        self.start()

    def start(self) -> None:
        """Return once it listens."""
        self._given.valkey_socket.unlink(missing_ok=True)
        at_once = ["--appendfsync", "always"]  # else a slow disk puts a write off, and the kill takes it back
        self._server = subprocess.Popen([*demo.valkey(self._given), *at_once], stdout=subprocess.DEVNULL)
        while not _listens(self._given.valkey_socket):  # the file is there a moment before
            assert self._server.poll() is None
            time.sleep(0.01)

    def kill(self) -> None:
        """It gets no chance to put anything in order."""
        self._server.kill()
        self._server.wait()

    def stop(self) -> None:
        """The end."""
        self._server.terminate()
        self._server.wait()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """Where that Valkey is."""
    return valkey.url


@dataclass
class Line:
    """LINE, as far as a worker sees it; or Messenger, which knows no repeatable request."""

    batch_size: int = 5
    is_idempotent: bool = True
    sent: list[tuple[str, list[str], str]] = field(default_factory=list)

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:
        """Remember the texts, and by which reply token they came."""
        del key
        self.sent.append((account_id, [text_of(payload) for payload in payloads], reply_token))
        return Delivered(tuple(str(number) for number in range(len(payloads))))

    def profile(self, account_id: str) -> Profile:
        """A name made of the account."""
        return Profile(account_id[:3], "", "zh-TW")

    def allowance(self) -> Allowance | None:
        """Nothing is known."""
        return None

    def show_typing(self, account_id: str) -> bool:
        """Not remembered."""
        return bool(account_id)


def text_of(payload: dict[str, Any]) -> str:
    template = payload.get("template")
    return str(template["text"] if template else payload.get("text", payload.get("type")))


@dataclass
class Post:
    """A worker's context, and what customers write to it."""

    work: Context
    line: Line
    messenger: Line
    folder: Path
    number: int = 0

    def publish(self, source: str, now: datetime) -> None:
        file = self.folder / f"flow-{self.number}.yaml"
        file.write_text(source, encoding="utf-8")
        self.number += 1
        with self.work.database.write() as session:
            release.publish(session, file, now)

    def write(self, text: str, at: datetime, account_id: str = cast.MEI[1]) -> None:
        """A customer's words are in the inbox."""
        self.number += 1
        body = {
            "type": "message",
            "webhookEventId": f"e{self.number}",
            "timestamp": int(at.timestamp() * 1000),
            "source": {"type": "user", "userId": account_id},
            "mode": "active",
            "replyToken": f"t{self.number}",
            "message": {"type": "text", "id": "1", "text": text},
        }
        arrival = Arrival(f"e{self.number}", account_id, at, body)
        with self.work.database.write() as session:
            inbox.store(session, [Delivery("line", [arrival], max(at, datetime.now(UTC)))])

    def write_to_page(self, text: str, at: datetime, account_id: str = cast.ALEX[1]) -> None:
        """A customer's words in Messenger are in the inbox."""
        self.number += 1
        body = talk.messenger_event(account_id, at, message={"mid": f"m{self.number}", "text": text})
        arrival = Arrival(f"m{self.number}", account_id, at, body)
        with self.work.database.write() as session:
            inbox.store(session, [Delivery("messenger", [arrival], max(at, datetime.now(UTC)))])

    def answer(self, *account_ids: str) -> None:
        """What the job does with accounts that have news, until their messages are sent."""
        answering.answer(self.work, [("line", one) for one in account_ids or (cast.MEI[1],)])
        self.rest()

    def rest(self) -> None:
        """Wait until all is sent, also what jobs were asked to deliver."""
        assert self.work.outlet.wait_for_room(MOST, 10)
        for name in queues.QUEUES:
            for job in queues.queue(self.work.redis, name).jobs:
                if str(job.func_name).endswith("deliver"):
                    job.delete()
                    delivering.deliver(*job.args)
        assert self.work.outlet.wait_for_room(MOST, 10)

    def texts(self, account_id: str = cast.MEI[1]) -> list[str]:
        """What the account was told."""
        return [text for to, texts, _ in self.line.sent for text in texts if to == account_id]


@pytest.fixture
def post(database: Database, redis_url: str, tmp_path: Path) -> Iterator[Post]:
    with open_post(database, redis_url, tmp_path) as opened:
        yield opened


@contextmanager
def open_post(database: Database, redis_url: str, folder: Path) -> Iterator[Post]:
    """A worker with this database, as long as the block runs."""
    bell, line, messenger = Bell(redis_url), Line(), Line(batch_size=1, is_idempotent=False)
    ways_out = {"line": line, "messenger": messenger}
    outlet = Outlet(database, ways_out, bell.wake, "worker:test")
    work = Context(database, bell, queues.connect(redis_url), ways_out, outlet, SHOP, "worker:test", Catalog())
    context.use(work)
    yield Post(work, line, messenger, folder)
    outlet.close()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No flow gets over the answer "four"; one that is called patient fails only at what comes later."""
    advance = engine.advance

    def fail(flow: Flow, state: State, event: Event, *more: Any) -> engine.Turn:  # noqa: ANN401 (as `advance`)
        words = event.text if isinstance(event, Said) else state.answers.get("what")
        if words == "four" and not (isinstance(event, Said) and "patient" in flow.flow):
            raise FlowFailure(Reason.FLOW_TEMPLATE, flow.flow, state.step + 1, "it is four")
        return advance(flow, state, event, *more)

    monkeypatch.setattr(engine, "advance", fail)
