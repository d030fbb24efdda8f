"""What an operator watches of claims, waits, flows and campaigns: each gauge moves with what it tells of."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot import publishing
from core import (
    campaigns,
    claims,
    conversations,
    flows,
    gauges,
    quotas,
    serials,
    timed_starts,
    undo,
    waits,
)
from core.flows import Draft
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
from tests.core.watching import CHANNELS, HOUR, MINUTE, SECOND, look, seen


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
        cast.campaign(session, now, replace(cast.TEA, slug="draft", is_published=False))
        campaigns.apply(session, replace(cast.GIFT, total_limit=2), now)  # fewer than its serials
    assert seen(database, now, "campaigns_running", "campaign_serials_left") == [{(): 1}, {("welcome-gift",): 2}]
    with database.write() as session:
        campaigns.end(session, "welcome-gift", now)
        campaigns.archive(session, "welcome-gift", now)
    assert seen(database, now, "campaigns_running") == [{(): 0}]


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
