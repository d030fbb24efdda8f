"""The slips behind a text that is no YAML, at the place where they were made and in a marketer's words.

YAML tells where it could not go on, which is often a line later, and what it would have read there, which helps only
who knows its grammar. Here stands what people nearly always have done; each rule looks at a few lines around.
"""

import re
from collections.abc import Sequence

from yaml import MarkedYAMLError

from bot.language import quoting
from bot.language.slip import A_DASH, A_SPACE, DASH, NAME, Rule, Slip, placed

_FULL_WIDTH = re.compile(rf"\s*(?:- +)?({NAME})\s*：")
_NAME_ALONE = re.compile(rf"\s*(?:- +)?({NAME})\s*$")
_KEY = re.compile(rf"( *(?:- +)?)({NAME}):(?: +(.*))?$")
_WIDE_SPACE = re.compile(r"\s*?([\u3000\u00a0])\s*\S")
_WIDE_FIRST = re.compile(r"[:-] +([\uff5b\uff3b])")  # the full-width { and [


def of(text: str, error: MarkedYAMLError) -> Slip | None:
    """The slip behind an error of YAML's; None where it is none of those that are known here."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return None
    at = min(mark.line, len(lines) - 1)
    return next((slip for rule in _RULES if (slip := rule(lines, at, error))), None)


def _tab(lines: Sequence[str], at: int, _: MarkedYAMLError) -> Slip | None:
    column = lines[at].find("\t")
    words = ("這一行有 Tab；請改用空格", "there is a tab in this line; use spaces")
    return Slip(at + 1, column + 1, *words) if column >= 0 else None


def _wide_space(lines: Sequence[str], at: int, _: MarkedYAMLError) -> Slip | None:
    """A space of Chinese, or one that does not break, where a line begins: YAML takes it for a letter."""
    for index in _upwards(lines, at):
        if found := _WIDE_SPACE.match(lines[index]):
            return Slip(index + 1, found.start(1) + 1, A_SPACE.zh, A_SPACE.en)
    return None


def _dash(lines: Sequence[str], at: int, _: MarkedYAMLError) -> Slip | None:
    """A dash without its space, or something else than a dash, before a part of a list."""
    for index in _upwards(lines, at):
        if found := DASH.match(lines[index]):
            return Slip(index + 1, found.start(1) + 1, A_DASH.zh, A_DASH.en)
    return None


def _full_width_colon(lines: Sequence[str], at: int, _: MarkedYAMLError) -> Slip | None:
    for index in _upwards(lines, at):
        if found := _FULL_WIDTH.match(lines[index]):
            name = found.group(1)
            return Slip(
                index + 1,
                found.end(),
                f"「{name}」後面是全形冒號「：」；請用半形冒號加一個空格：`{name}: `",
                f"the colon after {name!r} is a full-width one; write a plain colon and a space: `{name}: `",
            )
    return None


def _open_bracket(lines: Sequence[str], _: int, error: MarkedYAMLError) -> Slip | None:
    """A bracket or a brace whose line does not close it, where what comes next cannot stand within it."""
    mark = error.context_mark
    if mark is None or "flow" not in (error.context or "") or mark.line >= len(lines):
        return None
    line, opening = lines[mark.line], lines[mark.line][mark.column : mark.column + 1]
    closing = {"{": "}", "[": "]"}.get(opening)
    problem = error.problem_mark
    is_later = problem is not None and problem.line > mark.line
    if closing is None or not is_later or line.count(opening) <= line.count(closing):
        return None
    return placed(
        mark,
        f"這裡的「{opening}」沒有對應的「{closing}」",
        f"the {opening} that begins here is never closed with {closing}",
    )


def _no_colon(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A name that stands alone in its line, where YAML wanted a colon or met what belongs to the name."""
    problem = error.problem or ""
    if "could not find expected ':'" not in problem and "mapping values are not allowed" not in problem:
        return None
    for index in _upwards(lines, at):
        if found := _NAME_ALONE.match(lines[index]):
            name = found.group(1)
            return Slip(
                index + 1,
                found.start(1) + 1,
                f"「{name}」後面少了冒號：`{name}:`",
                f"there is no colon after {name!r}: `{name}:`",
            )
    return None


def _too_far_in(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    """A part that stands further in than the one above it, which has its text already."""
    above = _above(lines, at)
    here, before = _KEY.match(lines[at]), above is not None and _KEY.match(lines[above])
    is_value = "mapping values are not allowed" in (error.problem or "")
    if not (is_value and here and before and before.group(3) and len(here.group(1)) > len(before.group(1))):
        return None
    name, other = here.group(2), before.group(2)
    return Slip(
        at + 1,
        here.start(2) + 1,
        f"「{name}」縮排太多；它和上一行的「{other}」要從同一欄開始",
        f"{name!r} stands too far in; begin it in the same column as {other!r} above",
    )


def _indented_otherwise(lines: Sequence[str], at: int, error: MarkedYAMLError) -> Slip | None:
    problem = error.problem or ""
    if "expected <block end>" not in problem or "scalar" in problem:
        return None
    column = len(lines[at]) - len(lines[at].lstrip(" ")) + 1
    return Slip(
        at + 1,
        column,
        "這一行的縮排和它的同伴不一樣；同一層的每一行要從同一欄開始",
        "this line is indented otherwise than those it belongs with; begin them all in the same column",
    )


def _full_width_bracket(lines: Sequence[str], at: int, _: MarkedYAMLError) -> Slip | None:
    found = _WIDE_FIRST.search(lines[at])
    if not found:
        return None
    plain = "{ }" if found.group(1) == "\uff5b" else "[ ]"
    return Slip(
        at + 1,
        found.start(1) + 1,
        f"「{found.group(1)}」是全形的；請用半形的 {plain}",
        f"{found.group(1)} is a full-width bracket; write the plain ones: {plain}",
    )


def _two_flows(_: Sequence[str], __: int, error: MarkedYAMLError) -> Slip | None:
    mark = error.problem_mark
    if mark is None or "found another document" not in (error.problem or ""):
        return None
    return placed(
        mark,
        "一個檔案只放一個流程；請刪掉這行 ---，另一個流程放進另一個檔案",
        "a file holds one flow; take this --- out, and put another flow into a file of its own",
    )


def _above(lines: Sequence[str], at: int) -> int | None:
    """The nearest line above that has anything but a comment."""
    return next((index for index in reversed(range(at)) if lines[index].split("#")[0].strip()), None)


def _upwards(lines: Sequence[str], at: int) -> list[int]:
    """The line where YAML gave up, and the nearest one above it."""
    above = _above(lines, at)
    return [at] if above is None else [at, above]


_RULES: tuple[Rule, ...] = (
    _tab,
    _wide_space,
    _dash,
    _full_width_colon,
    _full_width_bracket,
    quoting.open_quote,
    _open_bracket,
    quoting.question_mark,
    quoting.braces_without_quotes,
    quoting.sign_first,
    _no_colon,
    _too_far_in,
    quoting.comma_in_braces,
    quoting.colon_in_text,
    _indented_otherwise,
    quoting.after_quotes,
    _two_flows,
)
