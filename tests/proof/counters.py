"""Devices at the counters of a shop: each with its own session, all before the same coupon at the same instant."""

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import argon2
from sqlalchemy import select

from core import claims, users
from core.claims import Tap
from db.database import Database
from db.tables import Coupon, Verification, VerificationAttempt
from tests.proof import stage

STORES = 5
PASSWORD = "a long password"
# As cheap as argon2 can be: 50 people log in.
_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Told:
    """What one device was told of one coupon."""

    device: str
    coupon_id: int
    status: int
    answer: dict[str, Any]


def prepare(database: Database, devices: int, coupon_count: int) -> list[tuple[int, str]]:
    """Staff for each device, in STORES stores; id and reference of every coupon, all redeemed."""
    scene = stage.prepare(database, coupon_count, coupon_count)
    now = datetime.now(UTC)
    with database.write() as session:
        for number in range(devices):
            user = users.create(session, name(number), None, "staff", f"Store {number % STORES}", now)
            user.password_hash = _HASH
        claims.answer_taps(session, [Tap(token, now) for token in scene.tokens], now)
    with database.read() as session:
        return [(one, told) for one, told in session.execute(select(Coupon.id, Coupon.reference).order_by(Coupon.id))]


def name(number: int) -> str:
    """Who stands at the device with this number."""
    return f"staff{number}"


class Device:
    """A browser in which somebody has logged in."""

    def __init__(self, connection: HTTPConnection, who: str) -> None:
        self.who, self._cookies, self._connection = who, dict[str, str](), connection
        token = self._token(self._ask("GET", "/login")[1])
        form = urlencode({"csrf_token": token, "username": who, "password": PASSWORD})
        status, text = self._ask("POST", "/login", form, "application/x-www-form-urlencoded")
        assert status == 302, text
        self._csrf = self._token(self._ask("GET", "/pos/")[1])

    def verify(self, coupon_id: int, reference: str) -> Told:
        """Verify a coupon as the counter's script does."""
        body = json.dumps({"coupon_id": coupon_id, "reference": reference, "entered": reference})
        status, text = self._ask("POST", "/pos/verify", body, "application/json")
        return Told(self.who, coupon_id, status, json.loads(text))

    def _ask(self, method: str, path: str, body: str = "", kind: str = "") -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self._cookies.items())}
        if kind == "application/json":
            headers |= {"Accept": kind, "X-CSRFToken": self._csrf}
        self._connection.close()  # the server would, at its own time, while the others are waited for
        self._connection.request(method, path, body or None, headers | ({"Content-Type": kind} if kind else {}))
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            key, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[key] = value
        return answer.status, answer.read().decode()

    @staticmethod
    def _token(page: str) -> str:
        found = _TOKEN.search(page)
        assert found, page
        return found[1]


def rush(url: str, devices: int, coupons: Sequence[tuple[int, str]], seed: int, within: float) -> list[Told]:
    """Every device verifies every coupon, in one order that chance has made, each at the same instant as all others.

    They have logged in one after the other: of so many passwords at once some are told to come again. None begins with
    another coupon once `within` seconds are over.
    """
    ordered, over = list(coupons), threading.Event()

    def look_at_the_clock() -> None:  # one of them, while all wait
        if time.monotonic() > ends:
            over.set()

    together = threading.Barrier(devices, look_at_the_clock)
    random.Random(seed).shuffle(ordered)  # noqa: S311 (a test's chance)

    def work(device: Device) -> list[Told]:
        told = []
        for coupon_id, reference in ordered:
            together.wait(PATIENCE)
            if over.is_set():
                break
            told.append(device.verify(coupon_id, reference))
        return told

    with ExitStack() as opened, ThreadPoolExecutor(devices) as pool:
        lines = [opened.enter_context(closing(_line(url))) for _ in range(devices)]
        ready = [Device(line, name(number)) for number, line in enumerate(lines)]
        ends = time.monotonic() + within
        return [one for done in [pool.submit(work, device) for device in ready] for one in done.result()]


def _line(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)


def summary(told: Sequence[Told], devices: int) -> str:
    """How often it was tried, and what came of it."""
    outcomes = Counter(str(one.answer.get("outcome")) for one in told)
    said = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items(), reverse=True))
    return f"{devices} devices, {len({one.coupon_id for one in told}):,} coupons, {len(told):,} attempts: {said}"


def wrong(database: Database, told: Sequence[Told], devices: int) -> Iterator[str]:
    """What is not as it must be: of each coupon one verification; others told when, where and by whom it was made."""
    with database.read() as session:
        rows = session.execute(select(Verification.redemption_id, Verification.user_id)).all()
        attempts = Counter(session.scalars(select(VerificationAttempt.outcome)))
    by_coupon: dict[int, list[Told]] = {}
    for one in told:
        by_coupon.setdefault(one.coupon_id, []).append(one)
    if len(rows) != len(by_coupon):
        yield f"{len(rows)} verifications of {len(by_coupon)} coupons"
    expected = {"verified": len(by_coupon), "already_verified": (devices - 1) * len(by_coupon)}
    if attempts != expected:
        yield f"attempts are {attempts}"
    for coupon_id, answers in by_coupon.items():
        first = [one for one in answers if one.answer.get("outcome") == "verified"]
        late = [one for one in answers if (one.status, one.answer.get("outcome")) == (409, "already_verified")]
        if (len(first), len(late)) != (1, devices - 1):
            yield f"coupon {coupon_id}: {Counter((one.status, one.answer.get('outcome')) for one in answers)}"
            continue
        who = first[0].answer["coupon"]
        if (who["verified_by"], first[0].status) != (first[0].device, 200):
            yield f"coupon {coupon_id}: {first[0]}"
        for one in late:
            shown = [one.answer["coupon"][key] for key in ("verified_at", "verified_by", "verified_in")]
            if shown != [who[key] for key in ("verified_at", "verified_by", "verified_in")]:
                yield f"coupon {coupon_id}: {one.device} was told {shown}"
            if first[0].device not in one.answer["sentence"]:
                yield f"coupon {coupon_id}: {one.answer['sentence']}"
