"""A message as the customer sees it: read back from what LINE or Messenger would get, so that no cut goes unseen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.channels import CHANNELS
from bot.channels.limits import ELLIPSIS
from bot.messages import Button, Message

# Where a picture beside the flow's file would be: platforms take addresses only.
PICTURES = "https://pictures.example/"

Payload = Mapping[str, Any]


class Seen(BaseModel):
    """One message: its words, its pictures and videos, its buttons, and the quick replies under it.

    A button with neither `url` nor `postback` says its label. `choices` maps each label to what a tap on it says.
    """

    model_config = ConfigDict(frozen=True)

    title: str = ""
    text: str = ""
    images: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    choices: dict[str, str] = {}

    @property
    def is_anything(self) -> bool:
        """Whether there is anything to see: of an empty message nothing is sent."""
        return bool(self.title or self.text or self.images or self.buttons or self.choices)


def seen(message: Message, channel: str) -> Seen:
    """How the channel shows the message."""
    payloads = CHANNELS[channel].render(_with_addresses(message))
    read = [_line(payload) if channel == "line" else _messenger(payload) for payload in payloads]
    words = "\n".join(part for one in read for part in one.text.split("\0") if part.strip() and part != ELLIPSIS)
    return Seen(
        title=message.title if payloads else "",
        text=words.removeprefix(message.title).lstrip("\n"),
        images=tuple(image.removeprefix(PICTURES) for one in read for image in one.images),
        buttons=tuple(button for one in read for button in one.buttons),
        choices={label: said for one in read for label, said in one.choices.items()},
    )


def _with_addresses(message: Message) -> Message:
    """The message with an address for each picture that stands beside the flow's file."""
    cards = tuple(replace(card, image_url=_address(card.image_url)) for card in message.cards)
    return replace(message, image_url=_address(message.image_url), cards=cards)


def _address(image: str) -> str:
    return image if not image or "://" in image else PICTURES + image


def _line(payload: Payload) -> Seen:
    """One of LINE's message objects."""
    kind = payload["type"]
    template = payload.get("template", {})
    parts = template.get("columns", [template]) if template else []
    found = [payload.get("text") or (payload.get("altText") if kind == "flex" else "")]
    found += [part.get(name, "") for part in parts for name in ("title", "text")]
    images = [payload.get("originalContentUrl")] + [
        part.get(name) for part in parts for name in ("thumbnailImageUrl", "imageUrl")
    ]
    actions = [action for part in parts for action in [*part.get("actions", []), part.get("action")] if action]
    actions += list(_actions_within(payload.get("contents", {})))
    replies = [item["action"] for item in payload.get("quickReply", {}).get("items", [])]
    return _made(
        found,
        images,
        [Button(action.get("label", ""), action.get("uri", ""), action.get("data", "")) for action in actions],
        {reply["label"]: reply.get("text", reply["label"]) for reply in replies},
    )


def _actions_within(part: object) -> Iterator[Payload]:
    """Every action of a Flex container."""
    if isinstance(part, Mapping):
        if isinstance(part.get("action"), Mapping):
            yield part["action"]
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _actions_within(inner)


def _messenger(payload: Payload) -> Seen:
    """One of the Send API's messages."""
    attachment = payload.get("attachment", {}).get("payload", {})
    parts = attachment.get("elements", [attachment])
    found = [payload.get("text", "")] + [part.get(name, "") for part in parts for name in ("title", "subtitle", "text")]
    images = [part.get(name) for part in parts for name in ("url", "image_url")]
    buttons = [button for part in parts for button in part.get("buttons", [])]
    replies = payload.get("quick_replies", [])
    return _made(
        found,
        images,
        [Button(button.get("title", ""), button.get("url", ""), button.get("payload", "")) for button in buttons],
        {reply["title"]: reply["payload"] for reply in replies},
    )


def _made(
    words: Sequence[str | None],
    images: Sequence[str | None],
    buttons: Sequence[Button],
    choices: Mapping[str, str],
) -> Seen:
    text = "\0".join(word for word in words if word)
    return Seen(text=text, images=tuple(filter(None, images)), buttons=tuple(buttons), choices=dict(choices))
