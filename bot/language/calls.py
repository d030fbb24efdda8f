"""Flows that call one another: the called one is there, and no circle of calls runs for ever."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.language import model, walk, ways
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Source

if TYPE_CHECKING:
    from bot.language.check import Known


def check(flow: Flow, source: Source, known: "Known") -> Iterator[Mistake]:
    """Every flow that is called is there, and does not come back here without an end."""
    if known.flows is None:
        return
    flows = {**known.flows, flow.flow: flow}
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Call) and step.call not in flows:
            message = f"there is no flow {step.call!r}; {did_you_mean(step.call, flows)}"
            yield source.mistake(("steps", index, "call"), message)
        elif isinstance(step, model.Call):
            if step.call in known.unpublished:
                message = f"the flow {step.call!r} is not published; publish it first, or both together"
                yield source.mistake(("steps", index, "call"), message, is_warning=True)
            yield from _circle(flow, index, step.call, flows, source)


def _circle(flow: Flow, index: int, called: str, flows: Mapping[str, Flow], source: Source) -> Iterator[Mistake]:
    within = {name for name in _reached(called, flows) if flow.flow in _reached(name, flows)}
    if not within:
        return
    way = " and ".join(sorted(repr(name) for name in within - {flow.flow})) or "itself"
    if not any(ways.is_pause(step) for name in within | {flow.flow} for step in flows[name].steps):
        message = f"this flow and {way} call each other in a circle without asking anything or waiting"
        yield source.mistake(("steps", index, "call"), message)
    elif index + 1 < len(flow.steps) and not isinstance(flow.steps[index + 1], model.End):
        message = (
            f"{way} may call this flow again, each time one flow deeper, and 10 deep is the end; let this call be the"
            " last step, or followed by `end: true`"
        )
        yield source.mistake(("steps", index, "call"), message, is_warning=True)


def called_by(flow: Flow) -> frozenset[str]:
    """The flows that it calls itself."""
    return frozenset(step.call for step in flow.steps if isinstance(step, model.Call))


def _reached(name: str, flows: Mapping[str, Flow]) -> set[str]:
    """The flow and all that it calls, and they call, as far as they are there."""
    found, ahead = set[str](), [name]
    while ahead:
        nearest = ahead.pop()
        if nearest in flows and nearest not in found:
            found.add(nearest)
            ahead.extend(called_by(flows[nearest]))
    return found


def answers_of(name: str, known: "Known") -> frozenset[str]:
    """The answers that may be there after this flow was called, as far as the flows are known."""
    flows = known.flows or {}
    return frozenset[str]().union(*(walk.asked_in(flows[one]) for one in _reached(name, flows)))


def is_open(flow: Flow, known: "Known") -> bool:
    """Whether it calls what nobody knows, so that nobody can say which answers there are."""
    ahead = called_by(flow)
    flows = {**(known.flows or {}), flow.flow: flow}
    return bool(ahead) and any(
        one not in flows for name in _reached(flow.flow, flows) for one in called_by(flows[name])
    )


def may_pause(step: model.AnyStep, known: "Known") -> bool:
    """Whether it calls a flow that may ask something or wait, or that nobody knows."""
    if not isinstance(step, model.Call):
        return False
    flows = known.flows or {}
    if step.call not in flows:
        return True
    return any(ways.is_pause(inner) for name in _reached(step.call, flows) for inner in flows[name].steps)
