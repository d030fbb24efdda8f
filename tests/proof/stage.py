"""A campaign, its serials and its coupons, as a rush finds them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core import contacts, coupons, persons, serials
from db.database import Database
from tests import cast


@dataclass(frozen=True)
class Stage:
    """`pairs` are the coupons of two contacts of one person, `singles` of everybody else; `pack_id` the first pack."""

    slug: str
    pack_id: int
    singles: list[str]
    pairs: list[tuple[str, str]]

    @property
    def tokens(self) -> list[str]:
        """Of every coupon."""
        return [*self.singles, *(token for pair in self.pairs for token in pair)]


def prepare(database: Database, codes: int, coupon_count: int, pair_count: int = 0, slug: str = cast.TEA.slug) -> Stage:
    """A campaign with two packs of unique serials; every contact has a coupon, `pair_count` persons have two."""
    now = datetime.now(UTC)
    with database.write() as session:
        campaign = cast.campaign(session, now, replace(cast.TEA, slug=slug), codes=0)
        first = _pack(session, campaign.id, range(codes // 2), now)
        _pack(session, campaign.id, range(codes // 2, codes), now)
        singles = [_coupon(session, slug, "line", number, now)[0] for number in range(coupon_count - 2 * pair_count)]
        pairs = [_pair(session, slug, coupon_count + number, now) for number in range(pair_count)]
    return Stage(campaign.slug, first, singles, pairs)


def _pack(session: Session, campaign_id: int, numbers: range, now: datetime) -> int:
    file = "serial\n" + "\n".join(f"TEA-{number:06d}" for number in numbers)
    return serials.import_csv(session, campaign_id, file.encode(), now).id


def _coupon(session: Session, slug: str, channel: str, number: int, now: datetime) -> tuple[str, int]:
    contact = contacts.ensure(session, channel, f"U{number:032x}", now)
    coupon = coupons.send(session, slug, contact, now)
    assert isinstance(coupon, coupons.Sent)
    return coupon.token, contact.person_id


def _pair(session: Session, slug: str, number: int, now: datetime) -> tuple[str, str]:
    (one, kept), (other, gone) = (_coupon(session, slug, channel, number, now) for channel in ("line", "messenger"))
    persons.merge(session, kept, gone, "one and the same", None, now)
    return one, other
