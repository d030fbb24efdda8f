"""What the bot says, before any channel's shape: one message and its parts.

How LINE or Messenger shows it is `bot/channels/`' work; nothing here knows a platform.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Button:
    """A button under a message: opens `url`, or sends `postback` back to the bot (exactly one of the two is set)."""

    label: str
    url: str = ""
    postback: str = ""


@dataclass(frozen=True)
class Message:
    """One thing said: a text, a picture, buttons under them, and quick replies (`choices`) offered with it.

    A choice's label is sent back as the customer's own words when tapped.
    """

    text: str = ""
    title: str = ""
    image_url: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[str, ...] = ()
