"""What the bot says, before any channel's shape: one message and its parts.

How LINE or Messenger shows it is `bot/channels/`' work; nothing here knows a platform.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Button:
    """A button under a message: opens `url`, or sends `postback` back to the bot (exactly one of the two is set)."""

    label: str
    url: str = ""
    postback: str = ""


@dataclass(frozen=True)
class Card:
    """One of several things shown side by side: a picture, a title, a text, and its own buttons."""

    title: str = ""
    text: str = ""
    image_url: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Message:
    """One thing said: a video, a picture, a text, buttons under them, cards, and quick replies (`choices`) under all.

    A choice's label is sent back as the customer's own words when tapped. `preview_url` is the picture that stands for
    the video until it plays. `flex` is a LINE Flex container (a bubble or a carousel); `alt_text` says in words what it
    shows, where a Flex message cannot be seen: in a notification, in another channel.
    """

    text: str = ""
    title: str = ""
    image_url: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[str, ...] = ()
    video_url: str = ""
    preview_url: str = ""
    cards: tuple[Card, ...] = ()
    flex: dict[str, Any] | None = field(default=None, hash=False)
    alt_text: str = ""
