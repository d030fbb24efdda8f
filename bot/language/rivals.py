"""Starts that fight: of two flows with the same start only one could answer."""

from collections.abc import Iterator

from bot.language import starts
from bot.language.folding import stands_in
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.language.starts import Mark
from bot.sentences import Sentence

KINDS_ZH = {
    "word": "文字",
    "contains": "包含的文字",
    "ref": "連結的 ref ",
    "postback": " postback ",
    "follow": "加入好友",
    "otherwise": "「其他都不符合」（`otherwise`）",
}


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """No start stands twice in the flow, nor in another one; and it is said which of two goes first."""
    seen, told = set[Mark](), set[Mark]()
    for path, mark in starts.marks(flow):
        other = (known.starts or {}).get(mark)
        if other is not None:
            zh = f"流程「{other}」已經由{_shown_zh(mark)}開始"
            en = f"the start {_shown(mark)!r} is taken by the flow {other!r}"
            if other in known.unpublished:
                zh, en = f"{zh}；它的檔案在這裡，還沒發布", f"{en}, whose file is here and not published"
            elif other in known.gone:
                zh, en = f"{zh}；它已發布，但檔案不在這裡", f"{en}, which is published though its file is not here"
            else:
                zh, en = f"{zh}；同一種開始方式只能屬於一個流程", f"{en}; only one of the two can have it"
            is_warning = other in known.unpublished | known.gone
            yield source.mistake(path, Sentence("start_taken", zh, en), is_warning=is_warning)
        else:
            yield from _contained(path, mark, source, known)
        if mark in seen - told:
            told.add(mark)
            message = Sentence(
                "start_twice",
                f"開始方式重複了：{_shown_zh(mark)}",
                f"the start {_shown(mark)!r} stands here twice",
            )
            yield source.mistake(path, message)
        seen.add(mark)


def _shown(mark: Mark) -> str:
    return " ".join(mark).strip()


def _shown_zh(mark: Mark) -> str:
    kind, words = mark
    return f"{KINDS_ZH.get(kind, kind)}「{words}」" if words else KINDS_ZH.get(kind, f"「{kind}」")


def _contained(path: Path, mark: Mark, source: Source, known: Known) -> Iterator[Mistake]:
    """Exact words of one flow in which words of another one stand: the exact ones go first."""
    for (kind, words), other in sorted((known.starts or {}).items()):
        if (mark[0], kind) == ("word", "contains") and stands_in(words, mark[1]):
            message = Sentence(
                "start_contained",
                f"「{mark[1]}」會開始這個流程，雖然包含「{words}」的都會開始流程「{other}」",
                f"{mark[1]!r} starts this flow, although {other!r} starts by all that contains {words!r}",
            )
            yield source.mistake(path, message, is_warning=True)
        elif (mark[0], kind) == ("contains", "word") and stands_in(mark[1], words):
            message = Sentence(
                "start_contained",
                f"「{words}」也包含這個詞，但會開始流程「{other}」：完全相同的詞優先",
                f"{words!r} contains this, but it starts the flow {other!r}: exact words go first",
            )
            yield source.mistake(path, message, is_warning=True)
