"""Redemption: who gets a serial, and which. What asks for one stands in `core.claims`.

The rule is `refusal` and `decide`, both pure; `give` reads what they need, once for a whole batch, and stores what
they say in the same transaction. The constraints of `Redemption` guard every step.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from core import limits
from core.clock import earliest
from core.reasons import Reason
from db.several import among, insert_all
from db.tables import Campaign, Contact, Coupon, Pack, Redemption, ReturnedSerial

REDEEMED = "redeemed"


@dataclass(frozen=True)
class Asked:
    """A coupon whose redemption is asked for, with what the rule needs to know of it.

    `person_id` is the one under whom it counts.
    """

    coupon_id: int
    person_id: int
    claimed_at: datetime
    expires_at: datetime | None
    is_redeemed: bool


@dataclass(frozen=True)
class Given:
    """A serial for a coupon: position `position` of the pack, the person's redemption number `ordinal`."""

    asked: Asked
    pack_id: int
    position: int
    ordinal: int


@dataclass(frozen=True)
class Stock:
    """What a pack has to give: the positions that came `returned`, then those after `taken` up to `size`."""

    pack_id: int
    taken: int
    size: int
    returned: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        """How many serials."""
        return len(self.returned) + self.size - self.taken


def refusal(campaign: Campaign, expires_at: datetime | None, redeemed: int, left: int, now: datetime) -> Reason | None:
    """Why a coupon cannot be redeemed at `now`, or None: the one rule, for the page and for the job.

    `redeemed` is how often the person has redeemed the campaign, `left` how many serials there are.
    """
    good_until = earliest(expires_at, campaign.shown_until)
    if good_until and now >= good_until:
        return Reason.EXPIRED
    if campaign.ended_at and now >= campaign.ended_at:
        return Reason.ENDED
    if campaign.sends_from and now < campaign.sends_from:
        return Reason.NOT_STARTED
    if redeemed >= campaign.redemption_limit:
        return Reason.LIMIT_REACHED
    return Reason.SOLD_OUT if limits.can_give(campaign, left) < 1 else None


def decide(
    campaign: Campaign,
    asked: Sequence[Asked],
    redeemed: Mapping[int, Iterable[int]],
    packs: Sequence[Stock],
    now: datetime,
) -> tuple[list[Given], dict[int, str]]:
    """Answer coupons in their order, none twice: the serials given, and the outcome of every coupon by its id.

    `redeemed` has the ordinals of each person's redemptions so far; `packs` are the campaign's, in the order in which
    they are given out.
    """
    ordinals = {person: set(numbers) for person, numbers in redeemed.items()}
    given, outcomes = [], {}
    positions, left = _positions(packs), limits.can_give(campaign, sum(pack.left for pack in packs))
    for one in asked:
        theirs = ordinals.setdefault(one.person_id, set())
        at = max(now, one.claimed_at)  # a clock that was set back turns no order of times around
        reason = None if one.is_redeemed else refusal(campaign, one.expires_at, len(theirs), left, at)
        outcomes[one.coupon_id] = str(reason or REDEEMED)
        if reason is None and not one.is_redeemed:
            given.append(Given(one, *next(positions), lowest_free(theirs)))
            theirs.add(given[-1].ordinal)
            left -= 1
    return given, outcomes


def lowest_free(ordinals: Iterable[int]) -> int:
    """The lowest number from 1 that is not among `ordinals`."""
    taken = set(ordinals)
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _positions(packs: Sequence[Stock]) -> Iterator[tuple[int, int]]:
    """What came back first, so that no serial is left behind by a cursor that never turns around."""
    for pack in packs:
        yield from ((pack.pack_id, position) for position in pack.returned)
    for pack in packs:
        yield from ((pack.pack_id, position) for position in range(pack.taken + 1, pack.size + 1))


def ask(session: Session, campaign: Campaign, coupon_ids: Mapping[int, datetime]) -> list[Asked]:
    """What the rule needs to know of the campaign's coupons, in the order given; each with the time of its claim.

    Call it under the campaign's lock: what it reads must not change before it is answered.
    """
    rows = session.connection().execute(_ASKED, {"coupons": list(coupon_ids)})
    found = {
        row.id: Asked(
            row.id,
            limits.counted_under(campaign, row.person_id, row.first_person_id),
            coupon_ids[row.id],
            row.expires_at,
            row.redemption_id is not None,
        )
        for row in rows
    }
    return [found[coupon_id] for coupon_id in coupon_ids]


