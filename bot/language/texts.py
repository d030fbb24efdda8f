"""Texts: the contact's language chosen, the template filled in. Templates run in Jinja's sandbox, within bounds."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.language.model import Words

LONGEST = 10_000  # characters of a template, and of what it renders to

# Regions that say which script is written where the tag does not: zh-TW reads Traditional Chinese.
SCRIPTS = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-cn": "zh-hans", "zh-sg": "zh-hans"}
# A marketer's text fills in values and chooses between them. Loops, macros and calls can run for ever.
REFUSED = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Call, nodes.Import, nodes.FromImport, nodes.Include)
REFUSED_SIGNS = (nodes.Mul, nodes.Pow, nodes.Mod)
# Filters that cannot make a text longer than what goes in.
FILTERS = ("capitalize", "default", "d", "int", "length", "lower", "round", "title", "trim", "truncate", "upper")


class TextError(ValueError):
    """A text that cannot be a template, or cannot be filled in; the message says why."""


_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.globals.clear()
_environment.filters = {name: _environment.filters[name] for name in FILTERS}


def chosen(words: Words, language: str, languages: Sequence[str]) -> str:
    """The text in the contact's language; else in its base language; else in the flow's first."""
    if isinstance(words, str):
        return words
    tag = unicodedata.normalize("NFKC", language).replace("_", "-").lower()
    tag = SCRIPTS.get(tag, tag)
    by_tag = {name.lower(): text for name, text in words.items()}
    if tag in by_tag:
        return by_tag[tag]
    same_base = [text for name, text in by_tag.items() if tag and name.split("-")[0] == tag.split("-")[0]]
    if same_base and not tag.startswith("zh-"):
        return same_base[0]
    return next((by_tag[name.lower()] for name in languages if name.lower() in by_tag), next(iter(by_tag.values())))


def render(text: str, scope: Mapping[str, Any]) -> str:
    """Fill in the template.

    Raises:
        TextError: it cannot be filled in from this scope, or becomes too long.
    """
    try:
        rendered = _environment.from_string(_checked(text)).render(scope) if "{" in text else text
    except TemplateError as error:
        raise TextError(str(error)) from error
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise TextError(f"{type(error).__name__}: {error}") from error
    if len(rendered) > LONGEST:
        raise TextError(f"the text has {len(rendered)} characters; at most {LONGEST} are allowed")
    return rendered


def variables(text: str) -> set[str]:
    """Every variable that the template uses, with its attribute: {"contact.name", "coupon.url"}.

    Raises:
        TextError: it is no template.
    """
    _checked(text)
    tree = _environment.parse(text)
    found = {
        f"{node.node.name}.{node.attr}" for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)
    }
    with_attribute = {name.split(".")[0] for name in found}
    return found | {name for name in meta.find_undeclared_variables(tree) if name not in with_attribute}


def _checked(text: str) -> str:
    if len(text) > LONGEST:
        raise TextError(f"the text has {len(text)} characters; at most {LONGEST} are allowed")
    try:
        tree = _environment.parse(text)
    except TemplateError as error:
        raise TextError(str(error)) from error
    for node in tree.find_all((*REFUSED, *REFUSED_SIGNS)):
        raise TextError(f"{type(node).__name__.lower()} is not possible in a text: only values, filters and if")
    return text
