"""Button and generic templates: what Messenger shows over buttons, alone or side by side, within its limits."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.channels import addresses, wording
from bot.channels.limits import ELLIPSIS
from bot.channels.messenger.limits import LIMITS
from bot.messages import Button, Card, Message

_WEB = frozenset({"http", "https"})


def texts(words: str) -> list[dict[str, Any]]:
    """The words as text messages; none where there are none."""
    return [{"text": piece} for piece in LIMITS["text"].split(words)]


def media(address: str) -> str:
    """A picture's or video's address as Messenger takes it; empty where it would refuse it."""
    found = addresses.encoded(address)
    return found if addresses.scheme(found) in _WEB else ""


def attachment(kind: str, address: str) -> dict[str, Any]:
    """A picture or video by its address."""
    return {"attachment": {"type": kind, "payload": {"url": address}}}


def can_show(button: Button) -> bool:
    """Whether Messenger takes the button; one that opens what Messenger does not open is written out instead."""
    return not button.url or addresses.scheme(addresses.encoded(button.url)) in _WEB


def button_templates(said: Message | Card, buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Templates of up to 3 buttons each; the whole text goes before where the first cannot hold it.

    With an image, or a title and a text, the first is a card; its title is required, so a lone text is the title.
    """
    image, (title, body) = media(said.image_url), wording.headed(said, buttons)
    first, *others = _groups(buttons, LIMITS["buttons"].size)
    if image or title:
        shown, fits = _element(image, title, body)
        templates = [_generic([{**shown, "buttons": _shown(first)}])]
    else:
        templates, fits = [_buttons(body, first)], LIMITS["button_text"].allows(body)
    templates += [_buttons(ELLIPSIS, group) for group in others]
    return templates if fits else [*texts(wording.spoken(said)), *templates]


def generic_templates(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """Cards side by side, up to 10 a template. What a card cannot hold is said whole before the template it is in.

    An element needs a title and something beside it: a card of nothing but words, or nothing but a picture, is a
    message of its own, after the template before it.
    """
    objects: list[dict[str, Any]] = []
    before: list[dict[str, Any]] = []
    elements: list[dict[str, Any]] = []
    for card in cards:
        words, parts = _card(card)
        if not parts or len(elements) + len(parts) > LIMITS["cards"].size:
            objects += [*before, *_generics(elements)]
            before, elements = [], []
        before += words
        elements += parts
    return [*objects, *before, *_generics(elements)]


def _card(card: Card) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is said before, and the card's elements: a further one for each further 3 buttons."""
    buttons = [button for button in card.buttons if can_show(button)]
    written = wording.written(button for button in card.buttons if not can_show(button))
    image = media(card.image_url)
    if not (image or buttons):
        words = "\n".join(filter(str.strip, (card.title, card.text, written)))
        return texts(words or card.image_url), []
    if image and not (buttons or wording.spoken(card)):
        return [*texts(written), attachment("image", image)], []
    title, body = wording.headed(card, buttons)
    shown, fits = _element(image, title, body)
    name = card.title.strip()
    words = "" if fits else wording.spoken(card)
    said = "\n".join(filter(None, (words or (name if written else ""), written)))
    first, *others = _groups(buttons, LIMITS["card_buttons"].size) or [[]]
    further = LIMITS["title"].cut(name or card.text.strip() or ELLIPSIS)
    elements = [{**shown, "buttons": _shown(first)} if first else shown]
    return texts(said), [*elements, *({"title": further, "buttons": _shown(group)} for group in others)]


def _element(image: str, title: str, body: str) -> tuple[dict[str, Any], bool]:
    """A generic template's element, and whether it says everything. Without a title the text is the title."""
    title, subtitle = (title, body) if title else (body, "")
    element = {"title": LIMITS["title"].cut(title)}
    if subtitle:
        element["subtitle"] = LIMITS["card_text"].cut(subtitle)
    if image:
        element["image_url"] = image
    return element, LIMITS["title"].allows(title) and LIMITS["card_text"].allows(subtitle)


def _generics(elements: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for group in _groups(elements, LIMITS["cards"].size):
        yield _generic(group)


def _generic(elements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return _template({"template_type": "generic", "elements": list(elements)})


def _buttons(words: str, buttons: Sequence[Button]) -> dict[str, Any]:
    text = LIMITS["button_text"].cut(words)
    return _template({"template_type": "button", "text": text, "buttons": _shown(buttons)})


def _template(payload: dict[str, Any]) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


def _shown(buttons: Iterable[Button]) -> list[dict[str, Any]]:
    return [_button(button) for button in buttons]


def _button(button: Button) -> dict[str, Any]:
    """A postback whose data Messenger would refuse sends its label instead."""
    title = LIMITS["button_label"].cut(wording.label(button.label))
    if button.url:
        return {"type": "web_url", "url": addresses.encoded(button.url), "title": title}
    is_usable = button.postback and LIMITS["postback"].allows(button.postback)
    payload = button.postback if is_usable else LIMITS["choice_text"].cut(wording.label(button.label))
    return {"type": "postback", "title": title, "payload": payload}


def _groups(things: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [things[at : at + size] for at in range(0, len(things), size)]
