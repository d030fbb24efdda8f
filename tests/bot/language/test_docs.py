"""docs/flows.md: each of its examples is a good flow, and runs to its end whatever the customer chooses."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import engine
from bot.engine import CouponRefused, CouponSent, Event, Said, Started
from bot.language import model, texts
from bot.language.check import Known, check
from bot.language.model import Flow
from bot.state import State
from core.reasons import Reason

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KNOWN = Known(frozenset({"summer-tea", "welcome-gift"}), lambda name: (ROOT / "flows" / name).is_file())
HEAD = "flow: example\nlanguages: [zh-Hant, en]\n"
MEI = engine.Contact("小美", "zh-TW", "line", frozenset(), "日日茶")
ALEX = engine.Contact("Alex", "en_US", "messenger", frozenset({"vip"}), "日日茶")
SENT = CouponSent("Tea", "https://shop.example/c/abc", "https://shop.example/images/1", "2026-12-15 12:00")
REFUSED = [CouponRefused(reason) for reason in (Reason.LIMIT_REACHED, Reason.NOT_STARTED, Reason.UNKNOWN_CAMPAIGN)]


def whole(example: str) -> str:
    """The example as a file: some show the starts alone, most the steps."""
    if example.startswith("flow:"):
        return example
    if example.startswith("starts:"):
        return HEAD + example + "steps:\n  - say: hi\n"
    return HEAD + "starts: [follow]\nsteps:\n" + "".join(f"  {line}\n" for line in example.splitlines())


def read(example: str) -> Flow:
    flow, mistakes = check(whole(example), "example.yaml", KNOWN)
    assert flow is not None, [str(mistake) for mistake in mistakes]
    assert mistakes == []
    return flow


def possible(flow: Flow, state: State) -> list[Event]:
    """All that can happen where the flow waits."""
    step = flow.steps[state.step]
    if isinstance(step, model.Ask):
        labels = [texts.chosen(choice.label, "en", flow.languages) for choice in step.ask.choices]
        return [Said(label) for label in labels or ["Ann"]]
    return [SENT, *REFUSED]


def ends(flow: Flow, state: State, event: Event, contact: engine.Contact) -> Iterator[State]:
    """How the conversation ends, for every way that it can take."""
    turn = engine.advance(flow, state, event, contact, NOW)
    if turn.state.is_ended:
        yield turn.state
        return
    for following in possible(flow, turn.state):
        yield from ends(flow, State.from_json(turn.state.to_json()), following, contact)


@pytest.mark.parametrize("contact", [MEI, ALEX], ids=["Mei", "Alex"])
@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0].strip() for example in EXAMPLES])
def test_every_example_is_good_and_runs_to_its_end(example: str, contact: engine.Contact) -> None:
    flow = read(example)
    assert all(state.is_ended for state in ends(flow, engine.begin(), Started(), contact))


def test_the_page_shows_every_kind_of_step_and_every_field() -> None:
    shown = "\n".join(EXAMPLES)
    parts = (model.Flow, model.Start, model.Step, model.Saying, model.Button, model.Asking, model.Choice, model.Sending)
    names = [
        field.alias or name
        for part in (*parts, model.Refusals, model.Condition)
        for name, field in part.model_fields.items()
    ]
    assert [name for name in (*names, *model.KINDS) if not re.search(rf"\b{name}\b", shown)] == []
    assert [name for name in texts.FILTERS if name != "d" and f"`{name}`" not in PAGE] == []


def test_the_broken_example_has_the_mistakes_that_the_page_tells() -> None:
    found = re.search(r"```yaml broken\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    _, mistakes = check(found[1], "tea.yaml", KNOWN)
    assert [str(mistake) for mistake in mistakes] == found[2].splitlines()
