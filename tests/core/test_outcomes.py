"""What came of requests, however late it is told and whatever happened meanwhile."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import contacts, outbox, outcomes
from core.outbox import Request
from core.outcomes import Failure
from core.reasons import Reason
from db import locks
from db.database import Database
from db.tables import Contact
from tests import cast
from tests.core.test_outbox import DOUBT, MESSENGER, SECOND, fail, queued, rows, states, take, taken

GONE = Failure(Reason.RECIPIENT_UNREACHABLE, "551", may_retry=False, is_unknown=False)
LATER = timedelta(seconds=61)


def accept(database: Database, request: Request, now: datetime) -> None:
    with database.write() as session:
        outcomes.settle(session, [(request, ["1"])], [], now)


def take_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        outbox.take_back_abandoned(session, ["worker-1"], now)


def unreachable_since(database: Database) -> datetime | None:
    with database.read() as session:
        return session.scalars(select(Contact.unreachable_since)).one()


def test_what_was_accepted_is_sent_though_it_was_taken_back_meanwhile(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    request = taken(database, contact_id, now)
    take_back(database, now + LATER)
    accept(database, request, now + LATER)
    assert states(database) == [("sent", None)]
    assert take(database, contact_id, now + LATER) is None


def test_what_nobody_knew_of_and_was_accepted_is_sent(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    request = taken(database, contact_id, now, MESSENGER)
    take_back(database, now + LATER)
    assert take(database, contact_id, now + LATER, MESSENGER) is None
    assert states(database) == [("unknown", "outcome_unknown")]
    accept(database, request, now + LATER)
    assert states(database) == [("sent", None)]


def test_what_was_accepted_under_another_key_says_nothing_of_a_row(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a", "b"], who=cast.ALEX)
    first = taken(database, contact_id, now, MESSENGER)
    accept(database, first, now)
    second = taken(database, contact_id, now, MESSENGER)
    accept(database, Request(**{**vars(first), "row_ids": second.row_ids}), now)
    assert [status for status, _ in states(database)] == ["sent", "sending"]


def test_an_earlier_attempts_failure_changes_nothing_of_a_later_one(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"])
    first = taken(database, contact_id, now)
    take_back(database, now + LATER)
    second = taken(database, contact_id, now + LATER)
    for failure in (GONE, DOUBT):
        fail(database, first, failure, now + LATER)
    assert (states(database), unreachable_since(database)) == ([("sending", None)], None)
    accept(database, second, now + LATER)
    fail(database, first, GONE, now + LATER)
    fail(database, second, GONE, now + LATER)
    assert (states(database), unreachable_since(database)) == ([("sent", None)], None)


def test_who_acts_while_a_request_fails_is_there_again(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    request = taken(database, contact_id, now, MESSENGER)
    with database.write() as session:
        contacts.acted(locks.contact(session, contact_id), now + SECOND, opens_window=True)
    fail(database, request, GONE, now + 2 * SECOND, MESSENGER)
    assert (states(database), unreachable_since(database)) == ([("failed", "recipient_unreachable")], None)


def test_who_has_left_already_has_left_then(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    request = taken(database, contact_id, now, MESSENGER)
    with database.write() as session:
        contacts.left(locks.contact(session, contact_id), now + SECOND, now + SECOND)
    fail(database, request, GONE, now + 2 * SECOND, MESSENGER)
    assert unreachable_since(database) == now + SECOND


def test_what_was_taken_and_never_sent_waits_again_and_is_not_in_doubt(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    request = taken(database, contact_id, now, MESSENGER)
    for _ in range(2):
        with database.write() as session:
            outbox.put_back(session, request)
    (row,) = rows(database)
    assert (row.status, row.attempts, row.is_in_doubt) == ("pending", 0, False)
    again = taken(database, contact_id, now + LATER, MESSENGER)
    assert (again.key, again.attempt) == (request.key, 1)


def test_what_was_taken_in_vain_and_is_being_sent_by_another_is_left_to_it(database: Database, now: datetime) -> None:
    contact_id = queued(database, now, ["a"], who=cast.ALEX)
    with pytest.raises(KeyError), database.write() as session:
        lost = outbox.take(session, contact_id, MESSENGER, "worker-1", now)
        raise KeyError
    assert lost is not None
    other = taken(database, contact_id, now + SECOND, MESSENGER)
    assert (other.key, other.attempt) == (lost.key, lost.attempt)
    with database.write() as session:
        outbox.put_back(session, lost)
    assert states(database) == [("sending", None)]


@pytest.mark.parametrize("length", [200, 300])
def test_a_platforms_id_of_a_message_is_kept_as_far_as_there_is_room(
    database: Database, now: datetime, length: int
) -> None:
    contact_id = queued(database, now, ["a"])
    request = taken(database, contact_id, now)
    with database.write() as session:
        outcomes.settle(session, [(request, ["1" * length])], [], now)
    (row,) = rows(database)
    assert (row.status, row.platform_message_id) == ("sent", "1" * 200)
