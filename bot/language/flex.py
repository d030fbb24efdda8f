"""LINE Flex containers: what LINE would refuse, found before a customer meets it."""

from collections.abc import Iterator
from functools import partial

from bot.channels import line
from bot.language import estimate, model, texts
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source
from bot.sentences import Sentence


def check(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """The containers as they are at their longest."""
    fill = partial(estimate.filled, values=estimate.values_of(flow))
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Say) and isinstance(step.say.flex, dict):
            for problem in line.flex_problems(texts.each_filled(step.say.flex, fill)):
                message = Sentence(
                    "flex_refused",
                    f"LINE 會拒收這個 Flex 訊息：{problem.zh}",
                    f"LINE would refuse this Flex container: {problem.en}",
                )
                yield source.mistake(("steps", index, "say", "flex"), message)
