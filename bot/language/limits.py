"""The platforms' limits on what a flow says, counted as each platform counts, filled in and not."""

import re
from collections.abc import Iterator, Mapping

from bot.channels import CHANNELS
from bot.channels.limits import Limit
from bot.language import estimate, model, walk
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Pair, Sentence

# What a text is used as -> the limit's name in the channels' tables. A text over buttons may be longer than they
# take: it then goes out as a message of its own, and nothing is lost.
USES = {
    "text": "text",
    "card_text": "text",
    "title": "title",
    "button": "button_label",
    "choice": "choice_label",
    "alt_text": "alt_text",
}
# What a text is, as it is called in a sentence.
NAMES = {
    "text": Pair("文字", "text"),
    "card_text": Pair("文字", "text"),
    "title": Pair("標題", "title"),
    "button": Pair("按鈕文字", "button"),
    "choice": Pair("選項文字", "choice"),
    "alt_text": Pair("替代文字", "text"),
}
CALLED = {"line": "LINE", "messenger": "Messenger"}  # in a Chinese sentence
COUNTED = {"buttons": "個按鈕", "choices": "個選項", "cards": "張卡片"}
CUT = frozenset(
    {"title", "button", "choice", "alt_text"}
)  # what is cut where it is too long; texts go out in several messages
CUT_SHORT = Pair("超過的會被截掉", "the rest is cut")
SPLIT = Pair("超過的會分成幾則送出", "it goes out in several messages")
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


def check(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Texts, labels and numbers of things beyond what LINE or Messenger takes."""
    values = estimate.values_of(flow)
    for text in walk.texts_of(flow):
        yield from _certain_excess(text, source)
        yield from _possible_excess(text, values, source)
    yield from _numbers(flow, source)


def _limits(text: walk.Text) -> Iterator[tuple[str, Limit]]:
    """The limits on such a text, by the channels that have one."""
    for name, channel in CHANNELS.items():
        if USES.get(text.use) in channel.LIMITS:
            yield name, channel.LIMITS[USES[text.use]]


def _certain_excess(text: walk.Text, source: Source) -> Iterator[Mistake]:
    for channel, limit in _limits(text):
        for words in map(_certain, text.each):
            if not limit.allows(words):
                name, count = NAMES[text.use], limit.count(words)
                message = Sentence(
                    "text_too_long",
                    f"{name.zh}有 {count} 個字元（{CALLED[channel]} 的算法）；最多 {limit.size} 個",
                    f"the {name.en} has {count} characters as {channel} counts; at most {limit.size} fit",
                )
                yield source.mistake(text.path, message)


def _certain(template: str) -> str:
    """What is said in any case; nothing where `{% if %}` chooses."""
    return "" if "{%" in template else _FILLED_IN.sub("", template)


def _possible_excess(text: walk.Text, values: Mapping[str, str], source: Source) -> Iterator[Mistake]:
    """A warning where a text fits by itself, and may not once it is filled in."""
    for channel, limit in _limits(text):
        for template in text.each:
            longest = estimate.filled(template, values)
            if "{" in template and limit.allows(_certain(template)) and not limit.allows(longest):
                name, count = NAMES[text.use], limit.count(longest)
                then = CUT_SHORT if text.use in CUT else SPLIT
                message = Sentence(
                    "text_may_be_too_long",
                    f"{name.zh}填入資料後最長可能有 {count} 個字元（{CALLED[channel]} 的算法）；"
                    f"最多 {limit.size} 個，{then.zh}",
                    f"the {name.en} may come to {count} characters as {channel} counts; at most {limit.size} fit, and"
                    f" {then.en}",
                )
                yield source.mistake(text.path, message, is_warning=True)


def _numbers(flow: Flow, source: Source) -> Iterator[Mistake]:
    """More of a thing than every channel shows."""
    for path, limit, count in _counts(flow):
        most = min(channel.LIMITS[limit].size for channel in CHANNELS.values())
        if count > most:
            message = Sentence(
                "too_many",
                f"這裡有 {count} {COUNTED[str(path[-1])]}；最多 {most} 個，每個通道才都能顯示",
                f"{count} {path[-1]}; at most {most} fit in every channel",
            )
            yield source.mistake(path, message)


def _counts(flow: Flow) -> Iterator[tuple[Path, str, int]]:
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Say):
            path = ("steps", index, "say")
            yield (*path, "buttons"), "buttons", len(step.say.buttons)
            yield (*path, "choices"), "choices", len(step.say.choices)
            yield (*path, "cards"), "cards", len(step.say.cards)
            for number, card in enumerate(step.say.cards):
                yield (*path, "cards", number, "buttons"), "card_buttons", len(card.buttons)
        elif isinstance(step, model.Ask):
            yield ("steps", index, "ask", "choices"), "choices", len(step.ask.choices)
