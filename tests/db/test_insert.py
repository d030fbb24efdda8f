"""Many rows at once: what is sent once, what is nothing, and what is there already."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db.database import Database
from db.insert import insert_all_unless_there
from db.several import insert_all
from db.tables import Coupon, InboxEvent, VerificationAttempt
from tests import cast


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_that_are_all_equal_are_as_many_as_were_given(database: Database, now: datetime, count: int) -> None:
    row = {"coupon_id": None, "entered": "TEA-0001", "outcome": "unknown_coupon", "attempted_at": now, "via": "pos"}
    with database.write() as session:
        insert_all(session, VerificationAttempt, [row] * count)
    with database.read() as session:
        found = session.scalars(select(VerificationAttempt)).all()
    assert [{name: getattr(one, name) for name in row} for one in found] == [row] * count
    assert len({one.id for one in found}) == count


def test_a_value_that_is_nothing_in_some_rows_is_nothing_there_alone(database: Database, now: datetime) -> None:
    ends = [None, now + timedelta(days=1), None]
    with database.write() as session:
        campaign, contact = cast.campaign(session, now), cast.contact(session, cast.MEI, now)
        shared = {"campaign_id": campaign.id, "contact_id": contact.id, "sent_at": now, "opened_at": None}
        rows = [shared | {"token": f"T{n}", "reference": f"R{n}", "expires_at": at} for n, at in enumerate(ends)]
        insert_all(session, Coupon, rows)
    with database.read() as session:
        found = session.scalars(select(Coupon).order_by(Coupon.token)).all()
    assert [{name: getattr(one, name) for name in rows[0]} for one in found] == rows


def test_of_known_new_and_repeated_rows_the_new_ones_are_kept_once(database: Database, now: datetime) -> None:
    def arrived(event_id: str, account: str) -> dict[str, object]:
        what = {"channel": "line", "event_id": event_id, "account_id": account, "body": {"id": event_id}}
        return {**what, "occurred_at": now, "received_at": now, "handled_at": None}

    unique = ["channel", "event_id"]
    with database.write() as session:
        assert insert_all_unless_there(session, InboxEvent, [arrived("known", "first")], unique) == {("line", "known")}
    with database.write() as session:
        given = [arrived("known", "second"), arrived("new", "first"), arrived("new", "second"), arrived("other", "x")]
        found = insert_all_unless_there(session, InboxEvent, given, unique)
        assert insert_all_unless_there(session, InboxEvent, [], unique) == set()
    assert found == {("line", "new"), ("line", "other")}
    with database.read() as session:
        kept = session.execute(select(InboxEvent.event_id, InboxEvent.account_id, InboxEvent.body)).all()
    assert sorted((event, account) for event, account, _ in kept) == [
        ("known", "first"),
        ("new", "first"),
        ("other", "x"),
    ]
    assert all(body == {"id": event} for event, _, body in kept)
