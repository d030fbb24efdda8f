"""What a flow may know of the contact, and the shop it talks to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

CouponStatus = Literal["none", "sent", "opened", "redeemed", "verified", "expired"]


@dataclass(frozen=True)
class Contact:
    """The contact now. `coupons`: a campaign's slug and the status of the newest coupon ("none" may be left out).

    `timezone` is the shop's: times of day in a flow are meant there.
    """

    name: str
    language: str
    channel: str
    tags: frozenset[str]
    shop: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_member: bool = False
    coupons: Mapping[str, CouponStatus] = field(default_factory=dict)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
