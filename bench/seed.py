"""Fills a database with millions of rows: the database itself writes them, one statement a table.

Everything follows from a row's number, so that a token can be known without asking: coupon 1 belongs to contact 1 of
person 1, and serial 1 is the first to be given. The first `redeemed` coupons have been redeemed already.
"""

import hashlib
import sqlite3
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, text

from bench import indexes
from bench.load import Request
from core import campaigns, clock
from db.base import UtcDateTime
from db.database import Database

CAMPAIGN = "bench"
DAY = 86_400  # seconds

# A series of numbers and what is made of one, for each database. Tokens are spread like real ones, not in order.
SERIES = {
    "postgresql": "(SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS series",
    "sqlite": "(WITH RECURSIVE counted(n) AS (SELECT CAST(:first AS int) WHERE :first <= :last UNION ALL "
    "SELECT n + 1 FROM counted WHERE n < :last) SELECT n FROM counted) AS series",
}
TOKEN = "md5('coupon ' || n)"  # noqa: S105 (an expression)
PADDED = {
    "postgresql": {"reference": "lpad(upper(to_hex(n)), 8, '0')", "code": "'S' || lpad(CAST(n AS text), 10, '0')"},
    "sqlite": {"reference": "printf('%08X', n)", "code": "printf('S%010d', n)"},
}

PRODUCT = (
    "INSERT INTO packs (id, campaign_id, name, size, taken, created_at) VALUES (1, 1, 'bench', :size, :redeemed, :at)",
    "INSERT INTO persons (id, created_at) SELECT n, :at FROM {series}",
    (
        "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at) "
        "SELECT n, n, 'line', 'U' || md5('contact ' || n), 'Mei', '', 'en', :at FROM {series}"
    ),
    (
        "INSERT INTO coupons (id, token, reference, campaign_id, contact_id, sent_at, opened_at) "
        "SELECT n, {token}, {reference}, 1, n, :at, CASE WHEN n <= :redeemed THEN :at END FROM {series}"
    ),
    "INSERT INTO serials (pack_id, position, campaign_id, code) SELECT 1, n, 1, {code} FROM {series}",
    (
        "INSERT INTO claims (coupon_id, campaign_id, claimed_at, answered_at, outcome) "
        "SELECT n, 1, :at, :at, 'redeemed' FROM {series} WHERE n <= :redeemed"
    ),
    (
        "INSERT INTO redemptions (coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, position, "
        "redeemed_at, expires_at) SELECT n, 1, n, 1, 1, 1, n, :at, :until FROM {series} WHERE n <= :redeemed"
    ),
    # All of it has been counted, as it is in a shop whose coupons came one after the other.
    (
        "INSERT INTO record_groups (id, campaign_id, channel, sent, opened, redeemed, verified) "
        "VALUES (1, 1, 'line', :size, :redeemed, :redeemed, 0)"
    ),
    (
        "INSERT INTO records (coupon_id, group_id, stage, sent_at, opened_at, redeemed_at) "
        "SELECT n, 1, CASE WHEN n <= :redeemed THEN 2 ELSE 0 END, :at, CASE WHEN n <= :redeemed THEN :at END, "
        "CASE WHEN n <= :redeemed THEN :at END FROM {series}"
    ),
    (
        "INSERT INTO record_hours (group_id, hour, kind, count) VALUES "
        "(1, :hour, 'sent', :size), (1, :hour, 'opened', :redeemed), (1, :hour, 'redeemed', :redeemed)"
    ),
    "UPDATE record_feeds SET seen = :size, goal = :size WHERE name = 'coupons'",
    "UPDATE record_feeds SET seen = :redeemed, goal = :redeemed WHERE name IN ('claims', 'redemptions')",
)
CLAIMS = (
    "INSERT INTO claims (coupon_id, campaign_id, claimed_at) SELECT n, 1, :at FROM {series}",
    # Who claims has opened; without it nothing of these could be counted, and the shop would try again each second.
    "UPDATE coupons SET opened_at = :at WHERE id BETWEEN :first AND :last",
)


