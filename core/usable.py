"""Where and from when a campaign's coupons are honoured: one rule for every counter, POS machine and page."""

from collections.abc import Collection
from datetime import datetime

from core.reasons import Reason
from db.tables import Campaign, Store


def refusal(campaign: Campaign, stores: Collection[int], store: Store | None, at: datetime) -> Reason | None:
    """Why a coupon of the campaign is not honoured at `at` in `store`, or None where it is.

    `stores` are those of the campaign's CampaignStore rows; where there are none, all count. `store` is None where
    nobody knows it, as on a customer's own page: then no store is refused. What never changes comes before what time
    brings: STORE_CLOSED, ONLINE_STORE_ONLY, OTHER_STORE_ONLY, NOT_YET_VALID (before `used_from`).
    """
    if store and store.closed_at and at >= store.closed_at:
        return Reason.STORE_CLOSED
    if campaign.used_in == "online":
        return Reason.ONLINE_STORE_ONLY
    if stores and store and store.id not in stores:
        return Reason.OTHER_STORE_ONLY
    return Reason.NOT_YET_VALID if campaign.used_from and at < campaign.used_from else None
