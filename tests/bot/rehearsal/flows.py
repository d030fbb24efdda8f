"""Flows that the trials are tried with, and reading them."""

from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from tests.tea import ASK, REST

TEA = f"""\
flow: tea
languages: [zh-Hant, en]
starts:
  - words: [茶, tea]
  - follow
  - ref: poster
steps:
{ASK}  - tag: tea-lover
{REST}"""


def read(text: str) -> Flow:
    """The flow of a file that has no error in it."""
    flow, mistakes = check(text, "tea.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    assert [str(mistake) for mistake in mistakes if not mistake.is_warning] == []
    return flow


def with_talk(*turns: str, head: str = "") -> str:
    """The tea flow with one conversation of these turns; `head` has more parts of it, such as `language: en`."""
    more = [f"    {line}" for line in head.splitlines()]
    talk = [f"      - {line}" for line in turns]
    return "\n".join([TEA + "conversations:", "  - name: a talk", *more, "    talk:", *talk]) + "\n"
