"""What the writer of a part that cannot be right may have meant, in a marketer's words."""

import re

from bot.language import model
from bot.language.mistakes import did_you_mean
from bot.language.slip import A_DASH, A_SPACE, DASH
from bot.sentences import Pair, Sentence

# What is written within a part, by the part's name, where a single word stands instead.
PARTS = {
    "buttons": "{label: Menu, url: https://shop.example/menu}",
    "cards": "{title: Tea, text: $60}",
    "choices": "{label: Black tea, value: black}",
    "contact": "{name: Alex, tags: [vip]}",
    "if": "{answer: drink, is: tea}",
    "random": "{weight: 70, go: with-picture}",
    "refused": "{otherwise: sorry}",
    "send_coupon": "{campaign: summer-tea, text: Here it is., button: Open}",
    "set": "{taste: sweet}",
    "timeout": "{after: 2 days, go: remind}",
    "tries": "{at_most: 3, go: help}",
    "with": "{tag: vip}",
}
A_STEP = Pair("一個步驟的 id，例如 bye", "the id of a step, such as bye")
A_TAG = Pair("一個標籤，例如 vip；幾個標籤要寫成幾個步驟", "one tag, such as vip; several tags are several steps")
# A text of a certain kind, by the name of the part.
TEXTS = {
    "then": A_STEP,
    "else": A_STEP,
    "go": A_STEP,
    "tag": A_TAG,
    "untag": A_TAG,
    "between": Pair("兩個時間，例如 09:00-18:00", "two times of day, such as 09:00-18:00"),
}
PLAIN_COMMA = Pair(
    "；幾個之間用半形逗號加一個空格隔開：`, `", "; between two of them stands a plain comma and a space: `, `"
)
WIDE_COMMAS = ("，", "、")
_GLUED = re.compile(r"([A-Za-z][A-Za-z_-]*)\s*[：:]")


def of_name(name: str) -> Sentence | None:
    """For a name that nobody knows because its colon, its dash or a space of Chinese has become a part of it."""
    if name[:1] in {"\u3000", "\u00a0"}:
        return Sentence("space_not_plain", A_SPACE.zh, A_SPACE.en)
    if DASH.match(name):
        return Sentence("dash_not_plain", A_DASH.zh, A_DASH.en)
    found = _GLUED.match(name)
    hint = _colon(found.group(1)) if found else None
    return Sentence("colon_not_plain", hint.zh, hint.en) if hint else None


def cut_by_hash(rest: str) -> Sentence:
    """For a text without quotes that has a ` #` in it."""
    return Sentence(
        "text_cut_by_hash",
        f"「{rest}」和它後面的字不會說出來：空格後的 # 開始一段註解；如果是文字，請整段加引號；"
        "如果是註解，# 後面請空一格",
        f"{rest!r} and what follows is not said, as # after a space begins a comment; put a text in quotes, or write a"
        " space after the # of a comment",
    )


def of_dash(key: str) -> Sentence:
    """For parts that stand where a list of them does."""
    return Sentence(
        "dash_missing",
        f"「{key}」前面要有 - 和一個空格：`- {key}: ...`；清單的每一項都以 - 開頭",
        f"{key!r} needs a dash and a space before it: `- {key}: ...`; each part of a list begins so",
    )


def of_step_within(key: str) -> Sentence:
    """For a second step in one."""
    return Sentence(
        "dash_missing",
        f"「{key}」是另一個步驟：前面要有 - 和一個空格，和上一個步驟的 - 同一欄",
        f"{key!r} is a step of its own: begin it with a dash and a space, in the column of the dash before",
    )


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
        return Pair(hint.zh, hint.en)
    if words in model.KINDS:
        whole = "end: true" if words == "end" else f"{words}: ..."
        return Pair(f"請寫成 `{whole}`", f"write `{whole}`")
    return None


def _colon(name: str) -> Pair:
    return Pair(
        f"「{name}」後面要用半形冒號加一個空格：`{name}: `",
        f"write a plain colon and a space after {name!r}: `{name}: `",
    )
