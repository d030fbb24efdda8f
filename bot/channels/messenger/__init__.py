"""Messenger: webhooks in, Send API messages out."""

from bot.channels.messenger.limits import LIMITS
from bot.channels.messenger.rates import RATES, counted_as
from bot.channels.messenger.rendering import render
from bot.channels.messenger.sender import Messenger
from bot.channels.messenger.showing import hear, show
from bot.channels.messenger.webhook import read, read_event, verify

NAME = "messenger"

__all__ = [
    "LIMITS",
    "NAME",
    "RATES",
    "Messenger",
    "counted_as",
    "hear",
    "read",
    "read_event",
    "render",
    "show",
    "verify",
]
