"""The whole application on a test's database, with jobs run in place of being queued."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import app as application
from bot import webhooks
from core import claims, clock
from core.claims import Answer, Tap
from core.inbox import Delivery
from db.database import Database
from settings import Settings
from web.services import KEY


@dataclass
class House:
    """The application, its database, and what was woken in it. `answers`: claims are answered at once."""

    app: Flask
    database: Database
    woken: list[tuple[str, str]] = field(default_factory=list)
    answers: bool = True

    def client(self, **headers: str) -> FlaskClient:
        """A browser; its headers are what every request carries."""
        client = self.app.test_client()
        for name, value in {"User-Agent": "Mozilla/5.0 Safari Line/14.10.0", **headers}.items():
            client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return client

    def ask(self, token: str, at: datetime, seconds: float) -> Answer | None:  # noqa: ARG002 (the mailbox's signature)
        """What the mailbox and its job do, without Redis; nobody answers in time where nobody `answers`."""
        if not self.answers:
            return None
        with self.database.write() as session:
            return claims.answer_taps(session, [Tap(token, at)], clock.now()).get(token)

    def wake(self, kind: Any, *keys: str) -> None:  # noqa: ANN401 (a kind of bell)
        """What the bell does, without Redis."""
        self.woken.extend((kind, key) for key in keys)
        if kind == "claims" and self.answers:
            with self.database.write() as session:
                for key in keys:
                    claims.answer_batch(session, int(key), clock.now())

    def keep(self, delivery: Delivery) -> list[str]:
        """What the inbox does, in the request's own thread."""
        kept = webhooks.keep(self.database, [delivery])
        webhooks.ring(self.wake, kept)
        return kept[0]


def make(database: Database, url: str, directory: Path, change: Callable[[Settings], Settings] | None = None) -> House:
    """A house on `database` (whose URL is `url`); no Redis is there."""
    given = Settings(
        database_url="" if url.startswith("sqlite") else url.replace("+psycopg", ""),
        redis_url=f"unix://{directory / 'nobody.sock'}",
        secret_key="a key for tests",
        public_url="http://localhost",
        var_dir=directory,
        shop_name="日日茶",
        line_channel_secret="line-secret",
        messenger_app_secret="messenger-secret",
        messenger_verify_token="agreed",
    )
    app = application.create_app(change(given) if change else given)
    house = House(app, database)
    app.extensions[KEY] = replace(app.extensions[KEY], wake=house.wake, keep=house.keep, ask=house.ask)
    return house
