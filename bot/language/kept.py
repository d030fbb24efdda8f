"""Tags and attributes that a flow asks for and no flow gives, where one that is given looks like what was meant.

Others may come from the staff or an import, so a name that is like no other is not doubted.
"""

import difflib
from collections.abc import Iterator

from bot.language import conditions, model, moments, texts, walk
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Sentence

KINDS_ZH = {"tag": "加上標籤", "attribute": "設定屬性"}
ALIKE = 0.8  # how much two names have in common, of 1, where one is probably a slip of the other


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """A warning at each such name."""
    flows = [flow, *(known.flows or {}).values()]
    steps = [step for one in flows for step in one.steps]
    given = {
        "tag": {step.tag for step in steps if isinstance(step, model.TagStep)},
        "attribute": {name for step in steps if isinstance(step, model.Set) for name in step.set},
    }
    for path, kind, name in _asked_for(flow):
        near = difflib.get_close_matches(name, given[kind], 1, ALIKE)
        if near and name not in given[kind]:
            message = Sentence(
                "unknown_tag" if kind == "tag" else "unknown_attribute",
                f"沒有流程會{KINDS_ZH[kind]}「{name}」；是不是「{near[0]}」？",
                f"no flow gives the {kind} {name!r}; did you mean {near[0]!r}?",
            )
            yield source.mistake(path, message, is_warning=True)


def _asked_for(flow: Flow) -> Iterator[tuple[Path, str, str]]:
    for coming in moments.of_flow(flow):
        yield from (((*coming.path[:-1], "with", "tag"), "tag", tag) for tag in coming.audience.tag)
    for path, condition in walk.conditions_of(flow):
        for within, part in conditions.plain_parts(condition):
            if part.tag is not None:
                yield (*path, *within, "tag"), "tag", part.tag
            if part.attribute is not None:
                yield (*path, *within, "attribute"), "attribute", part.attribute
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Untag):
            yield ("steps", index, "untag"), "tag", step.untag
    for text in walk.texts_of(flow):
        for name in sorted(name for template in text.each for name in _attributes(template)):
            yield text.path, "attribute", name


def _attributes(template: str) -> set[str]:
    try:
        used = texts.variables(template)
    except texts.TextError:  # told elsewhere
        return set()
    return {name.removeprefix("attributes.") for name in used if name.startswith("attributes.")}
