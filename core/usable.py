"""Where and from when a campaign's coupons are honoured: one rule for every counter, POS machine and page."""

from collections.abc import Collection
from datetime import datetime

from core.reasons import Reason
from db.tables import Campaign


def refusal(campaign: Campaign, stores: Collection[int], store_id: int | None, at: datetime) -> Reason | None:
    """Why a coupon of the campaign is not honoured at `at` in the store `store_id`, or None where it is.

    `stores` are those of the campaign's CampaignStore rows; where there are none, all count. `store_id` is None where
    nobody knows the store, as on a customer's own page: then no store is refused. What never changes comes before what
    time brings: ONLINE_STORE_ONLY, OTHER_STORE_ONLY, NOT_YET_VALID (before `used_from`).
    """
    if campaign.used_in == "online":
        return Reason.ONLINE_STORE_ONLY
    if stores and store_id is not None and store_id not in stores:
        return Reason.OTHER_STORE_ONLY
    return Reason.NOT_YET_VALID if campaign.used_from and at < campaign.used_from else None
