"""A customer's profile at the counter: who they are, and which coupons there are for them. Read-only.

Coupons to be used in stores come first, then those for either, then those for the online store; of the same the oldest
promotion first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import limits, redemption, serials, usable
from core.campaigns import Status, status
from core.clock import earliest
from core.reasons import Reason
from db.tables import (
    Campaign,
    CampaignStore,
    Contact,
    Coupon,
    Pack,
    Redemption,
    Store,
    Verification,
)

# claimable: may be claimed for them; claimed: has its serial and was not used; single: a code that is everybody's,
# which is used without being claimed first.
Kind = Literal["claimable", "claimed", "single"]
RANKS = {"store": 0, "both": 1, "online": 2}
MOST = 500  # coupons of one person that are looked at, the newest
GONE = frozenset({Reason.EXPIRED, Reason.ENDED, Reason.LIMIT_REACHED})  # what nobody needs to see


@dataclass(frozen=True)
class Card:
    """A coupon of the profile. `coupon_id` is None where none was sent yet: then it is the campaign's.

    `redeemed` is how often the campaign was redeemed by whom it counts under, of `limit`. `refusal` is why staff cannot
    claim or use it now in their store. `good_until` of what is not redeemed: were it redeemed now. `used_at` is set for
    a first purchase's that was used and is still shown.
    """

    kind: Kind
    campaign_id: int
    name: str
    instructions: str
    used_in: str
    stores: Sequence[str]
    used_from: datetime | None
    good_until: datetime | None
    products_url: str | None
    since: datetime
    redeemed: int
    limit: int
    coupon_id: int | None = None
    reference: str = ""
    refusal: Reason | None = None
    used_at: datetime | None = None
    used_store: str | None = None

    @property
    def act(self) -> Literal["claim", "use", ""]:
        """What staff can do with it now. What cannot be used here can be claimed all the same."""
        if self.kind == "claimable":
            return "claim" if self.refusal is None else ""
        return "use" if self.refusal is None else ""


@dataclass(frozen=True)
class Account:
    """One of the person's accounts."""

    contact_id: int
    name: str
    channel: str
    picture_url: str


@dataclass(frozen=True)
class Profile:
    """Whoever was found, first with the account by which they were, and their coupons in order."""

    accounts: Sequence[Account]
    cards: Sequence[Card]


@dataclass(frozen=True)
class Facts:
    """What is known of a campaign: what it can still give, and where it is honoured, by the stores' ids."""

    campaign: Campaign
    left: int
    is_fixed: bool
    stores: Mapping[int, str]

    @property
    def is_single(self) -> bool:
        """Whether staff use it for anybody without claiming it first: its one code is everybody's."""
        return self.is_fixed and self.campaign.is_at_counter


def read(session: Session, contact_id: int, store_id: int | None, now: datetime) -> Profile | None:
    """The profile as the store sees it, or None where there is no such contact."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        return None
    others = select(Contact).where(Contact.person_id == contact.person_id, Contact.id != contact_id)
    contacts = [contact, *session.scalars(others.order_by(Contact.id))]
    rows = session.execute(_COUPONS.where(Coupon.contact_id.in_([one.id for one in contacts]), _is_shown(now))).all()
    facts = facts_of(session, {row[0].campaign_id for row in rows})
    counts = _redeemed(session, contacts)
    store = session.get(Store, store_id) if store_id else None
    cards = [
        *_of_coupons(rows, facts, counts, store, now),
        *_of_campaigns(rows, facts, counts, contact, store, now),
    ]
    accounts = [Account(one.id, one.name, one.channel, one.picture_url) for one in contacts]
    return Profile(accounts, sorted(cards, key=_order))


_COUPONS = (
    select(Coupon, Contact, Redemption, Verification.verified_at, Store.name)
    .join(Contact, Contact.id == Coupon.contact_id)
    .join(Campaign, Campaign.id == Coupon.campaign_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .order_by(Coupon.id.desc())
    .limit(MOST)
)


def _is_shown(now: datetime) -> Any:  # noqa: ANN401 (a condition)
    """Not what was used or is over; but of a first purchase's what was used."""
    until = func.coalesce(Redemption.expires_at, Coupon.expires_at)
    is_open = and_(Verification.redemption_id.is_(None), or_(until.is_(None), until > now))
    return or_(is_open, and_(Verification.redemption_id.is_not(None), Campaign.is_first_purchase))


def facts_of(session: Session, campaign_ids: set[int]) -> dict[int, Facts]:
    """These campaigns, and those that staff may claim for anybody."""
    pack, other = aliased(Pack), aliased(Pack)
    has_any = exists().where(pack.campaign_id == Campaign.id, pack.withdrawn_at.is_(None))
    has_codes = exists().where(
        other.campaign_id == Campaign.id, other.withdrawn_at.is_(None), other.fixed_code.is_(None)
    )
    is_at_counter = and_(Campaign.is_at_counter, Campaign.is_published, Campaign.archived_at.is_(None))
    rows = session.execute(
        select(Campaign, serials.stock_of(Campaign.id), has_any & ~has_codes).where(
            or_(Campaign.id.in_(campaign_ids), is_at_counter)
        )
    ).all()
    named = select(CampaignStore.campaign_id, Store.id, Store.name).join(Store, Store.id == CampaignStore.store_id)
    stores: dict[int, dict[int, str]] = {}
    ids = [campaign.id for campaign, *_ in rows]
    for campaign_id, store_id, name in session.execute(named.where(CampaignStore.campaign_id.in_(ids))):
        stores.setdefault(campaign_id, {})[store_id] = name
    return {
        campaign.id: Facts(campaign, limits.can_give(campaign, left), bool(is_fixed), stores.get(campaign.id, {}))
        for campaign, left, is_fixed in rows
    }


