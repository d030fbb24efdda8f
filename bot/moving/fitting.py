"""Whether who waits at a step of an older version can wait at the same step of a newer one, as it is there."""

import math
from datetime import date

from bot.engine import answers
from bot.language import model
from bot.language.model import AnyStep, Asking, Flow, Timeout, Waiting
from bot.language.model.times import duration
from core.reasons import Reason

ANY_DAY = date(2000, 1, 1)  # choices do not ask what day it is


def misfit(old: Flow, step: AnyStep, new: Flow, now_there: AnyStep) -> Reason | None:
    """Why not, or None. The words of a question may differ, and where its answers lead; not what its answers are."""
    match step, now_there:
        case model.Ask(), model.Ask():
            if not _is_same_question(old, step.ask, new, now_there.ask):
                return Reason.MOVE_QUESTION_CHANGED
            is_same_wait = _after(step.ask.timeout) == _after(now_there.ask.timeout)
            return None if is_same_wait else Reason.MOVE_WAIT_CHANGED
        case model.Wait(), model.Wait():
            return None if _meaning(step.wait) == _meaning(now_there.wait) else Reason.MOVE_WAIT_CHANGED
        case model.Call(), model.Call():
            return None if step.call == now_there.call else Reason.MOVE_CALL_CHANGED
    return Reason.MOVE_KIND_CHANGED


def _is_same_question(old: Flow, asked: Asking, new: Flow, asks: Asking) -> bool:
    """Whether every answer to the one is an answer to the other, kept under the same name as the same value."""
    if (asked.keep, asked.kind, bool(asked.choices)) != (asks.keep, asks.kind, bool(asks.choices)):
        return False
    if asked.choices:
        return all(_kept(old, asked, said) == _kept(new, asks, said) for said in _sayable(asked))
    low, high = _bounds(asked)
    lowest, highest = _bounds(asks)
    return lowest <= low and high <= highest


def _sayable(asked: Asking) -> list[str]:
    """All that the customer may tap or write: every label in every language, and every value."""
    labels = [[choice.label] if isinstance(choice.label, str) else choice.label.values() for choice in asked.choices]
    return [word for words in labels for word in words] + [choice.value for choice in asked.choices if choice.value]


def _kept(flow: Flow, asked: Asking, said: str) -> str | None:
    answer = answers.understood(asked, said, flow.languages, ANY_DAY)
    return answer.value if answer else None


def _bounds(asked: Asking) -> tuple[float, float]:
    return -math.inf if asked.min is None else asked.min, math.inf if asked.max is None else asked.max


def _meaning(waited: Waiting) -> tuple[object, ...]:
    """What a row in `waits` was made of: how long, until what, of which coupon, and until when at the latest."""
    how_long = duration(waited.for_) if waited.for_ else None
    return how_long, frozenset(waited.until), waited.campaign, _after(waited.timeout)


def _after(timeout: Timeout | None) -> object:
    return duration(timeout.after) if timeout else None
