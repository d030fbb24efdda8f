"""The texts of a flow and what they refer to: languages, variables, answers, and choices that cannot be told apart."""

from collections.abc import Iterator

from bot.language import calls, conditions, model, texts, walk
from bot.language.folding import folded
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Source
from bot.sentences import Pair, Sentence

VARIABLES = {
    "contact": {"name", "language", "channel", "member"},
    "shop": {"name"},
    "coupon": {"name", "url", "expires"},
}


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every text is there in every language and can be filled in; every condition can hold; every choice be chosen."""
    asked = _answers(flow, known)
    sends = any(isinstance(step, model.SendCoupon) for step in flow.steps)
    for text in walk.texts_of(flow):
        yield from _languages(flow, source, text)
        for template in text.each:
            yield from (source.mistake(text.path, found) for found in _template(template, asked, sends=sends))
    yield from _conditions(flow, source, asked)
    yield from _choices(flow, source)


def _answers(flow: Flow, known: Known) -> frozenset[str] | None:
    """The answers that may be there: of the flow's questions, and of the flows that it calls. None: nobody knows."""
    if calls.is_open(flow, known):
        return None
    return walk.asked_in(flow).union(*(calls.answers_of(name, known) for name in calls.called_by(flow)))


def _languages(flow: Flow, source: Source, text: walk.Text) -> Iterator[Mistake]:
    if isinstance(text.words, str):
        return
    for language in flow.languages:
        if not text.words.get(language, "").strip():
            missing = Sentence("language_missing", f"缺少 {language} 的文字", f"the text in {language} is missing")
            yield source.mistake(text.path, missing, is_warning=True)
    for language in text.words.keys() - set(flow.languages):
        beyond = Sentence(
            "unknown_language",
            f"「{language}」不是這個流程的語言：{'、'.join(flow.languages)}",
            f"{language!r} is none of the flow's languages: {', '.join(flow.languages)}",
        )
        yield source.mistake((*text.path, language), beyond)


def _template(template: str, asked: frozenset[str] | None, *, sends: bool) -> Iterator[Sentence]:
    known = {f"{name}.{part}" for name, parts in VARIABLES.items() for part in parts if name != "coupon" or sends}
    known |= {f"answers.{name}" for name in asked or ()}
    try:
        used = texts.variables(template)
    except texts.TextError as error:
        yield Sentence(
            "template_wrong",
            f"這段文字無法套用資料：{error.words.zh}",
            f"the text cannot be filled in: {error.words.en}",
        )
        return
    for name in sorted(used - known):
        if not (name.startswith("attributes.") or (asked is None and name.startswith("answers."))):
            hint = did_you_mean(name, known)
            yield Sentence(
                "unknown_value", f"這裡沒有「{name}」可用；{hint.zh}", f"there is no {name!r} here; {hint.en}"
            )


def _conditions(flow: Flow, source: Source, asked: frozenset[str] | None) -> Iterator[Mistake]:
    """A condition on an answer names a question, and an answer that can be given to it."""
    for path, condition in walk.conditions_of(flow):
        for within, part in conditions.plain_parts(condition):
            if part.answer is not None and asked is not None and part.answer not in asked:
                message = unknown_answer(part.answer, did_you_mean(part.answer, asked))
                yield source.mistake((*path, *within, "answer"), message)
            elif part.answer is not None:
                possible = _possible_answers(flow, part.answer)
                for value in conditions.wanted(part) if possible else ():
                    if folded(value) not in map(folded, possible):
                        hint = did_you_mean(value, possible)
                        message = Sentence(
                            "unknown_choice",
                            f"沒有選項會存成「{value}」；{hint.zh}",
                            f"no choice keeps {value!r}; {hint.en}",
                        )
                        yield source.mistake((*path, *within, "is"), message)


def unknown_answer(name: str, hint: Pair) -> Sentence:
    """An answer that no question brings."""
    return Sentence(
        "unknown_answer", f"沒有問題會把答案存成「{name}」；{hint.zh}", f"no question keeps {name!r}; {hint.en}"
    )


def _possible_answers(flow: Flow, name: str) -> frozenset[str]:
    """What can be kept under this name; nothing where any text can."""
    questions = [step.ask for step in flow.steps if isinstance(step, model.Ask) and step.ask.keep == name]
    if not all(ask.choices for ask in questions):
        return frozenset()
    return frozenset(
        choice.value or texts.chosen(choice.label, flow.languages[0], flow.languages)
        for ask in questions
        for choice in ask.choices
    )


def _choices(flow: Flow, source: Source) -> Iterator[Mistake]:
    """Two choices that the same words mean: the second could never be chosen."""
    for index, step in enumerate(flow.steps):
        taken = dict[str, int]()
        for number, choice in enumerate(step.ask.choices) if isinstance(step, model.Ask) else ():
            labels = [choice.label] if isinstance(choice.label, str) else list(choice.label.values())
            for word in dict.fromkeys(folded(label) for label in labels):
                if taken.setdefault(word, number) != number:
                    message = Sentence(
                        "choice_twice",
                        f"「{word}」和前面的選項一樣",
                        f"{word!r} is an earlier choice of this question already",
                    )
                    yield source.mistake(("steps", index, "ask", "choices", number), message)
