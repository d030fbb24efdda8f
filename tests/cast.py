"""The fixed cast: one shop, two campaigns, three customers (one of whom must see nothing), a store and its people."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core import campaigns, claims, contacts, coupons, records_changes, records_counting, serials
from core.campaigns import Spec
from db.database import Database
from db.tables import Campaign, Contact

TEA = Spec(
    slug="summer-tea",
    name="夏日奶茶買一送一",
    instructions="Show this at the counter.\n一人一次",
    expires_from="sending",
    expires_after_seconds=int(timedelta(days=14).total_seconds()),
    barcode="code128",
    has_verify_button=True,
)
GIFT = replace(
    TEA, slug="welcome-gift", name="Cookie", expires_from="redemption", expires_after_seconds=1800, barcode="qr"
)

MEI = ("line", "U" + "a" * 32)
ALEX = ("messenger", "1000000001")
EVE = ("line", "U" + "e" * 32)  # must see nothing of anybody's


def campaign(session: Session, now: datetime, spec: Spec = TEA, codes: int = 3) -> Campaign:
    """A campaign with a pack of `codes` unique serials: TEA-0001, TEA-0002, ... (0: no pack)."""
    made, _ = campaigns.apply(session, spec, now)
    if codes:
        file = "serial\n" + "\n".join(f"TEA-{number:04d}" for number in range(1, codes + 1))
        serials.import_csv(session, made.id, file.encode(), now)
    return made


def contact(session: Session, who: tuple[str, str], now: datetime, name: str = "") -> Contact:
    """One of the customers; with a `name`, the platform has just told it."""
    found = contacts.ensure(session, *who, now)
    if name:
        contacts.note_profile(found, name, "", "", now)
    return found


def sent(session: Session, who: tuple[str, str], now: datetime, slug: str = "summer-tea") -> str:
    """The token of a coupon that was just sent."""
    coupon = coupons.send(session, slug, contact(session, who, now), now)
    assert isinstance(coupon, coupons.Sent), coupon
    return coupon.token


def redeem(database: Database, token: str, now: datetime) -> None:
    """Claim a coupon and answer its mailbox, as the page and the job do."""
    with database.write() as session:
        claimed = claims.claim(session, token, now)
    assert isinstance(claimed, claims.Claimed), claimed
    with database.write() as session:
        claims.answer_batch(session, claimed.campaign_id, now)


def count(database: Database, now: datetime) -> None:
    """Bring the marketer's lists and figures up to date, as the periodic process does within its next rounds."""
    with database.read() as session:
        is_any = records_changes.is_any(session)
    for _ in range(3 * is_any):  # noted, found settled, looked at
        with database.write() as session:
            records_counting.catch_up(session, ZoneInfo("Asia/Taipei"), now)
