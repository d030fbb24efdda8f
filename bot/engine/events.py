"""What the engine is told: the customer said something, a coupon was sent or refused, a wait is over."""

from dataclasses import dataclass
from typing import Literal

from core.reasons import Reason

Happening = Literal["opened", "redeemed", "verified"]


@dataclass(frozen=True)
class Started:
    """The flow begins."""


@dataclass(frozen=True)
class Said:
    """The customer wrote, or tapped a quick reply, which is the same."""

    text: str


@dataclass(frozen=True)
class CouponSent:
    """The coupon that the flow asked for was made. `expires` is for people; empty where it counts from redemption."""

    name: str
    url: str
    image_url: str
    expires: str


@dataclass(frozen=True)
class CouponRefused:
    """The coupon that the flow asked for was not made."""

    reason: Reason


@dataclass(frozen=True)
class Due:
    """The time of the last Wait has come. Told too early, or where nothing waits, it changes nothing."""


@dataclass(frozen=True)
class Happened:
    """Something was done with the coupon of the last Wait's campaign."""

    what: Happening


Event = Started | Said | CouponSent | CouponRefused | Due | Happened
