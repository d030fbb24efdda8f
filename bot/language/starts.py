"""Which flow an event starts."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from bot.events import Inbound
from bot.language.folding import folded, stands_in
from bot.language.model import Flow, Start
from bot.language.source import Path

Mark = tuple[str, str]  # a start as it is compared: ("word", "coupon"), ("ref", "poster-01"), ("follow", "first")


def marks(flow: Flow) -> Iterator[tuple[Path, Mark]]:
    """All that starts the flow by itself, each with its path in the file."""
    for index, start in enumerate(flow.starts):
        path = ("starts", index)
        for number, word in enumerate(start.words):
            yield (*path, "words", number), ("word", folded(word))
        for number, word in enumerate(start.contains):
            yield (*path, "contains", number), ("contains", folded(word))
        if start.ref:
            yield (*path, "ref"), ("ref", start.ref)
        if start.postback:
            yield (*path, "postback"), ("postback", start.postback)
        if start.follow in (True, "first"):
            yield path, ("follow", "first")
        if start.follow in (True, "again"):
            yield path, ("follow", "again")
        if start.otherwise:
            yield path, ("otherwise", "")


class HasFlow(Protocol):
    """Anything that carries a flow, such as a published version of it."""

    @property
    def flow(self) -> Flow:
        """The flow."""
        ...


Carrier = TypeVar("Carrier", bound=HasFlow)
# How well a start fits an event: 0 not at all; of two that fit, the higher one is taken.
Fits = Callable[[Start, Inbound], int]


def match(carriers: Iterable[Carrier], event: Inbound, *, is_asked: bool = False) -> Carrier | None:
    """The one whose flow the event starts: by its ref, else its postback, else by following, else by its words.

    Words that are all that was written go before words that stand in it, and of those the longest. Of a
    contact who is being asked something (`is_asked`), words within others are part of the answer and start nothing.
    """
    candidates = list(carriers)
    ways: list[Fits] = [_by_ref] if event.ref else []
    ways += WAYS.get(event.kind, [])
    for fits in ways:
        if is_asked and fits is _by_contained:
            continue
        best = _best(candidates, event, fits)
        if best is not None:
            return best
    return None


def otherwise(carriers: Iterable[Carrier], event: Inbound) -> Carrier | None:
    """The one that answers what nothing else does: no start, no open question, and nobody who has taken over."""
    return _best(list(carriers), event, _by_nothing_else)


def _best(candidates: list[Carrier], event: Inbound, fits: Fits) -> Carrier | None:
    """The best, and the first of equals."""
    rated = [(max((fits(start, event) for start in one.flow.starts), default=0), one) for one in candidates]
    best = max(rated, key=lambda rating: rating[0], default=(0, None))
    return best[1] if best[0] else None


def _by_ref(start: Start, event: Inbound) -> int:
    return int(bool(start.ref) and start.ref == event.ref)


def _by_postback(start: Start, event: Inbound) -> int:
    return int(bool(start.postback) and start.postback == event.data)


def _by_follow(start: Start, event: Inbound) -> int:
    wanted = (True, "again") if event.is_unblocked else (True, "first")
    return int(start.follow in wanted)


def _by_words(start: Start, event: Inbound) -> int:
    return int(bool(start.words) and folded(event.text) in {folded(word) for word in start.words})


def _by_contained(start: Start, event: Inbound) -> int:
    if not start.contains:
        return 0
    said = folded(event.text)
    return max((len(word) for word in map(folded, start.contains) if stands_in(word, said)), default=0)


def _by_nothing_else(start: Start, event: Inbound) -> int:
    return int(start.otherwise and event.kind == "text")


# What may start a flow by each kind of event, the best first; a link's ref goes before all of it.
WAYS: dict[str, list[Fits]] = {
    "postback": [_by_postback],
    "follow": [_by_follow],
    "text": [_by_words, _by_contained],
}
