"""Checking a flow file before it is used: every mistake at once, each at its line."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.language import limits, model, texts, walk
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Path, Source, read
from bot.language.starts import folded

VARIABLES = {
    "contact": {"name", "language", "channel"},
    "shop": {"name"},
    "coupon": {"name", "url", "expires"},
}
REFUSALS = ("limit_reached", "sold_out", "not_started", "ended", "unreachable")


def _anything(_: str) -> bool:
    return True


@dataclass(frozen=True)
class Known:
    """What a flow may refer to: campaigns (None: nobody knows, so nothing is said), and pictures beside the file."""

    campaigns: frozenset[str] | None = None
    has_picture: Callable[[str], bool] = _anything


def check(text: str, file: str, known: Known) -> tuple[Flow | None, list[Mistake]]:
    """The flow, where it can be read at all, and every mistake in the order of the lines."""
    source = read(text, file)
    if isinstance(source, Mistake):
        return None, [source]
    if not isinstance(source.data, dict):
        return None, [Mistake(file, 1, 1, "the file must hold a flow: `flow:`, `starts:` and `steps:`")]
    try:
        flow = Flow.model_validate(source.data)
    except ValidationError as error:
        return None, sorted({_structural(source, detail) for detail in error.errors()})
    rules = (_names, _reach, _circles, _campaigns, _texts, _starts, _pictures, _refusals, limits.check)
    return flow, sorted({mistake for rule in rules for mistake in rule(flow, source, known)})


def _structural(source: Source, detail: ErrorDetails) -> Mistake:
    """Pydantic's finding in a marketer's words."""
    path = _path(detail["loc"])
    kind, last = detail["type"], str(path[-1]) if path else ""
    if any(str(part).startswith(("str", "dict[")) for part in detail["loc"][-2:]):
        return source.mistake(path, "expected a text, or a text for each language such as {zh-Hant: ..., en: ...}")
    if kind == "extra_forbidden":
        return source.mistake(path, f"{last!r} is not known here; {did_you_mean(last, _fields(detail['loc']))}")
    if kind == "missing":
        return source.mistake(path[:-1], f"{last!r} is missing")
    if kind == "too_short":
        return source.mistake(path, f"{last!r} is empty; expected at least one")
    message = detail["msg"].removeprefix("Value error, ")
    if kind in {"value_error", "step_kind"}:
        return source.mistake(path, message)
    found = detail["input"]
    shown = repr(found) if isinstance(found, str | int | float | bool) else f"a {type(found).__name__}"
    return source.mistake(path, f"found {shown}; {message[:1].lower()}{message[1:]}")


def _path(loc: tuple[int | str, ...]) -> Path:
    """The place in the file. pydantic puts the kind of a step behind the step's number; the file does not."""
    return loc[:2] + loc[3:] if len(loc) > 2 and loc[0] == "steps" else loc  # noqa: PLR2004 (steps, number, kind)


def _fields(loc: tuple[int | str, ...]) -> list[str]:
    """The fields that are known where an unknown one was found."""
    parts = [str(part) for part in loc[:-1] if isinstance(part, str)]
    kinds: dict[str, type[model.Part]] = {
        "starts": model.Start,
        "buttons": model.Button,
        "choices": model.Choice,
        "refused": model.Refusals,
        **model.KINDS,
        **{name: inner for name, inner in model.INSIDE.items() if parts.count(name) > 1},  # ..., say, say, txt
    }
    nearest = next((kinds[name] for name in reversed(parts) if name in kinds), Flow)
    return [field.alias or name for name, field in nearest.model_fields.items()]


