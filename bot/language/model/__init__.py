"""A flow as a marketer's file says it: what starts it, and its steps."""

from bot.language.model.asking import Asking, Choice, Timeout, Tries
from bot.language.model.condition import Condition
from bot.language.model.flow import Flow
from bot.language.model.parts import LANGUAGE, Part, Words
from bot.language.model.saying import Button, Card, Saying
from bot.language.model.start import Audience, Start
from bot.language.model.steps import (
    KINDS,
    AnyStep,
    Ask,
    Branch,
    Call,
    End,
    Go,
    HandOver,
    If,
    Notify,
    Random,
    Refusals,
    Say,
    SendCoupon,
    Sending,
    Set,
    Step,
    TagStep,
    Untag,
    Wait,
    kind_of,
)
from bot.language.model.waiting import Waiting

# What stands within a step, by the step's kind or by the part's own name.
INSIDE: dict[str, type[Part]] = {
    "say": Saying,
    "ask": Asking,
    "send_coupon": Sending,
    "if": Condition,
    "wait": Waiting,
}

__all__ = [
    "INSIDE",
    "KINDS",
    "LANGUAGE",
    "AnyStep",
    "Ask",
    "Asking",
    "Audience",
    "Branch",
    "Button",
    "Call",
    "Card",
    "Choice",
    "Condition",
    "End",
    "Flow",
    "Go",
    "HandOver",
    "If",
    "Notify",
    "Part",
    "Random",
    "Refusals",
    "Say",
    "Saying",
    "SendCoupon",
    "Sending",
    "Set",
    "Start",
    "Step",
    "TagStep",
    "Timeout",
    "Tries",
    "Untag",
    "Wait",
    "Waiting",
    "Words",
    "kind_of",
]
