"""Texts that need quotes, or have them in the wrong places: the slips behind a text that is no YAML."""

import re
from collections.abc import Sequence

from yaml import MarkedYAMLError

from bot.language.slip import NAME, Slip, placed

_BRACES_FIRST = re.compile(r"(?:^|[:-] )\s*(\{\{)")
_OPENS_QUOTE = re.compile(r"""(?:^|[:,\[{-] *)(["'])""")
_SIGN_FIRST = re.compile(r"(?:^\s*|[:\[{,] +|- +)([*&%@`|>])(?=.*\S)")
_OF_SIGNS = ("cannot start any token", "alphabetic or numeric", "expected a comment or a line break", "block scalar")
_WIDE_COMMA = re.compile(rf"([，、])\s*{NAME}\s*:")
_WHOLE = re.compile(r"""[^"']*[:-] +(["']).*\1\s*$""")  # a text that begins and ends with the same quote
_MANY = 4  # lines above the one where YAML gave up, in which the slip may be


def open_quote(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A quote that is not closed ends at the next one, lines below, or never."""
    zh, en = "這裡開始的引號沒有結束；請在文字最後加上引號", "the quote that begins here is never closed"
    mark, problem = error.context_mark, error.problem_mark
    if problem and "escape" in (error.problem or ""):
        return Slip(
            problem.line + 1,
            problem.column,
            '這裡的 \\ 不能用：在 "..." 裡要寫兩個 \\\\',
            'this \\ is not possible here: within "..." write two of them, \\\\',
        )
    if "quoted scalar" in (error.context or "") and mark:
        return placed(mark, zh, en)
    for index in reversed(range(max(at - _MANY, 0), at + 1)):
        found = _OPENS_QUOTE.search(lines[index])
        if found and index < at and lines[index].count(found.group(1)) % 2:
            return Slip(index + 1, found.start(1) + 1, zh, en)
    return None


def braces_without_quotes(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A text that begins with {{ }}, or has it within { }."""
    found = _BRACES_FIRST.search(lines[at])
    is_within = "flow" in (error.context or "") and "{{" in lines[at]
    if not (found or is_within):
        return None
    column = found.start(1) if found else lines[at].index("{{")
    return Slip(
        at + 1,
        column + 1,
        '這裡有 {{ }} 的文字要整段加引號："{{ ... }}..."',
        'a text with {{ }} needs quotes around all of it here: "{{ ... }} ..."',
    )


def sign_first(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A text whose first sign means something to YAML."""
    told = f"{error.context or ''} {error.problem or ''}"
    found = _SIGN_FIRST.search(lines[at])
    if not found or not any(part in told for part in _OF_SIGNS):
        return None
    sign = found.group(1)
    return Slip(
        at + 1,
        found.start(1) + 1,
        f'以 {sign} 開頭的文字要整段加引號："{sign}..."',
        f'a text that begins with {sign} needs quotes around all of it: "{sign}..."',
    )


def comma_in_braces(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A full-width comma that was to end a part within { }."""
    mark = error.problem_mark
    if mark is None or mark.line != at or "mapping" not in (error.context or "") + (error.problem or ""):
        return None
    found = _WIDE_COMMA.search(lines[at], 0, mark.column + 1)
    if not found or "{" not in lines[at][: found.start()]:
        return None
    return Slip(
        at + 1,
        found.start() + 1,
        f"{{ }} 裡的項目要用半形逗號加一個空格隔開，不是「{found.group(1)}」",
        f"within {{ }} a plain comma and a space separate the parts, not {found.group(1)}",
    )


def question_mark(_: Sequence[str], __: int, error: MarkedYAMLError) -> Slip | None:
    """An English question mark within { } or [ ]."""
    mark = error.problem_mark
    if mark is None or "but got '?'" not in (error.problem or ""):
        return None
    return placed(
        mark,
        '在 { } 或 [ ] 裡，有英文問號的文字要加引號："...?"',
        'within { } or [ ] a text with a question mark needs quotes: "...?"',
    )


def colon_in_text(_: Sequence[str], __: int, error: MarkedYAMLError) -> Slip | None:
    """A second colon with a space in one line."""
    mark, problem = error.problem_mark, error.problem or ""
    is_second = "mapping values are not allowed" in problem or "but got ':'" in problem
    if mark is None or not is_second:
        return None
    return placed(
        mark,
        '文字裡有冒號加空格時要加引號："..."',
        'a text with a colon and a space in it needs quotes: "..."',
    )


def after_quotes(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """Words behind a text in quotes."""
    mark = error.problem_mark
    if mark is None or "found '<scalar>'" not in (error.problem or ""):
        return None
    quote = _WHOLE.match(lines[at])
    if quote and mark.line == at:
        return placed(
            mark,
            f"{quote.group(1)} 在這前面就結束了；文字裡面的引號請改用「」或 “ ”",
            f"the quotes {quote.group(1)} end before this; within a text write “ ” instead of them",
        )
    return placed(
        mark,
        '引號或括號結束後還有文字；請把整段文字放進一對引號："..."',
        'there are words behind the closing quote or bracket; put quotes around the whole text: "..."',
    )
