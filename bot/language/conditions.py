"""Whether a condition of a flow holds for a contact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.language import texts
from bot.language.model import Condition
from bot.language.source import Path
from bot.language.starts import folded


@dataclass(frozen=True)
class Facts:
    """What conditions look at, as it is at this moment."""

    answers: Mapping[str, str]
    tags: frozenset[str]
    channel: str
    language: str


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether it is so. A question that was not asked has no answer, so nothing `is` its answer."""
    if condition.not_ is not None:
        return not holds(condition.not_, facts)
    if condition.all is not None:
        return all(holds(part, facts) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, facts) for part in condition.any)
    return _is(condition, facts)


def _is(condition: Condition, facts: Facts) -> bool:
    """One plain condition: an answer, a tag, a channel or a language."""
    if condition.answer is not None:
        given = facts.answers.get(condition.answer)
        return given is not None and folded(given) in {folded(one) for one in wanted(condition)}
    if condition.tag is not None:
        return condition.tag in facts.tags
    if condition.channel is not None:
        return condition.channel == facts.channel
    return texts.speaks(facts.language, condition.language or "")


def wanted(condition: Condition) -> tuple[str, ...]:
    """The answers of which the given one must be one."""
    return (condition.is_,) if isinstance(condition.is_, str) else condition.is_ or ()


def plain_parts(condition: Condition, path: Path = ()) -> Iterator[tuple[Path, Condition]]:
    """The plain conditions within this one, each with its path in it."""
    if condition.not_ is not None:
        yield from plain_parts(condition.not_, (*path, "not"))
    parts = [("all", part) for part in enumerate(condition.all or ())]
    parts += [("any", part) for part in enumerate(condition.any or ())]
    for key, (number, part) in parts:
        yield from plain_parts(part, (*path, key, number))
    if condition.not_ is None and not parts:
        yield path, condition


def proven_answers(condition: Condition) -> frozenset[str]:
    """The questions that have certainly been answered where the condition holds."""
    if condition.all is not None:
        return frozenset[str]().union(*(proven_answers(part) for part in condition.all))
    return frozenset({condition.answer}) if condition.answer is not None else frozenset()
