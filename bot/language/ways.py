"""The ways from step to step, each with the place where it is written."""

from collections.abc import Iterator

from bot.language import model
from bot.language.model import Flow
from bot.language.source import Path

# Ways out of a question that bring no answer.
WITHOUT_ANSWER = (("ask", "tries", "go"), ("ask", "timeout", "go"))


def ways_of(step: model.AnyStep) -> Iterator[tuple[Path, str]]:
    """Every step id that the step may go to."""
    match step:
        case model.Go():
            yield ("go",), step.go
        case model.If():
            yield ("then",), step.then
            if step.else_:
                yield ("else",), step.else_
        case model.Random():
            yield from ((("random", number, "go"), branch.go) for number, branch in enumerate(step.random))
        case model.Ask():
            yield from _ways_of_question(step.ask)
        case model.Wait():
            if step.wait.timeout and step.wait.timeout.go:
                yield ("wait", "timeout", "go"), step.wait.timeout.go
        case model.SendCoupon():
            yield from _ways_of_refusals(step.send_coupon.refused)


def _ways_of_question(asked: model.Asking) -> Iterator[tuple[Path, str]]:
    for number, choice in enumerate(asked.choices):
        if choice.go:
            yield ("ask", "choices", number, "go"), choice.go
    if asked.tries and asked.tries.go:
        yield ("ask", "tries", "go"), asked.tries.go
    if asked.timeout and asked.timeout.go:
        yield ("ask", "timeout", "go"), asked.timeout.go


def _ways_of_refusals(refused: model.Refusals) -> Iterator[tuple[Path, str]]:
    for reason in model.Refusals.model_fields:
        target = getattr(refused, reason)
        if target:
            yield ("send_coupon", "refused", reason), target


def goes_on(step: model.AnyStep) -> bool:
    """Whether the step may be followed by the next one in the file."""
    if isinstance(step, model.Go | model.End | model.HandOver | model.Random):
        return False
    if isinstance(step, model.If):
        return step.else_ is None
    if isinstance(step, model.Ask):
        return goes_on_with_answer(step.ask) or goes_on_without_answer(step.ask)
    return True


def goes_on_with_answer(asked: model.Asking) -> bool:
    """Whether an answer may lead on to the next step."""
    return not asked.choices or not all(choice.go for choice in asked.choices)


def goes_on_without_answer(asked: model.Asking) -> bool:
    """Whether no answer, or none that fits, may lead on to the next step."""
    return any(bound is not None and not bound.go for bound in (asked.tries, asked.timeout))


def is_pause(step: model.AnyStep) -> bool:
    """Whether the flow stops here for a while, so that a circle through it is none that runs for ever.

    A wait is one too, though a date that is past does not hold it up: the engine's step limit holds then.
    """
    return isinstance(step, model.Ask | model.Wait)


def next_steps(flow: Flow, index: int) -> list[int]:
    """The steps that may follow; past the last one there is none."""
    step = flow.steps[index]
    following = [flow.indices[target] for _, target in ways_of(step) if target in flow.indices]
    return [*following, index + 1] if goes_on(step) and index + 1 < len(flow.steps) else following
