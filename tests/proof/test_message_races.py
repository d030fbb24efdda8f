"""What came of a message, told at the same moment as something else is done with it: what was accepted is sent.

And two who publish one flow at once: one of them is told.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.channels.ways import WAYS
from core import flows, outbox, outcomes, outgoing
from core.flows import Draft, Origin
from core.outbox import Request
from core.outcomes import Accepted, Failed, Failure
from core.reasons import Reason
from db import locks
from db.database import Database
from db.tables import Flow, FlowVersion, OutboxMessage
from tests import cast
from tests.proof.interleaving import Race, Work, race

MOST_STEPS = 20
LINE = WAYS["line"]
LATE = timedelta(seconds=61)
REFUSED = Failure(Reason.RECIPIENT_UNREACHABLE, "gone", may_retry=False, is_unknown=False)
CONSOLE = Origin(via="console", based_on=1)

pytestmark = pytest.mark.usefixtures("no_line")


def under_way(database: Database, who: tuple[str, str], now: datetime) -> Request:
    with database.write() as session:
        contact = cast.contact(session, who, now)
        outgoing.store(session, outgoing.rows(contact.id, [{"text": "a"}], now))
        request = outbox.take(session, contact.id, LINE, "worker-1", now)
        assert request is not None
        return request


def settle(accepted: Sequence[Accepted], failed: Sequence[Failed], now: datetime) -> Work:
    return lambda session: outcomes.settle(session, accepted, failed, now)


def accept(request: Request, now: datetime) -> Work:
    return settle([(request, ["1"])], [], now)


def refuse(request: Request, now: datetime) -> Work:
    return settle([], [(request, REFUSED, LINE)], now)


def take_back(_: Request, now: datetime) -> Work:
    return lambda session: outbox.take_back_abandoned(session, [], now + LATE)


def put_back(request: Request, _: datetime) -> Work:
    return lambda session: outbox.put_back(session, request)


SUBJECTS: dict[str, Callable[[Request, datetime], Work]] = {
    "refused": refuse,
    "taken back": take_back,
    "put back": put_back,
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_was_accepted_meanwhile_is_sent_whatever_else_is_done(
    database: Database, now: datetime, subject: str
) -> None:
    assert list(_not_sent(database, now, subject)) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_without_its_lock_what_was_accepted_is_turned_back(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "messages", _plain_messages)
    monkeypatch.setattr(locks, "messages_free", _plain_free)
    assert next(_not_sent(unguarded, now, subject), None), "no rival ever got in between"


def test_two_that_settle_the_same_contacts_in_turn_do_not_wait_for_each_other(
    database: Database, now: datetime
) -> None:
    for at in range(MOST_STEPS):
        requests = [under_way(database, ("line", f"U{at}-{number}"), now) for number in range(4)]
        accepted: list[Accepted] = [(one, ["1"]) for one in requests[:2]]
        failed: list[Failed] = [(one, REFUSED, LINE) for one in requests[2:]]
        one, other = settle(accepted, failed, now), settle(accepted[::-1], failed[::-1], now)
        done = race(database, one, other, at)
        assert done.failures == []
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")


def test_of_two_who_publish_at_once_one_is_told_that_the_other_was_first(database: Database, now: datetime) -> None:
    assert list(_both_published(database, now)) == []


def test_without_the_lock_on_publishing_both_publish(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "publishing", lambda session: session.execute(select(1)))
    assert next(_both_published(unguarded, now), None), "no rival ever got in between"


def _plain_messages(session: Session, row_ids: list[int]) -> dict[int, OutboxMessage]:
    found = session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(row_ids)))
    return {row.id: row for row in found}


def _plain_free(session: Session, chosen: Select[int]) -> list[int]:
    return list(session.scalars(chosen))


def _not_sent(database: Database, now: datetime, subject: str) -> Iterator[str]:
    """What is wrong with a message that a rival learns was accepted, before each step of the subject."""
    for at in range(MOST_STEPS):
        request = under_way(database, ("line", f"U{at}"), now)
        done = race(database, SUBJECTS[subject](request, now), accept(request, now), at)
        with database.read() as session:
            (status,) = session.scalars(select(OutboxMessage.status).where(OutboxMessage.id.in_(request.row_ids)))
        if done.failures or status != "sent":
            yield f"before step {at}: {status}, {done.failures}"
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")


def _both_published(database: Database, now: datetime) -> Iterator[str]:
    for at in range(MOST_STEPS):
        name = f"flow-{at}"

        def publish(text: str, name: str = name) -> Work:
            draft = Draft(name, text, {"flow": name, "text": text}, {})
            return lambda session: flows.publish(session, draft, now, CONSOLE)

        with database.write() as session:
            flows.publish(session, Draft(name, "1", {"flow": name}, {}), now)
        done = race(database, publish("mine"), publish("theirs"), at)
        if not _is_one_told(database, done, name):
            yield f"before step {at}: {done.failures}"
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")


def _is_one_told(database: Database, done: Race, name: str) -> bool:
    of_name = select(Flow.id).where(Flow.name == name).scalar_subquery()
    with database.read() as session:
        versions = session.scalar(select(func.count()).select_from(FlowVersion).where(FlowVersion.flow_id == of_name))
    return versions == 2 and [type(error) for error in done.failures] == [ValueError]
