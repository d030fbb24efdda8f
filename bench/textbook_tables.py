"""The tables of the textbook way (bench/textbook.py): a row for each serial, and a counter for each person."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

from bench import seed
from db.base import BigId, UtcDateTime
from db.database import Database

TABLES = MetaData()
COUPONS = Table(
    "textbook_coupons",
    TABLES,
    Column("id", BigId, primary_key=True),
    Column("token", String(32), unique=True, nullable=False),
    Column("campaign_id", BigId, nullable=False),
    Column("person_id", BigId, nullable=False),
)
COUNTERS = Table(
    "textbook_counters",
    TABLES,
    Column("person_id", BigId, primary_key=True, autoincrement=False),
    Column("campaign_id", BigId, primary_key=True, autoincrement=False),
    Column("redeemed", Integer, nullable=False),
)
SERIALS = Table(
    "textbook_serials",
    TABLES,
    Column("id", BigId, primary_key=True),
    Column("campaign_id", BigId, nullable=False),
    Column("code", String(64), nullable=False),
    Column("coupon_id", BigId, ForeignKey("textbook_coupons.id"), unique=True),
)
FREE = SERIALS.c.coupon_id.is_(None)
Index("ix_textbook_serials_free", SERIALS.c.campaign_id, SERIALS.c.id, postgresql_where=FREE, sqlite_where=FREE)
REDEMPTIONS = Table(
    "textbook_redemptions",
    TABLES,
    Column("id", BigId, primary_key=True),
    Column("coupon_id", BigId, ForeignKey("textbook_coupons.id"), unique=True, nullable=False),
    Column("campaign_id", BigId, nullable=False),
    Column("person_id", BigId, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("serial_id", BigId, ForeignKey("textbook_serials.id"), unique=True, nullable=False),
    Column("redeemed_at", UtcDateTime, nullable=False),
    UniqueConstraint("campaign_id", "person_id", "ordinal"),
)

ROWS = (
    "INSERT INTO textbook_coupons (id, token, campaign_id, person_id) SELECT n, {token}, 1, n FROM {series}",
    "INSERT INTO textbook_counters (person_id, campaign_id, redeemed) SELECT n, 1, 0 FROM {series}",
    "INSERT INTO textbook_serials (id, campaign_id, code) SELECT n, 1, {code} FROM {series}",
)


def fill(url: str, size: int) -> None:
    """Make the textbook's tables in a database and fill them as bench/seed.py fills the product's."""
    database = Database(url)
    with database.engine.execution_options(tessera_write=True).begin() as connection:
        TABLES.create_all(connection)
    database.dispose()
    seed.fill(url, ROWS, size)
