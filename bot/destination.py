"""Where an event leads a contact: on in its flow, into another one, or nowhere. One rule for shops and for trials."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot import engine
from bot.engine import Event, FlowFailure, Library, Said, Started
from bot.events import Inbound
from bot.language import starts
from bot.language.model import Flow
from bot.state import State


@dataclass(frozen=True)
class Standpoint:
    """Where a contact stands. `version_id`: of the flow that it is in, or was in last; 0: of none.

    `is_let_go`: that flow does not go on, since a person has taken over or since it failed.
    """

    version_id: int
    state: State
    is_let_go: bool

    def is_asked_by(self, event: Inbound) -> bool:
        """Whether a question is open to which the event may be the answer."""
        is_open = bool(self.version_id) and not self.is_let_go and self.state.waits_for == "answer"
        return is_open and event.kind == "text"

    @property
    def is_free(self) -> bool:
        """Whether nothing waits and nobody has taken over, so that words which start nothing may be answered."""
        return not self.is_let_go and (not self.version_id or self.state.is_ended)


@dataclass(frozen=True)
class Destination:
    """A version of a flow, where the contact stands in it, and what is to be fed in there."""

    version_id: int
    state: State
    event: Event


class Version(Protocol):
    """A version that new conversations begin with."""

    @property
    def version_id(self) -> int:
        """Its id, which is never 0."""
        ...

    @property
    def flow(self) -> Flow:
        """What it says."""
        ...


def find(
    event: Inbound, at: Standpoint, published: Sequence[Version], library: Library, now: datetime, luck: int
) -> Destination | None:
    """An answer to the question that is open, else the start of a flow, with `luck`; None: nowhere.

    A certain answer goes before a start; any other words are an answer only where they start nothing.
    """
    is_asked = at.is_asked_by(event)
    answer = Destination(at.version_id, at.state, Said(event.text))
    if is_asked and _fits(at, event.text, library, now):
        return answer
    started = starts.match(published, event, is_asked=is_asked)
    if started is None and is_asked:
        return answer
    if started is None and at.is_free:
        started = starts.otherwise(published, event)
    return Destination(started.version_id, engine.begin(luck), Started()) if started else None


def _fits(at: Standpoint, text: str, library: Library, now: datetime) -> bool:
    """Whether the text is a certain answer. A flow that cannot be read knows none: what starts another one goes on."""
    try:
        return engine.fits(library.flow(at.version_id), at.state, text, now, library)
    except FlowFailure:
        return False
