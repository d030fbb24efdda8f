"""Flex messages: a container that LINE takes goes out as it is, in several messages where it is too large for one."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels import addresses
from bot.channels.limits import ELLIPSIS
from bot.channels.line import flex_rules
from bot.channels.line.limits import LIMITS
from bot.channels.line.templates import texts
from bot.messages import Message
from bot.sentences import Pair

_ADDRESSES = frozenset({"url", "previewUrl", "uri", "desktop"})


def flex_messages(message: Message) -> list[dict[str, Any]]:
    """The Flex container as messages of up to 12 bubbles and 50 KB; what LINE would refuse is said in words instead."""
    if message.flex is None:
        return []
    alt_text = next((words for words in (message.alt_text, message.text, message.title) if words.strip()), "")
    container = _encoded(message.flex)
    if flex_rules.problems(container):
        return texts(message.alt_text)
    shown = {"type": "flex", "altText": LIMITS["alt_text"].cut(alt_text) or ELLIPSIS}
    return [{**shown, "contents": part} for part in _parts(container)]


def problems(container: object) -> list[Pair]:
    """What LINE would refuse in a Flex container, each as `body.contents[0].text: must not be empty`."""
    return flex_rules.problems(_encoded(container))


def _encoded(found: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """A copy with every address percent-encoded; one that cannot be is left for the rules to find."""
    if isinstance(found, list):
        return [_encoded(part) for part in found]
    if not isinstance(found, dict):
        return found
    return {
        name: addresses.encoded(part) or part if name in _ADDRESSES and isinstance(part, str) else _encoded(part)
        for name, part in found.items()
    }


def _parts(container: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if container["type"] == "bubble":
        yield container
        return
    group: list[dict[str, Any]] = []
    for bubble in container["contents"]:
        if group and not _fits([*group, bubble]):
            yield {**container, "contents": group}
            group = []
        group.append(bubble)
    yield {**container, "contents": group}


def _fits(bubbles: Sequence[dict[str, Any]]) -> bool:
    return len(bubbles) <= LIMITS["bubbles"].size and LIMITS["carousel"].allows(
        json.dumps({"type": "carousel", "contents": bubbles}, ensure_ascii=False)
    )
