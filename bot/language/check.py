"""Checking a flow file before it is used: every mistake at once, each at its line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from bot.language import addresses, limits, model, reach, starts, structure, talks, ways, wording
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Source, read
from bot.language.starts import Mark

REFUSALS = ("limit_reached", "sold_out", "not_started", "ended", "unreachable")


def _anything(_: str) -> bool:
    return True


@dataclass(frozen=True)
class Known:
    """What a flow may refer to, and what it must not take from others. None: nobody knows, so nothing is said.

    `has_picture` tells whether a picture is beside the file. `starts` are those of all the other flows
    (`bot.language.starts.marks`), each with the name of its flow.
    """

    campaigns: frozenset[str] | None = None
    has_picture: Callable[[str], bool] = _anything
    starts: Mapping[Mark, str] | None = None


def check(text: str, file: str, known: Known) -> tuple[Flow | None, list[Mistake]]:
    """The flow, where it can be read at all, and every mistake in the order of the lines."""
    source = read(text, file)
    if isinstance(source, Mistake):
        return None, [source]
    if not isinstance(source.data, dict):
        return None, [Mistake(file, 1, 1, "the file must hold a flow: `flow:`, `starts:` and `steps:`")]
    try:
        flow = Flow.model_validate(source.data)
    except ValidationError as error:
        return None, sorted({structure.mistake(source, detail) for detail in error.errors()})
    rules = (
        _names,
        reach.check,
        _campaigns,
        wording.check,
        _starts,
        addresses.check,
        _refusals,
        limits.check,
        talks.check,
    )
    return flow, sorted({mistake for rule in rules for mistake in rule(flow, source, known)})


def _names(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Step ids: each once, and every one that is gone to is there."""
    ids = [step.id for step in flow.steps if step.id]
    seen = set[str]()
    for index, step in enumerate(flow.steps):
        if step.id in seen:
            yield source.mistake(("steps", index, "id"), f"the id {step.id!r} is taken by an earlier step")
        seen |= {step.id} if step.id else set()
        for path, target in ways.ways_of(step):
            if target not in ids:
                yield source.mistake(
                    ("steps", index, *path), f"there is no step {target!r}; {did_you_mean(target, ids)}"
                )


def _campaigns(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every campaign is there."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.SendCoupon) and known.campaigns is not None:
            slug = step.send_coupon.campaign
            if slug not in known.campaigns:
                path = ("steps", index, "send_coupon", "campaign")
                yield source.mistake(path, f"there is no campaign {slug!r}; {did_you_mean(slug, known.campaigns)}")


def _starts(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """No start stands twice in the flow, nor in another one: only one of the two could answer."""
    seen, told = set[Mark](), set[Mark]()
    for path, mark in starts.marks(flow):
        other = (known.starts or {}).get(mark)
        if other is not None:
            yield source.mistake(path, f"the start {' '.join(mark).strip()!r} is taken by the flow {other!r}")
        if mark in seen - told:
            told.add(mark)
            yield source.mistake(path, f"the start {' '.join(mark).strip()!r} stands here twice")
        seen.add(mark)


def _refusals(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Every refusal of a coupon has a way; else the flow just goes on, as if it had been sent."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.SendCoupon) and not step.send_coupon.refused.otherwise:
            refused = step.send_coupon.refused
            open_ones = [reason for reason in REFUSALS if not getattr(refused, reason)]
            if open_ones:
                message = f"nothing is said when the coupon is refused for: {', '.join(open_ones)} (add `otherwise:`)"
                yield source.mistake(("steps", index, "send_coupon"), message, is_warning=True)
