"""A POS machine of the tests: its key, and what it asks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from core import api_keys
from core.api_keys import SCOPES, Made
from core.audit import Doer
from db.database import Database
from db.tables import Coupon, Store


@dataclass
class Till:
    """A machine that sends JSON with its key. It keeps no cookie."""

    app: Flask
    secret: str

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        """Ask for something; `body` may be raw bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        known = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", "Accept-Language": "en"}
        return self.app.test_client(use_cookies=False).post(f"/api/v1{path}", data=raw, headers=known | named)

    def get(self, path: str) -> TestResponse:
        """Ask for something that has no body."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        return self.app.test_client(use_cookies=False).get(f"/api/v1{path}", headers=headers)


def key(database: Database, now: datetime, store: str | None = "Xinyi", scopes: Sequence[str] = SCOPES) -> Made:
    """A key that the owner has just made."""
    with database.write() as session:
        made = api_keys.make(session, Doer(), "till 1", scopes, store_id(database, store) if store else None, now)
    assert isinstance(made, Made)
    return made


def store_id(database: Database, name: str) -> int:
    with database.read() as session:
        return session.scalars(select(Store.id).where(Store.name == name)).one()


def reference(database: Database, number: int = 0) -> str:
    with database.read() as session:
        return session.scalars(select(Coupon.reference).order_by(Coupon.id)).all()[number]


def told(answer: TestResponse) -> Any:  # noqa: ANN401 (JSON)
    """The answer's body."""
    return json.loads(answer.data)
