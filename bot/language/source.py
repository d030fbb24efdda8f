"""A flow file's text, read into plain data with the line and column of every part of it.

Unquoted words stay what the marketer typed: `yes`, `12:30`, `007` and `2026-12-01` are texts here, though YAML 1.1
would make them true, 750, 7 and a date. Only `true` and `false` are not texts, and nothing at all is nothing.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from bot.language import slips
from bot.language.mistakes import Mistake
from bot.sentences import Pair, Sentence
from bot.storable import UNSTORABLE

LARGEST = 200_000  # characters
DEEPEST = 40  # levels of nesting
MOST = 1_000  # parts of one part: what checks each against all others would hold a process up for minutes
TOO_DEEP = Sentence("too_deep", f"一層包一層超過了 {DEEPEST} 層", f"nested more than {DEEPEST} deep")

Path = tuple[str | int, ...]

_BEYOND = re.compile(r"\\U(?!000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})[0-9A-Fa-f]{8}")  # escapes of no character at all

_HASH = re.compile(r"\s+(#[^\s#]\S*)")  # `#1` and `#summer`; a comment mostly has a space after its #

_YAML = "tag:yaml.org,2002:"
# What plain YAML makes of a word; anything else was written as !tag and could ask for any object.
_SCALARS = frozenset(_YAML + kind for kind in ("str", "null", "bool", "int", "float", "timestamp", "value", "merge"))


@dataclass(frozen=True)
class Source:
    """The data of a file; `places` maps the path of each part, such as ("steps", 2, "say"), to its line and column.

    `cut` has what stands behind a text without quotes and begins with `#`: for YAML, a comment.
    """

    file: str
    data: Any
    places: dict[Path, tuple[int, int]]
    cut: dict[Path, str] = field(default_factory=dict)

    def mistake(self, path: Path, message: Sentence, *, is_warning: bool = False) -> Mistake:
        """A mistake at the part with this path, or at the nearest part around it."""
        return Mistake(self.file, *self.place(path), message, is_warning)

    def place(self, path: Path) -> tuple[int, int]:
        """The line and the column of the part with this path, or of the nearest part around it.

        The short form of a part has one name less: `say: {en: Hi}` for `say: {text: {en: Hi}}`.
        """
        while path and path not in self.places:
            short = (*path[:-2], path[-1])
            path = short if len(path) > 1 and short in self.places else path[:-1]
        return self.places.get(path, (1, 1))


def read(text: str, file: str) -> Source | Mistake:
    """The file's data, or the one mistake that keeps it from being read as YAML."""
    if len(text) > LARGEST:
        message = Sentence(
            "file_too_large",
            f"檔案有 {len(text):,} 個字元；最多 {LARGEST:,} 個",
            f"the file has {len(text):,} characters; at most {LARGEST:,} are allowed",
        )
        return Mistake(file, 1, 1, message)
    reader = _Reader(text)
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = reader.value(node, ()) if node else None
    except (ReaderError, yaml.MarkedYAMLError) as error:
        return _unread(text, file, error)
    except (ValueError, OverflowError):  # PyYAML asks Python for a character that there is not
        return _no_character(text, file)
    except RecursionError:
        return Mistake(file, 1, 1, TOO_DEEP)
    except _Refused as error:
        return Mistake(file, error.line, error.column, error.message)
    return Source(file, data, reader.places, reader.cut)


def _unread(text: str, file: str, error: ReaderError | yaml.MarkedYAMLError) -> Mistake:
    if isinstance(error, ReaderError):
        line, column = _place(text, error.position)
        character = f"U+{ord(text[error.position]):04X}"
        problem = Pair(
            f"這裡有一個看不見的字元 {character}，請刪掉", f"the invisible character {character} has no place in a text"
        )
        return Mistake(file, line, column, _not_yaml(problem))
    return _broken(text, file, error)


def _no_character(text: str, file: str) -> Mistake:
    beyond = _BEYOND.search(text)
    line, column = _place(text, beyond.start()) if beyond else (1, 1)
    problem = Pair(
        f"{beyond[0] if beyond else '跳脫字元'} 不代表任何字元",
        f"{beyond[0] if beyond else 'an escape'} stands for no character",
    )
    return Mistake(file, line, column, _not_yaml(problem))


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position].split("\n")
    return len(before), len(before[-1]) + 1


