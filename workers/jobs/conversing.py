"""Handling webhook events: one job drains many accounts' events as long as they come."""

import time
from collections.abc import Sequence

from workers import answering, context, news, queues
from workers.context import Context
from workers.jobs import typing
from workers.news import New

BATCH = 8  # accounts a transaction: on SQLite nobody else writes meanwhile
LINGER = 1.0  # seconds that the first of these jobs stays after the last event: the next is answered without a new job
LOOK = 0.05  # seconds at a time, after which it sees whether another job waits for a worker
LONGEST = 10.0  # seconds that a job may go on, so that its worker can be told to stop


def converse(place: int) -> None:
    """Answer the accounts that have news. Where there are more than one batch, another job helps at the next `place`.

    An account that a killed worker had taken is found by the sweep: its events are rows.
    """
    work = context.current()
    began = last = time.monotonic()
    while time.monotonic() - began < LONGEST:
        work.bell.stay("inbox", place)
        found = news.take(work.redis, BATCH)
        if not found and place == 0 and _may_linger(work, last):
            found = news.wait(work.redis, BATCH, LOOK)
        if found:
            _answer(work, place, found)
            last = time.monotonic()
        elif place or not _may_linger(work, last):
            work.bell.leave("inbox", place)
            if not news.is_any(work.redis):
                return
    work.bell.leave("inbox", place)
    work.bell.start("inbox", place)


def _answer(work: Context, place: int, found: Sequence[New]) -> None:
    if len(found) == BATCH:
        work.bell.start("inbox", place + 1)
    for one in found:
        typing.show_if_late(work.senders.get(one.channel), one.account_id, one.since)
    answering.answer(work, [(one.channel, one.account_id) for one in found])


def _may_linger(work: Context, last: float) -> bool:
    """Whether to wait for more news: not where other jobs wait for a worker."""
    return time.monotonic() - last < LINGER and not queues.is_any_waiting(work.redis, *queues.QUEUES)
