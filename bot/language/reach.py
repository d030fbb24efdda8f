"""The ways through a flow: steps that nobody comes to, circles without an end, values that may not be there yet."""

from collections.abc import Iterator

from bot.language import calls, conditions, model, texts, walk, ways
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Source
from bot.sentences import Sentence

Values = frozenset[str]  # the names of answers, and COUPON
COUPON = "coupon."


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every step can be come to, no way runs for ever, and what a text says is there before."""
    after = {index: ways.next_steps(flow, index) for index in range(len(flow.steps))}
    yield from _unreached(after, source)
    yield from _circles(flow, after, source, known)
    yield from _unasked(flow, source, known)


def _after(following: dict[int, list[int]], start: int) -> set[int]:
    found, ahead = set[int](), list(following[start])
    while ahead:
        index = ahead.pop()
        if index not in found:
            found.add(index)
            ahead.extend(following[index])
    return found


def _unreached(following: dict[int, list[int]], source: Source) -> Iterator[Mistake]:
    """Said at the first of several in a row."""
    reached = {0} | _after(following, 0)
    for index in following:
        if index not in reached and index - 1 in reached:
            message = Sentence(
                "step_unreached",
                "沒有任何路會走到這一步；請刪掉它，或從別的步驟 `go` 到它的 `id`",
                "no way leads to this step; remove it, or go to its id from another",
            )
            yield source.mistake(("steps", index), message)


def _circles(flow: Flow, following: dict[int, list[int]], source: Source, known: Known) -> Iterator[Mistake]:
    """No way round that asks nothing: it would run for ever. Said once a circle, at its last step."""
    quick = {
        index: [] if ways.is_pause(flow.steps[index]) or calls.may_pause(flow.steps[index], known) else after
        for index, after in following.items()
    }
    for index, targets in quick.items():
        if not any(target <= index for target in targets):
            continue  # the last step of a circle goes back
        after = _after(quick, index)
        if index in after and not any(index in _after(quick, other) for other in after if other > index):
            message = Sentence(
                "steps_in_circle",
                "流程從這裡開始一直繞圈，中間沒有提問也沒有等待",
                "from here the flow runs in a circle without asking anything or waiting",
            )
            yield source.mistake(("steps", index), message)


def _unasked(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Values in texts that some way leads to without them: there the text could not be filled in."""
    asked, given = walk.asked_in(flow), _given(flow, known)
    sends = any(isinstance(step, model.SendCoupon) for step in flow.steps)
    possible = asked | {COUPON} if sends else asked
    for text in walk.texts_of(flow):
        there = given.get(text.step, possible)
        if isinstance(flow.steps[text.step], model.SendCoupon):
            there |= {COUPON}
        for template in text.each:
            for name in sorted(_values_in(template) & possible - there):
                yield source.mistake(text.path, _not_there(name), is_warning=True)


def missing(flow: Flow, start: int, there: Values, known: Known) -> Values:
    """What texts on some way from the step at `start` need, of answers and coupons, for whom just `there` is there."""
    given = _given(flow, known, start, there)
    possible = walk.asked_in(flow) | {COUPON}
    found: set[str] = set()
    for text in walk.texts_of(flow):
        if text.step in given:
            own = {COUPON} if isinstance(flow.steps[text.step], model.SendCoupon) else set[str]()
            for template in text.each:
                found |= _values_in(template) & possible - given[text.step] - own
    return frozenset(found)


def _not_there(name: str) -> Sentence:
    if name == COUPON:
        return Sentence(
            "coupon_not_sent",
            "客人走到這裡時可能還沒收到券；請只在 `send_coupon` 之後走到這裡",
            "a customer may come here without a coupon having been sent; go here only after `send_coupon`",
        )
    instead = f"{{{{ answers.{name} | default('...') }}}}"
    return Sentence(
        "answer_not_asked",
        f"客人走到這裡時可能還沒被問過「{name}」；請先問，或寫成 {instead}",
        f"a customer may come here without having been asked for {name!r}; ask before, or write {instead}",
    )


def _values_in(template: str) -> Values:
    try:
        used = texts.variables(template)
    except texts.TextError:  # told elsewhere
        return frozenset()
    if texts.is_guarded(template):
        return frozenset()
    answers = frozenset(name.removeprefix("answers.") for name in used if name.startswith("answers."))
    return answers | {COUPON} if any(name.startswith("coupon.") for name in used) else answers


def _given(flow: Flow, known: Known, start: int = 0, there: Values = frozenset()) -> dict[int, Values]:
    """For each step that can be reached from `start`, the values that are there whichever way led to it."""
    given: dict[int, Values] = {start: there}
    ahead = [start]
    while ahead:
        index = ahead.pop()
        for target, values in _passed_on(flow, index, given[index], known):
            there = given.get(target, values) & values
            if target not in given or there != given[target]:
                given[target] = there
                ahead.append(target)
    return given


def _passed_on(flow: Flow, index: int, given: Values, known: Known) -> Iterator[tuple[int, Values]]:
    """Each step that may follow, with the values that are there then."""
    step = flow.steps[index]
    answered, goes_on = given, ways.goes_on(step)
    if isinstance(step, model.Ask):
        answered = given | {step.ask.keep}
    elif isinstance(step, model.SendCoupon):
        answered = given | {COUPON}
    elif isinstance(step, model.Call):
        answered = given | calls.answers_of(step.call, known)
    for path, target in ways.ways_of(step):
        if target in flow.indices:
            yield flow.indices[target], _values_on(step, path, given, answered)
    if goes_on and index + 1 < len(flow.steps):
        is_answered = not isinstance(step, model.Ask) or not ways.goes_on_without_answer(step.ask)
        yield index + 1, answered if is_answered else given


def _values_on(step: model.AnyStep, path: tuple[str | int, ...], given: Values, answered: Values) -> Values:
    """What is there on one of a step's ways."""
    if path == ("then",) and isinstance(step, model.If):
        return given | conditions.proven_answers(step.if_)
    return given if path in ways.WITHOUT_ANSWER or isinstance(step, model.SendCoupon) else answered
