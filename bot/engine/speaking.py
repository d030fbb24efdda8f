"""From what a step says to a message: texts chosen and filled in, everything else as the file names it."""

from collections.abc import Callable

from bot.engine.events import CouponSent
from bot.language import texts
from bot.language.model import Asking, Button, Saying, Sending, Words
from bot.messages import Button as ShownButton
from bot.messages import Card, Message

Fill = Callable[[Words], str]  # the text in the contact's language, filled in


def said(saying: Saying, words: Words, fill: Fill) -> Message:
    """What a `say` says, with one of its texts."""
    choices = tuple(fill(choice) for choice in saying.choices)
    if isinstance(saying.flex, dict):
        return Message(flex=texts.each_filled(saying.flex, fill), alt_text=fill(words), choices=choices)
    cards = tuple(
        Card(fill(card.title), fill(card.text), card.image, _buttons(card.buttons, fill)) for card in saying.cards
    )
    return Message(
        text=fill(words),
        title=fill(saying.title),
        image_url=saying.image,
        buttons=_buttons(saying.buttons, fill),
        choices=choices,
        video_url=saying.video,
        preview_url=saying.preview,
        cards=cards,
    )


def question(asked: Asking, words: Words, fill: Fill) -> Message:
    """A question, in its own words or those that are said when an answer did not fit."""
    choices = tuple(fill(choice.label) for choice in asked.choices)
    return Message(text=fill(words), image_url=asked.image, choices=choices)


def coupon(sending: Sending, sent: CouponSent, fill: Fill) -> Message:
    """A coupon that was sent, with the step's picture or the campaign's, and the button that opens its page."""
    button, image = ShownButton(fill(sending.button), url=sent.url), sending.image or sent.image_url
    return Message(text=fill(sending.text), title=sent.name, image_url=image, buttons=(button,))


def _buttons(buttons: tuple[Button, ...], fill: Fill) -> tuple[ShownButton, ...]:
    return tuple(ShownButton(fill(button.label), fill(button.url), button.postback) for button in buttons)
