"""What is said in a chat, as a person sees it, whatever the channel; and what a channel can be asked about it.

The channels themselves are `bot/`' business; `app.py` hands their `Chats` to whoever reads or writes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Said:
    """What a customer did: `kind` as in `bot.events.Inbound`, its words, and what else came ('image', 'sticker', ...).

    `data` is what no customer sees: a button's postback, a link's ref.
    """

    kind: str
    words: str = ""
    data: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownButton:
    """A button as it is shown; `url` is empty where it answers the bot."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Shown:
    """One message of the shop: texts, pictures by address, buttons, quick replies, and cards side by side.

    `media` names what is neither text nor picture ('video', 'flex', ...).
    """

    text: str = ""
    title: str = ""
    image_url: str = ""
    link_url: str = ""
    media: str = ""
    buttons: tuple[ShownButton, ...] = ()
    choices: tuple[str, ...] = ()
    cards: tuple["Shown", ...] = ()


@dataclass(frozen=True)
class Offer:
    """A coupon in a message: words around it, its campaign's name, and the button that opens its page."""

    text: str
    title: str
    image_url: str
    button: str
    url: str


class Chats(Protocol):
    """What the channels know of chats, by the channel's name."""

    def said(self, channel: str, body: dict[str, Any]) -> Said:
        """A stored event, read."""
        ...

    def shown(self, channel: str, payload: dict[str, Any]) -> Shown:
        """A stored message, as the customer sees it."""
        ...

    def written(self, channel: str, text: str) -> Sequence[dict[str, Any]]:
        """A text as the channel's messages."""
        ...

    def offered(self, channel: str, offer: Offer) -> Sequence[dict[str, Any]]:
        """A coupon as the channel's messages."""
        ...

    def window(self, channel: str) -> timedelta | None:
        """For how long after a contact's last act it may be written to; None: always."""
        ...
