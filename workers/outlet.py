"""This process's threads that ask platforms: a worker takes the next event while the answers to the last are sent."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.delivery import Delivered, DeliveryError, Profile, Sender
from bot.channels.ways import WAYS
from core import clock, dispatch, outbox, outcomes
from core.outbox import Request
from core.reasons import Reason
from db.database import Database
from workers import sending
from workers.jobs import quota
from workers.sending import Outcome

THREADS = 16
MOST = 64  # requests under way or waiting for a thread: some seconds' worth, where a platform is slow
QUOTA_EVERY = 60.0  # seconds between two looks at how many of the month's messages are left
PAUSE = 0.5  # seconds between tries to store what was sent, while the database is away

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Done:
    """A request, and what came of it."""

    channel: str
    request: Request
    outcome: Outcome


class Outlet:
    """Sends for `worker`, several requests at once, and stores what became of them together.

    `wake` is told of contacts ("outbox") whose further messages wait where there is no room for them here.
    """

    def __init__(
        self, database: Database, senders: Mapping[str, Sender], wake: Callable[..., None], worker: str
    ) -> None:
        self._database, self._senders, self._wake, self._worker = database, senders, wake, worker
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="outlet")
        self._done: SimpleQueue[Done | None] = SimpleQueue()
        self._settler = threading.Thread(target=self._settle, name="settler", daemon=True)
        self._settler.start()
        self._changed = threading.Condition()
        self._under_way = 0
        self._is_closing = False
        self._quota_due = time.monotonic() + QUOTA_EVERY

    @property
    def room(self) -> int:
        """How many more requests can be taken now."""
        return MOST - self._under_way

    def wait_for_room(self, count: int, seconds: float) -> bool:
        """Whether there is room for so many, now or within `seconds`; for MOST where all is sent and stored."""
        with self._changed:
            return self._changed.wait_for(lambda: self.room >= count, seconds)

    def send(self, channel: str, request: Request) -> None:
        """Send a request soon that is stored as being sent."""
        with self._changed:
            self._under_way += 1
        self._threads.submit(self._send, channel, request)

    def deliver(self, channel: str, contact_id: int) -> bool:
        """Send soon what waits for a contact; False where there is no room.

        A request is stored as being sent only on the way to the platform: what a killed worker had not come to is not
        in doubt, though its repeat could double it.
        """
        with self._changed:
            if self._is_closing or self.room <= 0:
                return False
            self._under_way += 1
            self._threads.submit(self._deliver, channel, contact_id)
        return True

    def profiles(self, accounts: Sequence[tuple[str, str]]) -> list[Profile]:
        """What the platforms tell of (channel, account); nothing where one cannot be asked."""
        return list(self._threads.map(lambda account: self._profile(*account), accounts))

    def close(self) -> None:
        """Wait until all that was taken is sent and stored."""
        with self._changed:
            self._is_closing = True
        self._threads.shutdown(wait=True)
        self._done.put(None)
        self._settler.join()

    def _profile(self, channel: str, account_id: str) -> Profile:
        sender = self._senders.get(channel)
        try:
            return (sender and sender.profile(account_id)) or Profile()
        except DeliveryError as error:
            log.warning("profile_not_read", channel=channel, reason=error.reason, detail=error.detail)
            return Profile()

    def _deliver(self, channel: str, contact_id: int) -> None:
        request = None
        try:
            with self._database.write() as session:
                request = outbox.take(session, contact_id, WAYS[channel], self._worker, clock.now())
        except SQLAlchemyError as error:
            log.warning("messages_not_taken", contact_id=contact_id, error=type(error).__name__)  # the sweep finds them
        if request:
            self._send(channel, request)
        else:
            self._is_done(1)

    def _send(self, channel: str, request: Request) -> None:
        outcome = sending.attempt(channel, self._senders.get(channel), request)
        self._done.put(Done(channel, request, outcome))

    def _settle(self) -> None:
        is_over = False
        while not is_over:
            found = [self._done.get()]
            while not self._done.empty():  # nobody else takes any out
                found.append(self._done.get())
            is_over = None in found
            done = [one for one in found if one]
            while done and not self._stored(done):
                time.sleep(PAUSE)
            self._is_done(len(done))

    def _is_done(self, count: int) -> None:
        with self._changed:
            self._under_way -= count
            self._changed.notify_all()

    def _stored(self, done: Sequence[Done]) -> bool:
        now = clock.now()
        try:
            with self._database.write() as session:
                accepted = [
                    (one.request, one.outcome.message_ids) for one in done if isinstance(one.outcome, Delivered)
                ]
                outcomes.accepted(session, accepted, now)
                for one in done:
                    if isinstance(one.outcome, outcomes.Failure):
                        outcomes.failed(session, one.request, one.outcome, WAYS[one.channel], now)
                session.flush()
                left = dispatch.left_over(session, [one.request.contact_id for one in done], now)
        except SQLAlchemyError as error:
            log.warning("sent_not_stored", count=len(done), error=type(error).__name__)
            return False
        channels = {one.request.contact_id: one.channel for one in done}
        if waiting := [contact_id for contact_id in left if not self.deliver(channels[contact_id], contact_id)]:
            self._wake("outbox", *map(str, waiting))
        self._watch_quotas(done)
        return True

    def _watch_quotas(self, done: Sequence[Done]) -> None:
        """See now and then how many of the month's messages are left; at once where there are none."""
        used_up = {one.channel for one in done if getattr(one.outcome, "reason", None) is Reason.QUOTA_USED_UP}
        now = time.monotonic()
        for channel, sender in self._senders.items():
            if self._is_closing:
                return
            if channel in used_up or now >= self._quota_due:
                self._threads.submit(quota.watch, self._database, channel, sender, is_used_up=channel in used_up)
        if now >= self._quota_due:
            self._quota_due = now + QUOTA_EVERY