def give(
    session: Session, campaign: Campaign, asked: Sequence[Asked], now: datetime
) -> tuple[list[Given], dict[int, str]]:
    """`decide` and store what was decided. The caller holds the campaign's lock; the constraints hold without it."""
    packs = _stock(session, campaign.id, len(asked))
    given, outcomes = decide(campaign, asked, _ordinals(session, campaign.id, asked), packs, now)
    insert_all(session, Redemption, [_row(campaign, one, now) for one in given])
    _take(session, given, packs)
    if given and campaign.total_limit is not None:
        session.connection().execute(_COUNT_DOWN, {"campaign": campaign.id, "given": len(given)})
    return given, outcomes


_ASKED = (
    select(
        Coupon.id, Contact.person_id, Contact.first_person_id, Coupon.expires_at, Redemption.id.label("redemption_id")
    )
    .join(Contact, Contact.id == Coupon.contact_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .where(among(Coupon.id, "coupons"))
)
_ORDINALS = select(Redemption.person_id, Redemption.ordinal).where(
    Redemption.campaign_id == bindparam("campaign"), among(Redemption.person_id, "persons")
)
_PACKS = (
    select(Pack.id, Pack.taken, Pack.size, exists().where(ReturnedSerial.pack_id == Pack.id))
    .where(Pack.campaign_id == bindparam("campaign"), Pack.withdrawn_at.is_(None))
    .order_by(Pack.id)
)
_RETURNED = (
    select(ReturnedSerial.position)
    .where(ReturnedSerial.pack_id == bindparam("pack"))
    .order_by(ReturnedSerial.position)
    .limit(bindparam("wanted"))
)
_COUNT_DOWN = (
    update(Campaign)
    .where(Campaign.id == bindparam("campaign"))
    .values(total_left=Campaign.total_left - bindparam("given", type_=BigInteger))
)
_MOVE_CURSOR = update(Pack).where(Pack.id == bindparam("pack")).values(taken=bindparam("position"))


def _ordinals(session: Session, campaign_id: int, asked: Sequence[Asked]) -> dict[int, set[int]]:
    persons = {one.person_id for one in asked}
    found: dict[int, set[int]] = {}
    for person_id, ordinal in session.connection().execute(
        _ORDINALS, {"campaign": campaign_id, "persons": list(persons)}
    ):
        found.setdefault(person_id, set()).add(ordinal)
    return found


def _stock(session: Session, campaign_id: int, wanted: int) -> list[Stock]:
    stocks = []
    for pack_id, taken, size, has_returned in session.connection().execute(_PACKS, {"campaign": campaign_id}).all():
        returned: Sequence[int] = ()
        if has_returned:
            returned = session.scalars(_RETURNED, {"pack": pack_id, "wanted": wanted}).all()
        stocks.append(Stock(pack_id, taken, size, tuple(returned)))
    return [stock for stock in stocks if stock.left]


def _take(session: Session, given: Sequence[Given], packs: Sequence[Stock]) -> None:
    """Move the cursors past what was given; what had come back and was given again is no longer there."""
    for pack in packs:
        positions = [one.position for one in given if one.pack_id == pack.pack_id]
        again = [position for position in positions if position <= pack.taken]
        if again:
            is_given = (ReturnedSerial.pack_id == pack.pack_id) & ReturnedSerial.position.in_(again)
            session.connection().execute(delete(ReturnedSerial).where(is_given))
        if len(again) < len(positions):
            session.connection().execute(_MOVE_CURSOR, {"pack": pack.pack_id, "position": max(positions)})


def _row(campaign: Campaign, given: Given, now: datetime) -> dict[str, object]:
    redeemed_at = max(now, given.asked.claimed_at)
    counts_from_redemption = campaign.expires_from == "redemption"
    interval = timedelta(seconds=campaign.expires_after_seconds)
    return {
        "coupon_id": given.asked.coupon_id,
        "campaign_id": campaign.id,
        "person_id": given.asked.person_id,
        "ordinal": given.ordinal,
        "redemption_limit": campaign.redemption_limit,
        "pack_id": given.pack_id,
        "position": given.position,
        "redeemed_at": redeemed_at,
        "expires_at": earliest(
            redeemed_at + interval if counts_from_redemption else given.asked.expires_at, campaign.shown_until
        ),
    }
