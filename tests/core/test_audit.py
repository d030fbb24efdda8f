"""What people did is kept, whoever would have it otherwise."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import audit, undo, verification
from core.audit import Deed, Doer
from core.verification import Actor
from db.database import Database
from db.tables import AuditEntry, Coupon
from tests import cast

DEED = Deed("campaign.changed", "campaign", "summer-tea", {"before": {"name": "Tea"}, "after": {"name": "Iced tea"}})


def test_a_deed_is_kept_with_who_did_what_when(database: Database, now: datetime) -> None:
    with database.write() as session:
        audit.record(session, Doer(), DEED, now)
    with database.read() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.at, entry.user_id, entry.actor, entry.action) == (now, None, "flask", "campaign.changed")
    assert (entry.subject_kind, entry.subject, entry.detail) == ("campaign", "summer-tea", dict(DEED.detail))


@pytest.mark.parametrize(
    "table", ["audit_entries", "verification_attempts", "undone_redemptions", "undone_verifications"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET user_id = NULL", "DELETE FROM {}"])
def test_nobody_changes_or_removes_what_was_kept(database: Database, now: datetime, statement: str, table: str) -> None:
    _everything_kept(database, now)
    before = _count(database, table)
    assert before
    with pytest.raises(DBAPIError, match="keeps what it was told"), database.write() as session:
        session.execute(text(statement.format(table)))
    assert _count(database, table) == before


def _count(database: Database, table: str) -> int:
    with database.read() as session:
        found: int = session.scalars(text(f"SELECT count(*) FROM {table}")).one()  # noqa: S608 (one of the four above)
    return found


def _everything_kept(database: Database, now: datetime) -> None:
    """A coupon redeemed, verified, and both taken back: a row in each of the tables."""
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        coupon_id = session.scalars(select(Coupon.id)).one()
    cast.redeem(database, token, now)
    with database.write() as session:
        verification.verify(session, coupon_id, "TEA-0001", Actor("pos"), now)
        undo.undo_verification(session, coupon_id, "Wrong customer", None, now)
        undo.undo_redemption(session, coupon_id, "Wrong customer", None, now)
