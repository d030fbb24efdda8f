"""Which flow an event starts."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from bot.events import Inbound
from bot.language.model import Flow, Start
from bot.language.source import Path


def folded(text: str) -> str:
    """Words as they are compared: width and case do not matter, nor white space around them."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


Mark = tuple[str, str]  # a start as it is compared: ("word", "coupon"), ("ref", "poster-01"), ("follow", "")


def marks(flow: Flow) -> Iterator[tuple[Path, Mark]]:
    """All that starts the flow, each with its path in the file."""
    for index, start in enumerate(flow.starts):
        for number, word in enumerate(start.words):
            yield ("starts", index, "words", number), ("word", folded(word))
        if start.ref:
            yield ("starts", index, "ref"), ("ref", start.ref)
        if start.postback:
            yield ("starts", index, "postback"), ("postback", start.postback)
        if start.follow:
            yield ("starts", index), ("follow", "")


class HasFlow(Protocol):
    """Anything that carries a flow, such as a published version of it."""

    @property
    def flow(self) -> Flow:
        """The flow."""
        ...


Carrier = TypeVar("Carrier", bound=HasFlow)


def match(carriers: Iterable[Carrier], event: Inbound) -> Carrier | None:
    """The first whose flow the event starts: by its ref, else its postback, else by following, else by its words."""
    candidates = list(carriers)
    for fits in (_by_ref, _by_postback, _by_follow, _by_words):
        for candidate in candidates:
            if any(fits(start, event) for start in candidate.flow.starts):
                return candidate
    return None


def _by_ref(start: Start, event: Inbound) -> bool:
    return bool(start.ref) and start.ref == event.ref


def _by_postback(start: Start, event: Inbound) -> bool:
    return bool(start.postback) and event.kind == "postback" and start.postback == event.data


def _by_follow(start: Start, event: Inbound) -> bool:
    return start.follow and event.kind == "follow"


def _by_words(start: Start, event: Inbound) -> bool:
    return event.kind == "text" and folded(event.text) in {folded(word) for word in start.words}
