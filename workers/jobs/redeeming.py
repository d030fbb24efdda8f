"""Answering taps while their pages wait, and claims in a campaign's mailbox."""

import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import claims, clock
from core.claims import Answer, Tap
from workers import context, mailbox, queues
from workers.context import Context

LINGER = 0.05  # seconds that a job waits for the next tap: starting another costs 3 to 5 ms
LONGEST = 10.0  # seconds that a job may go on, so that its worker can be told to stop

log = structlog.get_logger(__name__)


def answer_taps() -> None:
    """Answer taps in batches as long as they come, and no more urgent job waits for a worker."""
    work = context.current()
    ends_at = time.monotonic() + LONGEST
    while time.monotonic() < ends_at:
        passed = mailbox.take(work.redis, claims.BATCH, LINGER, clock.now())
        if passed:
            mailbox.answer(work.redis, passed, _answers(work, [one.tap for one in passed]))
            if queues.is_any_waiting(work.redis, *queues.before(queues.REDEMPTION)):
                break  # a live chat has no worker: it goes first
        elif mailbox.leave(work.redis):
            return
    mailbox.wake(queues.queue(work.redis, queues.REDEMPTION))


def _answers(work: Context, taps: Sequence[Tap]) -> dict[str, Answer]:
    """Where this fails no tap is answered, and its page turns it into a claim."""
    try:
        with work.database.write() as session:
            answers = claims.answer_taps(session, taps, clock.now())
    except SQLAlchemyError as error:
        log.warning("taps_not_answered", count=len(taps), error=type(error).__name__)
        return {}
    log.info("taps_answered", count=len(answers))
    return answers


def answer_claims(key: str) -> None:
    """Answer the waiting claims of the campaign with id `key`, in batches, until its mailbox is empty.

    A more urgent job that waits for a worker goes first, and after LONGEST every other.
    """
    work = context.current()
    work.bell.begin("claims", key)
    ends_at = time.monotonic() + LONGEST
    while True:
        with work.database.write() as session:
            answered = claims.answer_batch(session, int(key), clock.now())
        if not answered:
            return
        log.info("claims_answered", campaign_id=int(key), count=len(answered))
        is_awaited = queues.is_any_waiting(work.redis, *queues.before(queues.REDEMPTION))
        if is_awaited or time.monotonic() >= ends_at:
            work.bell.wake("claims", key)
            return
