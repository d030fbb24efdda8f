"""The inbox: an event is dealt with once, whoever thinks that it was not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import inbox
from core.inbox import Arrival, Delivery, HandledError
from core.reasons import Reason
from db.database import Database
from db.tables import InboxEvent

SECOND = timedelta(seconds=1)


def arrive(database: Database, now: datetime, *accounts: str) -> list[int]:
    """Each account has an event, one second after the one before."""
    arrivals = [Arrival(f"e{place}", account, now, {}) for place, account in enumerate(accounts)]
    with database.write() as session:
        for place, arrival in enumerate(arrivals):
            inbox.store(session, [Delivery("line", [arrival], now + place * SECOND)])
        return list(session.scalars(select(InboxEvent.id).order_by(InboxEvent.id)))


def kept(database: Database) -> list[tuple[datetime | None, str | None]]:
    with database.read() as session:
        rows = session.scalars(select(InboxEvent).order_by(InboxEvent.id))
        return [(row.handled_at, row.failure) for row in rows]


def test_an_event_that_was_handled_is_neither_handled_nor_given_up_again(database: Database, now: datetime) -> None:
    ids = arrive(database, now, "U1", "U2")
    with database.write() as session:
        inbox.handled(session, ids[:1], now)
    with pytest.raises(HandledError, match="1 of 2"), database.write() as session:
        inbox.handled(session, ids, now + SECOND)
    with pytest.raises(HandledError), database.write() as session:
        inbox.give_up(session, ids[0], Reason.EVENT_UNREADABLE, "", now + SECOND)
    assert kept(database) == [(now, None), (None, None)]


def test_an_event_that_was_given_up_stays_so(database: Database, now: datetime) -> None:
    ids = arrive(database, now, "U1")
    with database.write() as session:
        inbox.give_up(session, ids[0], Reason.FLOW_TEMPLATE, "", now)
    for again in (Reason.EVENT_UNREADABLE, None):
        with pytest.raises(HandledError), database.write() as session:
            if again:
                inbox.give_up(session, ids[0], again, "", now + SECOND)
            else:
                inbox.handled(session, ids, now + SECOND)
    assert kept(database) == [(now, "flow_template")]


def test_the_sweep_is_told_of_so_many_accounts_each_once_the_longest_waiting_first(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 3)
    arrive(database, now, "U4", "U2", "U3", "U2", "U1", "U4")
    with database.read() as session:
        found = inbox.accounts_waiting(session, now + 6 * SECOND)
        early = inbox.accounts_waiting(session, now + SECOND)
    assert found == [("line", "U4"), ("line", "U2"), ("line", "U3")]
    assert early == [("line", "U4")]
