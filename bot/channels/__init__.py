"""The chat channels, one package each with the same names in it; `CHANNELS` finds one by its name."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol

from bot.channels import line, messenger
from bot.channels.delivery import Sender
from bot.channels.limits import Limit
from bot.channels.messenger import versions
from bot.channels.reading import Read
from bot.events import Inbound
from bot.messages import Message
from core.speech import Said, Shown
from settings import Settings


class Channel(Protocol):
    """What a channel's package offers, besides its sender."""

    NAME: str
    LIMITS: Mapping[str, Limit]
    RATES: Mapping[str, Limit]

    def verify(self, body: bytes, signature: str | None, secret: str) -> bool:
        """Whether the platform signed this raw body."""
        ...

    def read(self, body: bytes) -> list[Read]:
        """Every event of a webhook's body; raises UnreadableBody where it is no JSON object."""
        ...

    def read_event(self, raw: dict[str, Any]) -> Inbound:
        """One stored raw event, read as `read` did."""
        ...

    def hear(self, raw: dict[str, Any]) -> Said:
        """One stored raw event, as a person reads it."""
        ...

    def show(self, payload: dict[str, Any]) -> Shown:
        """A stored message object, as the customer sees it."""
        ...

    def render(self, message: Message) -> list[dict[str, Any]]:
        """The message in the platform's shape, never beyond its limits."""
        ...

    def counted_as(self, payloads: Sequence[dict[str, Any]], *, is_reply: bool) -> str:
        """By which of its RATES the platform counts a request with these message objects."""
        ...


CHANNELS: Mapping[str, Channel] = MappingProxyType({line.NAME: line, messenger.NAME: messenger})


def senders(settings: Settings) -> dict[str, Sender]:
    """The ways out, by channel, of a process that sends; a channel without an access token has none."""
    found: dict[str, Sender] = {}
    if settings.line_channel_access_token:
        found[line.NAME] = line.Line(settings.line_api_url, settings.line_channel_access_token)
    if settings.messenger_page_token:
        found[messenger.NAME] = messenger.Messenger(
            settings.messenger_api_url,
            settings.messenger_page_token,
            settings.messenger_app_secret,
            settings.messenger_api_version,
        )
    return found


def load_clients(ways: Iterable[str]) -> None:
    """Load what requests to these channels need: of LINE, its SDK, for 1.5 s that no customer should wait for."""
    for channel in ways:
        import_module(f"bot.channels.{channel}.api")


def rates(settings: Settings) -> dict[tuple[str, str], int]:
    """How many requests a second each channel may be sent, by the channel's name and what its platform counts alone."""
    return {
        (line.NAME, "reply"): settings.line_rate,
        (line.NAME, "push"): settings.line_rate,
        (messenger.NAME, "message"): settings.messenger_rate,
        (messenger.NAME, "video"): settings.messenger_video_rate,
    }


def warnings(settings: Settings, today: date) -> list[str]:
    """What an operator should mend of the channels that are set up, before it stops working."""
    found = versions.warning(settings.messenger_api_version, today) if settings.messenger_page_token else ""
    return [found] if found else []
