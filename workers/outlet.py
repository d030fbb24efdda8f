"""This process's threads that ask platforms: a worker takes the next event while the answers to the last are sent.

The one place where messages are sent and what came of it is stored. Its settler lives through whatever happens: with it
every message of the process would stop.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import structlog
from sqlalchemy.orm import Session

from bot.channels.delivery import Delivered, DeliveryError, Profile, Sender
from bot.channels.ways import WAYS
from bot.storable import storable
from core import clock, dispatch, outbox, outcomes
from core.outbox import Request
from core.outcomes import Failure
from core.reasons import Reason
from db.database import Database
from db.trouble import is_trouble
from workers import sending
from workers.jobs import quota
from workers.sending import Outcome

THREADS = 16
MOST = 64  # requests under way or waiting for a thread: some seconds' worth, where a platform is slow
SPARE = MOST - THREADS  # room that reminders and bulk leave: a live chat's request waits behind few of theirs
QUOTA_EVERY = 60.0  # seconds between two looks at how many of the month's messages are left
PAUSE = 0.5  # seconds between tries to store what was sent, while the database is away

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Done:
    """A request, and what came of it; None where it was taken and never sent."""

    channel: str
    request: Request
    outcome: Outcome | None


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
        self._changed = threading.Condition()
        self._under_way = 0
        self._is_closing = False
        self._quota_due = time.monotonic()
        self._settler = threading.Thread(target=self._settle, name="settler", daemon=True)
        self._settler.start()

    @property
    def room(self) -> int:
        """How many more requests can be taken now."""
        return MOST - self._under_way

    def wait_for_room(self, count: int, seconds: float) -> bool:
        """Whether there is room for so many, now or within `seconds`; for MOST where all is sent and stored."""
        with self._changed:
            return self._changed.wait_for(lambda: self.room >= count, seconds)

    def send(self, channel: str, request: Request) -> None:
        """Send a request soon that is stored as being sent; once this closes, it is left to the sweep."""
        with self._changed:
            self._submit(self._send, channel, request)

    def deliver(self, channel: str, contact_id: int) -> bool:
        """Send soon what waits for a contact; False where there is no room.

        A request is stored as being sent only on the way to the platform: what a killed worker had not come to is not
        in doubt, though its repeat could double it.
        """
        with self._changed:
            return self.room > 0 and self._submit(self._deliver, channel, contact_id)

    def _submit(self, work: Callable[..., None], *given: object) -> bool:
        """Have a thread send something, unless this closes. Under `_changed`, so that it does not close meanwhile."""
        if self._is_closing:
            return False
        self._threads.submit(work, *given)
        self._under_way += 1
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
            found = (sender and sender.profile(account_id)) or Profile()
            return Profile(*[storable(part) for part in (found.name, found.picture_url, found.language)])
        except DeliveryError as error:
            log.warning("profile_not_read", channel=channel, reason=error.reason, detail=error.detail)
        except Exception:  # a mistake of ours in the adapter must not leave a customer unanswered
            log.exception("profile_broke", channel=channel)
        return Profile()

    def _deliver(self, channel: str, contact_id: int) -> None:
        request, is_taken = None, False
        try:
            with self._database.write() as session:
                request = outbox.take(session, contact_id, WAYS[channel], self._worker, clock.now())
            is_taken = True
        except Exception as error:  # whatever it is: the sweep finds the messages, and the room is given back
            log.warning("messages_not_taken", contact_id=contact_id, error=type(error).__name__, exc_info=_own(error))
        if request is None:
            self._is_done(1)
        elif is_taken:
            self._send(channel, request)
        else:  # nobody knows whether that was stored; sending it all the same could double it
            self._done.put(Done(channel, request, None))

    def _send(self, channel: str, request: Request) -> None:
        outcome: Outcome = Failure(Reason.OUTCOME_UNKNOWN, "", may_retry=False, is_unknown=True)
        try:
            outcome = sending.attempt(channel, self._senders.get(channel), request)
        finally:
            self._done.put(Done(channel, request, outcome))

    def _settle(self) -> None:
        is_over = False
        while not is_over:
            found = [self._done.get()]
            while not self._done.empty():  # nobody else takes any out
                found.append(self._done.get())
            is_over = None in found
            done = [one for one in found if one]
            try:
                self._store_all(done)
            except Exception:
                log.exception("outlet_broke", count=len(done))
            self._is_done(len(done))

    def _is_done(self, count: int) -> None:
        with self._changed:
            self._under_way -= count
            self._changed.notify_all()

    def _store_all(self, done: Sequence[Done]) -> None:
        """Store what came of requests: together, or, where one of them cannot be stored, each for itself.

        What cannot be stored stays "sending" until the sweep takes it back, in doubt (`outbox.LONGEST_SENDING`).
        """
        left = self._stored(done)
        if left is None and len(done) > 1:
            left = [contact_id for one in done for contact_id in self._stored([one]) or ()]
        self._go_on({one.request.contact_id: one.channel for one in done}, left or ())
        self._watch_quotas(done)

    def _stored(self, done: Sequence[Done]) -> list[int] | None:
        """Store it together, however long the database is away: whose further messages wait. None: it cannot be."""
        while True:
            try:
                with self._database.write() as session:
                    return _store(session, done)
            except Exception as error:  # whatever it is: what comes after it must be stored as well
                contacts = [one.request.contact_id for one in done]
                if not is_trouble(error):
                    log.exception("outcomes_not_stored", contact_ids=contacts)
                    return None
                log.warning("sent_not_stored", count=len(done), error=type(error).__name__)
            time.sleep(PAUSE)

    def _go_on(self, channels: Mapping[int, str], left: Sequence[int]) -> None:
        if waiting := [contact_id for contact_id in left if not self.deliver(channels[contact_id], contact_id)]:
            self._wake("outbox", *map(str, waiting))

    def _watch_quotas(self, done: Sequence[Done]) -> None:
        """See now and then how many of the month's messages are left; at once where there are none."""
        used_up = {one.channel for one in done if getattr(one.outcome, "reason", None) is Reason.QUOTA_USED_UP}
        is_time = time.monotonic() >= self._quota_due
        if is_time:
            self._quota_due = time.monotonic() + QUOTA_EVERY
        for channel, sender in self._senders.items():
            if is_time or channel in used_up:
                with self._changed:
                    self._submit(self._watch_quota, channel, sender, channel in used_up)

    def _watch_quota(self, channel: str, sender: Sender, is_used_up: bool) -> None:  # noqa: FBT001 (by a thread's pool)
        try:
            quota.watch(self._database, channel, sender, is_used_up=is_used_up)
        except Exception as error:  # the console shows what was known; the next look may succeed
            log.warning("quota_not_watched", channel=channel, error=type(error).__name__, exc_info=_own(error))
        finally:
            self._is_done(1)


def _store(session: Session, done: Sequence[Done]) -> list[int]:
    """Keep what came of requests; whose further messages wait."""
    now = clock.now()
    accepted = [(one.request, one.outcome.message_ids) for one in done if isinstance(one.outcome, Delivered)]
    failed = [(one.request, one.outcome, WAYS[one.channel]) for one in done if isinstance(one.outcome, Failure)]
    outcomes.settle(session, accepted, failed, now)
    for one in done:
        if one.outcome is None:
            outbox.put_back(session, one.request)
    session.flush()
    return dispatch.left_over(session, [one.request.contact_id for one in done], now)


def _own(error: Exception) -> bool:
    """Whether it is a mistake of ours, whose traceback is worth a look."""
    return not is_trouble(error)
