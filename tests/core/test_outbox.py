from datetime import datetime, timedelta

from sqlalchemy import select, update

from core import outbox, outcomes, outgoing, quotas
from core.outbox import Request, Way
from core.outcomes import Failure
from core.outgoing import ReplyToken
from core.reasons import Reason
from db.database import Database
from db.tables import Contact, OutboxMessage
from tests import cast

LINE = Way(batch_size=5, is_idempotent=True, window=None)
MESSENGER = Way(batch_size=1, is_idempotent=False, window=timedelta(hours=24))
SECOND = timedelta(seconds=1)
AWAY = Failure(Reason.CHANNEL_UNAVAILABLE, "HTTP 500", may_retry=True, is_unknown=False)
DOUBT = Failure(Reason.CHANNEL_UNAVAILABLE, "read timeout", may_retry=True, is_unknown=True)
REFUSED = Failure(Reason.MESSAGE_REFUSED, "HTTP 400", may_retry=False, is_unknown=False)
NO_TOKEN = Failure(Reason.REPLY_TOKEN_REFUSED, "Invalid reply token", may_retry=True, is_unknown=False)


def queued(
    database: Database, now: datetime, texts: list[str], reply_seconds: int = 0, who: tuple[str, str] = cast.MEI
) -> int:
    reply = ReplyToken("token", now + reply_seconds * SECOND) if reply_seconds else None
    with database.write() as session:
        contact = cast.contact(session, who, now)
        contact.window_opened_at = now
        payloads = [{"text": text} for text in texts]
        outgoing.store(session, outgoing.rows(contact.id, payloads, now, None, reply, batch_size=5))
        return contact.id


def take(database: Database, contact_id: int, now: datetime, way: Way = LINE) -> Request | None:
    with database.write() as session:
        return outbox.take(session, contact_id, way, "worker-1", now)


def taken(database: Database, contact_id: int, now: datetime, way: Way = LINE) -> Request:
    request = take(database, contact_id, now, way)
    assert request is not None
    return request


def fail(database: Database, request: Request, failure: Failure, now: datetime, way: Way = LINE) -> None:
    with database.write() as session:
        outcomes.settle(session, [], [(request, failure, way)], now)


def rows(database: Database) -> list[OutboxMessage]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def states(database: Database) -> list[tuple[str, str | None]]:
    return [(row.status, row.reason) for row in rows(database)]


def test_five_messages_go_out_as_one_reply_and_the_rest_as_a_push(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, list("abcdefg"), reply_seconds=50)
    first = taken(database, contact_id, now)
    assert ([p["text"] for p in first.payloads], first.reply_token) == (list("abcde"), "token")
    assert take(database, contact_id, now) is None  # one request of a contact at a time
    with database.write() as session:
        outcomes.settle(session, [(first, ["1", "2", "3", "4", "5"])], [], now)
    second = taken(database, contact_id, now)
    assert ([p["text"] for p in second.payloads], second.reply_token) == (["f", "g"], "")
    assert second.key == rows(database)[5].key


