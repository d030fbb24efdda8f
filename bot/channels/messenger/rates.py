"""How many calls a second the Send API takes from a Page. Beside them Meta counts by day and by conversation."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.channels.limits import Limit

SOURCE = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting"

# Meta names texts, links, reactions and stickers, and then audio and video; pictures and templates count as the first.
RATES: Mapping[str, Limit] = MappingProxyType(
    {
        "message": Limit(300, "requests a second", SOURCE, date(2026, 3, 23)),
        "video": Limit(10, "requests a second", SOURCE, date(2026, 3, 23)),
    },
)
_SLOW = {"audio", "video"}


def counted_as(payloads: Sequence[dict[str, Any]], *, is_reply: bool) -> str:  # noqa: ARG001 (as every channel's)
    """By which of `RATES` Meta counts a call with these message objects."""
    return "video" if any(_kind(payload) in _SLOW for payload in payloads) else "message"


def _kind(payload: dict[str, Any]) -> object:
    attachment = payload.get("attachment")
    return attachment.get("type") if isinstance(attachment, dict) else None
