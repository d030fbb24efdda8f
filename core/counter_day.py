"""A store's day at its counter: every try, what was undone, and the totals with which it closes. Changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from core import undo
from db.tables import (
    ApiKey,
    Campaign,
    Coupon,
    Redemption,
    Store,
    UndoneVerification,
    User,
    Verification,
    VerificationAttempt,
)

SHOWN = 200  # tries on a page

Between = tuple[datetime, datetime]  # from the first to before the second


@dataclass
class Total:
    """What was done, of one campaign, by one of the staff, or in all. `name` is empty where nobody knows it."""

    name: str
    verified: int = 0
    undone: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Totals:
    """A day's totals: in all, by campaign and by who stood there, each by name."""

    all: Total
    by_campaign: Sequence[Total]
    by_staff: Sequence[Total]


@dataclass(frozen=True)
class Try:
    """One try. `stands_until`: it verified its coupon, is not undone, and its store may undo it until then."""

    attempt_id: int
    at: datetime
    device_at: datetime | None
    is_offline: bool
    outcome: str
    entered: str
    coupon_id: int | None
    reference: str
    campaign: str
    who: str
    is_undone: bool
    stands_until: datetime | None


@dataclass(frozen=True)
class Taken:
    """A verification that was taken back: when, by whom and why."""

    at: datetime
    verified_at: datetime
    reference: str
    campaign: str
    who: str
    reason: str


@dataclass(frozen=True)
class Page:
    """A day's tries, the newest first; `further` is where the next page begins, None where this is the last."""

    tries: Sequence[Try] = field(default_factory=list)
    further: int | None = None


def totals(session: Session, store_id: int, between: Between) -> Totals:
    """Counted by the server's time: what was done without a network counts on the day on which it was told."""
    found = [*_tried(session, store_id, between), *_undone(session, store_id, between)]
    everything = Total("")
    for _, _, one in found:
        _add(everything, one)
    return Totals(
        everything,
        _summed((campaign, one) for campaign, _, one in found),
        _summed((who, one) for _, who, one in found),
    )


def tries(session: Session, store_id: int, between: Between, now: datetime, before: int | None = None) -> Page:
    """The tries of the store's day, the newest first, from before the attempt with the id `before`."""
    store = session.get_one(Store, store_id)
    # Ids are given in the order of time, or so nearly that only what came in the same instant changes places.
    earlier = _in(VerificationAttempt, VerificationAttempt.attempted_at, store_id, between)
    if before is not None:
        earlier = and_(earlier, VerificationAttempt.id < before)
    rows = session.execute(_TRIES.where(earlier)).all()
    shown = [_try(row, store, now) for row in rows[:SHOWN]]
    return Page(shown, shown[-1].attempt_id if len(rows) > SHOWN else None)


def taken_back(session: Session, store_id: int, between: Between) -> list[Taken]:
    """What of the store was undone on that day, by anybody, the newest first, at most SHOWN."""
    undone = UndoneVerification
    rows = session.execute(
        select(undone, Coupon.reference, Campaign.name, func.coalesce(User.username, ApiKey.name))
        .join(Coupon, Coupon.id == undone.coupon_id)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .outerjoin(User, User.id == undone.user_id)
        .outerjoin(ApiKey, ApiKey.id == undone.api_key_id)
        .where(_in(undone, undone.undone_at, store_id, between))
        .order_by(undone.undone_at.desc(), undone.id.desc())
        .limit(SHOWN)
    )
    return [
        Taken(one.undone_at, one.verified_at, reference, campaign, who or "", one.reason)
        for one, reference, campaign, who in rows
    ]


