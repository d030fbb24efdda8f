"""Broken flow files: each mistake found at its line; no false alarm on the good ones."""

from pathlib import Path

import pytest

from bot.language.check import Known, check

KNOWN = Known(frozenset({"summer-tea", "welcome-gift"}), lambda name: name == "pictures/tea.jpg")
ROOT = Path(__file__).parent.parent.parent.parent

HEAD = "flow: tea\nlanguages: [zh-Hant, en]\nstarts: [follow]\nsteps:\n"
SEND = (
    "  - send_coupon: {campaign: summer-tea, text: hi, button: open, refused: {otherwise: bye}}\n"
    "  - {id: bye, say: bye}\n"
)

BROKEN = {
    "not YAML": ("flow: [tea", 1, "not YAML"),
    "a tab": ("flow: tea\n\tstarts: [follow]", 2, "not YAML"),
    "nothing": ("", 1, "must hold a flow"),
    "a list": ("- a", 1, "must hold a flow"),
    "a key twice": ("flow: tea\nflow: coffee\n", 2, "'flow' stands here twice"),
    "an alias": ("flow: &a tea\ntitle: *a\n", 1, "alias"),
    "no steps": ("flow: tea\nstarts: [follow]\n", 1, "'steps' is missing"),
    "no start": ("flow: tea\nstarts: []\nsteps:\n  - say: hi\n", 2, "starts"),
    "a name with spaces": ("flow: Summer Tea\nstarts: [follow]\nsteps:\n  - say: hi\n", 1, "'Summer Tea'"),
    "an unknown field": (HEAD + "  - say: {txt: hi}\n", 5, "did you mean 'text'?"),
    "an unknown field of the flow": ("flow: tea\nstart: [follow]\nsteps:\n  - say: hi\n", 2, "did you mean 'starts'?"),
    "an unknown kind of step": (HEAD + "  - sya: hi\n", 5, "a step is one of: say, ask"),
    "a number for a text": (HEAD + "  - say: {text: 3}\n", 5, "expected a text"),
    "nothing to say": (HEAD + "  - say: {title: hi}\n", 5, "needs a `text` or an `image`"),
    "a button without an aim": (HEAD + "  - say: {text: a, buttons: [{label: b}]}\n", 5, "either `url` or `postback`"),
    "a start of two kinds": (
        "flow: tea\nstarts:\n  - {ref: a, postback: b}\nsteps:\n  - say: hi\n",
        3,
        "a start is one of",
    ),
    "an unknown step": (
        HEAD + "  - go: by\n  - {id: bye, say: bye}\n",
        5,
        "there is no step 'by'; did you mean 'bye'?",
    ),
    "an unknown step in a choice": (
        HEAD + "  - ask:\n      text: a\n      choices:\n        - {label: b, go: nowhere}\n",
        8,
        "there is no step 'nowhere'",
    ),
    "an unknown step in a refusal": (HEAD + SEND.replace("otherwise: bye", "sold_out: by"), 5, "there is no step 'by'"),
    "an id twice": (HEAD + "  - {id: a, say: hi}\n  - {id: a, say: ho}\n", 6, "taken by an earlier step"),
    "an unknown campaign": (HEAD + SEND.replace("summer-tea", "summer-te"), 5, "did you mean 'summer-tea'?"),
    "an unknown variable": (HEAD + "  - say: 'Hi {{ contact.nmae }}'\n", 5, "did you mean 'contact.name'?"),
    "an unknown answer": (HEAD + "  - say: 'Hi {{ answers.drink }}'\n", 5, "there is no 'answers.drink' here"),
    "a coupon's variable outside": (HEAD + "  - say: '{{ coupon.url }}'\n", 5, "there is no 'coupon.url' here"),
    "a template that is none": (HEAD + "  - say: 'Hi {{ contact.name '\n", 5, "cannot be filled in"),
    "a template that loops": (HEAD + "  - say: '{% for a in shop.name %}x{% endfor %}'\n", 5, "for is not possible"),
    "a template that calls": (HEAD + "  - say: '{{ contact.name.upper() }}'\n", 5, "call is not possible"),
    "a template that multiplies": (HEAD + "  - say: '{{ shop.name * 999999999 }}'\n", 5, "mul is not possible"),
    "a step nobody comes to": (HEAD + "  - end: true\n  - say: lost\n", 6, "no way leads to this step"),
    "a circle": (HEAD + "  - {id: a, say: hi}\n  - go: a\n", 6, "in a circle without asking"),
    "a language the flow has not": (HEAD + "  - say: {zh-Hant: 嗨, fr: salut}\n", 5, "'fr' is none of"),
    "a missing language": (HEAD + "  - say: {zh-Hant: 嗨}\n", 5, "the text in en is missing"),
    "a word twice": ("flow: tea\nstarts:\n  - words: [Tea, ＴＥＡ]\nsteps:\n  - say: hi\n", 3, "stands here twice"),
    "a missing picture": (HEAD + "  - say: {image: pictures/coffee.jpg}\n", 5, "there is no picture"),
    "a picture that is not https": (HEAD + "  - say: {image: 'http://x.example/a.png'}\n", 5, "https"),
    "a label too long for both": (
        HEAD
        + "  - ask: {text: a, choices: [123456789012345678901]}\n".replace("12345", "'12345", 1).replace("]}", "']}"),
        5,
        "21 characters as line counts; at most 20 fit",
    ),
    "a title too long": (HEAD + f"  - say: {{text: a, title: '{'長' * 41}'}}\n", 5, "41 characters as line counts"),
    "a text too long for Messenger": (HEAD + f"  - say: '{'字' * 2001}'\n", 5, "2001 characters as messenger counts"),
    "emoji counted as Messenger does": (HEAD + f"  - say: '{'😀' * 1001}'\n", 5, "2002 characters as messenger counts"),
    "too many buttons": (
        HEAD + "  - say:\n      text: a\n      buttons:\n" + "        - {label: b, postback: c}\n" * 4,
        7,
        "4 buttons; at most 3 fit",
    ),
    "too many choices": (
        HEAD + "  - ask:\n      text: a\n      choices: [" + ", ".join(f"c{n}" for n in range(14)) + "]\n",
        7,
        "14 choices; at most 13 fit",
    ),
    "an unhandled refusal": (
        HEAD + SEND.replace("otherwise", "sold_out"),
        5,
        "nothing is said when the coupon is refused",
    ),
    "half a condition": (HEAD + "  - {if: {answer: a}, then: b}\n  - {id: b, say: b}\n", 5, "a condition is one of"),
    "end that is not true": (HEAD + "  - end: now\n", 5, "found 'now'"),
}


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_is_found_at_its_line(text: str, line: int, words: str) -> None:
    _, mistakes = check(text, "tea.yaml", KNOWN)
    assert any(mistake.line == line and words in mistake.message for mistake in mistakes), [str(m) for m in mistakes]


