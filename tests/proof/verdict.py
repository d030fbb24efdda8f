"""What is true once a shop has come to rest: the invariants, and the same counted again without them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from core import invariants
from core.coupon_view import State
from db.database import Database
from db.tables import Coupon, InboxEvent, OutboxMessage, Redemption, Serial, UndoneRedemption, Verification
from tests.system.shop import Shop


@dataclass(frozen=True)
class Held:
    """The serial of a coupon, and whether it was verified."""

    serial: str
    is_verified: bool

    @property
    def state(self) -> State:
        """What its page must say."""
        return State.VERIFIED if self.is_verified else State.REDEEMED


def broken(database: Database) -> dict[str, Sequence[str]]:
    """The invariants that do not hold, by name, with examples."""
    with database.snapshot() as session:
        return {found.invariant.name: found.examples for found in invariants.check(session) if found.examples}


def wait_for_rest(database: Database, seconds: float = 30) -> None:
    """Wait until nobody waits: each claim is answered, each event handled, each message sent or stopped."""
    waiting = (
        select(InboxEvent.id).where(InboxEvent.handled_at.is_(None)),
        select(OutboxMessage.id).where(OutboxMessage.status.in_(("pending", "sending"))),
    )

    def is_at_rest() -> bool:
        with database.read() as session:
            nobody = invariants.unanswered(session) == 0
            return nobody and all(session.scalar(one.limit(1)) is None for one in waiting)

    Shop.until(is_at_rest, seconds, "nobody waits for an answer")


def held(database: Database) -> dict[str, Held]:
    """Who has which serial, by token."""
    query = (
        select(Coupon.token, Serial.code, Verification.redemption_id)
        .join(Redemption, Redemption.coupon_id == Coupon.id)
        .join(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
        .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    )
    with database.read() as session:
        rows = session.execute(query).all()
    assert len({token for token, _, _ in rows}) == len(rows), "a coupon has two serials"
    return {token: Held(code, verified is not None) for token, code, verified in rows}


def undone(database: Database) -> set[tuple[str, str]]:
    """(token, serial) of every redemption that was taken back."""
    query = (
        select(Coupon.token, Serial.code)
        .join(UndoneRedemption, UndoneRedemption.coupon_id == Coupon.id)
        .join(Serial, (Serial.pack_id == UndoneRedemption.pack_id) & (Serial.position == UndoneRedemption.position))
    )
    with database.read() as session:
        return {(token, code) for token, code in session.execute(query)}


def most_of_a_person(database: Database) -> int:
    """How many serials the person has who has most."""
    counts = select(func.count()).select_from(Redemption).group_by(Redemption.campaign_id, Redemption.person_id)
    with database.read() as session:
        return max(session.scalars(counts), default=0)
