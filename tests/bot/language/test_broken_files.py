"""Broken flow files: each holds what `check` must say about it as a comment, at the line where it must be said.

`# error at 5: words` or `# warning at 5: words`, with the column; several a line where there are several; nothing else
may be found. What is no YAML has no comments: its first line says `# error at 12:5: words`, with line and column.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.language import starts
from bot.language.check import check
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from settings import TAIPEI

FILES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
OTHERS = [
    Flow.model_validate(
        {
            "flow": "welcome",
            "starts": [{"words": "hello"}, {"contains": "discount"}],
            "steps": [{"ask": {"text": "Your name?", "keep": "name"}}],
        }
    ),
    Flow.model_validate(
        {
            "flow": "carols",
            "starts": [{"at": "2026-12-24 10:00", "with": {"tag": ["gold", "silver"]}}],
            "steps": [{"say": "Silent night"}],
        }
    ),
    Flow.model_validate({"flow": "back-to-tea", "starts": ["called"], "steps": [{"call": "tea"}]}),
]
BUBBLE = (
    '{"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "Tea"}]}}'
)
BESIDE = {
    "good.json": BUBBLE,
    "wrong.json": '{"type": "bubble", "body": {"type": "box", "layout": "diagonal", "contents": []}}',
}
KNOWN = Known(
    campaigns=frozenset({"summer-tea", "spring-tea", "winter-tea", "dew-tea", "moss-tea"}),
    has_picture=lambda name: name == "pictures/tea.jpg",
    starts={mark: flow.flow for flow in OTHERS for _, mark in starts.marks(flow)},
    flows={flow.flow: flow for flow in OTHERS},
    unsent={"dew-tea": "draft", "moss-tea": "archived"},
    periods={"spring-tea": datetime(2026, 6, 1, tzinfo=UTC), "winter-tea": datetime(2027, 1, 1, tzinfo=TAIPEI)},
    beginnings={"winter-tea": datetime(2026, 12, 24, tzinfo=TAIPEI)},
    now=datetime(2026, 12, 1, tzinfo=UTC),
    timezone=TAIPEI,
    has_members=False,
    texts={"thanks": "Thank you!"},
    read_file=BESIDE.get,
)


Wanted = tuple[int, int, bool, str]


def expected(text: str) -> list[Wanted]:
    """What the file's comments say: line, column, whether it is a warning, words."""
    return [
        (int(elsewhere or line), int(column), kind == "warning", words.strip())
        for line, written in enumerate(text.splitlines(), 1)
        for kind, elsewhere, column, words in re.findall(
            r"# (error|warning) at (?:(\d+):)?(\d+): (.*?)(?= # |$)", written
        )
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mistake_is_found_at_its_line_and_column_and_nothing_else(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    wanted = expected(text)
    assert wanted
    _, mistakes = check(text, file.name, KNOWN)
    assert missed(wanted, mistakes) == [], [str(mistake) for mistake in mistakes]
    assert len(mistakes) == len(wanted), [str(mistake) for mistake in mistakes]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mistake_is_told_in_both_languages(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    _, mistakes = check(text, file.name, KNOWN)
    assert mistakes
    for one in mistakes:
        assert in_chinese(one.message.zh), one
        assert not in_chinese(one.message.en), one
        assert (
            one.told("zh").partition(" ")[0]
            == one.told("en").partition(" ")[0]
            == f"{one.file}:{one.line}:{one.column}:"
        )


def in_chinese(words: str) -> bool:
    """Whether there is a Chinese word in it besides what is quoted from the file."""
    return re.search(r"[\u4e00-\u9fff]", re.sub("「.*?」|`.*?`|'.*?'", "", words)) is not None


def missed(wanted: list[Wanted], mistakes: list[Mistake]) -> list[Wanted]:
    return [one for one in wanted if not any(is_told(one, mistake) for mistake in mistakes)]


def is_told(wanted: Wanted, mistake: Mistake) -> bool:
    line, column, is_warning, words = wanted
    there = (mistake.line, mistake.column, mistake.is_warning)
    return there == (line, column, is_warning) and words in mistake.message.en


def test_there_are_at_least_sixty() -> None:
    assert len(FILES) >= 60
