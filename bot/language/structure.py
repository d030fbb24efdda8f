"""What pydantic finds wrong with a file's structure, said in a marketer's words at its place in the file."""

from collections.abc import Iterable, Iterator

from pydantic_core import ErrorDetails

from bot.language import hints, model
from bot.language.expected import TEXT, expected, wrong_value
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow, conversation
from bot.language.source import Path, Source
from bot.sentences import Sentence

# What stands within `conversations`, by the name that it stands under.
CONVERSATIONS: dict[str, type[model.Part]] = {
    "conversations": conversation.Conversation,
    "contact": conversation.Who,
    "talk": conversation.Turn,
    "bot": conversation.Heard,
    "held": conversation.Heard,
}


def mistakes(source: Source, details: Iterable[ErrorDetails]) -> Iterator[Mistake]:
    """All of pydantic's findings. A list whose parts are wrong is not told to be empty besides.

    Of a text in several languages that has something else among them, only that is told.
    """
    told = list(details)
    strange = {
        detail["loc"][:-1] for detail in told if detail["type"] == "extra_forbidden" and not _is_language(detail)
    }
    within_if = {detail["loc"] for detail in told if detail["type"] == "extra_forbidden"}
    for detail in told:
        if _is_language(detail) and detail["loc"][:-1] in strange:
            continue
        if detail["type"] == "missing" and (*detail["loc"][:-1], "if", detail["loc"][-1]) in within_if:
            continue
        within = [
            other for other in told if other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"]
        ]
        if not (detail["type"] == "too_short" and within):
            yield mistake(source, detail)


def mistake(source: Source, detail: ErrorDetails) -> Mistake:
    """One finding of pydantic's as a mistake of the file."""
    path, kind = _path(detail["loc"]), detail["type"]
    if found := _of_form(source, path, detail):
        return found
    place = path[:-1] if kind == "missing" else path
    if kind == "value_error":  # behind the sentence, a part of the model may name the inner one that is wrong
        place = (*path, *detail["ctx"]["error"].args[1:])
    return source.mistake(place, _sentence(path, detail))


def _sentence(path: Path, detail: ErrorDetails) -> Sentence:
    is_text = any(str(part).startswith(("str", "dict[", "tuple[")) for part in detail["loc"][-2:])
    kind = "" if is_text else detail["type"]
    name = next((part for part in reversed(path) if isinstance(part, str)), "the file")
    if kind == "extra_forbidden":
        return _unknown(path, detail, name)
    if kind == "missing":
        return Sentence("part_missing", f"缺少「{name}」", f"{name!r} is missing")
    if kind == "too_short":
        return _too_few(name, detail["ctx"]["min_length"], detail["ctx"]["actual_length"])
    if kind == "step_kind":
        return _no_kind(detail["input"])
    if kind == "value_error":
        return of_error(detail["ctx"]["error"])
    return wrong_value(detail["input"], TEXT if is_text else expected(detail, name))


def _of_form(source: Source, path: Path, detail: ErrorDetails) -> Mistake | None:
    """What the form of the file shows, whatever pydantic says of it: a dash, a colon or quotes that are missing."""
    found, kind = detail["input"], detail["type"]
    cut = source.cut.get(path) or source.cut.get(path[:-1])  # a text's path may end with what pydantic tried it as
    if found is None and cut:
        return source.mistake(path, hints.cut_by_hash(cut))
    if kind == "value_error" and isinstance(found, str) and (hint := hints.of_name(found)):
        return source.mistake(path, hint)
    if kind == "tuple_type" and isinstance(found, dict) and found:
        key = str(next(iter(found)))
        if hint := hints.of_name(key):
            return source.mistake((*path, key), hint)
        if key in _fields((*detail["loc"], 0, "")) or (path == ("steps",) and key in {*model.KINDS, "id"}):
            return source.mistake((*path, key), hints.of_dash(key))
    if kind == "extra_forbidden" and len(path) == 3 and path[0] == "steps":  # noqa: PLR2004 (steps, number, name)
        kinds = [key for key in source.data["steps"][path[1]] if key in model.KINDS]
        if path[2] in kinds and not _is_within(path, detail["loc"], str(path[2])):
            return source.mistake((*path[:2], kinds[1]), hints.of_step_within(kinds[1]))
    return None


def of_error(error: ValueError) -> Sentence:
    """The sentence with which a part of the model has refused a value."""
    told = error.args[0]
    return told if isinstance(told, Sentence) else Sentence("wrong_value", str(told), str(told))


def _too_few(name: str, least: int, count: int) -> Sentence:
    return Sentence(
        "too_few",
        f"「{name}」{f'只有 {count} 項' if count else '是空的'}；至少要有 {least} 項",
        f"{name!r} {f'has {count}' if count else 'is empty'}; expected at least {'one' if least == 1 else least}",
    )


def _unknown(path: Path, detail: ErrorDetails, name: str) -> Sentence:
    loc, fields = detail["loc"], _fields(detail["loc"])
    if hint := hints.of_name(name):
        return hint
    if misplaced := _misplaced(path, loc, name):
        return misplaced
    takes_texts = "text" in fields and loc[0] == "steps"
    if takes_texts and (language := hints.of_language(name)):
        return Sentence("language_misplaced", language.zh, language.en)
    if takes_texts and (rest := hints.of_words(name, detail["input"])):
        return Sentence("text_cut_by_comma", rest.zh, rest.en)
    near = did_you_mean(name, fields)
    return Sentence("unknown_part", f"這裡不能寫「{name}」；{near.zh}", f"{name!r} is not known here; {near.en}")


def _misplaced(path: Path, loc: tuple[int | str, ...], name: str) -> Sentence | None:
    """For what is known, but not here."""
    if path[-2:-1] == ("if",) and name in {"then", "else"}:
        return Sentence(
            "part_misplaced",
            f"「{name}」要和 `if` 同一欄，放在 `if` 下面另一行",
            f"{name!r} belongs below `if`, on a line of its own in the same column",
        )
    if name in {"elif", "elseif", "else if"}:
        return Sentence(
            "unknown_part",
            f"這裡不能寫「{name}」；請讓 `else` 走到另一個有 `if` 的步驟",
            f"{name!r} is not known here; let `else` go to a step with an `if` of its own",
        )
    if _is_within(path, loc, name):
        return Sentence(
            "part_misplaced",
            f"「{name}」要放在 `{loc[2]}:` 裡面：寫在它下面另一行，多縮排兩格",
            f"{name!r} belongs within `{loc[2]}:`, on a line of its own under it, two spaces further in",
        )
    return None


def _is_language(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden" and hints.of_language(str(detail["loc"][-1])) is not None


def _is_within(path: Path, loc: tuple[int | str, ...], name: str) -> bool:
    """Whether a part stands beside its step's kind, and is known within that."""
    is_beside = len(path) == 3 and path[0] == "steps"  # noqa: PLR2004 (steps, number, name)
    inner = model.INSIDE.get(str(loc[2])) if is_beside else None
    return inner is not None and name in {field.alias or own for own, field in inner.model_fields.items()}


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
