"""The fields of one campaign in a file, each read as what it must be; what cannot be is noted with its place."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.language.mistakes import Mistake, did_you_mean
from bot.sentences import Sentence
from commands import campaign_words as words

SHOWN = 60  # characters of what was found
ALL_TRANSLATIONS = "in other languages"


def mistaken(file: Path, mark: yaml.Mark | None, sentence: Sentence) -> Mistake:
    """A mistake at a place in the file, or at its beginning."""
    return Mistake(str(file), mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, sentence)


class Values:
    """One campaign's fields. `nodes` has what was found by its key, `mistakes` what could not be read."""

    def __init__(self, file: Path, mapping: yaml.MappingNode, known: tuple[str, ...], timezone: ZoneInfo) -> None:
        self._file, self._mapping, self._timezone = file, mapping, timezone
        self._places: dict[tuple[str, ...], yaml.Node] = {}
        self.mistakes: list[Mistake] = []
        self.unreadable: set[str] = set()
        self.nodes = self._pairs(mapping, known, ())

    def wrong(self, path: tuple[str, ...] | None, code: str, zh: str, en: str) -> None:
        """Note a mistake at the field with this path, or at the nearest around it; None: at the campaign itself."""
        while path and path not in self._places:
            path = path[:-1]
        node = self._places[path] if path else self._mapping
        self.mistakes.append(mistaken(self._file, node.start_mark, Sentence(code, zh, en)))

    def _pairs(self, mapping: yaml.MappingNode, known: tuple[str, ...], path: tuple[str, ...]) -> dict[str, yaml.Node]:
        """The fields of a mapping by their keys, each known and there once."""
        found: dict[str, yaml.Node] = {}
        names = frozenset(known)
        for key_node, value in mapping.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            self._places[*path, key] = value
            if key not in names:
                self._places[*path, key] = key_node
                hint = did_you_mean(key, known)
                self.wrong(
                    (*path, key),
                    "unknown_field",
                    f"活動沒有「{key}」這個欄位；{hint.zh}",
                    f"{key!r} is not a field of a campaign; {hint.en}",
                )
            elif key in found:
                self._places[*path, key] = key_node
                self.wrong((*path, key), "field_twice", f"「{key}」寫了兩次。", f"{key!r} is there twice.")
            else:
                found[key] = value
        return found

    def text(self, key: str) -> str | None:
        """A text; None where there is none."""
        return self._text((key,), self.nodes.get(key))

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Several texts in order, or one; None where there is none. The place of each is kept under (key, text)."""
        node, found = self.nodes.get(key), []
        items: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []
        for item in items:
            text = self._typed((key,), item, str, "像 [信義店, 板橋店]", "such as [Xinyi, Banqiao]")
            if text:
                self._places[key, text.strip()] = item
                found.append(text.strip())
        return tuple(sorted(set(found))) or None

    def number(self, key: str) -> int | None:
        """A whole number; None where there is none."""
        value: int | None = self._typed((key,), self.nodes.get(key), int, "整數", "a whole number")
        return value

    def truth(self, key: str) -> bool | None:
        """True or false; None where neither is said."""
        value: bool | None = self._typed((key,), self.nodes.get(key), bool, "true 或 false", "true or false")
        return value

    def moment(self, key: str, *, is_end: bool) -> datetime | None:
        """A time, or a date, which means its first moment, or its last where it `is_end`."""
        value = self._read(self.nodes.get(key))
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=self._timezone)
        if isinstance(value, date):
            return datetime.combine(value, time.max if is_end else time.min, self._timezone)
        if value is not None:
            example = "2026-12-01 or 2026-12-01 09:00:00"
            self._unfit(
                (key,), value, "日期或時間，例如 2026-12-01 或 2026-12-01 09:00:00", f"a date or time such as {example}"
            )
        return None

    def expires(self) -> tuple[int, str] | None:
        """How many seconds, from what on."""
        key = "expires"
        value = self._read(self.nodes.get(key))
        match = words.EXPIRES.fullmatch(str(value).strip())
        if match:
            return int(match[1]) * words.UNITS[match[2]], match[3]
        if key in self.nodes:
            example = "`7 days after sending` or `30 minutes after redemption`"
            self._unfit((key,), value, f"像 {example}", f"such as {example}")
        return None

    def translations(self) -> dict[str, dict[str, str]] | None:
        """The texts in other languages, by language and field."""
        node = self.nodes.get(ALL_TRANSLATIONS)
        if node is None or not self._is_mapping((ALL_TRANSLATIONS,), node):
            return None
        found: dict[str, dict[str, str]] = {}
        for language, texts in self._languages(node).items():
            path = (ALL_TRANSLATIONS, language)
            if self._is_mapping(path, texts):
                pairs = self._pairs(texts, tuple(words.TRANSLATION_KEYS), path)
                found[language] = {
                    words.TRANSLATION_KEYS[key]: text
                    for key, one in pairs.items()
                    if (text := self._text((*path, key), one))
                }
        return {language: texts for language, texts in found.items() if texts}

    def _languages(self, node: Any) -> dict[str, Any]:  # noqa: ANN401 (a mapping node)
        names = tuple(str(key.value) for key, _ in node.value)
        return self._pairs(node, names, (ALL_TRANSLATIONS,))

    def _text(self, path: tuple[str, ...], node: yaml.Node | None) -> str | None:
        value: str | None = self._typed(path, node, str, "文字（請加上引號）", "a text (put it in quotes)")
        return value.strip() if value else value

    def _typed(self, path: tuple[str, ...], node: yaml.Node | None, kind: type, zh: str, en: str) -> Any:  # noqa: ANN401 (of the kind)
        value = self._read(node)
        if value is None or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return value
        self._unfit(path, value, zh, en)
        return None

    def _is_mapping(self, path: tuple[str, ...], node: yaml.Node) -> bool:
        if isinstance(node, yaml.MappingNode):
            return True
        example = "`en: {name: Iced tea}`" if len(path) == 1 else "`{name: Iced tea}`"
        self._unfit(path, node.value, f"像 {example}", f"such as {example}")
        return False

    def _read(self, node: yaml.Node | None) -> Any:  # noqa: ANN401 (whatever YAML makes of it)
        """A single value as YAML understands it, such as a number or a date; what is several is named as that."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            return [] if isinstance(node, yaml.SequenceNode) else {}
        try:
            return yaml.SafeLoader("").construct_object(node)
        except Exception:  # noqa: BLE001 (PyYAML raises whatever it meets, of `!!bool x` a KeyError)
            return node.value  # a date that there is not, say: no text is what is expected then

    def _unfit(self, path: tuple[str, ...], value: object, zh: str, en: str) -> None:
        """Note what was found and what is expected."""
        self.unreadable.add(path[0])
        found = str(value) if isinstance(value, date) else repr(value)
        found = found if len(found) <= SHOWN else f"{found[:SHOWN]}..."
        where = " / ".join(path)
        self.wrong(path, "value_unfit", f"「{where}」是 {found}；要是{zh}。", f"{where!r} is {found}; expected {en}.")
