"""Generated flows and talks: every trial comes to an end, and what `--update` writes goes as written."""

import json
from typing import Any

import yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as some

from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from bot.rehearsal.telling import difference
from bot.rehearsal.trial import Trial, trials
from bot.rehearsal.updating import NotWritable, updated
from tests.bot.test_engine_generated import flows

TURNS = some.sampled_from(
    [
        {"customer": "tea"},
        {"customer": "2026-12-24"},
        {"customer": "{{ 7*7 }}"},
        {"taps": "milk"},
        {"taps": "open"},
        {"follow": "again"},
        {"after": "2 days"},
        {"after": "30 minutes"},
        {"redeemed": "tea"},
        {"bot": "hi"},
        {"bot": {"text": "...", "choices": ["tea", "milk"]}},
        {"held": "..."},
        {"tag": "t"},
        {"set": {"x": "小美"}},
        {"end": True},
    ]
)
HEADS = some.fixed_dictionaries(
    {"name": some.just("x"), "channel": some.sampled_from(["line", "messenger"]), "luck": some.integers(0, 9)},
    optional={"language": some.just("en"), "refuse": some.just({"tea": "sold_out"})},
)


def written(flow: Flow, head: dict[str, Any], turns: list[dict[str, Any]]) -> str:
    """The flow as a file, which a friend starts, with one conversation."""
    document = flow.model_dump(mode="json", by_alias=True, exclude_unset=True)
    talk = json.loads(json.dumps({**head, "talk": [{"follow": True}, *turns]}))  # nothing twice: YAML would refer to it
    return yaml.safe_dump(
        {**document, "starts": ["follow"], "conversations": [talk]}, sort_keys=False, allow_unicode=True
    )


def tried(text: str, others: tuple[Flow, ...]) -> list[Trial]:
    """The conversations run, whatever `check` has against the flow but that a step is missing."""
    flow, mistakes = check(text, "x.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    return trials(flow, others)


@settings(max_examples=20, deadline=None, database=None, derandomize=True)
@given(flows(), some.tuples(flows(), flows()), HEADS, some.lists(TURNS, max_size=10))
def test_a_talk_comes_to_an_end_and_what_is_written_anew_goes_as_written(
    flow: Flow,
    called: tuple[Flow, Flow],
    head: dict[str, Any],
    turns: list[dict[str, Any]],
) -> None:
    others = (called[0].model_copy(update={"flow": "one"}), called[1].model_copy(update={"flow": "two"}))
    text = written(flow, head, turns)
    (before,) = tried(text, others)
    assert before.is_good is (difference(text, before) == [])
    try:
        new = updated(text, [before])
    except NotWritable:
        reject()
    (after,) = tried(new, others)
    assert difference(new, after) == []
    assert updated(new, [after]) == new
    assert new.startswith(text[: text.index("  - follow")])