def _broken(text: str, file: str, error: yaml.MarkedYAMLError) -> Mistake:
    """The slip that is behind the error, at its own place; else YAML's words, where YAML gave up."""
    if slip := slips.of(text, error):
        return Mistake(file, slip.line, slip.column, _not_yaml(Pair(slip.zh, slip.en)))
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Mistake(file, line, column, _not_yaml(_own_words(error.problem or "")))


def _not_yaml(problem: Pair) -> Sentence:
    return Sentence("not_yaml", f"這不是正確的 YAML：{problem.zh}", f"this is not YAML: {problem.en}")


def _own_words(problem: str) -> Pair:
    """What YAML itself says; in Chinese what it nearly always means, with its own words for who knows them."""
    meaning = "縮排或符號有誤，請檢查這一行和上一行"
    if "unexpected end of stream" in problem or "',' or" in problem:
        meaning = "引號或括號沒有成對，請檢查這一行和前面幾行"
    elif "could not find expected ':'" in problem:
        meaning = "名稱後面少了冒號，或少了縮排，請檢查這一行和上一行"
    return Pair(f"{meaning}（{problem}）", problem)


class _Refused(Exception):  # noqa: N818 (of this module only)
    def __init__(self, part: yaml.Node | yaml.Event, message: Sentence) -> None:
        super().__init__(message)
        self.message = message
        mark = part.start_mark
        self.line, self.column = (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Loader(yaml.SafeLoader):
    """Refuses `&name` and `*name`: what is meant for a text would be lost, and an alias can grow without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
        if name := getattr(event, "anchor", None):
            written = f"{'*' if isinstance(event, yaml.AliasEvent) else '&'}{name}"
            message = Sentence(
                "yaml_alias",
                f"「{written}」在 YAML 裡是別名，這裡不能用；如果是文字，請整段加引號",
                f"{written!r} is an alias of YAML's, which is not possible here; put quotes around a text, or write the"
                " part out",
            )
            raise _Refused(event, message)
        return super().compose_node(parent, index)


class _Reader:
    """Builds plain data from YAML's nodes and notes where each stands."""

    def __init__(self, text: str) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self.cut: dict[Path, str] = {}
        self._lines = text.splitlines()

    def value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
        if len(path) > DEEPEST:
            raise _Refused(node, TOO_DEEP)
        if isinstance(node, yaml.CollectionNode) and len(node.value) > MOST:
            raise _Refused(node, _too_many(len(node.value)))
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode) and node.tag == _YAML + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _YAML + "seq":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
            self._note_cut(node, path)
            return _scalar(node)
        tag = node.tag.replace(_YAML, "!!")
        message = Sentence(
            "yaml_tag",
            f"這裡不能用標記「{tag}」；如果是文字，請加引號",
            f"the tag {tag!r} is not possible here; put the text in quotes",
        )
        raise _Refused(node, message)

    def _note_cut(self, node: yaml.ScalarNode, path: Path) -> None:
        end = node.end_mark
        rest = self._lines[end.line][end.column :] if node.style is None and end.line < len(self._lines) else ""
        if behind := _HASH.match(rest):
            self.cut[path] = behind[1]

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                message = Sentence(
                    "name_not_plain",
                    '冒號前要是名稱；{{ }} 要加引號："{{ ... }}"',
                    'a name must stand before the colon; put {{ }} in quotes: "{{ ... }}"',
                )
                raise _Refused(key_node, message)
            key = _named(key_node)
            if key in found:
                message = Sentence("part_twice", f"「{key}」在這裡寫了兩次", f"{key!r} stands here twice")
                raise _Refused(key_node, message)
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, (*path, key))
        return found


def not_storable(character: str) -> Sentence:
    """No database keeps this character, and no platform takes it."""
    code = f"U+{ord(character):04X}"
    return Sentence(
        "unstorable",
        f"文字裡不能有字元 {code}；請刪掉它的跳脫寫法",
        f"no text can hold the character {code}; take its escape out",
    )


def _too_many(count: int) -> Sentence:
    return Sentence(
        "too_many_parts",
        f"這裡有 {count:,} 個部分；最多 {MOST:,} 個，請分成幾個流程",
        f"{count:,} parts stand here; at most {MOST:,} are allowed, so make several flows of them",
    )


def _named(node: yaml.ScalarNode) -> str:
    _scalar(node)  # refuses what no text can hold
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> str | bool | None:
    if odd := UNSTORABLE.search(node.value):
        raise _Refused(node, not_storable(odd[0]))
    if node.tag == _YAML + "null":
        return None
    if node.tag == _YAML + "bool" and node.value.lower() in {"true", "false"}:
        return bool(node.value.lower() == "true")
    return str(node.value)
