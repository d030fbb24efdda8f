"""Working at everything of a kind there is, batch by batch, behind whatever is more urgent."""

import time
from collections.abc import Callable

from workers import queues
from workers.bell import DRAINS, Drain
from workers.context import Context
from workers.outlet import SPARE

BATCH = 8  # contacts a transaction: a live conversation that comes meanwhile waits for no more
LONGEST_PAUSE = 0.2  # seconds between two batches while somebody chats
LONGEST = 10.0  # seconds that a job may go on, so that its worker can be told to stop
ROOM_WITHIN = 1.0  # seconds that a job waits for messages to leave before it makes way


def drain(work: Context, kind: Drain, place: int, batch: Callable[[Context], int]) -> None:
    """Do batches until one finds nobody; where one is full, another job helps at the next `place`.

    `batch` does up to BATCH contacts and says how many. Makes way as soon as a job of a more urgent kind waits for a
    worker, where the platform takes no more, and after LONGEST.
    """
    urgent = queues.before(DRAINS[kind][0])
    ends_at = time.monotonic() + LONGEST
    while time.monotonic() < ends_at and not queues.is_any_waiting(work.redis, *urgent):
        work.bell.stay(kind, place)
        if not work.outlet.wait_for_room(SPARE, ROOM_WITHIN):
            break
        began = time.monotonic()
        count = batch(work)
        if count == 0:
            work.bell.leave(kind, place)
            return
        if count == BATCH:
            work.bell.start(kind, place + 1)
        if work.bell.is_at_work("inbox"):  # on another worker: half of the time is for the live chat
            time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))
    work.bell.leave(kind, place)
    work.bell.start(kind, place)
