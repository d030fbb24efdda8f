"""docs/flows.md: each of its examples is a good flow, and runs to its end whatever the customer chooses."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import engine, surroundings
from bot.engine import CouponRefused, CouponSent, Due, Event, Happened, Happening, Said, Started
from bot.language import model, texts
from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow, conversation
from bot.rehearsal import telling
from bot.rehearsal.trial import trials
from bot.state import State
from core.reasons import Reason

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KNOWN, _ = surroundings.beside(ROOT / "flows" / "example.yaml", Known(frozenset({"summer-tea", "welcome-gift"})))
HEAD = "flow: example\nlanguages: [zh-Hant, en]\n"
TAIPEI = ZoneInfo("Asia/Taipei")
MEI = engine.Contact("小美", "zh-TW", "line", frozenset(), "日日茶", timezone=TAIPEI)
ALEX = engine.Contact(
    "Alex",
    "en_US",
    "messenger",
    frozenset({"vip"}),
    "日日茶",
    {"taste": "sweet"},
    is_member=True,
    coupons={"summer-tea": "verified"},
    timezone=TAIPEI,
)
SENT = CouponSent("Tea", "https://shop.example/c/abc", "https://shop.example/images/1", "2026-12-15 12:00")
REFUSED = [CouponRefused(reason) for reason in (Reason.LIMIT_REACHED, Reason.NOT_STARTED, Reason.UNKNOWN_CAMPAIGN)]
HAPPENINGS: tuple[Happening, ...] = ("opened", "redeemed", "verified")
FITTING = {"text": "Ann", "number": "3", "date": "2026/12/24", "phone": "0912-345-678", "email": "ann@example.com"}


class Examples:
    """The whole flows of the page, for those that call one."""

    def __init__(self) -> None:
        self.flows: list[Flow] = []

    def find(self, name: str) -> tuple[int, Flow] | None:
        return next(((at, flow) for at, flow in enumerate(self.flows, 1) if flow.flow == name), None)

    def flow(self, version_id: int) -> Flow:
        return self.flows[version_id - 1]


LIBRARY = Examples()


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


LIBRARY.flows = [read(example) for example in EXAMPLES if example.startswith("flow:")]


def possible(flow: Flow, state: State, now: datetime) -> list[tuple[Event, datetime]]:
    """All that can happen where the flow waits, and when."""
    step = (LIBRARY.flow(state.version_id) if state.version_id else flow).steps[state.step]
    events: list[tuple[Event, datetime]] = []
    if isinstance(step, model.Ask):
        labels = [texts.chosen(choice.label, "en", flow.languages) for choice in step.ask.choices]
        wrong = ["?"] if step.ask.tries and state.tries < step.ask.tries.at_most else []
        events = [(Said(label), now) for label in [*(labels or [FITTING[step.ask.kind]]), *wrong]]
    elif isinstance(step, model.Wait):
        events = [(Happened(what), now) for what in HAPPENINGS if what in step.wait.happens]
    elif isinstance(step, model.SendCoupon):
        events = [(SENT, now), *((refused, now) for refused in REFUSED)]
    return [*events, *([(Due(), state.due_at)] if state.due_at else [])]


def turns(flow: Flow, state: State, event: Event, contact: engine.Contact, now: datetime) -> Iterator[engine.Turn]:
    """Every turn of the conversation, for every way that it can take to its end."""
    turn = engine.advance(flow, state, event, contact, now, LIBRARY)
    yield turn
    if turn.state.is_ended:
        return
    following = possible(flow, turn.state, now + timedelta(seconds=1))
    assert following
    for event_then, then in following:
        stored = State.from_json(json.loads(json.dumps(turn.state.to_json())))
        yield from turns(flow, stored, event_then, contact, then)


@pytest.mark.parametrize("contact", [MEI, ALEX], ids=["Mei", "Alex"])
@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0].strip() for example in EXAMPLES])
def test_every_example_is_good_and_runs_to_its_end(example: str, contact: engine.Contact) -> None:
    flow = read(example)
    assert any(turn.state.is_ended for turn in turns(flow, engine.begin(), Started(), contact, NOW))


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0].strip() for example in EXAMPLES])
def test_what_is_published_of_an_example_reads_back_as_the_same(example: str) -> None:
    flow = read(example)
    assert Flow.model_validate(flow.model_dump(mode="json", by_alias=True, exclude_unset=True)) == flow


def test_the_page_shows_every_kind_of_step_and_every_field() -> None:
    shown = "\n".join(EXAMPLES)
    saying = (model.Saying, model.Button, model.Card, model.Asking, model.Choice, model.Tries, model.Timeout)
    parts = (model.Flow, model.Start, model.Audience, model.Step, *saying, model.Sending, model.Waiting, model.Branch)
    names = [
        field.alias or name
        for part in (*parts, model.Refusals, model.Condition)
        for name, field in part.model_fields.items()
    ]
    assert [name for name in (*names, *model.KINDS) if not re.search(rf"\b{name}\b", shown)] == []
    assert [name for name in texts.FILTERS if name != "d" and f"`{name}`" not in PAGE] == []


TALKING = [example for example in EXAMPLES if "\nconversations:\n" in example]


@pytest.mark.parametrize("example", TALKING, ids=[example.split("\n")[0] for example in TALKING])
def test_every_conversation_of_an_example_goes_as_written(example: str) -> None:
    tried = trials(read(example))
    assert tried
    assert [telling.difference(example, trial) for trial in tried] == [[] for _ in tried]


def test_the_page_shows_every_part_of_a_conversation() -> None:
    section = PAGE[PAGE.index("## Trying a flow") :]
    parts = (conversation.Conversation, conversation.Who, conversation.Turn, conversation.Heard)
    names = [name for part in parts for name in part.model_fields]
    assert [name for name in names if not re.search(rf"\b{name}\b", section)] == []


def test_the_page_shows_a_difference_as_it_is_told() -> None:
    (example,) = (one for one in TALKING if "曲奇" in one)
    changed = example.replace("bot: 想要一片曲奇嗎？", "bot: 想要一塊曲奇嗎？")
    difference = telling.difference(changed, trials(read(changed))[0])
    told = [line.partition("#")[0].rstrip() for line in difference]
    shown = PAGE[PAGE.index("## Trying a flow") :].partition("```text\n")[2].partition("```")[0].splitlines()
    assert shown[1:] == told


def test_the_broken_example_has_the_mistakes_that_the_page_tells() -> None:
    english_then_chinese = (
        r"```yaml broken\n(.*?)```\n\n```text\n(.*?)```\n\n[^`]*`--language zh`:\n\n```text\n(.*?)```"
    )
    found = re.search(english_then_chinese, PAGE, re.DOTALL)
    assert found is not None
    _, mistakes = check(found[1], "tea.yaml", KNOWN)
    assert [mistake.told("en") for mistake in mistakes] == found[2].splitlines()
    assert [mistake.told("zh") for mistake in mistakes] == found[3].splitlines()
