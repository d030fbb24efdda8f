"""What an operator watches of the database: each gauge moves with what it tells of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import publishing
from core import (
    campaigns,
    claims,
    conversations,
    flows,
    gauges,
    inbox,
    outbox,
    outcomes,
    outgoing,
    quotas,
    serials,
    timed_starts,
    undo,
    waits,
)
from core.flows import Draft
from core.inbox import Arrival, Delivery
from core.outbox import Way
from core.outcomes import Failure
from core.reasons import Reason
from core.timed_starts import Turn, Whom
from db.database import Database
from db.tables import (
    Contact,
    ContactTag,
    Conversation,
    Flow,
    Redemption,
    TimedStart,
    TimedStartContact,
    Wait,
)
from tests import cast
from tests.bot.talk import read as read_flow

CHANNELS = ("line", "messenger")
LINE = Way(batch_size=5, is_idempotent=True, window=None)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def look(database: Database, at: datetime) -> gauges.Readings:
    with database.snapshot() as session:  # however slow the machine is
        return gauges.read(session, CHANNELS, at)


def seen(database: Database, at: datetime, *names: str) -> list[Mapping[gauges.Labels, float]]:
    found = look(database, at)
    return [found[name] for name in names]


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
        if failure:
            outcomes.failed(session, request, failure, way, now)
        else:
            outcomes.accepted(session, [(request, ["1"])], now)


def flow_version(database: Database, now: datetime) -> int:
    steps = "  - ask: {text: Name, keep: name}\n"
    with database.write() as session:
        version, _ = flows.publish(session, Draft("tea", steps, publishing.document(read_flow(steps)), {}), now)
        return version.id


def stand(
    database: Database, version_id: int, who: tuple[str, str], now: datetime, wait: datetime | None = None
) -> int:
    """The contact stands in the flow, and waits there until a time."""
    with database.write() as session:
        contact = cast.contact(session, who, now)
        state = {"step": 0, "answers": {}, "waits_for": "answer", "is_ended": False}
        session.add(Conversation(contact_id=contact.id, flow_version_id=version_id, state=state, updated_at=now))
        if wait:
            values = {"flow_version_id": version_id, "happens": [], "created_at": now}
            session.add(Wait(contact_id=contact.id, due_at=wait, **values))
        return contact.id


def test_an_empty_shop_has_every_gauge_and_nothing_in_it(database: Database, now: datetime) -> None:
    found = look(database, now)
    assert found["inbox_waiting_events"] == {("line",): 0, ("messenger",): 0}
    assert found["outbox_first_messages"] == {(c, s): 0 for c in CHANNELS for s in ("pending", "sending", "held")}
    assert found["campaigns_running"] == {(): 0}
    assert all(value == 0 for values in found.values() for value in values.values())


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


def test_claims_wait_until_they_are_answered(database: Database, now: datetime) -> None:
    names = ("claims_waiting", "claims_oldest_waiting_seconds")
    with database.write() as session:
        campaign_id = cast.campaign(session, now).id
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
    with database.write() as session:
        for number, token in enumerate(tokens):
            claims.claim(session, token, now + number * SECOND)
    assert seen(database, now + MINUTE, *names) == [{(): 2}, {(): 60}]
    with database.write() as session:
        claims.answer_batch(session, campaign_id, now + MINUTE, size=1)
    assert seen(database, now + MINUTE, *names) == [{(): 1}, {(): 59}]


def test_a_wait_that_is_over_counts_and_ages_but_does_not_age_while_a_person_answers(
    database: Database, now: datetime
) -> None:
    names = ("waits_due", "waits_oldest_due_seconds")
    version_id = flow_version(database, now)
    mei = stand(database, version_id, cast.MEI, now, now + MINUTE)
    stand(database, version_id, cast.ALEX, now, now + 2 * MINUTE)
    assert seen(database, now, *names) == [{(): 0}, {(): 0}]
    assert seen(database, now + MINUTE, *names) == [{(): 1}, {(): 0}]
    assert seen(database, now + HOUR, *names) == [{(): 2}, {(): 59 * 60}]
    with database.write() as session:
        conversations.hand_over(session, mei, "", now)
    assert seen(database, now + HOUR, *names) == [{(): 2}, {(): 58 * 60}]
    with database.write() as session:
        waits.end(session, session.get(Wait, mei))
    assert seen(database, now + HOUR, *names) == [{(): 1}, {(): 58 * 60}]


def test_contacts_with_whom_a_flow_is_to_begin_are_counted_until_their_turn_has_come(
    database: Database, now: datetime
) -> None:
    names = ("timed_starts_waiting_contacts", "timed_starts_oldest_seconds")
    version_id = flow_version(database, now)
    with database.write() as session:
        for who in (cast.MEI, cast.ALEX):
            contact = cast.contact(session, who, now)
            session.add(ContactTag(contact_id=contact.id, tag="vip", tagged_at=now))
        session.flush()
        timed_starts.keep(session, session.query(Flow).one().id, now, Whom(("vip",)), now)
    assert seen(database, now + MINUTE, *names) == [{(): 2}, {(): 60}]
    with database.write() as session:
        rows = session.query(TimedStartContact, Contact).join(Contact, Contact.id == TimedStartContact.contact_id).all()
        for row, contact in rows:
            timed_starts.settle(Turn(contact, session.query(TimedStart).one(), "tea", row), version_id, now)
        session.flush()
        timed_starts.finish(session, now)
    assert seen(database, now + MINUTE, *names) == [{(): 0}, {(): 0}]


def test_contacts_whose_flow_failed_are_counted_by_reason_until_another_begins(
    database: Database, now: datetime
) -> None:
    version_id = flow_version(database, now)
    ids = [stand(database, version_id, who, now) for who in (cast.MEI, cast.ALEX, cast.EVE)]
    with database.write() as session:
        for contact_id, reason in zip(ids[:2], (Reason.FLOW_TEMPLATE, Reason.FLOW_BROKE), strict=True):
            conversations.stop(session.get_one(Conversation, contact_id), reason, "", now)
    assert seen(database, now, "conversations_stopped") == [{("flow_template",): 1, ("flow_broke",): 1}]
    with database.write() as session:
        stopped = session.get_one(Conversation, ids[0])
        conversations.save(session, stopped, ids[0], (version_id, stopped.state), now)
    assert seen(database, now, "conversations_stopped") == [{("flow_broke",): 1}]


def test_serials_go_from_left_to_redeemed_and_back_when_undone(database: Database, now: datetime) -> None:
    names = ("campaign_serials_left", "campaign_redeemed_coupons")
    with database.write() as session:
        cast.campaign(session, now, codes=3)
        cast.campaign(session, now, cast.GIFT, codes=2)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    assert seen(database, now, *names) == [
        {("summer-tea",): 2, ("welcome-gift",): 2},
        {("summer-tea",): 1, ("welcome-gift",): 0},
    ]
    with database.write() as session:
        serials.withdraw(session, session.query(Redemption).one().pack_id, now)
    assert [values["summer-tea",] for values in seen(database, now, *names)] == [0, 1]
    with database.write() as session:
        undo.undo_redemption(session, session.query(Redemption).one().coupon_id, "a slip", None, now)
    assert [values["summer-tea",] for values in seen(database, now, *names)] == [0, 0]


def test_a_campaign_that_was_ended_runs_no_more(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        cast.campaign(session, now, cast.GIFT)
    assert seen(database, now, "campaigns_running") == [{(): 2}]
    with database.write() as session:
        campaigns.end(session, "summer-tea", now)
    assert seen(database, now, "campaigns_running", "campaign_serials_left") == [{(): 1}, {("welcome-gift",): 3}]


def test_the_newest_campaigns_are_told_one_by_one(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, "MOST_CAMPAIGNS", 1)
    with database.write() as session:
        cast.campaign(session, now)
        cast.campaign(session, now, cast.GIFT)
    assert seen(database, now, "campaigns_running", "campaign_serials_left") == [{(): 2}, {("welcome-gift",): 3}]


def test_the_months_messages_are_told_where_they_have_a_limit(database: Database, now: datetime) -> None:
    names = ("quota_limit_messages", "quota_left_messages")
    with database.write() as session:
        quotas.note(session, "line", 200, 57, now)
    assert seen(database, now, *names) == [{("line",): 200}, {("line",): 143}]
    with database.write() as session:
        quotas.note(session, "line", None, 58, now)
    assert seen(database, now, *names) == [{}, {}]
