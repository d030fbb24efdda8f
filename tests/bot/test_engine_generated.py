"""Generated flows and talks: the engine fails in no way but its own, and a turn can be repeated."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from bot import engine
from bot.engine import (
    CouponRefused,
    CouponSent,
    Due,
    Event,
    FlowFailure,
    Happened,
    Said,
    Started,
    Turn,
    Wait,
)
from bot.language.model import Flow
from bot.state import State
from core.reasons import Reason
from tests.bot.talk import ALEX, MEI, NOW, Library

# Some ids are nowhere, some templates cannot be filled in, some calls lead nowhere: the engine must stand it.
IDS = some.sampled_from(["a", "b", "c", "d", "nowhere"])
WORDS = some.sampled_from(
    [
        "hi",
        {"zh-Hant": "嗨 {{ contact.name }}", "en": "hi {{ answers.one }}"},
        "{{ answers.one | default('') }}{{ attributes.x }}",
        "{{ coupon.name }}",
        "{% if answers.one is defined %}{{ answers.one }}{% endif %}",
    ]
)
TIMES = some.sampled_from(["30 minutes", "2 days", {"until": "18:00"}, {"until": "2026-12-01 12:01"}, {"for": "1 day"}])
TIMEOUTS = some.fixed_dictionaries({"after": some.sampled_from(["1 minute", "25 hours"])}, optional={"go": IDS})
KEPT = some.sampled_from(["one", "two"])
CHOICES = some.lists(
    some.fixed_dictionaries({"label": some.sampled_from(["tea", "milk"])}, optional={"go": IDS}), min_size=1, max_size=2
)
ASKS = some.one_of(
    some.fixed_dictionaries({"text": WORDS, "keep": KEPT}, optional={"timeout": TIMEOUTS}),
    some.fixed_dictionaries(
        {"text": WORDS, "keep": KEPT, "kind": some.sampled_from(["number", "date", "phone", "email"])},
        optional={
            "tries": some.fixed_dictionaries({"at_most": some.integers(1, 3)}, optional={"go": IDS}),
            "timeout": TIMEOUTS,
        },
    ),
    some.fixed_dictionaries({"text": WORDS, "choices": CHOICES, "keep": KEPT}),
)
CONDITIONS = some.sampled_from(
    [
        {"tag": "t"},
        {"answer": "one", "is": "tea"},
        {"answer": "one", "at_least": 2},
        {"attribute": "x"},
        {"coupon": "tea", "is": ["sent", "none"]},
        {"between": "09:00-18:00"},
        {"weekday": ["tue"]},
        {"not": {"member": True}},
    ]
)
HAPPENINGS = some.sampled_from(["opened", "redeemed", "verified"])
WAITS = some.one_of(TIMES, some.fixed_dictionaries({"until": HAPPENINGS, "timeout": TIMEOUTS}))
BRANCHES = some.lists(some.fixed_dictionaries({"go": IDS, "weight": some.integers(1, 9)}), min_size=2, max_size=3)
SENDS = some.fixed_dictionaries({"campaign": some.just("tea"), "text": WORDS, "button": some.just("open")})
STEPS = some.one_of(
    some.fixed_dictionaries({"say": some.fixed_dictionaries({"text": some.lists(WORDS, min_size=1, max_size=3)})}),
    some.fixed_dictionaries({"ask": ASKS}),
    some.fixed_dictionaries({"if": CONDITIONS, "then": IDS}, optional={"else": IDS}),
    some.fixed_dictionaries({"go": IDS}),
    some.fixed_dictionaries({"random": BRANCHES}),
    some.fixed_dictionaries({"send_coupon": SENDS}),
    some.fixed_dictionaries({"wait": WAITS}),
    some.fixed_dictionaries({"call": some.sampled_from(["one", "two", "none"])}),
    some.sampled_from([{"tag": "t"}, {"untag": "t"}, {"end": True}, {"hand_over": "x"}, {"notify": "{{ shop.name }}"}]),
    some.fixed_dictionaries({"set": some.fixed_dictionaries({"x": some.just("{{ contact.name }}")})}),
)


@some.composite
def flows(draw: some.DrawFn) -> Flow:
    steps: list[dict[str, Any]] = draw(some.lists(STEPS, min_size=4, max_size=10))
    named = [{**step, "id": "abcd"[at]} if at < 4 else step for at, step in enumerate(steps)]
    return Flow.model_validate({"flow": "x", "languages": ["zh-Hant", "en"], "starts": ["called"], "steps": named})


EVENTS = some.one_of(
    some.builds(Said, some.sampled_from(["tea", "2", "2026-12-24", "0912345678", "a@b.example", "", "{{ 7*7 }}"])),
    some.just(Due()),
    some.builds(Happened, HAPPENINGS),
    some.just(CouponSent("Tea", "https://shop.example/c/a", "", "")),
    some.builds(CouponRefused, some.sampled_from([Reason.SOLD_OUT, Reason.LIMIT_REACHED])),
    some.just(Started()),
)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(
    flows(),
    some.tuples(flows(), flows()),
    some.lists(some.tuples(EVENTS, some.sampled_from([0, 1, 60, 3000])), max_size=12),
    some.sampled_from([MEI, ALEX]),
    some.integers(0, 2**32 - 1),
)
def test_a_talk_goes_on_or_fails_with_a_reason_and_every_turn_can_be_repeated(
    flow: Flow,
    called: tuple[Flow, Flow],
    events: list[tuple[Event, int]],
    contact: engine.Contact,
    luck: int,
) -> None:
    library = Library({"one": called[0], "two": called[1]})
    state, now = engine.begin(luck), NOW
    for event, minutes in [(Started(), 0), *events]:
        now += timedelta(minutes=minutes)
        try:
            turn = engine.advance(flow, state, event, contact, now, library)
        except FlowFailure as failure:
            assert failure.reason in {Reason.FLOW_TEMPLATE, Reason.FLOW_UNKNOWN, Reason.FLOW_STEP_LIMIT}  # noqa: PT017 (any other exception fails the test by itself)
            return
        assert engine.advance(flow, state, event, contact, now, library) == turn
        _is_sound(turn)
        state = State.from_json(json.loads(json.dumps(turn.state.to_json())))
        assert state == turn.state


def _is_sound(turn: Turn) -> None:
    """A turn stops only where something waits; exactly the waits with a time ask for it, and last of all."""
    state = turn.state
    assert bool(state.waits_for) is not state.is_ended
    waits = [effect for effect in turn.effects if isinstance(effect, Wait)]
    assert [wait.until for wait in waits] == ([state.due_at] if state.due_at else [])
    assert all(turn.effects[-1] is wait for wait in waits)
    assert len(turn.visited) <= engine.MAX_STEPS
