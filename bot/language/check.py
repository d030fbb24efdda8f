"""Checking a flow file before it is used: every mistake at once, each at its line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot.language import (
    addresses,
    calls,
    commas,
    coupons,
    flex,
    kept,
    limits,
    moments,
    partial,
    reach,
    rivals,
    structure,
    talks,
    ways,
    window,
    wording,
)
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.shared import Filling, Texts
from bot.language.source import Source, read
from bot.language.starts import Mark
from bot.sentences import Sentence


def _anything(_: str) -> bool:
    return True


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True)
class Known:
    """What a flow may refer to, and what it must not take from others. None: nobody knows, so nothing is said.

    `has_picture` tells whether a picture is beside the file. `starts` are those of all the other flows
    (`bot.language.starts.marks`), each with the name of its flow; `flows` are these flows, by their names;
    `unpublished` those of them that only have a file so far, `gone` those that are published and have none. `periods`:
    when the campaigns that have an end stop being sent, judged at `now`; `beginnings`: when those that have one begin;
    `timezone` is the shop's. `texts` are the shared ones; `read_file`
    gives the text of a file beside the flow's, None where there is none.
    """

    campaigns: frozenset[str] | None = None
    has_picture: Callable[[str], bool] = _anything
    starts: Mapping[Mark, str] | None = None
    flows: Mapping[str, Flow] | None = None
    unpublished: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    periods: Mapping[str, datetime] | None = None
    beginnings: Mapping[str, datetime] | None = None
    now: datetime | None = None
    timezone: ZoneInfo | None = None
    texts: Texts = field(default_factory=dict)
    read_file: Callable[[str], str | None] = _nothing


# What looks at each step by itself, and what needs every way through the flow.
OF_EACH_STEP = (
    calls.check,
    coupons.check,
    wording.check,
    rivals.check,
    moments.check,
    addresses.check,
    limits.check,
    flex.check,
    talks.check,
    commas.check,
)
OF_ALL_WAYS = (reach.check, kept.check, window.check)


def check(text: str, file: str, known: Known) -> tuple[Flow | None, list[Mistake]]:
    """The flow, where it can be read at all, and every mistake in the order of the lines."""
    source = read(text, file)
    if isinstance(source, Mistake):
        return None, [source]
    if not isinstance(source.data, dict):
        message = Sentence(
            "no_flow",
            "檔案裡要寫一個流程：`flow:`、`starts:` 和 `steps:`",
            "the file must hold a flow: `flow:`, `starts:` and `steps:`",
        )
        return None, [Mistake(file, 1, 1, message)]
    filling = Filling(source, known)
    whole = replace(source, data=filling.data())
    try:
        flow = Flow.model_validate(whole.data)
    except ValidationError as error:
        errors = error.errors()
        rest = partial.mistakes(whole, errors, known, (_names, *OF_EACH_STEP))
        return None, sorted({*filling.mistakes, *structure.mistakes(whole, errors), *rest})
    found = (mistake for rule in (_names, *OF_EACH_STEP, *OF_ALL_WAYS) for mistake in rule(flow, whole, known))
    return flow, sorted({*filling.mistakes, *found})


def _names(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Step ids: each once, and every one that is gone to is there."""
    ids = [step.id for step in flow.steps if step.id]
    seen = set[str]()
    for index, step in enumerate(flow.steps):
        if step.id in seen:
            message = Sentence(
                "step_id_twice",
                f"`id`「{step.id}」前面的步驟已經用了",
                f"the id {step.id!r} is taken by an earlier step",
            )
            yield source.mistake(("steps", index, "id"), message)
        seen |= {step.id} if step.id else set()
        for path, target in ways.ways_of(step):
            if target not in ids:
                hint = did_you_mean(target, ids)
                message = Sentence(
                    "unknown_step",
                    f"沒有「{target}」這個步驟；{hint.zh}",
                    f"there is no step {target!r}; {hint.en}",
                )
                yield source.mistake(("steps", index, *path), message)
