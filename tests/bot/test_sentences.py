"""Every finding is said in Chinese and in English, at the rule itself, under a code that docs/findings.md names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sentences import Pair, Sentence

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / "bot").rglob("*.py"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Each place in bot/ where such a value is made, and the place's name."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def texts(part: ast.expr) -> list[str]:
    """The texts that are written out in an argument."""
    return [one.value for one in ast.walk(part) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def codes(part: ast.expr) -> list[str]:
    """The code, or both where one of two is chosen; none where it is not written out."""
    if isinstance(part, ast.IfExp):
        return [*codes(part.body), *codes(part.orelse)]
    return [part.value] if isinstance(part, ast.Constant) and isinstance(part.value, str) else []


SENTENCES = list(calls("Sentence"))
CODES = sorted({code for _, call in SENTENCES for code in codes(call.args[0])})
IN_THE_DOCS = re.findall(
    r"^\| `([a-z_]+)` \|", (ROOT / "docs" / "findings.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_every_finding_has_a_code_and_is_written_in_both_languages() -> None:
    assert len(SENTENCES) > 90
    for place, call in SENTENCES:
        code, zh, en = call.args
        assert codes(code), f"{place}: the code of a finding is written out, so that it can be looked up"
        if texts(zh):
            assert CHINESE.search("".join(texts(zh))), f"{place}: the first wording is Chinese"
        assert not CHINESE.search("".join(texts(en))), f"{place}: the second wording is English"


def test_what_the_model_refuses_is_a_sentence() -> None:
    """Any ValueError is taken by pydantic; one with a plain text would be told in one language only."""
    for file in (ROOT / "bot" / "language" / "model").glob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        named: dict[str, list[str]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign):
                named.setdefault(ast.unparse(node.targets[0]), []).append(ast.unparse(node.value))
        for node in nodes:
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                told = ast.unparse(node.exc.args[0])  # what may follow is the name of the part that is wrong
                values = named.get(told, [told])
                assert all(value.startswith("Sentence(") for value in values), f"{file.name}:{node.lineno}: {told}"


def test_every_code_is_in_the_docs_and_no_other() -> None:
    assert IN_THE_DOCS == CODES


@pytest.mark.parametrize(("language", "words"), [("zh", "茶"), ("zh-Hant", "茶"), ("en", "tea")])
def test_the_reader_gets_the_wording_in_their_language(language: str, words: str) -> None:
    assert Pair("茶", "tea").of(language) == Sentence("tea", "茶", "tea").of(language) == words


def test_a_log_has_the_english_wording() -> None:
    assert f"{Pair('茶', 'tea')}, {ValueError(Sentence('tea', '茶', 'tea'))}" == "tea, tea"