_TRIES = (
    select(
        VerificationAttempt, Coupon.reference, Campaign.name, User.username, ApiKey.name, Verification, Redemption.id
    )
    .outerjoin(Coupon, Coupon.id == VerificationAttempt.coupon_id)
    .outerjoin(Campaign, Campaign.id == Coupon.campaign_id)
    .outerjoin(User, User.id == VerificationAttempt.user_id)
    .outerjoin(ApiKey, ApiKey.id == VerificationAttempt.api_key_id)
    .outerjoin(Redemption, Redemption.coupon_id == VerificationAttempt.coupon_id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .order_by(VerificationAttempt.attempted_at.desc(), VerificationAttempt.id.desc())
    .limit(SHOWN + 1)
)


def _try(row: Any, store: Store, now: datetime) -> Try:  # noqa: ANN401 (a row of _TRIES)
    attempt, reference, campaign, username, key, verification, _ = row
    is_verified = attempt.outcome == "verified"
    # What was verified, undone and verified again has two tries and one verification: the later one stands.
    stands = is_verified and verification is not None and verification.recorded_at == attempt.attempted_at
    until = undo.undo_until(verification, store) if stands and verification.store_id == store.id else None
    return Try(
        attempt_id=attempt.id,
        at=attempt.attempted_at,
        device_at=attempt.device_at,
        is_offline=attempt.is_offline,
        outcome=attempt.outcome,
        entered=attempt.entered,
        coupon_id=attempt.coupon_id,
        reference=reference or "",
        campaign=campaign or "",
        who=username or key or "",
        is_undone=is_verified and not stands,
        stands_until=until if until and now < until else None,
    )


Counted = tuple[str, str, Total]  # campaign, who, and what they have


def _tried(session: Session, store_id: int, between: Between) -> Iterator[Counted]:
    attempt = VerificationAttempt
    is_verified = case((attempt.outcome == "verified", 1), else_=0)
    counts = (
        select(
            Coupon.campaign_id,
            attempt.user_id,
            attempt.api_key_id,
            func.sum(is_verified).label("verified"),
            func.sum(1 - is_verified).label("refused"),
        )
        .outerjoin(Coupon, Coupon.id == attempt.coupon_id)
        .where(_in(attempt, attempt.attempted_at, store_id, between))
        .group_by(Coupon.campaign_id, attempt.user_id, attempt.api_key_id)
        .subquery()
    )
    rows = session.execute(
        select(Campaign.name, User.username, ApiKey.name, counts.c.verified, counts.c.refused)
        .select_from(counts)
        .outerjoin(Campaign, Campaign.id == counts.c.campaign_id)
        .outerjoin(User, User.id == counts.c.user_id)
        .outerjoin(ApiKey, ApiKey.id == counts.c.api_key_id)
    )
    for campaign, username, key, verified, refused in rows:
        yield campaign or "", username or key or "", Total("", int(verified), 0, int(refused))


def _undone(session: Session, store_id: int, between: Between) -> Iterator[Counted]:
    undone = UndoneVerification
    by = func.coalesce(User.username, ApiKey.name)
    rows = session.execute(
        select(Campaign.name, by, func.count())
        .select_from(undone)
        .join(Coupon, Coupon.id == undone.coupon_id)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .outerjoin(User, User.id == undone.user_id)
        .outerjoin(ApiKey, ApiKey.id == undone.api_key_id)
        .where(_in(undone, undone.undone_at, store_id, between))
        .group_by(Campaign.name, by)
    )
    for campaign, who, count in rows:
        yield campaign, who or "", Total("", 0, count, 0)


def _in(table: Any, at: Any, store_id: int, between: Between) -> Any:  # noqa: ANN401 (columns of either table)
    """Read by the table's index over store and time."""
    return and_(table.store_id == store_id, at >= between[0], at < between[1])


def _summed(parts: Iterable[tuple[str, Total]]) -> list[Total]:
    sums: dict[str, Total] = defaultdict(lambda: Total(""))
    for name, one in parts:
        sums[name].name = name
        _add(sums[name], one)
    return sorted(sums.values(), key=lambda one: (not one.name, one.name))


def _add(to: Total, one: Total) -> None:
    to.verified += one.verified
    to.undone += one.undone
    to.refused += one.refused
