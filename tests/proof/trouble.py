"""What staff and marketers do in the middle of a rush, straight in the core, on connections of their own."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import select

from core import campaigns, serials, undo, verification
from core.refusal import Refused
from core.verification import Actor
from db.database import Database
from db.tables import Redemption, Verification

PAUSE = 0.05  # seconds between one and the next


def _now() -> datetime:
    return datetime.now(UTC)


class Trouble:
    """While the block runs: undo against verify, a pack withdrawn and restored, the campaign ended and resumed."""

    def __init__(self, database_url: str, slug: str, pack_id: int) -> None:
        self._databases = [Database(database_url) for _ in range(4)]
        self._slug = slug
        self._pack_id = pack_id
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(5)
        self._running: list[Future[None]] = []
        self._who = itertools.cycle((("undo",), ("verify",), ("undo", "verify")))
        self.done: Counter[str] = Counter()

    @property
    def is_done(self) -> bool:
        """Whether each deed has been done, so that the rush was troubled by all of them."""
        return all(self.done[deed] for deed in ("undone", "verified", "withdrawn", "ended"))

    def __enter__(self) -> Self:
        deeds = (self._undo_against_verify, self._withdraw_and_restore, self._end_and_resume)
        self._running = [self._pool.submit(self._again_and_again, deed) for deed in deeds]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._pool.shutdown()
        for database in self._databases:
            database.dispose()
        if error is None:
            for one in self._running:
                one.result()

    def _again_and_again(self, deed: Callable[[], None]) -> None:
        while not self._stopped.wait(PAUSE):
            deed()

    def _undo_against_verify(self) -> None:
        """The counter verifies a coupon, or the office takes its serial back, or both at the same instant.

        At the same instant the counter is nearly always first, as the office waits for the campaign as well.
        """
        with self._databases[0].read() as session:
            is_open = select(Redemption.coupon_id).outerjoin(Verification).where(Verification.redemption_id.is_(None))
            found = session.scalars(is_open).all()
        if not found:
            return
        coupon_id, who = random.choice(found), next(self._who)  # noqa: S311 (a test's choice)
        meeting = threading.Barrier(len(who))
        deeds = {"undo": self._undo, "verify": self._verify}
        for doing in [self._pool.submit(deeds[one], coupon_id, meeting) for one in who]:
            doing.result()

    def _undo(self, coupon_id: int, meeting: threading.Barrier) -> None:
        meeting.wait(20)
        with self._databases[1].write() as session:
            outcome = undo.undo_redemption(session, coupon_id, "a race", None, _now())
        self.done["not undone" if isinstance(outcome, Refused) else "undone"] += 1

    def _verify(self, coupon_id: int, meeting: threading.Barrier) -> None:
        meeting.wait(20)
        with self._databases[0].write() as session:
            outcome = verification.verify(session, coupon_id, "", Actor("pos"), _now())
        self.done["not verified" if isinstance(outcome, Refused) else "verified"] += 1

    def _withdraw_and_restore(self) -> None:
        with self._databases[2].write() as session:
            serials.withdraw(session, self._pack_id, _now())
        self._stopped.wait(PAUSE)
        with self._databases[2].write() as session:
            serials.restore(session, self._pack_id)
        self.done["withdrawn"] += 1

    def _end_and_resume(self) -> None:
        with self._databases[3].write() as session:
            campaigns.end(session, self._slug, _now())
        self._stopped.wait(PAUSE / 2)
        with self._databases[3].write() as session:
            campaigns.resume(session, self._slug)
        self.done["ended"] += 1
        self._stopped.wait(PAUSE * 4)