def _redeemed(session: Session, contacts: Sequence[Contact]) -> dict[tuple[int, int], int]:
    """How often each campaign was redeemed, by its id and whom it counts under."""
    persons = {one.person_id for one in contacts} | {one.first_person_id for one in contacts if one.first_person_id}
    counted = (
        select(Redemption.campaign_id, Redemption.person_id, func.count())
        .where(Redemption.person_id.in_(persons))
        .group_by(Redemption.campaign_id, Redemption.person_id)
    )
    return {(campaign_id, person_id): count for campaign_id, person_id, count in session.execute(counted)}


def _counted_under(campaign: Campaign, contact: Contact) -> tuple[int, int]:
    return campaign.id, limits.counted_under(campaign, contact.person_id, contact.first_person_id)


def _of_coupons(
    rows: Sequence[Any],
    facts: Mapping[int, Facts],
    counts: Mapping[tuple[int, int], int],
    store: Store | None,
    now: datetime,
) -> list[Card]:
    """Of coupons that could be claimed one for a campaign, the newest: no more than one is claimed at a time."""
    cards, offered = [], set[tuple[int, int]]()
    for coupon, contact, given, verified_at, verified_in in rows:
        known = facts[coupon.campaign_id]
        campaign, key = known.campaign, _counted_under(known.campaign, contact)
        told = {"redeemed": counts.get(key, 0), "coupon_id": coupon.id, "reference": coupon.reference}
        use = usable.refusal(campaign, known.stores, store, now)
        if verified_at:
            if status(campaign, now) in (Status.SCHEDULED, Status.RUNNING):
                used = {"used_at": verified_at, "used_store": verified_in}
                cards.append(_card(known, "single", given.expires_at, use, **told, **used))
        elif given:
            cards.append(_card(known, "claimed", given.expires_at, use, **told))
        elif key not in offered:
            reason = redemption.refusal(campaign, coupon.expires_at, told["redeemed"], known.left, now)
            if reason not in GONE:
                offered.add(key)
                cards.append(_offer(known, _good_until(campaign, coupon.expires_at, now), reason, use, **told))
    return cards


def _of_campaigns(
    rows: Sequence[Any],
    facts: Mapping[int, Facts],
    counts: Mapping[tuple[int, int], int],
    contact: Contact,
    store: Store | None,
    now: datetime,
) -> list[Card]:
    """What staff may claim for anybody, of which this contact was sent none that is still open."""
    has = {
        (
            coupon.campaign_id,
            limits.counted_under(facts[coupon.campaign_id].campaign, one.person_id, one.first_person_id),
        )
        for coupon, one, given, *_ in rows
        if given is None
    }
    cards = []
    for known in facts.values():
        campaign, key = known.campaign, _counted_under(known.campaign, contact)
        is_open = campaign.is_at_counter and status(campaign, now) is Status.RUNNING and known.left > 0
        if is_open and key not in has and counts.get(key, 0) < campaign.redemption_limit:
            use = usable.refusal(campaign, known.stores, store, now)
            until = now + timedelta(seconds=campaign.expires_after_seconds)
            good_until = _good_until(campaign, until if campaign.expires_from == "sending" else None, now)
            cards.append(_offer(known, good_until, None, use, redeemed=counts.get(key, 0)))
    return cards


def _good_until(campaign: Campaign, expires_at: datetime | None, now: datetime) -> datetime | None:
    if campaign.expires_from == "redemption":
        expires_at = now + timedelta(seconds=campaign.expires_after_seconds)
    return earliest(expires_at, campaign.shown_until)


def _offer(
    known: Facts,
    good_until: datetime | None,
    reason: Reason | None,
    use: Reason | None,
    **told: Any,  # noqa: ANN401
) -> Card:
    """What is not claimed yet: a code that is everybody's is used at once, so where it is used counts, too."""
    if known.is_single:
        return _card(known, "single", good_until, reason or use, **told)
    return _card(known, "claimable", good_until, reason, **told)


def _card(
    known: Facts,
    kind: Kind,
    good_until: datetime | None,
    refusal: Reason | None,
    **told: Any,  # noqa: ANN401
) -> Card:
    campaign = known.campaign
    return Card(
        kind=kind,
        campaign_id=campaign.id,
        name=campaign.name,
        instructions=campaign.instructions,
        used_in=campaign.used_in,
        stores=sorted(known.stores.values()),
        used_from=campaign.used_from,
        good_until=good_until,
        products_url=campaign.products_url,
        since=campaign.sends_from or campaign.created_at,
        limit=campaign.redemption_limit,
        refusal=refusal,
        **told,
    )


def _order(card: Card) -> tuple[int, datetime, int, int]:
    return RANKS[card.used_in], card.since, card.campaign_id, card.coupon_id or 0
