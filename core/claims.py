"""Claims: a tap on Redeem, until it is answered.

Two ways lead to the same answer. A *tap* is passed to a job at once and answered while its page waits; a *claim* is a
row in its campaign's mailbox, for a tap whose answer did not come in time: whoever was told to wait has a row, and
nothing that dies loses it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core import coupons, redemption, serials
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.insert import insert_unless_there
from db.later import later
from db.tables import Claim, Coupon, Redemption

BATCH = 500  # claims a transaction: 500 measured 39,000 to 83,000 allocations/s on PostgreSQL; larger ones gain little


@dataclass(frozen=True)
class Claimed:
    """A claim stands in the mailbox of `campaign_id`, put there by this tap or an earlier one."""

    campaign_id: int
    claim_id: int


@dataclass(frozen=True)
class AlreadyRedeemed:
    """The coupon was redeemed before: the first result stands."""

    coupon_id: int


@dataclass(frozen=True)
class Tap:
    """A tap on the coupon with this token."""

    token: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """`outcome` is 'redeemed' or a reason; `serial` and `reference` are set where this tap brought the serial."""

    outcome: str
    serial: str | None = None
    reference: str | None = None


def claim(session: Session, token: str, now: datetime) -> Claimed | AlreadyRedeemed | Refused:
    """Put a claim for the coupon into its campaign's mailbox. A repeat finds the first one.

    Refused: UNKNOWN_COUPON. Every other refusal is the job's to give, so that all of them are rows.
    """
    found = session.execute(
        select(Coupon.id, Coupon.campaign_id, Coupon.opened_at, Redemption.id)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .where(Coupon.token == token),
    ).one_or_none()
    if found is None:
        return Refused(Reason.UNKNOWN_COUPON)
    coupon_id, campaign_id, opened_at, _ = found
    redemption_id: int | None = found[3]
    if redemption_id is not None:
        return AlreadyRedeemed(coupon_id)
    opened_at = opened_at or _open(session, [coupon_id], now)[coupon_id]
    values = {"coupon_id": coupon_id, "campaign_id": campaign_id, "claimed_at": max(now, opened_at)}
    claim_id = insert_unless_there(session, Claim, values, ["coupon_id"], Claim.answered_at.is_(None))
    if claim_id is None:  # an earlier tap's; answered in this very moment, its id is still the one to wait for
        claim_id = session.scalars(
            select(Claim.id).where(Claim.coupon_id == coupon_id).order_by(Claim.id.desc()).limit(1)
        ).one()
    return Claimed(campaign_id, claim_id)


def answer_batch(session: Session, campaign_id: int, now: datetime, size: int = BATCH) -> list[int]:
    """Answer up to `size` waiting claims, oldest first; returns their ids, empty when none waits.

    The campaign's lock makes batches of one campaign wait for each other; the constraints would refuse them otherwise.
    """
    campaign = locks.campaign(session, campaign_id)
    waiting = session.execute(
        select(Claim.id, Claim.coupon_id, Claim.claimed_at)
        .where(Claim.campaign_id == campaign_id, Claim.answered_at.is_(None))
        .order_by(Claim.id)
        .limit(size),
    ).all()
    if not waiting:
        return []
    asked = redemption.ask(session, {coupon_id: claimed_at for _, coupon_id, claimed_at in waiting})
    _, outcomes = redemption.give(session, campaign, asked, now)
    _store_outcomes(session, {claim_id: outcomes[coupon_id] for claim_id, coupon_id, _ in waiting}, now)
    return [claim_id for claim_id, _, _ in waiting]


def campaigns_waiting(session: Session) -> list[int]:
    """The campaigns with an unanswered claim: what the periodic sweep wakes again."""
    return list(session.scalars(select(Claim.campaign_id).where(Claim.answered_at.is_(None)).distinct()))


def by_campaign(session: Session, taps: Iterable[Tap]) -> dict[int, list[Tap]]:
    """Taps sorted by the campaign of their coupon, in their order; those of unknown coupons are left out."""
    taps = list(taps)
    rows = session.execute(
        select(Coupon.token, Coupon.campaign_id).where(Coupon.token.in_({tap.token for tap in taps}))
    )
    campaigns: dict[str, int] = dict(rows.all())
    sorted_taps: dict[int, list[Tap]] = {}
    for tap in taps:
        if tap.token in campaigns:
            sorted_taps.setdefault(campaigns[tap.token], []).append(tap)
    return sorted_taps


def answer_taps(session: Session, campaign_id: int, taps: Sequence[Tap], now: datetime) -> dict[str, Answer]:
    """Answer taps on coupons of one campaign by their tokens; each is kept as an answered claim.

    A repeated tap on a redeemed coupon is answered and not kept: the first result stands.
    """
    campaign = locks.campaign(session, campaign_id)
    first = {tap.token: tap.at for tap in reversed(taps)}
    rows = session.execute(
        select(Coupon.id, Coupon.token, Coupon.reference, Coupon.opened_at).where(Coupon.token.in_(first))
    ).all()
    opened = _open(session, [row.id for row in rows if row.opened_at is None], now)
    times = {row.id: max(first[row.token], row.opened_at or opened[row.id]) for row in rows}
    asked = redemption.ask(session, dict(sorted(times.items(), key=lambda one: one[1])))
    given, outcomes = redemption.give(session, campaign, asked, now)
    kept = [
        {
            "coupon_id": one.coupon_id,
            "campaign_id": campaign_id,
            "claimed_at": one.claimed_at,
            "answered_at": max(now, one.claimed_at),
            "outcome": outcomes[one.coupon_id],
        }
        for one in asked
        if not one.is_redeemed
    ]
    if kept:
        session.execute(insert(Claim), kept)
    codes = serials.codes(session, {one.asked.coupon_id: (one.pack_id, one.position) for one in given})
    return {
        row.token: Answer(outcomes[row.id], codes[row.id], row.reference)
        if row.id in codes
        else Answer(outcomes[row.id])
        for row in rows
    }


def _open(session: Session, coupon_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """Without JavaScript no beacon comes, but who redeems has seen the page.

    When each was opened, read after it is set: a beacon at the same moment may have been first, with its own time.
    """
    coupons.mark_opened(session, coupon_ids, now)
    rows = session.execute(select(Coupon.id, Coupon.opened_at).where(Coupon.id.in_(coupon_ids)))
    return {coupon_id: opened_at for coupon_id, opened_at in rows if opened_at}


def _store_outcomes(session: Session, outcomes: dict[int, str], now: datetime) -> None:
    """One statement an outcome, of which there are few, instead of one a claim."""
    for outcome in set(outcomes.values()):
        ids = [claim_id for claim_id, answer in outcomes.items() if answer == outcome]
        session.execute(
            update(Claim)
            .where(Claim.id.in_(ids))
            .values(answered_at=later(session, Claim.claimed_at, now), outcome=outcome)
            .execution_options(synchronize_session=False),
        )
