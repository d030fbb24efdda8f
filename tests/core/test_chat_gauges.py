"""What an operator watches of what comes in and goes out: each gauge moves with what it tells of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from core import gauges, inbox, outbox, outcomes, outgoing
from core.inbox import Arrival, Delivery
from core.outbox import Way
from core.outcomes import Failure
from core.reasons import Reason
from db.database import Database
from tests import cast
from tests.core.watching import HOUR, MINUTE, SECOND, seen

LINE = Way(batch_size=5, is_idempotent=True, window=None)


def arrive(database: Database, event_id: str, at: datetime, who: tuple[str, str] = cast.MEI) -> None:
    channel, account_id = who
    with database.write() as session:
        inbox.store(session, [Delivery(channel, [Arrival(event_id, account_id, at, {})], at)])


def queued(database: Database, now: datetime, count: int = 1, who: tuple[str, str] = cast.MEI) -> int:
    with database.write() as session:
        contact = cast.contact(session, who, now)
        contact.window_opened_at = now
        payloads = [{"text": str(number)} for number in range(count)]
        outgoing.store(session, outgoing.rows(contact.id, payloads, now, None, None, batch_size=1))
        return contact.id


def send(database: Database, contact_id: int, failure: Failure | None, now: datetime, way: Way = LINE) -> None:
    with database.write() as session:
        request = outbox.take(session, contact_id, way, "worker-1", now)
    assert request
    with database.write() as session:
        accepted, failed = ([], [(request, failure, way)]) if failure else ([(request, ["1"])], [])
        outcomes.settle(session, accepted, failed, now)


def test_events_wait_until_they_are_handled_by_channel(database: Database, now: datetime) -> None:
    names = ("inbox_waiting_events", "inbox_oldest_waiting_seconds")
    arrive(database, "e1", now)
    arrive(database, "e2", now + 20 * SECOND)
    arrive(database, "e3", now + 10 * SECOND, cast.ALEX)
    assert seen(database, now + MINUTE, *names) == [
        {("line",): 2, ("messenger",): 1},
        {("line",): 60, ("messenger",): 50},
    ]
    with database.write() as session:
        inbox.handled(session, [1, 3], now)
    assert seen(database, now + MINUTE, *names) == [
        {("line",): 1, ("messenger",): 0},
        {("line",): 40, ("messenger",): 0},
    ]


def test_the_last_event_of_each_channel_has_an_age_also_once_it_is_handled(database: Database, now: datetime) -> None:
    arrive(database, "e1", now)
    arrive(database, "e2", now + MINUTE)
    arrive(database, "e3", now, cast.ALEX)
    with database.write() as session:
        inbox.handled(session, [1, 2, 3], now)
    assert seen(database, now + HOUR, "inbox_newest_event_seconds") == [{("line",): 3540, ("messenger",): 3600}]


def test_events_that_failed_are_counted_by_reason_for_an_hour(database: Database, now: datetime) -> None:
    for number in range(3):
        arrive(database, f"e{number}", now)
    with database.write() as session:
        inbox.give_up(session, 1, Reason.FLOW_TEMPLATE, "", now)
        inbox.give_up(session, 2, Reason.FLOW_TEMPLATE, "", now)
        inbox.handled(session, [3], now)
    assert seen(database, now + 59 * MINUTE, "inbox_failed_events") == [{("line", "flow_template"): 2}]
    assert seen(database, now + HOUR, "inbox_failed_events") == [{}]


def test_failures_are_looked_for_among_the_newest_events_only(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, "NEWEST", 2)
    for number in range(3):
        arrive(database, f"e{number}", now)
    with database.write() as session:
        for number in range(1, 4):
            inbox.give_up(session, number, Reason.FLOW_BROKE, "", now)
    assert seen(database, now, "inbox_failed_events") == [{("line", "flow_broke"): 2}]


def test_messages_are_counted_by_channel_and_state_until_they_are_sent(database: Database, now: datetime) -> None:
    mei, alex = queued(database, now, 2), queued(database, now, 1, cast.ALEX)

    def counts() -> Mapping[gauges.Labels, float]:
        found, *totals = seen(database, now, "outbox_first_messages", "outbox_unsent_messages", "outbox_held_messages")
        held = sum(count for (_, state), count in found.items() if state == "held")
        assert totals == [{(): sum(found.values()) - held}, {(): held}]
        return {labels: count for labels, count in found.items() if count}

    assert counts() == {("line", "pending"): 2, ("messenger", "pending"): 1}
    with database.write() as session:
        outbox.take(session, mei, replace(LINE, batch_size=1), "worker-1", now)
    assert counts() == {("line", "pending"): 1, ("line", "sending"): 1, ("messenger", "pending"): 1}
    closed = Failure(Reason.WINDOW_CLOSED, "", may_retry=False, is_unknown=False)
    send(database, alex, closed, now)
    assert counts() == {("line", "pending"): 1, ("line", "sending"): 1, ("messenger", "held"): 1}


def test_of_the_first_messages_the_channel_is_told_and_all_are_counted(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, "MOST_COUNTED", 2)
    queued(database, now, 5)
    messages, unsent = seen(database, now, "outbox_first_messages", "outbox_unsent_messages")
    assert (messages["line", "pending"], unsent) == (2, {(): 5})


def test_a_message_that_is_due_ages_until_it_is_sent(database: Database, now: datetime) -> None:
    name = "outbox_oldest_due_seconds"
    contact_id = queued(database, now)
    queued(database, now + 10 * SECOND, 1, cast.ALEX)
    assert seen(database, now - SECOND, name) == [{("line",): 0, ("messenger",): 0}]  # not yet due
    assert seen(database, now + MINUTE, name) == [{("line",): 60, ("messenger",): 50}]
    send(database, contact_id, None, now + MINUTE)
    assert seen(database, now + HOUR, name) == [{("line",): 0, ("messenger",): 3590}]


def test_messages_that_were_not_sent_are_told_with_state_and_reason_for_an_hour(
    database: Database, now: datetime
) -> None:
    name = "outbox_failed_messages"
    away = Failure(Reason.CHANNEL_UNAVAILABLE, "HTTP 500", may_retry=True, is_unknown=False)
    wrong = Failure(Reason.CHANNEL_CREDENTIALS, "HTTP 401", may_retry=False, is_unknown=False)
    mei, eve, alex = (queued(database, now, 1, who) for who in (cast.MEI, cast.EVE, cast.ALEX))
    assert seen(database, now, name) == [{}]
    send(database, mei, away, now)
    send(database, eve, away, now)
    send(database, alex, wrong, now)
    failed = ("messenger", "failed", "channel_credentials")
    assert seen(database, now, name) == [{("line", "pending", "channel_unavailable"): 2, failed: 1}]
    send(database, mei, None, now + MINUTE)
    assert seen(database, now, name) == [{("line", "pending", "channel_unavailable"): 1, failed: 1}]
    assert seen(database, now + HOUR, name) == [{}]
