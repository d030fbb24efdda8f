"""Buttons templates and carousels: what is said over buttons, alone or side by side, within LINE's limits."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.channels import wording
from bot.channels.limits import ELLIPSIS
from bot.channels.line.actions import action, can_show, media
from bot.channels.line.limits import LIMITS
from bot.messages import Button, Card, Message

_Thing = TypeVar("_Thing")


def texts(words: str) -> list[dict[str, Any]]:
    """The words as text messages; none where there are none."""
    return [{"type": "text", "text": piece} for piece in LIMITS["text"].split(words)]


def picture(address: str) -> list[dict[str, Any]]:
    """An image message, or nothing where LINE would refuse the address."""
    found = media(address)
    return [{"type": "image", "originalContentUrl": found, "previewImageUrl": found}] if found else []


def buttons_templates(said: Message | Card, buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Templates of up to 4 actions each; the whole text goes before where the first cannot hold it."""
    image = media(said.image_url)
    title, body = wording.headed(said, buttons)
    limit = LIMITS["card_text" if image or title else "button_text"]
    fits = limit.allows(body) and LIMITS["title"].allows(title)
    first = _column(image, LIMITS["title"].cut(title), limit.cut(body))
    alt_text = _alt_text((title, body))
    shown = [
        _template(alt_text, {"type": "buttons", **({"text": ELLIPSIS} if place else first), "actions": _actions(group)})
        for place, group in enumerate(_groups(buttons, LIMITS["buttons"].size))
    ]
    return shown if fits else [*texts(wording.spoken(said)), *shown]


def carousels(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """Cards side by side: neighbours of one shape in a carousel of up to 10, a lone one as buttons template.

    LINE wants the columns of a carousel alike: all with an image or none, all with a title or none, the same number
    of actions. A card without a button that LINE takes cannot be a column; it becomes a picture and a text.
    """
    objects: list[dict[str, Any]] = []
    slices = [part for card in cards for part in _slices(card)]
    for shape, run in itertools.groupby(slices, key=lambda part: part.shape):
        alike = list(run)
        if not shape[-1]:
            objects += [each for part in alike for each in (*picture(part.card.image_url), *texts(part.words))]
            continue
        for group in _groups(alike, LIMITS["cards"].size):
            objects += _carousel(group) if len(group) > 1 else buttons_templates(group[0].card, group[0].card.buttons)
    return objects


@dataclass(frozen=True)
class _Slice:
    """A card, or a further part of one with more than 3 buttons, with only buttons that LINE takes."""

    card: Card
    words: str

    @property
    def shape(self) -> tuple[bool, bool, int]:
        """What must be alike in a carousel."""
        title, _ = wording.headed(self.card, self.card.buttons)
        return bool(media(self.card.image_url)), bool(title), len(self.card.buttons)


def _slices(card: Card) -> Iterator[_Slice]:
    buttons = [button for button in card.buttons if can_show(button)]
    written = wording.written(button for button in card.buttons if not can_show(button))
    if not buttons:
        words = "\n".join(filter(None, (wording.spoken(card), written)))
        if words.strip() or media(card.image_url):
            yield _Slice(Card(image_url=card.image_url), words)
        elif card.image_url.strip():
            yield _Slice(Card(), card.image_url)
        return
    if written:
        yield _Slice(Card(), "\n".join(filter(None, (card.title.strip(), written))))
    for place, group in enumerate(_groups(buttons, LIMITS["card_buttons"].size)):
        text = card.title.strip() or card.text.strip() or ELLIPSIS
        further = Card(text=LIMITS["plain_card_text"].cut(text))
        shown = further if place else Card(card.title, card.text, card.image_url)
        yield _Slice(Card(shown.title, shown.text, shown.image_url, tuple(group)), "")


def _carousel(group: Sequence[_Slice]) -> list[dict[str, Any]]:
    columns, before, heads = [], [], []
    for part in group:
        image = media(part.card.image_url)
        title, body = wording.headed(part.card, part.card.buttons)
        limit = LIMITS["card_text" if image or title else "plain_card_text"]
        if not (limit.allows(body) and LIMITS["title"].allows(title)):
            before += texts(wording.spoken(part.card))
        heads.append(title or body)
        column = _column(image, LIMITS["title"].cut(title), limit.cut(body))
        columns.append({**column, "actions": _actions(part.card.buttons)})
    return [*before, _template(_alt_text(heads), {"type": "carousel", "columns": columns})]


def _column(image: str, title: str, text: str) -> dict[str, str]:
    column = {"text": text or ELLIPSIS}
    if title:
        column["title"] = title
    if image:
        column["thumbnailImageUrl"] = image
    return column


def _template(alt_text: str, template: dict[str, Any]) -> dict[str, Any]:
    return {"type": "template", "altText": alt_text, "template": template}


def _alt_text(words: Iterable[str]) -> str:
    return LIMITS["alt_text"].cut("\n".join(filter(None, words)) or ELLIPSIS)


def _actions(buttons: Iterable[Button]) -> list[dict[str, Any]]:
    return [action(button) for button in buttons]


def _groups(things: Sequence[_Thing], size: int) -> list[Sequence[_Thing]]:
    return [things[at : at + size] for at in range(0, len(things), size)]
