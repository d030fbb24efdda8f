"""The chat channels, one package each with the same names in it; `CHANNELS` finds one by its name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from bot.channels import line, messenger
from bot.channels.limits import Limit
from bot.channels.webhooks import Read
from bot.events import Inbound
from bot.messages import Message


class Channel(Protocol):
    """What a channel's package offers, besides its sender."""

    NAME: str
    LIMITS: Mapping[str, Limit]

    def verify(self, body: bytes, signature: str | None, secret: str) -> bool:
        """Whether the platform signed this raw body."""
        ...

    def read(self, body: bytes) -> list[Read]:
        """Every event of a webhook's body; raises UnreadableBody where it is no JSON object."""
        ...

    def read_event(self, raw: dict[str, Any]) -> Inbound:
        """One stored raw event, read as `read` did."""
        ...

    def render(self, message: Message) -> list[dict[str, Any]]:
        """The message in the platform's shape, never beyond its limits."""
        ...


CHANNELS: Mapping[str, Channel] = MappingProxyType({line.NAME: line, messenger.NAME: messenger})
