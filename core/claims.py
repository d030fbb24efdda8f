"""Claims: a tap on Redeem, until it is answered.

Two ways lead to the same answer. A *tap* is passed to a job at once and answered while its page waits; a *claim* is a
row in its campaign's mailbox, for a tap whose answer did not come in time: whoever was told to wait has a row, and
nothing that dies loses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core import coupons, limits, redemption, serials
from core.reasons import Reason
from core.redemption import REDEEMED, Asked
from core.refusal import Refused
from db import locks
from db.insert import insert_unless_there
from db.later import later
from db.several import among, insert_all
from db.tables import Claim, Contact, Coupon, Redemption

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
    """`outcome` is 'redeemed' or a reason; `serial` is set where this tap brought it."""

    outcome: str
    serial: str | None
    reference: str


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
    claim_id = insert_unless_there(session, Claim, values, ["coupon_id"], _IS_WAITING)
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
    asked = redemption.ask(session, campaign, {coupon_id: claimed_at for _, coupon_id, claimed_at in waiting})
    _, outcomes = redemption.give(session, campaign, asked, now)
    _store_outcomes(session, {claim_id: outcomes[coupon_id] for claim_id, coupon_id, _ in waiting}, now)
    return [claim_id for claim_id, _, _ in waiting]


def campaigns_waiting(session: Session) -> list[int]:
    """The campaigns with an unanswered claim: what the periodic sweep wakes again."""
    return list(session.scalars(select(Claim.campaign_id).where(Claim.answered_at.is_(None)).distinct()))


def answer_taps(session: Session, taps: Sequence[Tap], now: datetime) -> dict[str, Answer]:
    """Answer taps by the token of their coupon. One more refusal than elsewhere: UNKNOWN_COUPON.

    A tap that brings a serial is kept as a redemption, a refused one as an answered claim.
    """
    first = {tap.token: tap.at for tap in reversed(taps)}
    campaigns = locks.campaigns_of(session, list(first))
    rows = session.connection().execute(_TAPPED, {"tokens": list(first)}).all()
    opened = _open(session, [row.id for row in rows if row.opened_at is None], now)
    times = {row.id: max(first[row.token], row.opened_at or opened[row.id]) for row in rows}
    answers = dict.fromkeys(first, Answer(Reason.UNKNOWN_COUPON, None, ""))
    for campaign in campaigns:
        of_campaign = {row.id: row for row in rows if row.campaign_id == campaign.id}
        in_order = sorted(of_campaign.values(), key=lambda row: times[row.id])
        asked = [
            Asked(
                row.id,
                limits.counted_under(campaign, row.person_id, row.first_person_id),
                times[row.id],
                row.expires_at,
                row.redemption_id is not None,
            )
            for row in in_order
        ]
        given, outcomes = redemption.give(session, campaign, asked, now)
        refused = [one for one in asked if outcomes[one.coupon_id] != REDEEMED]
        insert_all(session, Claim, [_answered(campaign.id, one, outcomes, now) for one in refused])
        codes = serials.codes(session, {one.asked.coupon_id: (one.pack_id, one.position) for one in given})
        for coupon_id, row in of_campaign.items():
            answers[row.token] = Answer(outcomes[coupon_id], codes.get(coupon_id), row.reference)
    return answers


_IS_WAITING = Claim.answered_at.is_(None)
_TAPPED = (
    select(
        Coupon.id,
        Coupon.token,
        Coupon.reference,
        Coupon.campaign_id,
        Coupon.opened_at,
        Coupon.expires_at,
        Contact.person_id,
        Contact.first_person_id,
        Redemption.id.label("redemption_id"),
    )
    .join(Contact, Contact.id == Coupon.contact_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .where(among(Coupon.token, "tokens"))
)


def _answered(campaign_id: int, asked: Asked, outcomes: Mapping[int, str], now: datetime) -> dict[str, object]:
    return {
        "coupon_id": asked.coupon_id,
        "campaign_id": campaign_id,
        "claimed_at": asked.claimed_at,
        "answered_at": max(now, asked.claimed_at),
        "outcome": outcomes[asked.coupon_id],
    }


def _open(session: Session, coupon_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """Without JavaScript no beacon comes, but who redeems has seen the page.

    When each was opened: a beacon at the same moment may have been first, with its own time.
    """
    if not coupon_ids:
        return {}
    opened = coupons.mark_opened(session, coupon_ids, now)
    before = [coupon_id for coupon_id in coupon_ids if coupon_id not in opened]
    if before:
        rows = session.connection().execute(_OPENED, {"coupons": before})
        opened |= {coupon_id: opened_at for coupon_id, opened_at in rows if opened_at}
    return opened


_OPENED = select(Coupon.id, Coupon.opened_at).where(among(Coupon.id, "coupons"))


def _store_outcomes(session: Session, outcomes: dict[int, str], now: datetime) -> None:
    """One statement an outcome, of which there are few, instead of one a claim."""
    for outcome in set(outcomes.values()):
        ids = [claim_id for claim_id, answer in outcomes.items() if answer == outcome]
        session.connection().execute(_ANSWER, {"claims": ids, "now": now, "answer": outcome})


_ANSWER = (
    update(Claim)
    .where(among(Claim.id, "claims"))
    .values(answered_at=later(Claim.claimed_at, "now"), outcome=bindparam("answer"))
)