@pytest.mark.parametrize("file", sorted((ROOT / "flows").glob("*.yaml")), ids=lambda file: file.name)
def test_the_example_flows_are_good(file: Path) -> None:
    known = Known(KNOWN.campaigns, lambda name: (file.parent / name).is_file())
    flow, mistakes = check(file.read_text(encoding="utf-8"), file.name, known)
    assert flow is not None
    assert mistakes == []


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = HEAD + "  - go: nowhere\n  - {id: a, say: '{{ x }}'}\n  - go: a\n"
    _, mistakes = check(text, "tea.yaml", KNOWN)
    assert [mistake.line for mistake in mistakes] == [5, 6, 6, 7]


def test_a_mistake_prints_as_editors_read_it() -> None:
    _, (mistake,) = check("flow: tea\nflow: tea\n", "flows/tea.yaml", KNOWN)
    assert str(mistake) == "flows/tea.yaml:2:1: error: 'flow' stands here twice"


def test_nesting_without_end_is_refused_and_not_followed() -> None:
    _, (mistake,) = check("flow: " + "[" * 100 + "]" * 100, "tea.yaml", KNOWN)
    assert "nested more than" in mistake.message


def test_what_pydantic_read_is_what_publishing_stores() -> None:
    text = (ROOT / "flows" / "summer-tea.yaml").read_text(encoding="utf-8")
    flow, _ = check(text, "tea.yaml", Known())
    assert flow is not None
    assert type(flow).model_validate(flow.model_dump(mode="json", by_alias=True, exclude_unset=True)) == flow
