"""LINE Flex containers: what LINE would refuse, found before a customer meets it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot.channels import line
from bot.language import estimate, model
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source

if TYPE_CHECKING:
    from bot.language.check import Known


def check(flow: Flow, source: Source, _: "Known") -> Iterator[Mistake]:
    """The containers as they are at their longest."""
    values = estimate.values_of(flow)
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Say) and isinstance(step.say.flex, dict):
            for problem in line.flex_problems(_filled(step.say.flex, values)):
                yield source.mistake(
                    ("steps", index, "say", "flex"), f"LINE would refuse this Flex container: {problem}"
                )


def _filled(part: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 (whatever a Flex file holds)
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list | tuple):
        return [_filled(inner, values) for inner in part]
    return estimate.filled(part, values) if isinstance(part, str) else part
