"""A released schema, full of coupons, is upgraded while the version that it was made for goes on redeeming.

By default the first schema, whose upgrade goes through all others, and the three before today's, with 5,000 coupons;
with PROVE every schema, with a million.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import TextClause, Uuid, bindparam, inspect, text

from core import invariants
from db import schema
from db.base import UtcDateTime
from db.database import Database
from tests.proof import sizes

COUPONS = 1_000_000 if sizes.IS_PROOF else 5_000
RELEASED = schema.revisions()[:-1] if sizes.IS_PROOF else [schema.revisions()[0], *schema.revisions()[-4:-1]]
LONGEST_WAIT = 5  # seconds
ROUNDS = 20  # of the old version, before the upgrade begins and after it has ended
SENT = datetime(2026, 11, 1, tzinfo=UTC)
REDEEMED = SENT + timedelta(days=1)

# The columns of the first schema. What came later must let a version go on that does not know of it.
FILL = (
    (
        "INSERT INTO campaigns (id, slug, name, instructions, expires_from, expires_after_seconds, redemption_limit,"
        " barcode, background_color, button_color, button_text_color, has_verify_button, created_at, updated_at)"
        " VALUES (1, 'summer-tea', 'Tea', '', 'sending', 1209600, 1, 'qr', '#ffffff', '#000000', '#ffffff', true,"
        " :sent, :sent)"
    ),
    "INSERT INTO packs (id, campaign_id, name, size, taken, created_at) VALUES (1, 1, 'tea', :all, :all / 2, :sent)",
    "INSERT INTO serials (pack_id, position, campaign_id, code) SELECT 1, i, 1, 'TEA-' || i FROM numbers",
    "INSERT INTO persons (id, created_at) SELECT i, :sent FROM numbers",
    (
        "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at)"
        " SELECT i, i, 'line', 'U' || i, '', '', '', :sent FROM numbers"
    ),
    (
        "INSERT INTO coupons (id, token, reference, campaign_id, contact_id, sent_at, opened_at)"
        " SELECT i, 'token' || i, 'R' || i, 1, i, :sent, CASE WHEN i <= :all / 2 THEN :redeemed END FROM numbers"
    ),
    (
        "INSERT INTO claims (coupon_id, campaign_id, claimed_at, answered_at, outcome)"
        " SELECT i, 1, :redeemed, :redeemed, 'redeemed' FROM numbers WHERE i <= :all / 2"
    ),
    (
        "INSERT INTO redemptions"
        " (coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, position, redeemed_at)"
        " SELECT i, 1, i, 1, 1, 1, i, :redeemed FROM numbers WHERE i <= :all / 2"
    ),
    (
        "INSERT INTO verifications (redemption_id, verified_at, recorded_at, via)"
        " SELECT id, :redeemed, :redeemed, 'pos' FROM redemptions WHERE id <= :all / 4"
    ),
    "INSERT INTO flows (id, name, published_number) VALUES (1, 'tea', 1)",
    (
        "INSERT INTO flow_versions (id, flow_id, number, source, document, pictures, published_at)"
        " VALUES (1, 1, 1, '', '{}', '{}', :sent)"
    ),
    (
        "INSERT INTO conversations (contact_id, flow_version_id, state, updated_at)"
        " SELECT i, 1, '{}', :sent FROM numbers"
    ),
    (
        "INSERT INTO inbox (channel, event_id, account_id, occurred_at, received_at, body, handled_at)"
        " SELECT 'line', 'e' || i, 'U' || i, :sent, :sent, '{}', :sent FROM numbers"
    ),
)
NUMBERS = (
    "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < CAST(:all AS INTEGER)) "
)

OPEN = "UPDATE coupons SET opened_at = :redeemed WHERE id = :coupon"
CLAIM = (
    "INSERT INTO claims (coupon_id, campaign_id, claimed_at, answered_at, outcome)"
    " VALUES (:coupon, 1, :redeemed, :redeemed, 'redeemed')"
)
TAKE = "UPDATE packs SET taken = taken + 1 WHERE id = 1 RETURNING taken"
REDEEM = (
    "INSERT INTO redemptions"
    " (coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, position, redeemed_at)"
    " VALUES (:coupon, 1, :coupon, 1, 1, 1, :position, :redeemed)"
)
CHAT = (
    (
        "INSERT INTO inbox (channel, event_id, account_id, occurred_at, received_at, body)"
        " VALUES ('line', :event, :account, :redeemed, :redeemed, '{}')"
    ),
    "UPDATE conversations SET handed_over_at = :redeemed, hand_over_reason = 'asks' WHERE contact_id = :coupon",
    (
        "INSERT INTO outbox (key, contact_id, payload, status, created_at, due_at, attempts, is_in_doubt, worker,"
        " attempted_at) VALUES (:key, :coupon, '{}', 'sending', :redeemed, :redeemed, 1, false, 'w', :redeemed)"
    ),
    "UPDATE inbox SET handled_at = :redeemed, failure = 'event_unreadable' WHERE event_id = :event",
    "UPDATE outbox SET status = 'sent', sent_at = :redeemed WHERE key = :key",
)
PUBLISH = (
    "INSERT INTO flows (id, name, published_number) VALUES (:coupon, :event, 0)",
    (
        "INSERT INTO flow_versions (id, flow_id, number, source, document, pictures, published_at)"
        " VALUES (:coupon, :coupon, 1, '', '{}', '{}', :redeemed)"
    ),
    "UPDATE flows SET published_number = 1 WHERE id = :coupon",
)
READ = (
    "SELECT campaigns.name, packs.size, redemptions.position, redemptions.redeemed_at FROM coupons"
    " JOIN campaigns ON campaigns.id = coupons.campaign_id JOIN redemptions ON redemptions.coupon_id = coupons.id"
    " JOIN packs ON packs.id = redemptions.pack_id WHERE coupons.id = :coupon"
)


@dataclass
class OldVersion(threading.Thread):
    """What the version before does, over and over: a claim, a redemption, its page, a message, a published flow."""

    database: Database
    rounds: int = 0
    slowest: float = 0
    failure: BaseException | None = None
    is_over: threading.Event = field(default_factory=threading.Event)

    __hash__ = threading.Thread.__hash__

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        """Serve customers until it `is_over`, or until one fails."""
        try:
            while not self.is_over.is_set() and self.rounds < COUPONS // 2:
                begun = time.monotonic()
                self._serve(COUPONS // 2 + self.rounds + 1)
                self.rounds += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.is_over.wait(0.003)  # a machine that is slow does not run out of coupons
        except BaseException as error:  # noqa: BLE001 (the test tells it)
            self.failure = error

    def _serve(self, coupon: int) -> None:
        values = {"coupon": coupon, "redeemed": REDEEMED, "event": f"served {coupon}", "account": "U", "key": uuid4()}
        self._do(values, OPEN, CLAIM, TAKE, REDEEM)
        for statements in (CHAT, PUBLISH):
            self._do(values, *statements)
        with self.database.read() as session:
            assert session.execute(said(READ), {"coupon": coupon}).one().position == values["position"]

    def _do(self, values: dict[str, object], *statements: str) -> None:
        """One transaction; the pack's next position is kept in `values`."""
        with self.database.write() as session:
            for words in statements:
                given = {name: value for name, value in values.items() if f":{name}" in words}
                result = session.execute(said(words), given)
                if words == TAKE:
                    values["position"] = result.scalar_one()

    def serves(self, rounds: int) -> None:
        """Wait until it has served `rounds` more, or all that there are, or has failed."""
        until = min(self.rounds + rounds, COUPONS // 2)
        while self.is_alive() and self.rounds < until:
            self.is_over.wait(0.01)


def said(words: str) -> TextClause:
    """A statement with times and keys as both databases take them."""
    statement = text(words)
    times = [bindparam(name, type_=UtcDateTime()) for name in ("sent", "redeemed") if f":{name}" in words]
    keys = [bindparam("key", type_=Uuid())] if ":key" in words else []
    return statement.bindparams(*times, *keys)


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.read() as session:
        names = [name for name in inspect(session.connection()).get_table_names() if name != "alembic_version"]
        return {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608


def fill(database: Database) -> None:
    """A shop with COUPONS coupons, half of them redeemed, a quarter verified."""
    values = {"all": COUPONS, "sent": SENT, "redeemed": REDEEMED}
    with database.write() as session:
        for words in FILL:
            into, select, rest = words.partition(" SELECT ")
            whole = f"{NUMBERS}{into}{select}{rest}" if "numbers" in rest else words
            session.execute(said(whole), {name: value for name, value in values.items() if f":{name}" in whole})


@pytest.mark.parametrize("revision", RELEASED)
def test_an_old_database_is_upgraded_while_the_old_version_serves(empty_url: str, revision: str) -> None:
    database = Database(empty_url)
    schema.upgrade(database, revision)
    assert schema.current(database) == revision
    fill(database)
    before = rows(database)
    old = OldVersion(database)
    old.start()
    old.serves(ROUNDS)
    schema.upgrade(database)
    at_the_end = old.rounds
    old.serves(ROUNDS)
    old.is_over.set()
    old.join()
    assert old.failure is None
    assert old.slowest < LONGEST_WAIT
    assert at_the_end >= ROUNDS and old.rounds >= at_the_end + ROUNDS
    after = rows(database)
    served = dict.fromkeys(("claims", "redemptions", "inbox", "outbox", "flows", "flow_versions"), old.rounds)
    assert {name: after[name] - served.get(name, 0) for name in before} == before
    with database.snapshot() as session:
        assert {one.invariant.name: one.examples for one in invariants.check(session) if one.examples} == {}
    assert schema.current(database) == schema.newest()
    assert schema.differences(database) == []
    database.dispose()
