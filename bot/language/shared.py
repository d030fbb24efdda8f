"""What a flow takes from other files: texts that several flows share, and Flex containers."""

import json
from collections.abc import Iterator
from typing import Any

from bot.language import walk
from bot.language.expected import TEXT
from bot.language.known import Known, Texts
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import DEEPEST, LARGEST, TOO_DEEP, Path, Source, read
from bot.sentences import Sentence
from bot.storable import UNSTORABLE


def texts_in(text: str, file: str) -> tuple[Texts, list[Mistake]]:
    """A file of shared texts: a name for each, and the text, or a text a language."""
    source = read(text, file)
    if isinstance(source, Mistake):
        return {}, [source]
    if not isinstance(source.data, dict):
        message = Sentence(
            "no_texts",
            "檔案裡要寫文字，每段都有名稱：`welcome: {zh-Hant: ..., en: ...}`",
            "the file must hold texts, each with its name: `welcome: {zh-Hant: ..., en: ...}`",
        )
        return {}, [Mistake(file, 1, 1, message)]
    return source.data, list(_odd(source))


def _odd(source: Source) -> Iterator[Mistake]:
    for name, words in source.data.items():
        is_each_a_text = isinstance(words, dict) and words and all(isinstance(one, str) for one in words.values())
        if not (isinstance(words, str) or is_each_a_text):
            yield source.mistake((name,), Sentence("wrong_value", f"這裡要寫{TEXT.zh}", f"expected {TEXT.en}"))


def _is_deeper(part: Any, levels: int) -> bool:  # noqa: ANN401 (any JSON value)
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return levels < 0 or any(_is_deeper(one, levels - 1) for one in inner)


class Filling:
    """Puts what other files hold in the place of what names them."""

    def __init__(self, source: Source, known: Known) -> None:
        self._source, self._known = source, known
        self.mistakes: list[Mistake] = []
        given = source.data.get("languages") if isinstance(source.data, dict) else None
        self._languages = given if isinstance(given, list) else Flow.model_fields["languages"].default

    def data(self) -> Any:  # noqa: ANN401 (whatever the file holds)
        """The whole file's data."""
        return self._filled(self._source.data, ())

    def _filled(self, part: Any, path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
        if isinstance(part, dict):
            if set(part) == {"use"} and isinstance(part["use"], str):
                return self._text(part["use"], path)
            return {name: self._inner(name, inner, (*path, name)) for name, inner in part.items()}
        if isinstance(part, list):
            return [self._filled(inner, (*path, index)) for index, inner in enumerate(part)]
        return part

    def _inner(self, name: str, inner: Any, path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
        if name != "flex":
            return self._filled(inner, path)
        if isinstance(inner, str):
            return self._flex(inner, path)
        message = Sentence(
            "flex_not_a_file",
            "`flex` 要寫這個檔案旁邊的檔名，例如 pictures/menu.json",
            "`flex` is the name of a file beside this one, such as pictures/menu.json",
        )
        self._found(path, message)
        return inner

    def _text(self, name: str, path: Path) -> Any:  # noqa: ANN401 (a text, or a text a language)
        """The shared text, in the languages that the flow has."""
        texts = self._known.texts
        if name not in texts:
            hint = did_you_mean(name, texts)
            message = Sentence(
                "unknown_shared_text",
                f"沒有「{name}」這段共用文字；{hint.zh}",
                f"there is no shared text {name!r}; {hint.en}",
            )
            self._found((*path, "use"), message)
        words = texts.get(name, name)
        if not isinstance(words, dict):
            return words
        return {language: text for language, text in words.items() if language in self._languages} or words

    def _flex(self, name: str, path: Path) -> Any:  # noqa: ANN401 (whatever the Flex file holds)
        text = self._known.read_file(name)
        if text is None:
            message = Sentence(
                "unknown_file", f"這個檔案旁邊沒有「{name}」這個檔", f"there is no file {name!r} beside this file"
            )
            self._found(path, message)
            return {"type": "bubble"}
        try:
            container = json.loads(text) if len(text) <= LARGEST else None
        except (ValueError, RecursionError) as error:
            message = Sentence(
                "flex_not_json", f"「{name}」不是正確的 JSON（{error}）", f"{name!r} is not JSON: {error}"
            )
            self._found(path, message)
            return {"type": "bubble"}
        if _is_deeper(container, DEEPEST):
            self._found(path, TOO_DEEP)
            return {"type": "bubble"}
        if any(map(UNSTORABLE.search, walk.strings(container))):
            message = Sentence(
                "unstorable",
                f"「{name}」裡有文字不能包含的字元，例如 U+0000 或半個表情符號",
                f"{name!r} has a character that no text can hold, such as U+0000 or half an emoji",
            )
            self._found(path, message)
            return {"type": "bubble"}
        if not isinstance(container, dict):
            message = Sentence(
                "flex_not_one",
                f"「{name}」裡要有一個 Flex 訊息：{{...}}，最多 {LARGEST:,} 個字元",
                f"{name!r} must hold one Flex container: {{...}}, at most {LARGEST:,} characters",
            )
            self._found(path, message)
            return {"type": "bubble"}
        return container

    def _found(self, path: Path, message: Sentence) -> None:
        self.mistakes.append(self._source.mistake(path, message))
