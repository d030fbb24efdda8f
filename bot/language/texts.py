"""Texts: the contact's language chosen, the template filled in. Templates run in Jinja's sandbox, within bounds."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.language.model import Words
from bot.sentences import Pair
from bot.storable import UNSTORABLE

LONGEST = 10_000  # characters of a template, and of what it renders to

# Regions that say which script is written where the tag does not: zh-TW reads Traditional Chinese.
SCRIPTS = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-cn": "zh-hans", "zh-sg": "zh-hans"}
# All that a text may do: values, filters, and choosing between words. Whatever can repeat, name or call is not here: a
# loop runs for ever, `{% set a = a ~ a %}` doubles with each line, 10 ** 10 ** 10 never ends.
_VALUES = (nodes.Name, nodes.Getattr, nodes.Const, nodes.List, nodes.Tuple, nodes.Filter, nodes.Test, nodes.Keyword)
_CHOOSING = (nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not)
_SIGNS = (nodes.Add, nodes.Sub, nodes.Concat, nodes.Neg, nodes.Pos)
ALLOWED = (nodes.Output, nodes.TemplateData, *_VALUES, *_CHOOSING, *_SIGNS)
# Filters that cannot make a text longer than what goes in, nor take long: not `round`, whose 10 ** precision can.
FILTERS = ("capitalize", "default", "d", "int", "length", "lower", "title", "trim", "truncate", "upper")
TESTS = ("defined", "undefined", "in", "eq", "equalto", "==", "ne", "!=")
_SHORTEST = 3  # of what `truncate` leaves: its own three dots; Jinja fails at the first longer text
_NO_FILTER = re.compile("No filter named '(.*?)'")
# What a broken or hostile template can still make Jinja or Python's own compiler raise.
_BREAKS = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    RecursionError,
    SyntaxError,
    MemoryError,
    AssertionError,
)


class TextError(ValueError):
    """A text that cannot be a template, or cannot be filled in; the words say why."""

    def __init__(self, words: Pair) -> None:
        super().__init__(words)
        self.words = words


class Optional(dict[str, str]):
    """A mapping of which any name may be used: what is not there is an empty text."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Only what the scope's own mappings hold can be reached: no attribute of any Python object, not even `items`."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 (Jinja's own signature)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Optional):
            return Undefined(name=attribute)
        return self.undefined(obj=obj, name=attribute) if not isinstance(obj, Undefined) else obj


_environment = _Sandbox(undefined=StrictUndefined, autoescape=False, cache_size=0)
_environment.globals.clear()
_environment.filters = {name: _environment.filters[name] for name in FILTERS}
_environment.tests = {name: _environment.tests[name] for name in TESTS}


def chosen(words: Words, language: str, languages: Sequence[str]) -> str:
    """The text in the contact's language; else in the nearest to it; else in the flow's first."""
    if isinstance(words, str):
        return words
    offered = {_tag(name): text for name, text in words.items()}
    by_script = {SCRIPTS.get(name, name): text for name, text in offered.items()}
    tags = _from_exact_to_base(language)
    for tag in tags:
        if tag in offered or tag in by_script:
            return offered[tag] if tag in offered else by_script[tag]
    related = [text for name, text in offered.items() if tags and name.split("-")[0] == tags[-1]]
    first = [offered[_tag(name)] for name in languages if _tag(name) in offered]
    return next(iter((*related, *first, *offered.values())), "")


def speaks(language: str, wanted: str) -> bool:
    """Whether a contact with `language` is meant by `wanted`: zh-TW by zh-TW, zh-Hant and zh; not by zh-Hans."""
    return _tag(wanted) in _from_exact_to_base(language)


def _tag(language: str) -> str:
    """LINE writes zh-TW, Messenger zh_TW."""
    return language.replace("_", "-").strip().lower()


def _from_exact_to_base(language: str) -> list[str]:
    """zh-TW: zh-tw, zh-hant, zh. No language: nothing."""
    exact = _tag(language)
    parts = SCRIPTS.get(exact, exact).split("-") if exact else []
    return list(dict.fromkeys((*filter(None, [exact]), *("-".join(parts[:end]) for end in range(len(parts), 0, -1)))))


def render(text: str, scope: Mapping[str, Any]) -> str:
    """Fill in the template. `scope` maps names to texts, or to mappings of them.

    Raises:
        TextError: it cannot be filled in from this scope, or becomes too long.
    """
    if "{" not in text and len(text) <= LONGEST:
        return text
    try:
        rendered = _template(text).render(scope)
    except TemplateError as error:
        raise TextError(_of_jinja(error)) from error
    except _BREAKS as error:
        raise TextError(_of_jinja(f"{type(error).__name__}: {error}")) from error
    if len(rendered) > LONGEST:
        raise TextError(_too_long(rendered))
    return rendered


@lru_cache(maxsize=4096)
def variables(text: str) -> frozenset[str]:
    """Every variable that the template uses, with its part: {"contact.name", "coupon.url"}.

    Raises:
        TextError: it is no template, or uses what a text may not.
    """
    if "{" not in text and len(text) <= LONGEST:
        return frozenset()
    parsed = tree(text)
    found = {
        f"{node.node.name}.{node.attr}" for node in parsed.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)
    }
    with_part = {name.split(".")[0] for name in found}
    return frozenset(found | {name for name in meta.find_undeclared_variables(parsed) if name not in with_part})


