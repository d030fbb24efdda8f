"""One turn of a conversation. It reads no clock, no database and no network.

A turn runs steps until one has to wait: for an answer, a time, something that happens, or for the outcome of a coupon
that the caller sends and feeds back as the next event. At most MAX_STEPS a turn, so a flow that runs in circles ends
in a failure, not in a hang.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.engine import answers
from bot.engine.contact import Contact
from bot.engine.effects import Effect
from bot.engine.events import Event
from bot.engine.library import Library, NoLibrary
from bot.engine.place import Place
from bot.engine.run import MAX_STEPS, Run
from bot.language import model
from bot.language.model import Flow
from bot.state import State

__all__ = ["MAX_STEPS", "Turn", "advance", "begin", "fits"]


@dataclass(frozen=True)
class Turn:
    """What one event led to: where the conversation stands now, and what is to be done, in this order.

    `visited` are the steps that were run, each by its flow's version (0: the flow that the conversation is in) and
    its index there.
    """

    state: State
    effects: tuple[Effect, ...]
    visited: tuple[tuple[int, int], ...] = ()


def begin(luck: int = 0) -> State:
    """The state of a conversation that has not taken its first step. `luck`: any number, the seed of all its chance."""
    return State(luck=luck)


def advance(
    flow: Flow,
    state: State,
    event: Event,
    contact: Contact,
    now: datetime,
    library: Library | None = None,
) -> Turn:
    """Take an event in and run until the flow waits or ends. `flow` is the one that the conversation is in.

    An event that nothing waits for changes nothing; a wait under way is then asked for again.

    Raises:
        FlowFailure: FLOW_STEP_LIMIT, FLOW_TEMPLATE or FLOW_UNKNOWN.
    """
    run = Run(Place(flow, state, library or NoLibrary()), contact, now)
    run.take(event)
    while not run.place.state.is_ended and not run.place.state.waits_for:
        run.step()
    return Turn(run.place.state, tuple(run.effects), tuple(run.visited))


def fits(flow: Flow, state: State, text: str, now: datetime, library: Library | None = None) -> bool:
    """Whether the flow waits for an answer of certain words or a certain kind, and this is one.

    Such an answer goes before a start; any other words are an answer only where they start nothing.
    """
    if state.waits_for != "answer":
        return False
    place = Place(flow, state, library or NoLibrary())
    step = place.step
    if not isinstance(step, model.Ask) or not answers.is_certain(step.ask):
        return False
    return answers.understood(step.ask, text, place.flow.languages, now.date()) is not None
