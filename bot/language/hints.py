"""What the writer of a part that cannot be right may have meant, in a marketer's words."""

import re

from bot.language import model
from bot.language.mistakes import did_you_mean
from bot.sentences import Pair

# What is written within a part, by the part's name, where a single word stands instead.
PARTS = {
    "contact": "{name: Alex, tags: [vip]}",
    "if": "{answer: drink, is: tea}",
    "refused": "{otherwise: sorry}",
    "set": "{taste: sweet}",
    "timeout": "{after: 2 days, go: remind}",
    "tries": "{at_most: 3, go: help}",
}
PLAIN_COMMA = Pair(
    "；幾個之間用半形逗號加一個空格隔開：`, `", "; between two of them stands a plain comma and a space: `, `"
)
WIDE_COMMAS = ("，", "、")
_GLUED = re.compile(r"([A-Za-z][A-Za-z_-]*)\s*[：:]")


def of_name(name: str) -> Pair | None:
    """For a name that nobody knows because its colon has become a part of it."""
    found = _GLUED.match(name)
    return _colon(found.group(1)) if found else None


def of_language(name: str) -> Pair | None:
    """For a language that stands among the parts of a step, beside its text."""
    if not re.fullmatch(model.LANGUAGE, name):
        return None
    return Pair(
        f"「{name}」是語言；請放進 text 裡：`text: {{{name}: ...}}`",
        f"{name!r} is a language; it belongs within the text: `text: {{{name}: ...}}`",
    )


def of_words(name: str, value: object) -> Pair | None:
    """For the rest of a text that a comma has ended: YAML reads it as a name without a value."""
    if value is None:
        return Pair(
            f"「{name}」前面的逗號把文字切斷了；在 {{ }} 裡，有逗號的文字要加引號",
            f"the comma before {name!r} ends the text; within {{ }} a text with a comma needs quotes",
        )
    return None


def has_wide_comma(found: object) -> bool:
    """Whether somebody has written a list with full-width commas."""
    return isinstance(found, str) and any(comma in found for comma in WIDE_COMMAS)


def of_step(found: object) -> Pair | None:
    """For a step of no known kind."""
    if isinstance(found, str):
        return _of_one_word(found)
    if not isinstance(found, dict):
        return None
    if set(found) == {"id"}:
        return Pair(
            "這裡只有 id；步驟本身要寫在下一行，和 id 同一欄，前面不加 -",
            "there is only an id: write the step itself on the next line, in the same column as the id and without a -",
        )
    hints = (did_you_mean(str(key), model.KINDS) for key in found if key != "id")
    return next((hint for hint in hints if hint.en.startswith("did")), None)


def _of_one_word(words: str) -> Pair | None:
    if hint := of_name(words):
        return hint
    if words in model.KINDS:
        whole = "end: true" if words == "end" else f"{words}: ..."
        return Pair(f"請寫成 `{whole}`", f"write `{whole}`")
    return None


def _colon(name: str) -> Pair:
    return Pair(
        f"「{name}」後面要用半形冒號加一個空格：`{name}: `",
        f"write a plain colon and a space after {name!r}: `{name}: `",
    )
