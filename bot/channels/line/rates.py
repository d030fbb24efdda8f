"""How many requests a second LINE takes from a channel: a bucket of tokens for each endpoint, of a size not told."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.channels.limits import Limit

REFERENCE = "https://developers.line.biz/en/reference/messaging-api/#rate-limits"

RATES: Mapping[str, Limit] = MappingProxyType(
    {
        "reply": Limit(2000, "requests a second", REFERENCE, date(2026, 8, 7)),
        "push": Limit(2000, "requests a second", REFERENCE, date(2026, 8, 7)),
    },
)


def counted_as(payloads: Sequence[dict[str, Any]], *, is_reply: bool) -> str:  # noqa: ARG001 (as every channel's)
    """By which of `RATES` LINE counts a request with these message objects."""
    return "reply" if is_reply else "push"
