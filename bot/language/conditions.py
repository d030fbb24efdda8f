"""Whether a condition of a flow holds for a contact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.language import texts
from bot.language.folding import folded
from bot.language.model import Condition
from bot.language.model.times import WEEKDAYS, hours
from bot.language.source import Path


@dataclass(frozen=True)
class Facts:
    """What conditions look at, as it is at this moment; `now` by the shop's clock."""

    answers: Mapping[str, str]
    tags: frozenset[str]
    channel: str
    language: str
    attributes: Mapping[str, str]
    is_member: bool
    coupons: Mapping[str, str]
    now: datetime


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether it is so. A question that was not asked has no answer, so nothing `is` its answer."""
    if condition.not_ is not None:
        return not holds(condition.not_, facts)
    if condition.all is not None:
        return all(holds(part, facts) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, facts) for part in condition.any)
    return _is(condition, facts)


def _is(condition: Condition, facts: Facts) -> bool:  # noqa: PLR0911 (one line a kind)
    """One plain condition."""
    if condition.answer is not None:
        return _is_value(condition, facts.answers.get(condition.answer))
    if condition.attribute is not None:
        return _is_value(condition, facts.attributes.get(condition.attribute))
    if condition.coupon is not None:
        return facts.coupons.get(condition.coupon, "none") in wanted(condition)
    if condition.tag is not None:
        return condition.tag in facts.tags
    if condition.member is not None:
        return condition.member == facts.is_member
    if condition.channel is not None:
        return condition.channel == facts.channel
    if condition.between is not None:
        return _is_between(condition.between, facts.now)
    if condition.weekday is not None:
        return WEEKDAYS[facts.now.weekday()] in condition.weekday
    return texts.speaks(facts.language, condition.language or "")


def _is_value(condition: Condition, given: str | None) -> bool:
    """What was given is one of the wanted, or within the bounds; with neither, it is there at all."""
    if given is None:
        return False
    if condition.is_ is not None:
        return folded(given) in {folded(one) for one in wanted(condition)}
    if condition.at_least is None and condition.at_most is None:
        return bool(given)
    try:
        number = float(given)
    except ValueError:
        return False
    low, high = condition.at_least, condition.at_most
    return (low is None or number >= low) and (high is None or number <= high)


def _is_between(written: str, now: datetime) -> bool:
    """From the first minute until just before the last; over midnight where the first is later."""
    start, end = hours(written)
    clock = now.time()
    return start <= clock < end if start < end else clock >= start or clock < end


def wanted(condition: Condition) -> tuple[str, ...]:
    """The values of which the given one must be one."""
    return condition.is_ or ()


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


def may_hold(condition: Condition, channel: str, *, wanted_outcome: bool = True) -> bool:
    """Whether the condition can come out so for a contact of this channel, whatever else is known of them."""
    if condition.not_ is not None:
        return may_hold(condition.not_, channel, wanted_outcome=not wanted_outcome)
    for parts, is_every in ((condition.all, True), (condition.any, False)):
        if parts is not None:
            each = [may_hold(part, channel, wanted_outcome=wanted_outcome) for part in parts]
            return all(each) if is_every == wanted_outcome else any(each)
    return condition.channel is None or (condition.channel == channel) == wanted_outcome
