"""A whole flow: what starts it, and its steps."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bot.language.model.conversation import Conversation
from bot.language.model.parts import Language, Name, Part
from bot.language.model.start import Start, long_start
from bot.language.model.steps import AnyStep

AnyStart = Annotated[
    Start,
    BeforeValidator(long_start, json_schema_input_type=Literal["follow", "otherwise", "called"] | Start),
]


class Flow(Part):
    """A whole flow. `languages`: the first is the one used where the contact's own is not among them."""

    flow: Name
    title: str = ""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("zh-Hant",)
    starts: Annotated[tuple[AnyStart, ...], Field(min_length=1)]
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    conversations: tuple[Conversation, ...] = ()

    @cached_property
    def indices(self) -> dict[str, int]:
        """The index of each step that has an id."""
        return {step.id: index for index, step in enumerate(self.steps) if step.id}

    def index(self, step_id: str) -> int:
        """The index of the step with this id; raises KeyError where there is none."""
        return self.indices[step_id]