def test_a_reply_token_that_has_died_becomes_a_push(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    assert taken(database, contact_id, now + 51 * SECOND).reply_token == ""


def test_a_refused_reply_token_at_the_first_attempt_becomes_a_push_at_once(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    fail(database, taken(database, contact_id, now), NO_TOKEN, now)
    push = taken(database, contact_id, now)
    assert (push.reply_token, push.is_in_doubt) == ("", False)


def test_a_reply_in_doubt_is_repeated_with_its_token_and_a_refusal_then_means_that_it_arrived(
    database: Database,
    now: datetime,
) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    fail(database, taken(database, contact_id, now), DOUBT, now)
    again = taken(database, contact_id, now + 2 * SECOND)
    assert (again.reply_token, again.is_in_doubt) == ("token", True)
    fail(database, again, NO_TOKEN, now + 2 * SECOND)
    assert states(database) == [("sent", None)]


def test_a_reply_in_doubt_whose_token_may_have_died_is_tried_once_more_with_it_and_never_pushed(
    database: Database, now: datetime
) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    fail(database, taken(database, contact_id, now), DOUBT, now)
    late = now + 60 * SECOND
    again = taken(database, contact_id, late)
    assert (again.reply_token, again.is_in_doubt) == ("token", True)
    fail(database, again, NO_TOKEN, late)  # used by the first attempt, or dead: nobody knows
    assert states(database) == [("unknown", "outcome_unknown")]
    assert take(database, contact_id, late + 60 * SECOND) is None


def test_a_reply_in_doubt_that_is_taken_after_all_was_not_taken_before(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    fail(database, taken(database, contact_id, now), DOUBT, now)
    again = taken(database, contact_id, now + 60 * SECOND)
    with database.write() as session:
        outcomes.settle(session, [(again, ["1"])], [], now + 61 * SECOND)
    assert states(database) == [("sent", None)]


def test_a_reply_in_doubt_is_given_up_after_a_day(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    fail(database, taken(database, contact_id, now), DOUBT, now)
    assert take(database, contact_id, now + timedelta(hours=24)) is None
    assert states(database) == [("unknown", "outcome_unknown")]


def test_a_push_in_doubt_is_repeated_as_the_same_request_under_the_same_key(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"])
    first = taken(database, contact_id, now)
    fail(database, first, DOUBT, now)
    queued(database, now, ["c"])
    again = taken(database, contact_id, now + 2 * SECOND)
    assert (again.key, again.row_ids, again.payloads) == (first.key, first.row_ids, first.payloads)


def test_a_push_in_doubt_is_not_repeated_once_line_may_have_forgotten_its_key(
    database: Database, now: datetime
) -> None:
    contact_id = queued(database, now, ["a"])
    fail(database, taken(database, contact_id, now), DOUBT, now)
    assert take(database, contact_id, now + timedelta(hours=24)) is None
    assert states(database) == [("unknown", "outcome_unknown")]


def test_an_unknown_outcome_in_messenger_is_never_sent_again(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"], who=cast.ALEX)
    fail(database, taken(database, contact_id, now, MESSENGER), DOUBT, now, MESSENGER)
    assert taken(database, contact_id, now, MESSENGER).payloads == ({"text": "b"},)
    assert states(database) == [("unknown", "outcome_unknown"), ("sending", None)]


def test_a_passing_failure_waits_longer_each_time_and_blocks_what_comes_after(
    database: Database, now: datetime
) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    queued(database, now, ["b"], who=cast.ALEX)
    pauses = []
    for _ in range(4):
        fail(database, taken(database, contact_id, now, MESSENGER), AWAY, now, MESSENGER)
        due = rows(database)[0].due_at
        assert take(database, contact_id, due - SECOND / 2, MESSENGER) is None
        pauses.append((due - now) / SECOND)
        now = due
    assert pauses == [1, 2, 4, 8]
    assert [row.status for row in rows(database)] == ["pending", "pending"]


def test_a_platform_that_asks_to_wait_is_obeyed(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    asked = Failure(Reason.RATE_LIMITED, "429", may_retry=True, is_unknown=False, retry_after=30)
    fail(database, taken(database, contact_id, now), asked, now)
    assert rows(database)[0].due_at == now + 30 * SECOND


def test_who_waits_for_others_turn_is_not_given_up_however_often(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], reply_seconds=50)
    tried = outcomes.MAX_ATTEMPTS - 1
    with database.write() as session:
        session.execute(update(OutboxMessage).values(attempts=tried))
    later = Failure(Reason.RATE_LIMITED, "", may_retry=True, is_unknown=False, retry_after=1, was_made=False)
    for _ in range(3):
        fail(database, taken(database, contact_id, now), later, now)
        now += SECOND
    assert [(row.status, row.attempts, row.due_at) for row in rows(database)] == [("pending", tried, now)]
    request = taken(database, contact_id, now)
    assert (request.reply_token, request.attempt, request.is_in_doubt) == ("token", tried + 1, False)


def test_a_request_is_as_urgent_as_its_messages(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    with database.write() as session:
        session.execute(update(OutboxMessage).values(urgency=outgoing.BULK))
    assert taken(database, contact_id, now).urgency == outgoing.BULK


def test_a_permanent_failure_keeps_its_reason_and_lets_the_next_message_go(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"], who=cast.ALEX)
    fail(database, taken(database, contact_id, now, MESSENGER), REFUSED, now, MESSENGER)
    assert states(database)[0] == ("failed", "message_refused")
    assert taken(database, contact_id, now, MESSENGER).payloads == ({"text": "b"},)


def test_tries_end_after_some_hours_with_a_reason(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    begun = now
    while (request := take(database, contact_id, now)) is not None:
        fail(database, request, AWAY, now)
        now = rows(database)[0].due_at
    assert states(database) == [("failed", "retries_used_up")]
    assert timedelta(hours=1) < now - begun < timedelta(hours=4)


def test_a_blocked_contact_is_marked_and_gets_nothing_more(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"], who=cast.ALEX)
    gone = Failure(Reason.RECIPIENT_UNREACHABLE, "551", may_retry=False, is_unknown=False)
    fail(database, taken(database, contact_id, now, MESSENGER), gone, now, MESSENGER)
    assert take(database, contact_id, now, MESSENGER) is None
    assert states(database) == [("failed", "recipient_unreachable")] * 2
    with database.read() as session:
        assert session.get_one(Contact, contact_id).unreachable_since == now


def test_outside_the_window_messages_are_held_and_released_in_order_when_it_reopens(
    database: Database, now: datetime
) -> None:
    contact_id = queued(database, now, ["a", "b"], who=cast.ALEX)
    late = now + timedelta(hours=24)
    assert take(database, contact_id, late, MESSENGER) is None
    assert states(database) == [("held", "window_closed")] * 2
    with database.write() as session:
        session.get_one(Contact, contact_id).window_opened_at = late
        outbox.release_held(session, contact_id, late)
    queued_later = taken(database, contact_id, late + SECOND, MESSENGER)
    assert queued_later.payloads == ({"text": "a"},)


def test_what_a_dead_worker_left_is_taken_back_in_doubt_and_what_a_living_one_does_is_not(
    database: Database,
    now: datetime,
) -> None:
    contact_id = queued(database, now, ["a"])
    first = taken(database, contact_id, now)
    with database.write() as session:
        outbox.take_back_abandoned(session, ["worker-1"], now + 5 * SECOND)
    assert states(database) == [("sending", None)]
    with database.write() as session:
        outbox.take_back_abandoned(session, ["worker-2"], now + 5 * SECOND)
        assert outbox.contacts_due(session, now + 6 * SECOND) == [(contact_id, outgoing.LIVE)]
    again = taken(database, contact_id, now + 5 * SECOND)
    assert (again.key, again.is_in_doubt) == (first.key, True)


def test_a_living_worker_that_could_not_store_the_outcome_does_not_keep_a_row_for_ever(
    database: Database,
    now: datetime,
) -> None:
    contact_id = queued(database, now, ["a"])
    taken(database, contact_id, now)
    with database.write() as session:
        outbox.take_back_abandoned(session, ["worker-1"], now + 61 * SECOND)
    assert taken(database, contact_id, now + 61 * SECOND).is_in_doubt


USED_UP = Failure(Reason.QUOTA_USED_UP, "HTTP 429", may_retry=False, is_unknown=False)


def test_without_paid_messages_a_push_is_held_until_the_next_month(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"])
    fail(database, taken(database, contact_id, now), USED_UP, now)
    assert states(database) == [("held", "quota_used_up")] * 2
    begins = quotas.renewed_at(now)
    for at, expected in ((begins - SECOND, "held"), (begins, "pending")):
        with database.write() as session:
            outbox.release_paid(session, at)
        assert [row.status for row in rows(database)] == [expected] * 2
    assert [p["text"] for p in taken(database, contact_id, begins).payloads] == ["a", "b"]


def test_what_waits_for_paid_messages_stays_when_the_contact_acts_and_a_free_reply_goes_out(
    database: Database, now: datetime
) -> None:
    contact_id = queued(database, now, ["a"])
    fail(database, taken(database, contact_id, now), USED_UP, now)
    with database.write() as session:
        outbox.release_held(session, contact_id, now)
    queued(database, now, ["b"], reply_seconds=50)
    assert [p["text"] for p in taken(database, contact_id, now).payloads] == ["b"]
    assert states(database)[0] == ("held", "quota_used_up")


def test_a_plan_that_has_grown_releases_what_its_channel_holds(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    fail(database, taken(database, contact_id, now), USED_UP, now)
    for channel, expected in (("messenger", "held"), ("line", "pending")):
        with database.write() as session:
            outbox.release_paid(session, now, channel)
        assert [row.status for row in rows(database)] == [expected]


def test_the_sweep_is_told_of_nobody_whose_next_message_has_to_wait(database: Database, now: datetime) -> None:
    later = now + 5 * SECOND
    paused = queued(database, now, ["a"], who=("messenger", "1"))
    sending = queued(database, now, ["a"], who=("messenger", "2"))
    free = queued(database, now, ["a"], who=("messenger", "3"))
    asked = Failure(Reason.RATE_LIMITED, "429", may_retry=True, is_unknown=False, retry_after=60)
    fail(database, taken(database, paused, now, MESSENGER), asked, now, MESSENGER)
    taken(database, sending, now, MESSENGER)
    for account_id in ("1", "2", "3"):
        queued(database, now, ["b"], who=("messenger", account_id))
    with database.read() as session:
        assert outbox.contacts_due(session, later) == [(free, outgoing.LIVE)]
        assert [one for one, _ in outbox.contacts_due(session, now + 61 * SECOND)] == [paused, free]
    with database.write() as session:  # an answer goes before an advertisement that has to wait
        session.execute(update(OutboxMessage).where(OutboxMessage.due_at > later).values(urgency=outgoing.BULK))
        assert [one for one, _ in outbox.contacts_due(session, later)] == [paused, free]
