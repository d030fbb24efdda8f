"""Checking a flow file before it is used: every mistake at once, each at its line."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from bot.language import (
    addresses,
    calls,
    coupons,
    flex,
    kept,
    limits,
    members,
    moments,
    partial,
    punctuation,
    reach,
    rivals,
    structure,
    talks,
    ways,
    window,
    wording,
)
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.shared import Filling
from bot.language.source import Source, read
from bot.sentences import Sentence

# What looks at each step by itself, and what needs every way through the flow.
OF_EACH_STEP = (
    calls.check,
    coupons.check,
    wording.check,
    members.check,
    rivals.check,
    moments.check,
    addresses.check,
    limits.check,
    flex.check,
    talks.check,
    punctuation.check,
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
