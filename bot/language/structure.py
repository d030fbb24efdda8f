"""What pydantic finds wrong with a file's structure, said in a marketer's words at its place in the file."""

from collections.abc import Iterable, Iterator

from pydantic_core import ErrorDetails

from bot.language import hints, model
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow, conversation
from bot.language.source import Path, Source
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
# What stands within `conversations`, by the name that it stands under.
CONVERSATIONS: dict[str, type[model.Part]] = {
    "conversations": conversation.Conversation,
    "contact": conversation.Who,
    "talk": conversation.Turn,
    "bot": conversation.Heard,
    "held": conversation.Heard,
}
PATTERNS = {
    model.LANGUAGE: Pair("語言，例如 zh-Hant 或 en", "a language such as zh-Hant or en"),
    "_": Pair("小寫英文字母、數字和 _，例如 drink", "small letters, digits and _, such as drink"),
}


def mistakes(source: Source, details: Iterable[ErrorDetails]) -> Iterator[Mistake]:
    """All of pydantic's findings. A list whose parts are wrong is not told to be empty besides.

    Of a text in several languages that has something else among them, only that is told.
    """
    told = list(details)
    strange = {
        detail["loc"][:-1] for detail in told if detail["type"] == "extra_forbidden" and not _is_language(detail)
    }
    for detail in told:
        if _is_language(detail) and detail["loc"][:-1] in strange:
            continue
        within = [
            other for other in told if other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"]
        ]
        if not (detail["type"] == "too_short" and within):
            yield mistake(source, detail)


def mistake(source: Source, detail: ErrorDetails) -> Mistake:
    """One finding of pydantic's as a mistake of the file."""
    is_text = any(str(part).startswith(("str", "dict[", "tuple[")) for part in detail["loc"][-2:])
    path, kind = _path(detail["loc"]), "" if is_text else detail["type"]
    last = str(path[-1]) if path else "the file"
    if kind == "extra_forbidden":
        return source.mistake(path, _unknown(path, detail, last))
    if kind == "missing":
        return source.mistake(path[:-1], Sentence("part_missing", f"缺少「{last}」", f"{last!r} is missing"))
    if kind == "too_short":
        return source.mistake(path, _too_few(last, detail["ctx"]["min_length"], detail["ctx"]["actual_length"]))
    if kind == "step_kind":
        return source.mistake(path, _no_kind(detail["input"]))
    if kind == "value_error":
        return source.mistake(path, of_error(detail["ctx"]["error"]))
    return source.mistake(path, wrong_value(detail["input"], TEXT if is_text else _expected(detail, last)))


def of_error(error: ValueError) -> Sentence:
    """The sentence with which a part of the model has refused a value."""
    (told,) = error.args
    return told if isinstance(told, Sentence) else Sentence("wrong_value", str(told), str(told))


def wrong_value(found: object, expected: Pair) -> Sentence:
    """Something else stands where this is expected."""
    shown = _shown(found)
    return Sentence(
        "wrong_value",
        f"這裡寫的是{shown.zh}；應該寫成：{expected.zh}",
        f"found {shown.en}; expected {expected.en}",
    )


def _too_few(name: str, least: int, count: int) -> Sentence:
    return Sentence(
        "too_few",
        f"「{name}」{f'只有 {count} 項' if count else '是空的'}；至少要有 {least} 項",
        f"{name!r} {f'has {count}' if count else 'is empty'}; expected at least {'one' if least == 1 else least}",
    )


def _unknown(path: Path, detail: ErrorDetails, name: str) -> Sentence:
    loc, fields = detail["loc"], _fields(detail["loc"])
    if hint := hints.of_name(name):
        return Sentence("colon_not_plain", hint.zh, hint.en)
    if _is_within(path, loc, name):
        return Sentence(
            "part_misplaced",
            f"「{name}」要放在 `{loc[2]}:` 裡面：寫在它下面另一行，多縮排兩格",
            f"{name!r} belongs within `{loc[2]}:`, on a line of its own under it, two spaces further in",
        )
    takes_texts = "text" in fields and loc[0] == "steps"
    if takes_texts and (hint := hints.of_language(name)):
        return Sentence("language_misplaced", hint.zh, hint.en)
    if takes_texts and (hint := hints.of_words(name, detail["input"])):
        return Sentence("text_cut_by_comma", hint.zh, hint.en)
    near = did_you_mean(name, fields)
    return Sentence("unknown_part", f"這裡不能寫「{name}」；{near.zh}", f"{name!r} is not known here; {near.en}")


def _is_language(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden" and hints.of_language(str(detail["loc"][-1])) is not None


def _is_within(path: Path, loc: tuple[int | str, ...], name: str) -> bool:
    """Whether a part stands beside its step's kind, and is known within that."""
    is_beside = len(path) == 3 and path[0] == "steps"  # noqa: PLR2004 (steps, number, name)
    inner = model.INSIDE.get(str(loc[2])) if is_beside else None
    return inner is not None and name in {field.alias or own for own, field in inner.model_fields.items()}


def _expected(detail: ErrorDetails, name: str) -> Pair:
    context = detail.get("ctx", {})
    if detail["type"] in {"dict_type", "model_type", "model_attributes_type"} and name in hints.PARTS:
        return Pair(f"`{hints.PARTS[name]}` 這樣的內容", f"parts such as `{hints.PARTS[name]}`")
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


def _shown(found: object) -> Pair:
    if isinstance(found, bool):
        return Pair(f" {str(found).lower()}", str(found).lower())
    if isinstance(found, dict):
        names = list(map(str, found))
        return Pair(f"幾項內容（{'、'.join(names) or '空的'}）", f"parts ({', '.join(names) or 'none'})")
    if isinstance(found, list):
        return Pair("清單", "a list")
    return Pair(f"「{found}」", repr(found)) if isinstance(found, str) else Pair("空白", "nothing")


def _no_kind(found: object) -> Sentence:
    """For a step of no known kind: the kinds, and what its writer may have meant."""
    hint = hints.of_step(found)
    zh, en = (f"；{hint.zh}", f"; {hint.en}") if hint else ("", "")
    kinds = list(model.KINDS)
    return Sentence(
        "unknown_step_kind",
        f"步驟要是其中一種：{'、'.join(kinds)}{zh}",
        f"a step is one of: {', '.join(kinds)}{en}",
    )


def _path(loc: tuple[int | str, ...]) -> Path:
    """The place in the file. pydantic puts the kind of a step behind the step's number; the file does not."""
    return loc[:2] + loc[3:] if len(loc) > 2 and loc[0] == "steps" else loc  # noqa: PLR2004 (steps, number, kind)


def _fields(loc: tuple[int | str, ...]) -> list[str]:
    """The fields that are known where an unknown one was found."""
    parts = [str(part) for part in loc[:-1] if isinstance(part, str)]
    kinds: dict[str, type[model.Part]] = {
        "starts": model.Start,
        "with": model.Audience,
        "buttons": model.Button,
        "choices": model.Choice,
        "refused": model.Refusals,
        "cards": model.Card,
        "tries": model.Tries,
        "timeout": model.Timeout,
        "random": model.Branch,
        **model.KINDS,
        **CONVERSATIONS,
        **{name: inner for name, inner in model.INSIDE.items() if parts.count(name) > 1},  # ..., say, say, txt
    }
    nearest = next((kinds[name] for name in reversed(parts) if name in kinds), Flow)
    return [field.alias or name for name, field in nearest.model_fields.items()]