def tree(text: str) -> nodes.Template:
    """The template's parts.

    Raises:
        TextError: it is no template, or uses what a text may not.
    """
    _template(text)
    return _environment.parse(text)


def is_guarded(text: str) -> bool:
    """Whether the template asks itself if a value is there: with the filter `default`, or `is defined`."""
    names = {"default", "d", "defined", "undefined"}
    return any(node.name in names for node in _environment.parse(text).find_all((nodes.Filter, nodes.Test)))


@lru_cache(maxsize=4096)
def _template(text: str) -> Template:
    """The compiled template; a shop's flows have some hundreds of texts, each used many times."""
    if len(text) > LONGEST:
        raise TextError(_too_long(text))
    try:
        for problem in _problems(_environment.parse(text)):
            raise TextError(problem)
        return _environment.from_string(text)
    except TemplateError as error:
        raise TextError(_of_jinja(error)) from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise TextError(Pair("一層包一層的內容太多了", "there are too many parts within one another")) from error
    except ValueError as error:  # a number of thousands of digits
        if isinstance(error, TextError):
            raise
        raise TextError(Pair(f"這個數字太長了（{error}）", str(error))) from error


def _too_long(text: str) -> Pair:
    return Pair(
        f"這段文字有 {len(text)} 個字元；最多 {LONGEST} 個",
        f"the text has {len(text)} characters; at most {LONGEST} are allowed",
    )


def _of_jinja(error: object) -> Pair:
    """Jinja's own words; in Chinese with what to do before them."""
    words = str(error)
    if named := _NO_FILTER.match(words):
        return Pair(f"沒有「{named[1]}」這個過濾器；可用的有：{'、'.join(FILTERS)}", words)
    problem = "沒有寫完" if "end of" in words else "裡面寫錯了"
    return Pair(f"{{{{ }}}} 或 {{% %}} {problem}（{words}）", words)


def _problems(parsed: nodes.Template) -> Iterator[Pair]:
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            kind = type(node).__name__.lower()
            yield Pair(
                f"文字裡不能用 {kind}：只能用值、過濾器和 if",
                f"{kind} is not possible in a text: only values, filters and if",
            )
        if isinstance(node, nodes.Getattr) and not isinstance(node.node, nodes.Name):
            yield Pair(
                f"「{node.attr}」多了一個點；值要寫成 contact.name 這樣",
                f"{node.attr!r} is one dot too many; a value is written as contact.name",
            )
        if isinstance(node, nodes.Filter) and node.name == "truncate" and _is_short(node.args[:1]):
            yield Pair(
                f"truncate 至少要留 {_SHORTEST} 個字元，因為最後會加上 ...",
                f"truncate must leave at least {_SHORTEST} characters, since it ends with ...",
            )
        if isinstance(node, nodes.Const) and isinstance(node.value, str) and UNSTORABLE.search(node.value):
            yield Pair(f"文字裡不能有 {node.value!r}", f"no text can hold {node.value!r}")


def _is_short(size: Sequence[nodes.Expr]) -> bool:
    return any(isinstance(one, nodes.Const | nodes.Neg) and one.as_const() < _SHORTEST for one in size)


def each_filled(part: Any, fill: Callable[[str], str]) -> Any:  # noqa: ANN401 (whatever a Flex file holds)
    """Every text in a container filled in, except the names of its parts."""
    if isinstance(part, dict):
        return {name: each_filled(inner, fill) for name, inner in part.items()}
    if isinstance(part, list | tuple):
        return [each_filled(inner, fill) for inner in part]
    return fill(part) if isinstance(part, str) else part
