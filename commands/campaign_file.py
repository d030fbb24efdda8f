"""Campaigns as a YAML file: what a marketer writes, read into `core.campaigns.Spec`, every mistake with its place."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.language.mistakes import Mistake
from bot.sentences import Sentence
from commands import campaign_words as words
from commands.campaign_values import Values, mistaken
from core import campaigns, images
from core.campaigns import Spec
from core.campaigns.spec import TIMES
from core.campaigns.stores import unknown
from core.images import Offered

NEEDED = {"campaign": "slug", "name": "name", "expires": "expires_from"}
PLACEHOLDERS: dict[str, Any] = {  # so that what is there is checked beside what is not
    "slug": "missing",
    "name": "missing",
    "expires_from": "sending",
    "expires_after_seconds": 1,
}
LARGEST = 1_000_000  # bytes


class FileError(ValueError):
    """Campaign files that cannot be read as such: each mistake with file, line, column, and what is expected."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(one) for one in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Entry:
    """One campaign of a file: `spec` but for its picture, and the revision that the file was written from, if named."""

    spec: Spec
    picture: Offered | None
    revision: int | None


def read(file: Path, timezone: ZoneInfo, stores: Collection[str] = ()) -> list[Entry]:
    """The campaigns of a file: one mapping, or several as YAML documents (`---`). Bare times are in `timezone`.

    `stores` are the names of those that there are.

    Raises:
        FileError: with all that is wrong.
    """
    mistakes: list[Mistake] = []
    entries: list[Entry] = []
    for node in _documents(file):
        entry, wrong = _entry(node, file, timezone, stores)
        mistakes += wrong
        entries += [entry] if entry else []
    if mistakes:
        raise FileError(mistakes)
    return entries


def _documents(file: Path) -> list[yaml.Node]:
    try:
        if file.stat().st_size > LARGEST:
            raise FileError([_at(file, None, "file_too_large", "檔案太大了。", "is too large for a campaign file.")])
        found = list(yaml.compose_all(file.read_text(encoding="utf-8"), yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        said = " ".join(part for part in (error.problem, error.context) if part)
        mark = error.problem_mark or error.context_mark
        raise FileError(
            [_at(file, mark, "yaml_unreadable", f"這不是可以讀的 YAML：{said}。", f"is not readable YAML: {said}.")]
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise FileError(
            [_at(file, None, "yaml_unreadable", f"這不是可以讀的 YAML：{error}。", f"is not readable YAML: {error}.")]
        ) from error
    documents = [node for node in found if node.tag != "tag:yaml.org,2002:null"]
    if not documents:
        zh, en = (
            "檔案是空的；至少要有 campaign、name 和 expires。",
            "is empty; expected at least campaign, name, expires.",
        )
        raise FileError([_at(file, None, "file_empty", zh, en)])
    return documents


def _entry(
    node: yaml.Node, file: Path, timezone: ZoneInfo, stores: Collection[str]
) -> tuple[Entry | None, list[Mistake]]:
    if not isinstance(node, yaml.MappingNode):
        zh, en = "要是像 `campaign: summer-tea` 這樣的欄位。", "must hold fields such as `campaign: summer-tea`."
        return None, [_at(file, node.start_mark, "not_a_mapping", zh, en)]
    values = Values(file, node, (*words.ORDER, words.REVISION), timezone)
    fields = _fields(values)
    for key, name in NEEDED.items():
        if name not in fields and key not in values.unreadable:
            values.wrong(None, "field_missing", f"少了 `{key}`。", f"{key!r} is missing.")
    picture = _picture(values, file)
    spec = Spec(**(PLACEHOLDERS | fields))
    for mistake in campaigns.check_all(spec):
        place, *within = mistake.field.split(".")
        path = (words.KEYS[place], *within[:1], *(words.KEYS[name] for name in within[1:] if name in words.KEYS))
        if place in fields and path[0] not in values.unreadable:
            values.wrong(path, mistake.code, mistake.zh, mistake.en)
    for name in spec.stores:
        for mistake in unknown((name,), stores):
            values.wrong((words.KEYS["stores"], name), mistake.code, mistake.zh, mistake.en)
    return Entry(spec, picture, values.number(words.REVISION)), sorted(values.mistakes)


def _fields(values: Values) -> dict[str, Any]:
    """What the file says and can be read; all else keeps its default."""
    fields: dict[str, Any] = {}
    for name in ("name", "instructions", "barcode", "background_color", "button_color", "button_text_color"):
        fields[name] = values.text(words.KEYS[name])
    for name in ("slug", "limit_by", "used_in", "products_url", "language", "sold_out_text", "expired_text"):
        fields[name] = values.text(words.KEYS[name])
    for name in ("redemption_limit", "total_limit"):
        fields[name] = values.number(words.KEYS[name])
    for name in ("has_verify_button", "is_at_counter", "is_first_purchase", "is_published"):
        fields[name] = values.truth(words.KEYS[name])
    for name in TIMES:
        fields[name] = values.moment(words.KEYS[name], is_end=name in ("sends_until", "shown_until"))
    fields["stores"] = values.texts(words.KEYS["stores"])
    if expires := values.expires():
        fields["expires_after_seconds"], fields["expires_from"] = expires
    fields["translations"] = values.translations()
    return {name: value for name, value in fields.items() if value is not None}


def _picture(values: Values, file: Path) -> Offered | None:
    name = values.text("image")
    if not name:
        return None
    try:
        content = (file.parent / name).read_bytes()
        images.examine(content, name)
    except images.ImageError as error:
        values.wrong(("image",), "picture_unfit", error.zh, error.en)
        return None
    except (OSError, ValueError) as error:
        values.wrong(
            ("image",), "picture_missing", f"讀不到圖片「{name}」：{error}", f"{name!r} cannot be read: {error}"
        )
        return None
    return Offered(name, content)


def _at(file: Path, mark: yaml.Mark | None, code: str, zh: str, en: str) -> Mistake:
    return mistaken(file, mark, Sentence(code, zh, en))
