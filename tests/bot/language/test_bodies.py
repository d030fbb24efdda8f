"""Whatever the page's examples and generated flows say, LINE and Messenger take it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from bot import engine
from bot.channels import line, messenger
from bot.engine import Say, Started, Turn
from bot.language.model import Flow
from bot.messages import Message
from tests.bot.channels import test_line_conformance, test_messenger_rendering
from tests.bot.language.test_docs import ALEX, EXAMPLES, MEI, NOW, read, turns
from tests.bot.test_generated_talks import TALKS, said

PICTURE = "https://shop.example/images/1"


def messages(turn: Turn) -> list[Message]:
    """What the turn says, with addresses in the place of pictures' names, as the conversation puts them there."""
    spoken = [effect.message for effect in turn.effects if isinstance(effect, Say)]
    return [
        replace(
            message,
            image_url=message.image_url and PICTURE,
            preview_url=message.preview_url and PICTURE,
            cards=tuple(replace(card, image_url=card.image_url and PICTURE) for card in message.cards),
        )
        for message in spoken
    ]


def judge(message: Message) -> None:
    assert test_line_conformance.errors(line.render(message)) == []
    test_messenger_rendering.check(messenger.render(message))


@pytest.mark.parametrize("contact", [MEI, ALEX], ids=["Mei", "Alex"])
@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0].strip() for example in EXAMPLES])
def test_what_an_example_says_is_taken(example: str, contact: engine.Contact) -> None:
    shown = [each for turn in turns(read(example), engine.begin(), Started(), contact, NOW) for each in messages(turn)]
    assert shown or contact is ALEX  # one example says something in LINE only
    for message in shown:
        judge(message)


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(*TALKS)
def test_what_a_generated_flow_says_is_taken(
    made: tuple[Flow, set[str]], numbers: list[int], contact: engine.Contact, luck: int
) -> None:
    for message in said(made, numbers, contact, luck):
        judge(message)
