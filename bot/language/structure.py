"""What pydantic finds wrong with a file's structure, said in a marketer's words at its place in the file."""

from collections.abc import Iterable, Iterator

from pydantic_core import ErrorDetails

from bot.language import model
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow, conversation
from bot.language.source import Path, Source

NAMES = "a name of small letters, digits and hyphens, such as summer-tea"
TEXT = "a text, or a text for each language such as {zh-Hant: ..., en: ...}"
# pydantic's type of error -> what was expected.
EXPECTED = {
    "bool_type": "true",
    "bool_parsing": "true",
    "dict_type": "parts such as `text: ...`, each on a line of its own",
    "literal_error": "{expected}",
    "model_type": "parts such as `text: ...`, each on a line of its own",
    "model_attributes_type": "parts such as `text: ...`, each on a line of its own",
    "string_too_long": "at most {max_length} characters",
    "string_type": "a text; where it looks like something else, put it in quotes",
    "tuple_type": "a list: [one, another], or a line with - for each",
}
# What stands within `conversations`, by the name that it stands under.
CONVERSATIONS: dict[str, type[model.Part]] = {
    "conversations": conversation.Conversation,
    "contact": conversation.Who,
    "talk": conversation.Turn,
    "bot": conversation.Heard,
    "held": conversation.Heard,
}
PATTERNS = {model.LANGUAGE: "a language such as zh-Hant or en", "_": "small letters, digits and _, such as drink"}


def mistakes(source: Source, details: Iterable[ErrorDetails]) -> Iterator[Mistake]:
    """All of pydantic's findings. A list whose parts are wrong is not told to be empty besides."""
    told = list(details)
    for detail in told:
        within = [
            other for other in told if other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"]
        ]
        if not (detail["type"] == "too_short" and within):
            yield mistake(source, detail)


def mistake(source: Source, detail: ErrorDetails) -> Mistake:
    """One finding of pydantic's as a mistake of the file."""
    path, kind = _path(detail["loc"]), detail["type"]
    last = str(path[-1]) if path else "the file"
    if any(str(part).startswith(("str", "dict[", "tuple[")) for part in detail["loc"][-2:]):
        return source.mistake(path, f"found {_shown(detail['input'])}; expected {TEXT}")
    if kind == "extra_forbidden":
        return source.mistake(path, _unknown(path, detail["loc"], last))
    if kind == "missing":
        return source.mistake(path[:-1], f"{last!r} is missing")
    if kind == "too_short":
        least, count = detail["ctx"]["min_length"], detail["ctx"]["actual_length"]
        found = f"has {count}" if count else "is empty"
        return source.mistake(path, f"{last!r} {found}; expected at least {'one' if least == 1 else least}")
    if kind in {"value_error", "step_kind"}:
        return source.mistake(path, detail["msg"].removeprefix("Value error, ") + _near_kind(detail))
    return source.mistake(path, f"found {_shown(detail['input'])}; expected {_expected(detail)}")


def _unknown(path: Path, loc: tuple[int | str, ...], name: str) -> str:
    if _is_within(path, loc, name):
        return f"{name!r} belongs within `{loc[2]}:`, on a line of its own under it, two spaces further in"
    return f"{name!r} is not known here; {did_you_mean(name, _fields(loc))}"


def _is_within(path: Path, loc: tuple[int | str, ...], name: str) -> bool:
    """Whether a part stands beside its step's kind, and is known within that."""
    is_beside = len(path) == 3 and path[0] == "steps"  # noqa: PLR2004 (steps, number, name)
    inner = model.INSIDE.get(str(loc[2])) if is_beside else None
    return inner is not None and name in {field.alias or own for own, field in inner.model_fields.items()}


def _expected(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch":
        return next((words for part, words in PATTERNS.items() if part in str(context["pattern"])), NAMES)
    told = EXPECTED.get(detail["type"], detail["msg"][:1].lower() + detail["msg"][1:])
    return told.format(**context).replace("True", "true")


def _shown(found: object) -> str:
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict):
        return f"parts ({', '.join(map(str, found)) or 'none'})"
    if isinstance(found, list):
        return "a list"
    return repr(found) if isinstance(found, str) else "nothing"


def _near_kind(detail: ErrorDetails) -> str:
    """For a step of no known kind: the kind that its writer may have meant."""
    found = detail["input"]
    if detail["type"] != "step_kind" or not isinstance(found, dict):
        return ""
    hints = (did_you_mean(str(key), model.KINDS) for key in found if key != "id")
    return next(("; " + hint for hint in hints if hint.startswith("did")), "")


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
