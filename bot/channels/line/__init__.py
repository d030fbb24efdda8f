"""LINE: webhooks in, message objects out."""

from bot.channels.line.flex import problems as flex_problems
from bot.channels.line.limits import LIMITS
from bot.channels.line.rates import RATES, counted_as
from bot.channels.line.rendering import render
from bot.channels.line.sender import Line
from bot.channels.line.showing import hear, show
from bot.channels.line.webhook import read, read_event, verify

NAME = "line"

__all__ = [
    "LIMITS",
    "NAME",
    "RATES",
    "Line",
    "counted_as",
    "flex_problems",
    "hear",
    "read",
    "read_event",
    "render",
    "show",
    "verify",
]