def _names(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Step ids: each once, and every one that is gone to is there."""
    ids = [step.id for step in flow.steps if step.id]
    for index, step in enumerate(flow.steps):
        if step.id and step.id in ids[: sum(1 for earlier in flow.steps[:index] if earlier.id)]:
            yield source.mistake(("steps", index, "id"), f"the id {step.id!r} is taken by an earlier step")
        for path, target in walk.ways_of(step):
            if target not in ids:
                yield source.mistake(
                    ("steps", index, *path), f"there is no step {target!r}; {did_you_mean(target, ids)}"
                )


def _reach(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Every step can be come to."""
    reached, ahead = set[int](), [0]
    while ahead:
        index = ahead.pop()
        if index < len(flow.steps) and index not in reached:
            reached.add(index)
            ahead.extend(_next(flow, index))
    for index in range(len(flow.steps)):
        if index not in reached and (index == 0 or index - 1 in reached):
            yield source.mistake(("steps", index), "no way leads to this step; remove it, or go to its id from another")


def _next(flow: Flow, index: int) -> list[int]:
    places = {step.id: number for number, step in enumerate(flow.steps) if step.id}
    step = flow.steps[index]
    ways = [places[target] for _, target in walk.ways_of(step) if target in places]
    return [*ways, index + 1] if walk.goes_on(step) else ways


def _circles(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """No way round that asks nothing: it would run for ever. Said once a circle, at its last step."""
    quick = {index: [] if isinstance(step, model.Ask) else _next(flow, index) for index, step in enumerate(flow.steps)}
    after = {index: _after(quick, index) for index in quick}
    for index in quick:
        circle = {other for other in after[index] if index in after.get(other, ())}
        if circle and index == max(circle):
            yield source.mistake(("steps", index), "from here the flow runs in a circle without asking anything")


def _after(quick: dict[int, list[int]], start: int) -> set[int]:
    found, ahead = set[int](), list(quick[start])
    while ahead:
        index = ahead.pop()
        if index in quick and index not in found:
            found.add(index)
            ahead.extend(quick[index])
    return found


def _campaigns(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every campaign is there."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.SendCoupon) and known.campaigns is not None:
            slug = step.send_coupon.campaign
            if slug not in known.campaigns:
                path = ("steps", index, "send_coupon", "campaign")
                yield source.mistake(path, f"there is no campaign {slug!r}; {did_you_mean(slug, known.campaigns)}")


def _texts(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Every text is a template over known variables, in every language of the flow."""
    answers = {step.ask.keep for step in flow.steps if isinstance(step, model.Ask)}
    for text in walk.texts_of(flow):
        if isinstance(text.words, dict):
            for language in set(flow.languages) - text.words.keys():
                yield source.mistake(text.path, f"the text in {language} is missing", is_warning=True)
            for language in text.words.keys() - set(flow.languages):
                yield source.mistake(
                    (*text.path, language), f"{language!r} is none of the flow's languages: {', '.join(flow.languages)}"
                )
        for template in [text.words] if isinstance(text.words, str) else text.words.values():
            in_coupon = isinstance(flow.steps[text.step], model.SendCoupon)
            yield from (source.mistake(text.path, message) for message in _template(template, answers, in_coupon))


def _template(template: str, answers: set[str], in_coupon: bool) -> Iterator[str]:  # noqa: FBT001 (of this module)
    known = {f"{name}.{part}" for name, parts in VARIABLES.items() for part in parts if name != "coupon" or in_coupon}
    known |= {f"answers.{name}" for name in answers}
    try:
        used = texts.variables(template)
    except texts.TextError as error:
        yield f"the text cannot be filled in: {error}"
        return
    for name in sorted(used - known):
        yield f"there is no {name!r} here; {did_you_mean(name, known)}"


def _starts(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """No two starts of the flow are the same."""
    seen = Counter[str]()
    for index, start in enumerate(flow.starts):
        marks = [*(f"word {folded(word)}" for word in start.words)]
        marks += [f"ref {start.ref}"] if start.ref else []
        marks += [f"postback {start.postback}"] if start.postback else []
        marks += ["follow"] if start.follow else []
        for mark in marks:
            seen[mark] += 1
            if seen[mark] == 2:  # noqa: PLR2004 (said once)
                yield source.mistake(("starts", index), f"the start {mark!r} stands here twice")


def _pictures(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every picture is beside the file, or on an https page."""
    for index, step in enumerate(flow.steps):
        for key, image in (("say", getattr(step, "say", None)), ("ask", getattr(step, "ask", None))):
            address = image.image if image else ""
            if address.startswith("http://"):
                yield source.mistake(("steps", index, key, "image"), "LINE shows pictures from https addresses only")
            elif address and not address.startswith("https://") and not known.has_picture(address):
                yield source.mistake(
                    ("steps", index, key, "image"), f"there is no picture {address!r} beside this file"
                )


def _refusals(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """Every refusal of a coupon has a way; else the flow just goes on, as if it had been sent."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.SendCoupon) and not step.send_coupon.refused.otherwise:
            refused = step.send_coupon.refused
            open_ones = [reason for reason in REFUSALS if not getattr(refused, reason)]
            if open_ones:
                message = f"nothing is said when the coupon is refused for: {', '.join(open_ones)} (add `otherwise:`)"
                yield source.mistake(("steps", index, "send_coupon"), message, is_warning=True)
