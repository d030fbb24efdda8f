"""Limits: how many may redeem a campaign, how often one may, and who that one is."""

from sqlalchemy import BigInteger, SQLColumnExpression, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from db.tables import Campaign, Contact, Redemption

# `counted_under` in a query that has both tables.
COUNTED_UNDER = case(
    (Campaign.limit_by == "contact", func.coalesce(Contact.first_person_id, Contact.person_id)),
    else_=Contact.person_id,
)


def counted_under(campaign: Campaign, person_id: int, first_person_id: int | None) -> int:
    """The person under whom a contact's redemptions of the campaign count.

    Limited by contact, it is the one that the contact was made with: no other contact ever has that one, so that the
    constraint on a person's ordinals holds the limit of each contact, and a merge has nothing to move.
    """
    return first_person_id if campaign.limit_by == "contact" and first_person_id else person_id


def can_give(campaign: Campaign, serials: int) -> int:
    """How many more can redeem the campaign, which has that many serials: the total limit may be nearer."""
    return serials if campaign.total_left is None else min(serials, campaign.total_left)


def redeemed_by(session: Session, campaign_id: int, person_id: int) -> int:
    """How often the campaign was redeemed under the person."""
    return session.scalar(_REDEEMED_BY, {"campaign": campaign_id, "person": person_id}) or 0


def redeemed_by_of(
    campaign_id: SQLColumnExpression[int], person_id: SQLColumnExpression[int]
) -> SQLColumnExpression[int]:
    """`redeemed_by` as part of a larger query, whose campaign and person it takes."""
    one = aliased(Redemption)
    count = select(func.count()).where(one.campaign_id == campaign_id, one.person_id == person_id)
    return count.select_from(one).correlate_except(one).scalar_subquery()


_REDEEMED_BY = select(
    redeemed_by_of(bindparam("campaign", type_=BigInteger), bindparam("person", type_=BigInteger)),
)
