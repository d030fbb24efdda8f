"""Generated flows that `check` takes: no talk fails, and whatever the bot says LINE and Messenger take."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot import engine
from bot.channels import line, messenger
from bot.engine import CouponRefused, CouponSent, Due, Event, FlowFailure, Happened, Happening, Said, Say, Started
from bot.language.model import Flow
from bot.messages import Message
from bot.state import State
from core.reasons import Reason
from tests.bot.channels import line_limits, test_messenger_rendering
from tests.bot.generated_flows import ASK_BIRTHDAY, MAY_FAIL, good_flows
from tests.bot.talk import ALEX, MEI, NOW, Library

PICTURE = "https://shop.example/images/1"
ANSWERS = ["tea", "milk", "2", "2026-12-24", "0912345678", "a@b.example", "字" * 500, "{{ 7*7 }}", "💥 & <b>\u202e"]
OUTCOMES: list[Event] = [
    CouponSent("Tea", "https://shop.example/c/a", PICTURE, "2026-12-15 12:00"),
    CouponSent("茶" * 100, "https://shop.example/c/b", "", ""),
    CouponRefused(Reason.SOLD_OUT),
    CouponRefused(Reason.LIMIT_REACHED),
]
HAPPENINGS: list[Happening] = ["opened", "redeemed", "verified"]


def with_addresses(message: Message) -> Message:
    """Pictures beside the flow's file have addresses once it is published."""

    def address(picture: str) -> str:
        return PICTURE if picture.startswith("pictures/") else picture

    return replace(
        message,
        image_url=address(message.image_url),
        preview_url=address(message.preview_url),
        cards=tuple(replace(card, image_url=address(card.image_url)) for card in message.cards),
    )


def next_event(state: State, number: int) -> Event:
    """Something that can happen where the flow stands, by a number."""
    if state.waits_for == "coupon":
        return OUTCOMES[number % len(OUTCOMES)]
    if state.waits_for == "answer" and number % 4:
        return Said(ANSWERS[number % len(ANSWERS)])
    return Due() if number % 2 else Happened(HAPPENINGS[number % len(HAPPENINGS)])


TALKS = (
    good_flows(),
    some.lists(some.integers(0, 10**6), min_size=5, max_size=25),
    some.sampled_from([MEI, ALEX]),
    some.integers(0, 2**32 - 1),
)


def said(made: tuple[Flow, set[str]], numbers: list[int], contact: engine.Contact, luck: int) -> Iterator[Message]:
    """All that the bot says in a talk, as the numbers decide. It fails only where `check` has warned of it."""
    flow, warned = made
    library, state, now = Library({"ask-birthday": ASK_BIRTHDAY}), engine.begin(luck), NOW
    event: Event = Started()
    for number in numbers:
        try:
            turn = engine.advance(flow, state, event, contact, now, library)
        except FlowFailure as failure:
            assert failure.reason == Reason.FLOW_TEMPLATE and warned & MAY_FAIL  # noqa: PT017 (any other fails by itself)
            return
        yield from (with_addresses(effect.message) for effect in turn.effects if isinstance(effect, Say))
        state = State.from_json(json.loads(json.dumps(turn.state.to_json())))
        assert state == turn.state
        if state.is_ended:
            return
        event = next_event(state, number)
        now = max(now + timedelta(minutes=1), state.due_at or now) if isinstance(event, Due) else now


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(*TALKS)
def test_what_check_takes_runs_and_says_only_what_the_apps_take(
    made: tuple[Flow, set[str]], numbers: list[int], contact: engine.Contact, luck: int
) -> None:
    for message in said(made, numbers, contact, luck):
        is_lawful(message)


def is_lawful(message: Message) -> None:
    """Within each app's limits, whichever of the two the contact is in."""
    line_limits.check(line.render(message))
    test_messenger_rendering.check(messenger.render(message))
