"""A small application with the doors for people who log in, and a browser that keeps cookies and sends CSRF tokens."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import argon2
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse, encode_multipart

import console.account.views
import console.api_keys.views
import console.conflicts.views
import console.contacts
import console.hooks.views
import console.people.views
import console.replying
import console.stores.views
import console.views
import pos.api.views
import pos.binding
import pos.customers
import pos.signing
import pos.views
from bot import chats
from core import users
from core.inbox import Delivery
from core.shop import Shop
from core.users import Role
from db.database import Database
from db.tables import User
from web import errors, limits, login, security
from web.services import KEY, Services

PASSWORD = "a long password"
TAIPEI = ZoneInfo("Asia/Taipei")
NO_REDIS = "unix:///nonexistent/valkey.sock"
# As cheap as argon2 can be: these tests log in hundreds of times.
_QUICK_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
TOKEN_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
CAST: Sequence[tuple[str, Role, str | None]] = (
    ("ann", "staff", "Xinyi"),
    ("bob", "staff", "Banqiao"),
    ("mia", "marketer", None),
    ("oda", "owner", None),
)


def _ring(kind: object, *keys: str) -> None:
    pass


def _keep_nothing(_delivery: Delivery) -> list[str]:
    return []


def _nobody_answers(_token: str, _at: datetime, _seconds: float) -> None:
    pass


def application(
    database: Database, *, is_https: bool = False, redis_url: str = "memory://", api_rate: int = limits.API_RATE
) -> Flask:
    """The doors wired as app.py wires them."""
    app = Flask("app", static_folder=None)
    app.secret_key = "a secret of the tests"
    app.extensions[KEY] = Services(
        database,
        Shop("Tessera", TAIPEI, "http://localhost"),
        _ring,
        _keep_nothing,
        _nobody_answers,
        "",
        "",
        "",
        chats,
        barcode=lambda symbology, code: f"{symbology} of {code}",
        sample=lambda campaign, face, language, _now: f"{face} {language} {campaign.name} {campaign.button_color}",
    )
    csrf = security.protect(app, is_https=is_https, trusted_proxies=0)
    errors.register(app)
    login.register(app)
    app.register_blueprint(pos.views.blueprint)
    app.register_blueprint(pos.customers.blueprint)
    app.register_blueprint(pos.binding.blueprint)
    app.register_blueprint(pos.signing.blueprint)
    app.register_blueprint(pos.api.views.blueprint)
    csrf.exempt(pos.api.views.blueprint)
    app.register_blueprint(console.views.blueprint)
    app.register_blueprint(console.account.views.blueprint)
    app.register_blueprint(console.people.views.blueprint)
    app.register_blueprint(console.stores.views.blueprint)
    app.register_blueprint(console.api_keys.views.blueprint)
    app.register_blueprint(console.hooks.views.blueprint)
    app.register_blueprint(console.conflicts.views.blueprint)
    app.register_blueprint(console.contacts.blueprint)
    app.register_blueprint(console.replying.blueprint)
    app.register_blueprint(_stranger())
    limits.apply(app, redis_url, api_rate)
    return app


def _stranger() -> Blueprint:
    """Another room's door, with a view that breaks and one that has headers of its own."""
    room = Blueprint("coupon_pages", __name__)
    for name in ("redeem", "verify", "opened", "status"):
        room.add_url_rule(f"/c/<token>/{name}", name, lambda token: token)
    room.add_url_rule("/broken", "broken", lambda: str(1 // 0))
    room.add_url_rule("/own", "own", lambda: ("", {"Content-Security-Policy": "default-src 'none'"}))
    return room


def people(database: Database) -> None:
    """The cast of those who log in: two staff in two stores, one marketer, one owner."""
    with database.write() as session:
        for username, role, store in CAST:
            user = users.create(session, username, None, role, store, datetime(2026, 12, 1, tzinfo=UTC))
            user.password_hash = _QUICK_HASH


def disable(database: Database, username: str) -> None:
    with database.write() as session:
        when = datetime(2026, 12, 1, tzinfo=UTC)
        session.execute(update(User).where(User.username == username).values(disabled_at=when))


@dataclass
class Browser:
    """One person's browser: English, with the token of the last page in every form it sends."""

    client: FlaskClient
    base: str = "http://localhost"
    address: str = "127.0.0.1"
    token: str = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        named = {"Accept-Language": "en"} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.get(path, headers=named, base_url=self.base, environ_base=self._from)
        return self._remember(answer)

    def post(self, path: str, **form: object) -> TestResponse:
        """Send a form with the token that the last page had."""
        data = {"csrf_token": self.token} | form
        named = {"Accept-Language": "en"}
        answer = self.client.post(path, data=data, headers=named, base_url=self.base, environ_base=self._from)
        return self._remember(answer)

    def post_large(self, path: str, **form: object) -> TestResponse:
        """As `post`, for files over 500 KB: Werkzeug's own client would leave its temporary file open."""
        boundary, body = encode_multipart({"csrf_token": self.token} | form)
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post(path, data=body, content_type=kind, headers={"Accept-Language": "en"})

    def log_in(self, username: str, password: str = PASSWORD, aim: str = "") -> TestResponse:
        """Log in by the form, and read the token of the page one lands on."""
        self.get("/login")
        answer = self.post("/login", username=username, password=password, next=aim)
        landed = answer
        while landed.status_code == 302:
            landed = self.get(landed.location)
        return answer

    @property
    def _from(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}

    def _remember(self, answer: TestResponse) -> TestResponse:
        found = TOKEN_FIELD.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return answer


def browser(app: Flask, address: str = "127.0.0.1", base: str = "http://localhost") -> Browser:
    return Browser(app.test_client(), base, address)


def logged_in(app: Flask, username: str) -> Browser:
    """A browser whose owner has just logged in."""
    visitor = browser(app)
    assert visitor.log_in(username).status_code == 302
    return visitor
