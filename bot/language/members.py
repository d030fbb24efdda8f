"""Membership, where the shop has none: whatever asks for it comes out the same for everybody."""

from collections.abc import Iterator

from bot.language import conditions, texts, walk
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Sentence


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """A warning at each condition and each text that tells members from others."""
    if known.has_members is not False:
        return
    for path, is_wanted in _conditions(flow):
        always = ("成立", "holds for everybody") if not is_wanted else ("不成立", "never holds")
        message = Sentence(
            "no_members",
            f"店裡還沒有會員，所以這個條件永遠{always[0]}；對話裡可以用 `contact: {{member: true}}` 試",
            f"the shop has no members yet, so this {always[1]}; a conversation may try it with"
            " `contact: {member: true}`",
        )
        yield source.mistake(path, message, is_warning=True)
    for text in walk.texts_of(flow):
        if any(map(_says_member, text.each)):
            message = Sentence(
                "no_members",
                "店裡還沒有會員，所以 `contact.member` 永遠是空的",
                "the shop has no members yet, so `contact.member` is always empty",
            )
            yield source.mistake(text.path, message, is_warning=True)


def _conditions(flow: Flow) -> Iterator[tuple[Path, bool]]:
    for path, condition in walk.conditions_of(flow):
        for within, part in conditions.plain_parts(condition):
            if part.member is not None:
                yield (*path, *within, "member"), part.member


def _says_member(template: str) -> bool:
    try:
        return "contact.member" in texts.variables(template)
    except texts.TextError:  # told elsewhere
        return False
