"""Flows such as `check` takes, made by chance: all kinds of steps, and all that a `say` can show."""

import json
from typing import Any

from hypothesis import assume
from hypothesis import strategies as some

from bot.language.check import check
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from tests.bot.channels.samples import FAMILY, HELLO, THAI
from tests.bot.talk import read
from tests.bot.test_engine_generated import CONDITIONS, HAPPENINGS

ASK_BIRTHDAY = read("  - ask: {text: Your birthday, kind: date, keep: birthday, timeout: {after: 1 day}}\n").model_copy(
    update={"flow": "ask-birthday"}
)
KNOWN = Known(
    frozenset({"tea"}),
    lambda name: name == "pictures/tea.jpg",
    flows={"ask-birthday": ASK_BIRTHDAY},
    read_file={"hello.json": json.dumps(HELLO)}.get,
    texts={"thanks": {"zh-Hant": "謝謝", "en": "Thanks"}},
)
# What `check` warns of, and what may then stop a conversation.
MAY_FAIL = {"answer_not_asked", "coupon_not_sent", "calls_ever_deeper"}

IDS = some.integers(0, 12)  # which one, `named` says
WORDS = some.sampled_from(
    [
        "hi",
        {"zh-Hant": "嗨 {{ contact.name }}", "en": "hi {{ answers.one }}"},
        {"use": "thanks"},
        "{{ shop.name }}{{ attributes.x }}",
        "{{ coupon.name | default('') }}{{ answers.one | default('') | truncate(100) }}",
        "{% if contact.channel == 'line' %}茶{% else %}" + "tea " * 300 + "{% endif %}",
        "🍵" * 900,
    ]
)
LABELS = some.sampled_from(
    ["ok", {"zh-Hant": "好", "en": "Yes"}, FAMILY, THAI, "{{ contact.name }}", "{{ answers.one }}"]
)
TITLES = some.sampled_from(["Tea", "茶" * 40, {"zh-Hant": "茶", "en": "{{ answers.one }}"}])
PICTURES = some.sampled_from(["pictures/tea.jpg", "https://shop.example/茶.jpg"])
URLS = some.sampled_from(["https://shop.example/茶?q=1", "tel:+886212345678", "https://shop.example/{{ answers.one }}"])
BUTTONS = some.lists(
    some.fixed_dictionaries({"label": LABELS, "url": URLS})
    | some.fixed_dictionaries({"label": LABELS, "postback": some.sampled_from(["join", "p" * 300])}),
    min_size=1,
    max_size=3,
)
CARDS = some.lists(
    some.fixed_dictionaries({"title": TITLES}, optional={"text": WORDS, "image": PICTURES, "buttons": BUTTONS}),
    min_size=1,
    max_size=10,
)
QUICK = some.lists(LABELS, min_size=1, max_size=13)
SAYS = some.one_of(
    some.fixed_dictionaries(
        {"text": WORDS}, optional={"title": TITLES, "image": PICTURES, "buttons": BUTTONS, "choices": QUICK}
    ),
    some.fixed_dictionaries({"text": some.lists(WORDS, min_size=1, max_size=3)}),
    some.fixed_dictionaries({"cards": CARDS}, optional={"text": WORDS, "choices": QUICK}),
    some.fixed_dictionaries(
        {"video": some.just("https://shop.example/tea.mp4"), "preview": PICTURES}, optional={"text": WORDS}
    ),
    some.fixed_dictionaries({"flex": some.just("hello.json"), "text": some.just("Tea")}, optional={"choices": QUICK}),
)
TIMEOUTS = some.fixed_dictionaries({"after": some.sampled_from(["1 minute", "25 hours"])}, optional={"go": IDS})
TRIES = some.fixed_dictionaries({"at_most": some.integers(1, 3)}, optional={"go": IDS})
CHOICES = some.lists(
    some.sampled_from(["tea", "milk", "none"]).flatmap(
        lambda label: some.fixed_dictionaries({"label": some.just(label)}, optional={"go": IDS})
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda choice: str(choice["label"]),
)
TIMES = some.sampled_from(["30 minutes", "2 days", {"until": "18:00"}, {"for": "1 day", "until": "09:00"}])
WAITS = some.one_of(
    TIMES, some.fixed_dictionaries({"until": HAPPENINGS, "timeout": TIMEOUTS, "campaign": some.just("tea")})
)
WAYS = some.lists(some.fixed_dictionaries({"go": IDS, "weight": some.integers(1, 9)}), min_size=2, max_size=3)
KEPT = some.sampled_from([{"set": {"x": "{{ answers.one }}"}}, {"tag": "t"}, {"set": {"x": "2"}}, {"untag": "t"}])
PLAIN = some.sampled_from(
    [{"notify": "{{ answers.one }}"}, {"call": "ask-birthday"}, {"end": True}, {"hand_over": "wants a person"}]
)


def steps(
    words: some.SearchStrategy[Any], says: some.SearchStrategy[Any], pictures: some.SearchStrategy[str]
) -> some.SearchStrategy[dict[str, Any]]:
    """Steps of every kind that say these words."""
    questions = some.fixed_dictionaries({"text": words, "keep": some.just("two")}, optional={"timeout": TIMEOUTS})
    asks = some.one_of(
        some.fixed_dictionaries({"text": words, "keep": some.just("two"), "image": pictures}),
        questions,
        some.fixed_dictionaries(
            {"text": words, "keep": some.just("two"), "kind": some.sampled_from(["number", "date", "phone", "email"])},
            optional={"tries": TRIES, "timeout": TIMEOUTS, "otherwise": words},
        ),
        some.fixed_dictionaries({"text": words, "choices": CHOICES, "keep": some.just("three")}),
    )
    refused = some.fixed_dictionaries({"otherwise": IDS}, optional={"sold_out": IDS})
    sends = some.fixed_dictionaries(
        {"campaign": some.just("tea"), "text": words, "button": LABELS, "refused": refused},
        optional={"image": pictures},
    )
    return some.one_of(
        some.fixed_dictionaries({"say": says}),
        some.fixed_dictionaries({"ask": asks}),
        some.fixed_dictionaries({"if": CONDITIONS, "then": IDS}, optional={"else": IDS}),
        some.fixed_dictionaries({"go": IDS}),
        some.fixed_dictionaries({"random": WAYS}),
        some.fixed_dictionaries({"send_coupon": sends}),
        some.fixed_dictionaries({"wait": WAITS}),
        PLAIN,
        KEPT,
    )


STEPS = steps(WORDS, SAYS, PICTURES)
FIRST: list[dict[str, Any]] = [
    {"ask": {"text": "Which one?", "keep": "one", "otherwise": "hm"}},
    {"send_coupon": {"campaign": "tea", "text": "here", "button": "open", "refused": {"otherwise": "s12"}}},
]
LAST: dict[str, Any] = {"id": "s12", "say": "bye"}


def checked(steps: list[dict[str, Any]], starts: str) -> tuple[Flow | None, list[Mistake]]:
    """The flow of these steps, and what `check` says of it."""
    lines = [f"  - {json.dumps(step, ensure_ascii=False)}\n" for step in steps]  # JSON is YAML
    head = f"flow: x\nlanguages: [zh-Hant, en]\nstarts: {starts}\nsteps:\n"
    return check(head + "".join(lines), "x.yaml", KNOWN)


def named(part: Any, place: int, key: str = "", *, may_return: bool = False) -> Any:  # noqa: ANN401 (a part of a step)
    """With ids for numbers. Only from a question may a way lead back, so that no circle runs for ever."""
    if isinstance(part, dict):
        back = may_return or "ask" in part
        return {name: named(inner, place, name, may_return=back) for name, inner in part.items()}
    if isinstance(part, list):
        return [named(inner, place, key, may_return=may_return) for inner in part]
    if key in {"go", "then", "else", "otherwise", "sold_out"} and isinstance(part, int):
        return f"s{part if may_return else max(part, place + 1)}"
    return part


@some.composite
def good_flows(
    draw: some.DrawFn, of: some.SearchStrategy[dict[str, Any]] = STEPS, starts: str = "[follow]"
) -> tuple[Flow, set[str]]:
    """A flow in which `check` finds no error, and the codes of what it warns of.

    Steps that nobody comes to are taken out again: their removal takes no way from the others.
    """
    drawn: list[dict[str, Any]] = draw(some.lists(of, min_size=12, max_size=12))
    made = [*FIRST, *({"id": f"s{at}", **named(step, at)} for at, step in enumerate(drawn)), LAST]
    while True:
        flow, mistakes = checked(made, starts)
        lost = {one.line - 5 for one in mistakes if one.message.code == "step_unreached"}
        if not lost:
            break
        made = [step for at, step in enumerate(made) if at not in lost]
    assume(not any(not one.is_warning for one in mistakes))
    assert flow is not None
    return flow, {one.message.code for one in mistakes}
