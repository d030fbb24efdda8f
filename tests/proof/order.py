"""What two pieces of work have come to, in words that are the same on every stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import claims
from core.refusal import Refused
from db.database import Database
from db.tables import (
    Campaign,
    Claim,
    Contact,
    Coupon,
    Pack,
    Redemption,
    ReturnedSerial,
    UndoneRedemption,
    Verification,
    VerificationAttempt,
)
from tests.proof.interleaving import Race

Words = tuple[object, ...]


@dataclass(frozen=True)
class Stage:
    """A campaign with two serials and limit 1. Mei has two coupons, one claimed; Alex has one; Eve redeemed hers."""

    mei: str
    mei_again: str
    alex: str
    eve: str
    eve_id: int
    campaign: Campaign
    pack_id: int
    accounts: tuple[tuple[str, str], ...]
    now: datetime

    @property
    def names(self) -> Mapping[str, str]:
        """Whose coupon each token is."""
        return {self.mei: "Mei's", self.mei_again: "Mei's other", self.alex: "Alex's", self.eve: "Eve's"}


def outcome(database: Database, stage: Stage, done: Race) -> Words:
    """What both were answered, and what the tables hold then."""
    with database.read() as session:
        return (_told(stage, done.subject), _told(stage, done.rival), *_state(session, stage))


def _told(stage: Stage, result: object) -> object:
    if isinstance(result, dict):
        return {stage.names[token]: (answer.outcome, answer.serial) for token, answer in result.items()}
    if isinstance(result, Refused):
        return str(result.reason)
    if isinstance(result, list):
        return len(result)  # claims answered
    if isinstance(result, claims.Claimed):
        return "claimed"
    return result if isinstance(result, bool) else type(result).__name__


def _state(session: Session, stage: Stage) -> Words:
    coupons = select(Coupon.id).where(Coupon.campaign_id == stage.campaign.id)
    known = session.execute(select(Coupon).where(Coupon.id.in_(coupons))).scalars().all()
    name = {coupon.id: stage.names[coupon.token] for coupon in known}

    def rows(*query: object) -> list[Words]:
        """(coupon, ...) with the coupon's name, in order."""
        found = session.execute(select(*query).where(query[0].in_(coupons))).all()  # type: ignore[call-overload, attr-defined]
        return sorted(((name[row[0]], *row[1:]) for row in found), key=repr)

    campaign = session.get_one(Campaign, stage.campaign.id)
    pack = session.get_one(Pack, stage.pack_id)
    returned = session.scalars(select(ReturnedSerial.position).where(ReturnedSerial.pack_id == pack.id)).all()
    is_of = [(Contact.channel == channel) & (Contact.account_id == account) for channel, account in stage.accounts]
    persons = [session.scalars(select(Contact.person_id).where(condition)).one() for condition in is_of]
    return (
        rows(Coupon.id, Coupon.opened_at),
        rows(
            Redemption.coupon_id,
            Redemption.position,
            Redemption.ordinal,
            Redemption.redemption_limit,
            Redemption.redeemed_at,
        ),
        rows(Claim.coupon_id, Claim.outcome),
        rows(UndoneRedemption.coupon_id, UndoneRedemption.position),
        rows(VerificationAttempt.coupon_id, VerificationAttempt.outcome),
        [name[one] for one in session.scalars(_VERIFIED.where(Redemption.coupon_id.in_(coupons)))],
        (pack.taken, pack.withdrawn_at, sorted(returned)),
        (campaign.ended_at, campaign.redemption_limit, campaign.total_limit, campaign.total_left),
        [persons.index(person) for person in persons],
    )


_VERIFIED = select(Redemption.coupon_id).join(Verification, Verification.redemption_id == Redemption.id)
