from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.channels.ways import WAYS
from core import dispatch, outbox, outcomes
from core.dispatch import Letter
from core.outbox import Request
from core.outgoing import BULK, LIVE, ReplyToken
from db import locks
from db.database import Database
from db.tables import OutboxMessage
from tests import cast

SECOND = timedelta(seconds=1)
LINE = WAYS["line"]


def added(
    database: Database,
    now: datetime,
    texts: Sequence[str],
    who: tuple[str, str] = cast.MEI,
    *,
    is_free: bool = True,
    urgency: int = LIVE,
    worker: str | None = "worker-1",
) -> list[Request]:
    with database.write() as session:
        contact = cast.contact(session, who, now)
        contact.window_opened_at = now
        payloads = [{"text": text} for text in texts]
        reply = ReplyToken("token", now + 50 * SECOND)
        letter = Letter(contact, payloads, WAYS[contact.channel], is_free, reply, urgency)
        return dispatch.add(session, [letter], worker, now)


def rows(database: Database) -> list[OutboxMessage]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_the_first_request_is_being_sent_as_soon_as_it_is_stored(database: Database, now: datetime) -> None:
    (request,) = added(database, now, list("abcdefg"))
    assert ([payload["text"] for payload in request.payloads], request.reply_token) == (list("abcde"), "token")
    assert [row.status for row in rows(database)] == ["sending"] * 5 + ["pending"] * 2
    assert {row.request_key for row in rows(database)[:5]} == {request.key}
    with database.write() as session:
        assert outbox.take(session, request.contact_id, LINE, "worker-2", now) is None
        outcomes.settle(session, [(request, ["1", "2"])], [], now + SECOND)
        assert dispatch.left_over(session, [request.contact_id], now + SECOND) == [request.contact_id]
    assert [row.platform_message_id for row in rows(database)[:5]] == ["1", "2", None, None, None]
    assert [row.status for row in rows(database)] == ["sent"] * 5 + ["pending"] * 2


def test_what_a_dead_worker_was_sending_is_repeated_as_the_same_request(database: Database, now: datetime) -> None:
    (request,) = added(database, now, ["a"])
    later = now + 5 * SECOND
    with database.write() as session:
        outbox.take_back_abandoned(session, [], later)
        again = outbox.take(session, request.contact_id, LINE, "worker-2", later)
    assert again is not None
    assert (again.key, again.reply_token, again.is_in_doubt) == (request.key, "token", True)
    with database.write() as session:  # the dead one's outcome comes late, once another sends: it is the same request
        outcomes.settle(session, [(request, ["1"])], [], later)
    assert [row.status for row in rows(database)] == ["sent"]


def test_what_is_answered_too_late_for_the_reply_token_is_a_push(database: Database, now: datetime) -> None:
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        letter = Letter(contact, [{"text": "a"}], LINE, is_free=True, reply=ReplyToken("token", now))
        (request,) = dispatch.add(session, [letter], "worker-1", now)
    assert request.reply_token == ""
    assert [(row.reply_token, row.status) for row in rows(database)] == [(None, "sending")]


def test_what_could_be_doubled_or_must_wait_its_turn_is_only_stored(database: Database, now: datetime) -> None:
    assert added(database, now, ["a"], cast.ALEX) == []  # Messenger knows no repeatable request
    assert added(database, now, ["b"], is_free=False) == []
    assert added(database, now, ["c"], worker=None) == []
    assert [(row.status, row.attempts, row.worker) for row in rows(database)] == [("pending", 0, None)] * 3


def test_who_has_blocked_the_shop_is_sent_nothing_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        locks.contact(session, contact.id).unreachable_since = now
    assert added(database, now, ["a"]) == []
    assert [row.status for row in rows(database)] == ["pending"]


def test_an_answer_waits_for_no_advertisement(database: Database, now: datetime) -> None:
    added(database, now, ["advertisement", "another"], is_free=False, urgency=BULK)
    added(database, now, ["answer"], is_free=False)
    with database.write() as session:
        assert outbox.contacts_due(session, now + SECOND) == [(1, LIVE)]
        taken = outbox.take(session, 1, LINE, "worker-1", now)
    assert taken is not None
    assert [payload["text"] for payload in taken.payloads] == ["answer"]
