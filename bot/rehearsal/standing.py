"""What a trial's customer does not see, in words: deeds beside the messages, and where the conversation stands."""

from collections.abc import Callable
from typing import Any

from bot.engine import HandOver, NotifyStaff, SetAttribute, Tag, Untag, Wait
from bot.language.model import kind_of
from bot.rehearsal.deeds import Deed, Ended, Failed, NotSent, Sent, Spoke
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from bot.state import State


def waiting(wait: Wait) -> str:
    """What is waited for."""
    until = [wait.until.isoformat(" ", "minutes")] if wait.until else []
    happens = [f"the coupon of {wait.campaign} is {' or '.join(wait.happens)}"] if wait.happens else []
    return f"waits until {', or until '.join([*happens, *until])}"


_ASIDES: dict[type[Deed], Callable[[Any], str]] = {
    Sent: lambda deed: f"a coupon of {deed.campaign} is sent",
    NotSent: lambda deed: f"the coupon of {deed.campaign} is refused: {deed.reason}",
    Tag: lambda deed: f"tag: {deed.name}",
    Untag: lambda deed: f"untag: {deed.name}",
    SetAttribute: lambda deed: f"set {deed.name}: {deed.value}",
    NotifyStaff: lambda deed: f"the staff are told: {deed.text}",
    HandOver: lambda deed: f"a person answers from here on: {deed.reason}",
    Wait: waiting,
    Ended: lambda _: "the flow is over",
    Failed: lambda deed: str(deed.why),
}


def aside(deed: Deed) -> list[str]:
    """The deed in a few words."""
    if isinstance(deed, Spoke):
        said = deed.seen.text or deed.seen.title
        return [f"kept back, as Messenger's 24 hours are over: {said}" if deed.is_held else said]
    words = _ASIDES.get(type(deed))
    return [words(deed)] if words else []


def standing(world: World, stage: Stage) -> list[str]:
    """The clock, the place in the flow, and all that is kept, a line each."""
    kept = {
        "now": world.now.isoformat(" ", "minutes"),
        "at": _place(world, stage),
        "waits": waiting(world.wait) if world.wait else "",
        "answers": _listed(world.answers),
        "tags": ", ".join(sorted(world.tags)),
        "attributes": _listed(world.attributes),
        "coupons": _listed(dict(world.statuses)),
        "refused": _listed(world.refuse),
        "kept back": ", ".join(seen.text for seen in world.held),
    }
    return [f"  {name}: {words}" for name, words in kept.items() if words]


def _place(world: World, stage: Stage) -> str:
    if world.handed_over:
        return f"a person answers: {world.handed_over}"
    if world.stopped:
        return f"stopped: {world.stopped}"
    if not world.flow:
        return "no flow has begun"
    state = State.from_json(world.state)
    flow = stage.flow(state.version_id or world.flow)
    if state.is_ended:
        return f"the flow {flow.flow} is over"
    step = flow.steps[state.step]
    name = f" {step.id!r}" if step.id else ""
    return f"step {state.step + 1}{name} ({kind_of(step)}) of {flow.flow}"


def _listed(values: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())