def product(url: str, size: int, redeemed: int = 0) -> None:
    """Fill the product's tables: a campaign, and `size` persons, contacts, coupons and serials."""
    spec = campaigns.Spec(
        slug=CAMPAIGN, name="Bench", expires_from="redemption", expires_after_seconds=365 * DAY, barcode="code128"
    )
    database = Database(url)
    with database.write() as session:
        made, _ = campaigns.apply(session, spec, clock.now())
        if made.id != 1:
            raise ValueError("A bench needs an empty database.")
    database.dispose()
    fill(url, PRODUCT, size, redeemed)


def claim(url: str, first: int, last: int) -> None:
    """Put a claim into the mailbox for each of the coupons `first` to `last`."""
    engine, at = _engine(url), _an_hour_ago()
    with engine.begin() as connection:
        for statement in CLAIMS:
            _insert(connection, statement, {"first": first, "last": last}, at)
    engine.dispose()
    _settle(url, "claims")


def fill(url: str, statements: tuple[str, ...], size: int, redeemed: int = 0) -> None:
    """Run `statements` for the numbers 1 to `size`, then let the database put itself in order."""
    engine, at = _engine(url), _an_hour_ago()
    with engine.begin() as connection:
        with indexes.absent(connection):
            for statement in statements:
                _insert(connection, statement, {"first": 1, "last": size, "size": size, "redeemed": redeemed}, at)
        if engine.dialect.name == "postgresql":
            _set_sequences(connection)
    engine.dispose()
    _settle(url)


def token(number: int) -> str:
    """The token of the coupon with this number."""
    return hashlib.md5(f"coupon {number}".encode(), usedforsecurity=False).hexdigest()


class Tokens:
    """The coupons of a seeded database, each handed out once."""

    def __init__(self, size: int, used: int = 0) -> None:
        self._size, self._used = size, used

    def take(self, count: int, path: str = "/c/{}/redeem") -> list[Request]:
        """Requests for the next `count` coupons, fewer where there are no more."""
        first, self._used = self._used + 1, min(self._size, self._used + count)
        return [Request(path.format(token(number))) for number in range(first, self._used + 1)]

    @property
    def left(self) -> int:
        """How many have not been handed out."""
        return self._size - self._used


def _an_hour_ago() -> datetime:
    """When everything that is filled in happened: records say so, too, of what the other tables hold."""
    return clock.now() - timedelta(hours=1)


def _insert(connection: Connection, statement: str, numbers: dict[str, int], at: datetime) -> None:
    kind = connection.dialect.name
    words = statement.format(series=SERIES[kind], token=TOKEN, **PADDED[kind])
    values: dict[str, int | datetime] = {
        **numbers,
        "at": at,
        "until": at + timedelta(days=365),
        "hour": at.replace(minute=0, second=0, microsecond=0),
    }
    types = [bindparam(name, type_=UtcDateTime()) for name in ("at", "until", "hour") if f":{name}" in words]
    connection.execute(
        text(words).bindparams(*types), {name: value for name, value in values.items() if f":{name}" in words}
    )


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """SQLite lacks md5, and need not survive a power cut while it is filled."""
    connection.create_function("md5", 1, _md5, deterministic=True)
    for pragma in ("synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF", "journal_mode = WAL"):
        connection.execute(f"PRAGMA {pragma}")


def _md5(words: str) -> str:
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()


def _set_sequences(connection: Connection) -> None:
    """Rows came with their ids; the next ones go on from there."""
    owned = text(
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name = 'id' AND column_default LIKE 'nextval%'"
    )
    for table in connection.scalars(owned).all():
        next_id = f"(SELECT coalesce(max(id), 0) + 1 FROM {table})"  # noqa: S608 (our own tables)
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {next_id}, false)"))


def _settle(url: str, table: str = "") -> None:
    """Statistics, visibility and a checkpoint now, and not in the middle of a measure."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    is_sqlite = engine.dialect.name == "sqlite"
    tidied, written = ("ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)") if is_sqlite else ("VACUUM ANALYZE", "CHECKPOINT")
    with engine.connect() as connection:
        for statement in (f"{tidied} {table}".strip(), written):  # in this order: VACUUM writes every page once more
            connection.execute(text(statement))
    engine.dispose()
