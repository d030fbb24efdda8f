"""What staff and marketers do in the middle of a rush, straight in the core, on connections of their own."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from core import campaigns, serials, undo, verification
from core.refusal import Refused
from core.verification import Actor
from db.database import Database
from db.tables import Redemption, UndoneRedemption, Verification

PAUSE = 0.05  # seconds between one and the next


def _now() -> datetime:
    return datetime.now(UTC)


class Trouble:
    """While the block runs: undo against verify, a pack withdrawn and restored, the campaign ended and resumed.

    `chance` chooses the coupons. `late` has the redemptions, undone ones too, that were given although the pack was
    withdrawn or the campaign had ended: looked for under the campaign's lock, just before the closing is taken back.
    """

    def __init__(self, database_url: str, slug: str, pack_id: int, chance: random.Random) -> None:
        self.late: list[str] = []
        self._databases = [Database(database_url) for _ in range(4)]
        self._slug = slug
        self._pack_id = pack_id
        self._chance = chance
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
        wait(self._running)  # whoever runs may still submit
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
        coupon_id, who = self._chance.choice(found), next(self._who)
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
            last = session.scalar(select(func.max(Redemption.id))) or 0
        closed_at = _now()
        self._stopped.wait(PAUSE)
        with self._databases[2].write() as session:
            serials.restore(session, self._pack_id, _now())
            # Whoever looked at the pack before and gives of it now has a time before, and a later number.
            is_late = or_(Redemption.id > last, Redemption.redeemed_at >= closed_at)
            self._note_late(session, "withdrawn", closed_at, is_late & (Redemption.pack_id == self._pack_id))
        self.done["withdrawn"] += 1

    def _end_and_resume(self) -> None:
        with self._databases[3].write() as session:
            campaigns.end(session, self._slug, _now())
        closed_at = _now()
        self._stopped.wait(PAUSE / 2)
        with self._databases[3].write() as session:
            campaigns.resume(session, self._slug, _now())
            self._note_late(session, "ended", closed_at, Redemption.redeemed_at >= closed_at)
        self.done["ended"] += 1
        self._stopped.wait(PAUSE * 4)

    def _note_late(self, session: Session, what: str, closed_at: datetime, is_late: ColumnElement[bool]) -> None:
        """All times are of this machine's clock; what is still under way is not there yet, and given lawfully."""
        of_pack = UndoneRedemption.pack_id == self._pack_id if what == "withdrawn" else true()
        given = session.execute(select(Redemption.coupon_id, Redemption.redeemed_at).where(is_late)).all()
        undone = session.execute(
            select(UndoneRedemption.coupon_id, UndoneRedemption.redeemed_at).where(
                UndoneRedemption.redeemed_at >= closed_at, of_pack
            )
        ).all()
        self.late += [f"{what} at {closed_at}, coupon {coupon} redeemed at {at}" for coupon, at in [*given, *undone]]
