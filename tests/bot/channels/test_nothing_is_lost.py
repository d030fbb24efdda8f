"""What a flow says arrives whole in every channel, in whatever shape: words, choices, and where buttons lead."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from bot.channels import CHANNELS, addresses
from bot.messages import Message
from tests.bot.channels.samples import ANY_MESSAGE, SAMPLES


def strings(found: object) -> Iterator[str]:
    """Every text of a payload, in its order."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for part in found:
            yield from strings(part)
    elif isinstance(found, dict):
        for name, part in found.items():
            yield from strings(part) if name != "type" else ()


def closed_up(words: str) -> str:
    """Without white space, at which a long text may be broken into several."""
    return re.sub(r"\s+", "", words)


def said(message: Message) -> Iterator[str]:
    yield from (message.title, message.text)
    for card in message.cards:
        yield from (card.title, card.text)


def missing(message: Message, payloads: list[dict[str, Any]]) -> list[str]:
    whole = closed_up("".join(strings(payloads)))
    spoken = "".join(closed_up(words) for payload in payloads for words in (payload.get("text"),) if words)
    lost = [words for words in said(message) if closed_up(words) not in whole and closed_up(words) not in spoken]
    lost += [choice for choice in message.choices if closed_up(choice[:100]) not in whole]  # a tap says up to 300 units
    buttons = (*message.buttons, *(button for card in message.cards for button in card.buttons))
    for url in (*(button.url for button in buttons), message.video_url):
        shown = addresses.encoded(url)
        if closed_up(url) not in whole and (not shown or shown not in whole):
            lost.append(url)
    return lost


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_sample_arrives_whole(name: str, message: Message) -> None:
    assert missing(message, CHANNELS[name].render(message)) == []


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(ANY_MESSAGE)
def test_any_message_arrives_whole(message: Message) -> None:
    for channel in CHANNELS.values():
        assert missing(message, channel.render(message)) == []


def test_a_loss_would_be_seen() -> None:
    message = Message("all of it", choices=("this", "that"))
    assert missing(message, [{"text": "all", "quick_replies": [{"title": "this"}]}]) == ["all of it", "that"]
