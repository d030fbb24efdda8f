"""This process's threads that send outgoing webhooks, and store what came of each: no worker waits for an endpoint.

Each endpoint has its share of the threads, so that one that hangs, for 10 seconds a time, leaves the others theirs.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from core import clock, hook_deliveries, hook_signing, hooks
from core.hook_deliveries import Answer, Parcel
from db.database import Database
from db.trouble import is_trouble
from workers.hook_client import Client

THREADS = 16
LARGEST_SHARE = 8  # of one endpoint, which may be a small machine

log = structlog.get_logger(__name__)


class HookOutlet:
    """Sends for endpoints, signed with secrets made of `key`. `wake` is told of endpoints for which more may wait."""

    def __init__(self, database: Database, client: Client, key: str, wake: Callable[..., None]) -> None:
        self._database, self._client, self._key, self._wake = database, client, key, wake
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hooks")
        self._changed = threading.Condition()
        self._under_way: Counter[int] = Counter()
        self._turned_away: set[int] = set()  # endpoints for which there was no thread
        self._is_closing = False

    def send(self, endpoint_id: int) -> None:
        """Have what is due to the endpoint sent soon, as far as its share goes; its threads go on until nothing is."""
        with self._changed:
            theirs, free = self._under_way[endpoint_id], THREADS - self._under_way.total()
        with self._database.write() as session:
            share = _share(hooks.count(session))
            parcels = hook_deliveries.take(session, endpoint_id, min(share - theirs, free), clock.now())
        with self._changed:
            if not free:
                self._turned_away.add(endpoint_id)
            for parcel in parcels if not self._is_closing else ():  # else they are taken again
                self._under_way[endpoint_id] += 1
                self._threads.submit(self._deliver, parcel)

    def wait(self, seconds: float) -> bool:
        """Whether nothing is under way, now or within so long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way.total(), seconds)

    def close(self) -> None:
        """Wait until all that was taken is sent and stored."""
        with self._changed:
            self._is_closing = True
        self._threads.shutdown(wait=True)

    def _deliver(self, parcel: Parcel) -> None:
        left: Parcel | None = parcel
        is_more = False
        try:
            while left:
                left, is_more = self._stored(left, self._sent(left))
        except Exception as error:  # it is sent again once its time has come; the thread's room is given back
            log.warning(
                "webhook_not_stored",
                endpoint_id=parcel.endpoint_id,
                error=type(error).__name__,
                exc_info=None if is_trouble(error) else error,
            )
        with self._changed:
            self._under_way[parcel.endpoint_id] -= 1
            waiting = [*sorted(self._turned_away), *([parcel.endpoint_id] if is_more else [])]
            self._turned_away.clear()
            self._changed.notify_all()
        if waiting:
            self._wake("hooks", *map(str, waiting))

    def _stored(self, parcel: Parcel, answer: Answer) -> tuple[Parcel | None, bool]:
        """Keep what came of it, and take the endpoint's next in the same transaction; whether others are let first."""
        makes_way = bool(self._turned_away)
        with self._database.write() as session:
            now = clock.now()
            hook_deliveries.settle(session, parcel, answer, now)
            is_next = not makes_way and not self._is_closing
            following = hook_deliveries.take(session, parcel.endpoint_id, int(is_next), now)
        return (following[0] if following else None), makes_way

    def _sent(self, parcel: Parcel) -> Answer:
        keys = [hook_signing.secret(self._key, salt) for salt in parcel.salts]
        headers = hook_signing.headers(parcel.event_id, parcel.body, keys, clock.now())
        answer = self._client.post(parcel.url, headers, parcel.body)
        said = {"endpoint_id": parcel.endpoint_id, "event_id": parcel.event_id, "attempt": parcel.attempt}
        if answer.is_taken:
            log.info("webhook_delivered", **said, status=answer.status)
        else:
            log.warning("webhook_not_delivered", **said, status=answer.status, detail=answer.detail)
        return answer


def _share(endpoints: int) -> int:
    return max(1, min(LARGEST_SHARE, THREADS // max(1, endpoints)))
