"""The rest of a flow, checked while some of its steps cannot be read: so all mistakes are told at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.language import model
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source

Rule = Callable[[Flow, Source, Known], Iterator[Mistake]]


def mistakes(source: Source, errors: Sequence[ErrorDetails], known: Known, rules: Iterable[Rule]) -> Iterator[Mistake]:
    """What the rules find outside the broken steps. Nothing where more than steps is broken."""
    places = [error["loc"][:2] for error in errors]
    broken = {place[1] for place in places if len(place) == 2 and place[0] == "steps"}  # noqa: PLR2004 (steps, number)
    if len(broken) != len(set(places)):
        return
    steps = [_stand_in(step) if index in broken else step for index, step in enumerate(source.data["steps"])]
    try:
        flow = Flow.model_validate({**source.data, "steps": steps})
    except ValidationError:  # an id that is none, which stands in nobody's place
        return
    beyond = _lines_of(source, broken)
    yield from (found for rule in rules for found in rule(flow, source, known) if found.line not in beyond)


def _stand_in(step: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the file holds)
    """A step that gives what the broken one would: its id, its answer, its coupon."""
    given = step if isinstance(step, dict) else {}
    kept = {"id": given["id"]} if "id" in given else {}
    kind = model.kind_of(given)
    if kind == "ask":
        asked = given["ask"] if isinstance(given["ask"], dict) else given
        return {**kept, "ask": {"text": "-", **({"keep": asked["keep"]} if "keep" in asked else {})}}
    if kind == "send_coupon":
        return {**kept, "send_coupon": {"campaign": "unknown", "text": "-", "button": "-"}}
    return {**kept, "say": "-"}


def _lines_of(source: Source, broken: set[int | str]) -> set[int]:
    """The lines of the broken steps."""
    lines = set[int]()
    last = max(line for line, _ in source.places.values())
    for index in broken:
        first, _ = source.place(("steps", index))
        end = source.places.get(("steps", int(index) + 1), (last + 1, 1))[0]
        lines |= set(range(first, max(end, first + 1)))
    return lines
