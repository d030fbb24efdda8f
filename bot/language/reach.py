"""The ways through a flow: steps that nobody comes to, circles without an end, answers that may not be there yet."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.language import conditions, model, texts, walk
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source

if TYPE_CHECKING:
    from bot.language.check import Known

Answers = frozenset[str]


def check(flow: Flow, source: Source, _: "Known") -> Iterator[Mistake]:
    """Every step can be come to, no way runs for ever, and what a text says has been asked before."""
    ways = {index: _next(flow, index) for index in range(len(flow.steps))}
    yield from _unreached(ways, source)
    yield from _circles(flow, ways, source)
    yield from _unasked(flow, source)


def _next(flow: Flow, index: int) -> list[int]:
    """The steps that may follow; past the last one there is none."""
    places = {step.id: number for number, step in enumerate(flow.steps) if step.id}
    step = flow.steps[index]
    ways = [places[target] for _, target in walk.ways_of(step) if target in places]
    return [*ways, index + 1] if walk.goes_on(step) and index + 1 < len(flow.steps) else ways


def _after(ways: dict[int, list[int]], start: int) -> set[int]:
    found, ahead = set[int](), list(ways[start])
    while ahead:
        index = ahead.pop()
        if index not in found:
            found.add(index)
            ahead.extend(ways[index])
    return found


def _unreached(ways: dict[int, list[int]], source: Source) -> Iterator[Mistake]:
    """Said at the first of several in a row."""
    reached = {0} | _after(ways, 0)
    for index in ways:
        if index not in reached and index - 1 in reached:
            yield source.mistake(("steps", index), "no way leads to this step; remove it, or go to its id from another")


def _circles(flow: Flow, ways: dict[int, list[int]], source: Source) -> Iterator[Mistake]:
    """No way round that asks nothing: it would run for ever. Said once a circle, at its last step."""
    quick = {index: [] if isinstance(flow.steps[index], model.Ask) else after for index, after in ways.items()}
    after = {index: _after(quick, index) for index in quick}
    for index in quick:
        circle = {other for other in after[index] if index in after[other]}
        if circle and index == max(circle):
            yield source.mistake(("steps", index), "from here the flow runs in a circle without asking anything")


def _unasked(flow: Flow, source: Source) -> Iterator[Mistake]:
    """Answers in texts that some way leads to without the question: there the text could not be filled in."""
    asked, given = walk.asked_in(flow), _given(flow)
    for text in walk.texts_of(flow):
        for template in text.each:
            for name in sorted(_answers_in(template) & asked - given.get(text.step, asked)):
                message = f"a customer may come here without having been asked for {name!r}; ask before"
                default = f"or write {{{{ answers.{name} | default('...') }}}}"
                yield source.mistake(text.path, f"{message}, {default}", is_warning=True)


def _answers_in(template: str) -> Answers:
    try:
        used = texts.variables(template)
    except texts.TextError:  # told elsewhere
        return frozenset()
    if texts.is_guarded(template):
        return frozenset()
    return frozenset(name.removeprefix("answers.") for name in used if name.startswith("answers."))


def _given(flow: Flow) -> dict[int, Answers]:
    """For each step that can be reached, the answers that are there whichever way led to it."""
    given: dict[int, Answers] = {0: frozenset()}
    ahead = [0]
    while ahead:
        index = ahead.pop()
        for target, answers in _passed_on(flow, index, given[index]):
            known = given.get(target, answers) & answers
            if target not in given or known != given[target]:
                given[target] = known
                ahead.append(target)
    return given


def _passed_on(flow: Flow, index: int, given: Answers) -> Iterator[tuple[int, Answers]]:
    """Each step that may follow, with the answers that are there then."""
    step = flow.steps[index]
    places = {other.id: number for number, other in enumerate(flow.steps) if other.id}
    proven = conditions.proven_answers(step.if_) if isinstance(step, model.If) else frozenset()
    kept = given | {step.ask.keep} if isinstance(step, model.Ask) else given
    for path, target in walk.ways_of(step):
        if target in places:
            yield places[target], kept | proven if path == ("then",) else kept
    if walk.goes_on(step) and index + 1 < len(flow.steps):
        yield index + 1, kept
