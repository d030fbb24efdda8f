"""A batch of redemptions as bare SQL: the least that the database must do for the rows that the product writes.

The same lock, the same rows, the same constraints; no rule is asked beyond the count of earlier redemptions.
"""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, text

from core import clock
from db.base import UtcDateTime
from db.database import Database

LOCK = {
    "postgresql": "SELECT id FROM campaigns WHERE id = 1 FOR NO KEY UPDATE",
    "sqlite": "SELECT id FROM campaigns WHERE id = 1",  # BEGIN IMMEDIATE has locked
}
BATCH = text(
    "SELECT count(*), max(id) FROM (SELECT id FROM claims WHERE campaign_id = 1 AND answered_at IS NULL "
    "ORDER BY id LIMIT :size) AS batch"
)
GIVE = text(
    "INSERT INTO redemptions (coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, position, "
    "redeemed_at, expires_at) SELECT claims.coupon_id, 1, contacts.person_id, 1 + (SELECT count(*) FROM redemptions r "
    "WHERE r.campaign_id = 1 AND r.person_id = contacts.person_id), 1, packs.id, "
    "packs.taken + row_number() OVER (ORDER BY claims.id), :at, :until "
    "FROM claims JOIN coupons ON coupons.id = claims.coupon_id JOIN contacts ON contacts.id = coupons.contact_id "
    "JOIN packs ON packs.campaign_id = 1 "
    "WHERE claims.campaign_id = 1 AND claims.answered_at IS NULL AND claims.id <= :last"
).bindparams(bindparam("at", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime()))
TAKE = text("UPDATE packs SET taken = taken + :count WHERE campaign_id = 1")
ANSWER = text(
    "UPDATE claims SET answered_at = :at, outcome = 'redeemed' "
    "WHERE campaign_id = 1 AND answered_at IS NULL AND id <= :last"
).bindparams(bindparam("at", type_=UtcDateTime()))


def answer_batch(database: Database, size: int) -> int:
    """Answer up to `size` claims of campaign 1 in one transaction; returns how many."""
    with database.engine.execution_options(tessera_write=True).begin() as connection:
        return _answer(connection, size)


def _answer(connection: Connection, size: int) -> int:
    connection.execute(text(LOCK[connection.dialect.name]))
    count, last = connection.execute(BATCH, {"size": size}).one()
    if not count:
        return 0
    now = clock.now()
    connection.execute(GIVE, {"last": last, "at": now, "until": now + timedelta(days=365)})
    connection.execute(TAKE, {"count": count})
    connection.execute(ANSWER, {"last": last, "at": now})
    return int(count)
