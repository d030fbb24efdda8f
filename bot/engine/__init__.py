"""The flow engine: a pure function of flow, state, event, contact, moment and the other flows."""

from bot.engine.contact import Contact, CouponStatus
from bot.engine.effects import Effect, HandOver, NotifyStaff, Say, SendCoupon, SetAttribute, Tag, Untag, Wait
from bot.engine.events import CouponRefused, CouponSent, Due, Event, Happened, Happening, Said, Started
from bot.engine.failure import FlowFailure
from bot.engine.library import Library, NoLibrary
from bot.engine.turn import MAX_STEPS, Turn, advance, begin, fits

__all__ = [
    "MAX_STEPS",
    "Contact",
    "CouponRefused",
    "CouponSent",
    "CouponStatus",
    "Due",
    "Effect",
    "Event",
    "FlowFailure",
    "HandOver",
    "Happened",
    "Happening",
    "Library",
    "NoLibrary",
    "NotifyStaff",
    "Said",
    "Say",
    "SendCoupon",
    "SetAttribute",
    "Started",
    "Tag",
    "Turn",
    "Untag",
    "Wait",
    "advance",
    "begin",
    "fits",
]
