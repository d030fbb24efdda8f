"""The platforms' limits on what a flow says, counted as each platform counts. What {{ }} stands for is not counted."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.channels import CHANNELS
from bot.language import model, walk
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source

if TYPE_CHECKING:
    from bot.language.check import Known

# What a text is used as -> the limit's name in the channels' tables. A text over buttons may be longer than they
# take: it then goes out as a message of its own, and nothing is lost.
USES = {"text": "text", "card_text": "text", "title": "title", "button": "button_label", "choice": "choice_label"}
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


def check(flow: Flow, source: Source, _: "Known") -> Iterator[Mistake]:
    """Texts, labels and numbers of things beyond what LINE or Messenger takes."""
    for text in walk.texts_of(flow):
        for channel in CHANNELS.values() if text.use in USES else ():
            limit = channel.LIMITS[USES[text.use]]
            for words in map(_certain, text.each):
                if not limit.allows(words):
                    found = f"{limit.count(words)} characters as {channel.NAME} counts; at most {limit.size} fit"
                    yield source.mistake(text.path, f"the {text.use.removeprefix('card_')} has {found}")
    yield from _numbers(flow, source)


def _certain(template: str) -> str:
    """What is said in any case; nothing where `{% if %}` chooses."""
    return "" if "{%" in template else _FILLED_IN.sub("", template)


def _numbers(flow: Flow, source: Source) -> Iterator[Mistake]:
    for index, step in enumerate(flow.steps):
        counts = {}
        if isinstance(step, model.Say):
            counts = {("say", "buttons"): len(step.say.buttons), ("say", "choices"): len(step.say.choices)}
        elif isinstance(step, model.Ask):
            counts = {("ask", "choices"): len(step.ask.choices)}
        for (key, what), count in counts.items():
            most = min(channel.LIMITS[what].size for channel in CHANNELS.values())
            if count > most:
                yield source.mistake(
                    ("steps", index, key, what), f"{count} {what}; at most {most} fit in every channel"
                )
