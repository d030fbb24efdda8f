"""The coupon's page of a campaign that nobody has a coupon of yet: what the console shows while one sets it up."""

from datetime import datetime, timedelta

from core.coupon_view import CouponView, State
from core.reasons import Reason
from coupon_pages import views
from db.tables import Campaign

SERIAL, REFERENCE = "SAMPLE-0001", "SAMPLE01"  # any barcode can carry it
REASONS = {"expired": Reason.EXPIRED, "sold_out": Reason.SOLD_OUT}
FACES = ("open", "waiting", "redeemed", "verified", *REASONS)


def page(campaign: Campaign, face: str, language: str, now: datetime) -> str:
    """The page as HTML, in one of FACES, for a contact of `language`. The campaign need not be stored.

    Call it in a request of a view whose arguments have a `token`, as the page's own have: its links are made of it.
    """
    reason = REASONS.get(face)
    is_redeemed = face in {State.REDEEMED, State.VERIFIED}
    counts_now = is_redeemed or campaign.expires_from == "sending"
    expires_at = now + timedelta(seconds=campaign.expires_after_seconds) if counts_now else None
    if reason is Reason.EXPIRED:
        expires_at = now - timedelta(seconds=1)
    view = CouponView(
        coupon_id=0,
        campaign=campaign,
        language=language,
        reference=REFERENCE,
        state=State.REFUSED if reason else State(face),
        reason=reason,
        serial=SERIAL if is_redeemed else None,
        expires_at=expires_at,
        sent_at=now,
        redeemed_at=now if is_redeemed else None,
        verified_at=now if face == State.VERIFIED else None,
        stores=campaign.stores,
    )
    return views.page_of(view).get_data(as_text=True)
