"""Whether a redeemed coupon is honoured in a store at a moment: the one rule of every counter, POS machine and page."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from core import usable
from core.reasons import Reason
from db.tables import Campaign, Redemption, Store

CLOCKS_DIFFER = timedelta(minutes=5)  # as far apart as two clocks may be that are both thought right
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # that is kept of any device


def refusal(
    given: Redemption,
    campaign: Campaign,
    stores: Collection[int],
    store: Store | None,
    at: datetime,
    *,
    is_verified: bool,
) -> Reason | None:
    """Why it is not honoured at `at` in `store` (None where nobody knows it, as on a customer's page), or None.

    `stores` are the campaign's, none: all. What is the matter with the coupon comes before what is with the store, and
    what time will mend comes last: ALREADY_VERIFIED, EXPIRED, STORE_CLOSED, ONLINE_STORE_ONLY, OTHER_STORE_ONLY,
    NOT_YET_VALID.
    """
    if is_verified:
        return Reason.ALREADY_VERIFIED
    if given.expires_at and at >= given.expires_at:
        return Reason.EXPIRED
    return usable.refusal(campaign, stores, store, at)


def sensible(device_at: datetime) -> datetime:
    """What a device says that it was, as it is kept: the nearest time of those that every page can show.

    A device can say the year 1 or 9999, which lies outside of the calendar in the next zone.
    """
    return min(max(device_at, EARLIEST), LATEST).astimezone(UTC)


def decisive(device_at: datetime | None, redeemed_at: datetime, now: datetime) -> datetime:
    """The time that counts: the device's own, which is final, unless it cannot be right.

    It cannot be in the future, nor before the redemption, by more than clocks differ: then the server's counts. Within
    that a verification is at the earliest when the coupon was redeemed.
    """
    if device_at is None or not redeemed_at - CLOCKS_DIFFER <= device_at <= now + CLOCKS_DIFFER:
        device_at = now
    return max(device_at, redeemed_at)
