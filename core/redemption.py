"""Redemption: who gets a serial, and which. What asks for one stands in `core.claims`.

The rule is `refusal` and `decide`, both pure; `give` reads what they need, once for a whole batch, and stores what
they say in the same transaction. The constraints of `Redemption` guard every step.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from core.reasons import Reason
from db.tables import Campaign, Contact, Coupon, Pack, Redemption, ReturnedSerial

REDEEMED = "redeemed"


@dataclass(frozen=True)
class Asked:
    """A coupon whose redemption is asked for, with what the rule needs to know of it."""

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
    if expires_at and now >= expires_at:
        return Reason.EXPIRED
    if campaign.ended_at and now >= campaign.ended_at:
        return Reason.ENDED
    if campaign.sends_from and now < campaign.sends_from:
        return Reason.NOT_STARTED
    if redeemed >= campaign.redemption_limit:
        return Reason.LIMIT_REACHED
    return Reason.SOLD_OUT if left < 1 else None


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
    positions, left = _positions(packs), sum(pack.left for pack in packs)
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


def ask(session: Session, coupon_ids: Mapping[int, datetime]) -> list[Asked]:
    """What the rule needs to know of coupons, in the order given; each with the time at which it was claimed.

    Call it under the campaign's lock: what it reads must not change before it is answered.
    """
    rows = session.execute(
        select(Coupon.id, Contact.person_id, Coupon.expires_at, Redemption.id)
        .join(Contact, Contact.id == Coupon.contact_id)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .where(Coupon.id.in_(coupon_ids)),
    )
    found = {row[0]: Asked(row[0], row[1], coupon_ids[row[0]], row[2], row[3] is not None) for row in rows}
    return [found[coupon_id] for coupon_id in coupon_ids]


def give(
    session: Session, campaign: Campaign, asked: Sequence[Asked], now: datetime
) -> tuple[list[Given], dict[int, str]]:
    """`decide` and store what was decided. The caller holds the campaign's lock; the constraints hold without it."""
    given, outcomes = decide(
        campaign, asked, _ordinals(session, campaign.id, asked), _stock(session, campaign.id, len(asked)), now
    )
    if given:
        session.execute(insert(Redemption), [_row(campaign, one, now) for one in given])
        _take(session, given)
    return given, outcomes


def _ordinals(session: Session, campaign_id: int, asked: Sequence[Asked]) -> dict[int, set[int]]:
    rows = session.execute(
        select(Redemption.person_id, Redemption.ordinal).where(
            Redemption.campaign_id == campaign_id,
            Redemption.person_id.in_({one.person_id for one in asked}),
        ),
    )
    found: dict[int, set[int]] = {}
    for person_id, ordinal in rows:
        found.setdefault(person_id, set()).add(ordinal)
    return found


def _stock(session: Session, campaign_id: int, wanted: int) -> list[Stock]:
    is_ours = (Pack.campaign_id == campaign_id) & Pack.withdrawn_at.is_(None)
    returned: dict[int, list[int]] = {}
    came_back = (
        select(ReturnedSerial.pack_id, ReturnedSerial.position)
        .join(Pack, Pack.id == ReturnedSerial.pack_id)
        .where(is_ours)
        .order_by(ReturnedSerial.pack_id, ReturnedSerial.position)
        .limit(wanted)
    )
    for pack_id, position in session.execute(came_back):
        returned.setdefault(pack_id, []).append(position)
    packs = select(Pack.id, Pack.taken, Pack.size).where(is_ours).order_by(Pack.id)
    stocks = [Stock(*row, tuple(returned.get(row[0], ()))) for row in session.execute(packs)]
    return [stock for stock in stocks if stock.left]


def _take(session: Session, given: Sequence[Given]) -> None:
    """Move the cursors past what was given; what had come back and was given again is no longer there."""
    places = [(one.pack_id, one.position) for one in given]
    session.execute(
        delete(ReturnedSerial)
        .where(tuple_(ReturnedSerial.pack_id, ReturnedSerial.position).in_(places))
        .execution_options(synchronize_session=False),
    )
    last: dict[int, int] = {}
    for pack_id, position in places:
        last[pack_id] = max(position, last.get(pack_id, 0))
    for pack_id, position in last.items():
        session.execute(
            update(Pack)
            .where(Pack.id == pack_id, Pack.taken < position)
            .values(taken=position)
            .execution_options(synchronize_session=False),
        )


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
        "expires_at": redeemed_at + interval if counts_from_redemption else given.asked.expires_at,
    }
