"""Chats for people to read and write in: what `core.speech.Chats` asks, answered by the channels."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.channels import CHANNELS
from bot.channels.ways import WAYS
from bot.messages import Button, Message
from core.speech import Offer, Said, Shown


def said(channel: str, body: dict[str, Any]) -> Said:
    """A stored event, read."""
    return CHANNELS[channel].hear(body)


def shown(channel: str, payload: dict[str, Any]) -> Shown:
    """A stored message, as the customer sees it."""
    return CHANNELS[channel].show(payload)


def written(channel: str, text: str) -> Sequence[dict[str, Any]]:
    """A text as the channel's messages."""
    return CHANNELS[channel].render(Message(text=text))


def offered(channel: str, offer: Offer) -> Sequence[dict[str, Any]]:
    """A coupon as the channel's messages."""
    button = Button(offer.button, url=offer.url)
    message = Message(text=offer.text, title=offer.title, image_url=offer.image_url, buttons=(button,))
    return CHANNELS[channel].render(message)


def window(channel: str) -> timedelta | None:
    """For how long after a contact's last act it may be written to; None: always."""
    return WAYS[channel].window
