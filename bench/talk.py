"""One conversation after the other through the engine alone: no database, no network, no clock."""

import time
from pathlib import Path

from bench.load import BenchError
from bot import engine, publishing
from bot.engine import Contact, CouponSent, Event, Said, SendCoupon, Started
from bot.language.model import Flow
from bot.state import State
from core import clock

FILE = Path(__file__).parent.parent / "flows" / "summer-tea.yaml"
WHO = Contact("小美", "zh-TW", "line", frozenset(), "日日茶")
SENT = CouponSent(
    "夏日奶茶買一送一", "https://shop.example/c/token", "https://shop.example/images/1", "2026-12-24 18:00"
)
ANSWER = "珍珠奶茶"


def steps_a_second(seconds: float) -> tuple[float, float]:
    """Steps of whole conversations a second: with the state handed on, and with the state as JSON between turns."""
    flow = publishing.check_file(FILE, None).flow
    if flow is None:
        raise BenchError(f"{FILE} cannot be read.")
    return _rate(flow, seconds, is_saved=False), _rate(flow, seconds, is_saved=True)


def _rate(flow: Flow, seconds: float, *, is_saved: bool) -> float:
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        state = engine.begin()
        for event in (Started(), Said(ANSWER)):
            state, count = _turns(flow, state, event)
            steps += count
            state = State.from_json(state.to_json()) if is_saved else state
    return steps / (time.perf_counter() - start)


def _turns(flow: Flow, state: State, event: Event) -> tuple[State, int]:
    turn = engine.advance(flow, state, event, WHO, clock.now())
    if isinstance(turn.effects[-1], SendCoupon):
        state, count = _turns(flow, turn.state, SENT)
        return state, count + len(turn.visited)
    return turn.state, len(turn.visited)
