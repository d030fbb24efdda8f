"""What is expected where a file holds something else, in a marketer's words."""

from pydantic_core import ErrorDetails

from bot.language import hints, model
from bot.sentences import Pair, Sentence

NAMES = Pair(
    "小寫英文字母、數字和連字號組成的名稱，例如 summer-tea",
    "a name of small letters, digits and hyphens, such as summer-tea",
)
TEXT = Pair(
    "一段文字，或每種語言各一段，例如 {zh-Hant: ..., en: ...}",
    "a text, or a text for each language such as {zh-Hant: ..., en: ...}",
)
PARTS = Pair("`text: ...` 這樣的內容，每項各占一行", "parts such as `text: ...`, each on a line of its own")
TRUE = Pair("true", "true")
WHOLE, NUMBER = (
    Pair("整數，例如 3", "a whole number, such as 3"),
    Pair("數字，例如 3 或 2.5", "a number, such as 3 or 2.5"),
)
MAPPINGS = frozenset({"dict_type", "model_type", "model_attributes_type"})  # pydantic's, for what has parts
# pydantic's type of error -> what was expected.
EXPECTED = {
    "bool_type": TRUE,
    "bool_parsing": TRUE,
    "dict_type": PARTS,
    "finite_number": NUMBER,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "greater_than_equal": Pair("不小於 {ge} 的數", "{ge} or more"),
    "int_from_float": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_type": WHOLE,
    "less_than_equal": Pair("不大於 {le} 的數", "{le} or less"),
    "literal_error": Pair("{expected}", "{expected}"),
    "model_type": PARTS,
    "model_attributes_type": PARTS,
    "string_too_long": Pair("最多 {max_length} 個字元", "at most {max_length} characters"),
    "string_too_short": Pair("至少 {min_length} 個字元", "at least {min_length} characters"),
    "string_type": Pair(
        "文字；看起來像別的東西時請加引號", "a text; where it looks like something else, put it in quotes"
    ),
    "tuple_type": Pair(
        "清單，例如 [一個, 另一個]，或每項一行、前面加 -", "a list: [one, another], or a line with - for each"
    ),
}
PATTERNS = {
    model.LANGUAGE: Pair("語言，例如 zh-Hant 或 en", "a language such as zh-Hant or en"),
    "_": Pair("小寫英文字母、數字和 _，例如 drink", "small letters, digits and _, such as drink"),
}


def wrong_value(found: object, expected: Pair) -> Sentence:
    """Something else stands where this is expected."""
    shown = _shown(found)
    return Sentence(
        "wrong_value",
        f"這裡寫的是{shown.zh}；應該寫成：{expected.zh}",
        f"found {shown.en}; expected {expected.en}",
    )


def expected(detail: ErrorDetails, name: str) -> Pair:
    """What pydantic wanted in the place of what it found, at the part of this name."""
    context = detail.get("ctx", {})
    if words := _by_name(detail, name):
        return words
    if detail["type"] == "string_pattern_mismatch":
        wanted = next((words for part, words in PATTERNS.items() if part in str(context["pattern"])), NAMES)
        comma = hints.PLAIN_COMMA if hints.has_wide_comma(detail["input"]) else Pair("", "")
        return Pair(wanted.zh + comma.zh, wanted.en + comma.en)
    own = detail["msg"][:1].lower() + detail["msg"][1:]
    told = EXPECTED.get(detail["type"])
    if told is None:  # pydantic's own words, for a type that no part of the model has so far
        return Pair(f"別的內容（{own}）", own)
    if detail["type"] == "literal_error":
        one_of = context["expected"].replace("True", "true")
        return Pair(one_of.replace(" or ", " 或 ").replace(", ", "、"), one_of)
    return Pair(told.zh.format(**context), told.en.format(**context))


def _by_name(detail: ErrorDetails, name: str) -> Pair | None:
    """What this part in particular wants."""
    kind = detail["type"]
    if kind == "string_type":
        return hints.TEXTS.get(name, Pair("文字", "a text") if detail["input"] is None else None)
    if kind in MAPPINGS and isinstance(detail["input"], bool) and name in {"say", "ask", "choices", "words"}:
        return EXPECTED["string_type"]
    if kind in MAPPINGS and name in hints.PARTS:
        return Pair(f"`{hints.PARTS[name]}` 這樣的內容", f"parts such as `{hints.PARTS[name]}`")
    return None


def _shown(found: object) -> Pair:
    if isinstance(found, bool):
        return Pair(f" {str(found).lower()}", str(found).lower())
    if isinstance(found, dict):
        names = list(map(str, found))
        return Pair(f"幾項內容（{'、'.join(names) or '空的'}）", f"parts ({', '.join(names) or 'none'})")
    if isinstance(found, list):
        return Pair("清單", "a list")
    return Pair(f"「{found}」", repr(found)) if isinstance(found, str) else Pair("空白", "nothing")
