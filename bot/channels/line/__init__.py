"""LINE: webhooks in, message objects out."""

from bot.channels.line.flex import problems as flex_problems
from bot.channels.line.limits import LIMITS
from bot.channels.line.rendering import render
from bot.channels.line.sender import Line
from bot.channels.line.webhook import read, read_event, verify

NAME = "line"

__all__ = ["LIMITS", "NAME", "Line", "flex_problems", "read", "read_event", "render", "verify"]
