"""Flows that call one another: the called one is there, and no circle of calls runs for ever."""

from collections.abc import Iterator, Mapping

from bot.language import model, walk, ways
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Source
from bot.sentences import Sentence


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every flow that is called is there, and does not come back here without an end."""
    if known.flows is None:
        return
    flows = {**known.flows, flow.flow: flow}
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Call) and step.call not in flows:
            hint = did_you_mean(step.call, flows)
            message = Sentence(
                "unknown_flow",
                f"沒有「{step.call}」這個流程；{hint.zh}",
                f"there is no flow {step.call!r}; {hint.en}",
            )
            yield source.mistake(("steps", index, "call"), message)
        elif isinstance(step, model.Call):
            if step.call in known.unpublished:
                message = Sentence(
                    "flow_not_published",
                    f"流程「{step.call}」還沒發布；請先發布它，或兩個一起發布",
                    f"the flow {step.call!r} is not published; publish it first, or both together",
                )
                yield source.mistake(("steps", index, "call"), message, is_warning=True)
            yield from _circle(flow, index, step.call, flows, source)


def _circle(flow: Flow, index: int, called: str, flows: Mapping[str, Flow], source: Source) -> Iterator[Mistake]:
    within = {name for name in _reached(called, flows) if flow.flow in _reached(name, flows)}
    if not within:
        return
    others = sorted(within - {flow.flow})
    way = " and ".join(map(repr, others)) or "itself"
    way_zh = "、".join(f"「{name}」" for name in others) or "自己"
    if not any(ways.is_pause(step) for name in within | {flow.flow} for step in flows[name].steps):
        message = Sentence(
            "calls_in_circle",
            f"這個流程和{way_zh}互相呼叫，一直繞圈，中間沒有提問也沒有等待",
            f"this flow and {way} call each other in a circle without asking anything or waiting",
        )
        yield source.mistake(("steps", index, "call"), message)
    elif index + 1 < len(flow.steps) and not isinstance(flow.steps[index + 1], model.End):
        message = Sentence(
            "calls_ever_deeper",
            f"{way_zh}可能又呼叫這個流程，每次深一層，最多 10 層；請把這個 `call` 放在最後一步，或在後面接 `end: true`",
            f"{way} may call this flow again, each time one flow deeper, and 10 deep is the end; let this call be the"
            " last step, or followed by `end: true`",
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


def answers_of(name: str, known: Known) -> frozenset[str]:
    """The answers that may be there after this flow was called, as far as the flows are known."""
    flows = known.flows or {}
    return frozenset[str]().union(*(walk.asked_in(flows[one]) for one in _reached(name, flows)))


def is_open(flow: Flow, known: Known) -> bool:
    """Whether it calls what nobody knows, so that nobody can say which answers there are."""
    ahead = called_by(flow)
    flows = {**(known.flows or {}), flow.flow: flow}
    return bool(ahead) and any(
        one not in flows for name in _reached(flow.flow, flows) for one in called_by(flows[name])
    )


def may_pause(step: model.AnyStep, known: Known) -> bool:
    """Whether it calls a flow that may ask something or wait, or that nobody knows."""
    if not isinstance(step, model.Call):
        return False
    flows = known.flows or {}
    if step.call not in flows:
        return True
    return any(ways.is_pause(inner) for name in _reached(step.call, flows) for inner in flows[name].steps)
