"""A conversation with the engine alone; the state is stored and read back between all turns."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import engine
from bot.engine import Contact, CouponSent, Event, Say
from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from bot.state import State

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)  # a Tuesday, noon in Taipei
TAIPEI = ZoneInfo("Asia/Taipei")
MEI = Contact("小美", "zh-TW", "line", frozenset(), "日日茶", timezone=TAIPEI)
ALEX = Contact("Alex", "en_US", "messenger", frozenset({"vip"}), "日日茶", timezone=TAIPEI)
SENT = CouponSent("Tea", "https://shop.example/c/abc", "https://shop.example/images/1", "2026-12-15 12:00")
HEAD = "flow: tea\nlanguages: [zh-Hant, en]\nstarts: [follow]\nsteps:\n"
SEND = "  - send_coupon: {campaign: summer-tea, text: here, button: open, refused: {otherwise: bye}}\n"


def read(steps: str) -> Flow:
    """A flow of these steps, which may be called without mistakes."""
    flow, mistakes = check(HEAD + steps, "tea.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    return flow


class Library:
    """Flows that can be called, by their names; the version of the first is 1."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self.names, self.flows = list(flows), list(flows.values())

    def find(self, name: str) -> tuple[int, Flow] | None:
        return (self.names.index(name) + 1, self.flows[self.names.index(name)]) if name in self.names else None

    def flow(self, version_id: int) -> Flow:
        return self.flows[version_id - 1]


class Talk:
    """A conversation under test."""

    def __init__(self, flow: Flow, contact: Contact = MEI, luck: int = 0, **called: Flow) -> None:
        self.flow, self.contact, self.state, self.now = flow, contact, engine.begin(luck), NOW
        self.library = Library({name.replace("_", "-"): flow for name, flow in called.items()})

    def turn(self, event: Event) -> list[object]:
        """Feed an event in; what is to be done comes out, messages as their texts."""
        turn = engine.advance(self.flow, self.state, event, self.contact, self.now, self.library)
        self.state = State.from_json(json.loads(json.dumps(turn.state.to_json())))
        assert self.state == turn.state
        return [effect.message.text if isinstance(effect, Say) else effect for effect in turn.effects]

    def later(self, **time: float) -> "Talk":
        """Let time pass."""
        self.now += timedelta(**time)
        return self

    def becomes(self, **fields: object) -> "Talk":
        """Change what is known of the contact."""
        self.contact = replace(self.contact, **fields)  # type: ignore[arg-type]  # the test names Contact's fields
        return self
