"""Messenger's 24 hours: messages that may come later than that after the customer's last act, and how it comes to it.

Messenger delivers to a customer within 24 hours of their last message or tap. What comes later is held until they
write again: a reminder after two days reaches them in LINE only.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.language import conditions, model, moments, ways
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.model.times import duration, moment
from bot.language.source import Path, Source
from bot.sentences import Pair, Sentence

WINDOW = timedelta(hours=24)
DAY = timedelta(hours=24)
MOST_RISES = 100  # a step whose time still grows then is in a circle that waits, and so has no longest time


@dataclass(frozen=True)
class Elapsed:
    """How long ago the customer's last act may be, and the step that made it so long. At most WINDOW is counted."""

    time: timedelta = timedelta()
    step: int = 0

    def after(self, more: timedelta, step: int) -> "Elapsed":
        """So much later, by this step."""
        return self if self.time >= WINDOW else Elapsed(min(self.time + more, WINDOW), step)


START = -1  # what made it so long was the start itself
BEGINNING = Elapsed()


def check(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """A warning at each message that Messenger may hold back; at a moment one for all that it would begin with."""
    if all(start.with_ and start.with_.channel == "line" for start in flow.starts):
        return
    yield from _at_moments(flow, source)
    for index, elapsed in sorted(_elapsed(flow).items()):
        path = _message(flow.steps[index])
        if path and elapsed.time >= WINDOW:
            line, _column = source.place(("steps", elapsed.step))
            cause = _cause(flow.steps[elapsed.step])
            message = Sentence(
                "past_messengers_day",
                f"因為第 {line} 行的{cause.zh}，走到這裡時距離客人上次留言或點按可能已超過 24 小時；Messenger 會保留"
                "這則訊息，等客人再留言才送出（前面加 `if: {channel: line}` 就只在 LINE 送）",
                "in Messenger more than 24 hours may have passed since the customer's last act, because of"
                f" {cause.en} in line {line}; this is then held until they write again"
                " (`if: {channel: line}` before it keeps it to LINE)",
            )
            yield source.mistake(("steps", index, *path), message, is_warning=True)


def _at_moments(flow: Flow, source: Source) -> Iterator[Mistake]:
    """Who is begun with has mostly done nothing for longer than a day."""
    late = _elapsed(flow, Elapsed(WINDOW, START))
    said = [index for index, elapsed in sorted(late.items()) if elapsed.step == START and _message(flow.steps[index])]
    for coming in moments.of_flow(flow):
        if said and coming.audience.channel != "line":
            line, _column = source.place(("steps", said[0]))
            message = Sentence(
                "past_messengers_day",
                "這個時間之前的 24 小時內，Messenger 的客人大多沒有留言；從第"
                f" {line} 行起對他們說的話會保留到他們再留言（寫 `with: {{tag: ..., channel: line}}` 就不包括他們）",
                "in Messenger most customers will not have written within 24 hours before this moment; what is said to"
                f" them from line {line} on is held until they write again (`with: {{tag: ..., channel: line}}` leaves"
                " them out)",
            )
            yield source.mistake(coming.path, message, is_warning=True)


def _message(step: model.AnyStep) -> Path:
    """Where a step says something; empty where it does not."""
    kind = model.kind_of(step)
    return (kind,) if kind in {"say", "ask", "send_coupon"} else ()


def _cause(step: model.AnyStep) -> Pair:
    return Pair("逾時", "the time-out") if isinstance(step, model.Ask) else Pair("等待", "the wait")


def _elapsed(flow: Flow, beginning: Elapsed = BEGINNING) -> dict[int, Elapsed]:
    """For each step that a customer of Messenger may come to, the longest time since their last act."""
    longest = {0: beginning}
    rises = Counter[int]()
    ahead = [0]
    while ahead:
        index = ahead.pop()
        for target, elapsed in _passed_on(flow, index, longest[index]):
            if target not in longest or elapsed.time > longest[target].time:
                rises[target] += 1
                is_endless = rises[target] > MOST_RISES
                longest[target] = replace(elapsed, time=WINDOW) if is_endless else elapsed
                ahead.append(target)
    return longest


def _passed_on(flow: Flow, index: int, elapsed: Elapsed) -> Iterator[tuple[int, Elapsed]]:
    step = flow.steps[index]
    for path, target in ways.ways_of(step):
        if target in flow.indices and _is_open(step, path):
            yield flow.indices[target], _later(step, path, index, elapsed)
    if index + 1 < len(flow.steps) and ways.goes_on(step) and _is_open(step, ("else",)):
        path = ("wait",)
        if isinstance(step, model.Ask):
            on_time_out = step.ask.timeout is not None and not step.ask.timeout.go
            path = ("ask", "timeout", "go") if on_time_out else ("ask",)
        yield index + 1, _later(step, path, index, elapsed)


def _is_open(step: model.AnyStep, path: Path) -> bool:
    """Whether a customer of Messenger can go this way at all."""
    if not isinstance(step, model.If):
        return True
    return conditions.may_hold(step.if_, "messenger", wanted_outcome=path == ("then",))


def _later(step: model.AnyStep, path: Path, index: int, elapsed: Elapsed) -> Elapsed:
    """The time since the last act on one of the step's ways: an answer is an act, all else is not."""
    if isinstance(step, model.Ask):
        if path == ("ask", "timeout", "go") and step.ask.timeout:
            return elapsed.after(duration(step.ask.timeout.after), index)
        return Elapsed()
    return elapsed.after(_longest(step.wait), index) if isinstance(step, model.Wait) else elapsed


def _longest(waiting: model.Waiting) -> timedelta:
    """The longest that it may wait; a date may be any time away."""
    if waiting.timeout:
        return duration(waiting.timeout.after)
    first = duration(waiting.for_) if waiting.for_ else timedelta()
    if waiting.until:
        return WINDOW if moment(waiting.until[0]) else first + DAY
    return first
