"""What the engine asks for: the caller carries each effect out, in order, in the transaction that keeps the state.

`version_id` is the version of the called flow that an effect comes from; 0: the flow that the conversation is in.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.engine.events import Happening
from bot.messages import Message


@dataclass(frozen=True)
class Say:
    """Say this. Pictures are named as in the flow's file, beside which they were stored."""

    message: Message
    version_id: int = 0


@dataclass(frozen=True)
class SendCoupon:
    """Send a coupon of this campaign, and come back with CouponSent or CouponRefused."""

    campaign: str
    version_id: int = 0


@dataclass(frozen=True)
class Tag:
    """Give the contact a tag."""

    name: str


@dataclass(frozen=True)
class Untag:
    """Take a tag away."""

    name: str


@dataclass(frozen=True)
class SetAttribute:
    """Keep a value with the contact, in the place of an earlier one of this name; at most 500 characters."""

    name: str
    value: str


@dataclass(frozen=True)
class HandOver:
    """A person answers from here on."""

    reason: str


@dataclass(frozen=True)
class NotifyStaff:
    """Tell the staff; at most 500 characters. The conversation goes on."""

    text: str


@dataclass(frozen=True)
class Wait:
    """Keep the contact's one wait, in the place of any other: come back with Due at `until`, or before with Happened.

    `until` None: only Happened ends it. `happens` empty: only Due does. What happens is looked for at the contact's
    newest coupon of `campaign`. A turn without a Wait leaves none.
    """

    until: datetime | None
    happens: tuple[Happening, ...] = ()
    campaign: str = ""


Effect = Say | SendCoupon | Tag | Untag | SetAttribute | HandOver | NotifyStaff | Wait
