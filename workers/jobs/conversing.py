"""Handling webhook events: one job drains many accounts' events as long as they come."""

import time

from workers import answering, context, news, queues
from workers.context import Context
from workers.jobs import typing

BATCH = 8  # accounts a transaction: on SQLite nobody else writes meanwhile
LINGER = 0.05  # seconds that the first of these jobs waits for the next event: starting another costs 3 to 5 ms
LONGEST = 10.0  # seconds that a job may go on, so that its worker can be told to stop


def converse(place: int) -> None:
    """Answer the accounts that have news. Where there are more than one batch, another job helps at the next `place`.

    An account that a killed worker had taken is found by the sweep: its events are rows.
    """
    work = context.current()
    ends_at = time.monotonic() + LONGEST
    while time.monotonic() < ends_at:
        work.bell.stay("inbox", place)
        found = news.take(work.redis, BATCH, _patience(work, place))
        if found:
            if len(found) == BATCH:
                work.bell.start("inbox", place + 1)
            for one in found:
                typing.show_if_late(work.senders.get(one.channel), one.account_id, one.since)
            answering.answer(work, [(one.channel, one.account_id) for one in found])
            continue
        work.bell.leave("inbox", place)
        if not news.is_any(work.redis):
            return
    work.bell.leave("inbox", place)
    work.bell.start("inbox", place)


def _patience(work: Context, place: int) -> float:
    """How long to wait for news: not at all where other jobs wait for a worker."""
    return 0 if place or queues.is_any_waiting(work.redis, *queues.QUEUES) else LINGER
