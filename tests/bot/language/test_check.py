"""Broken flow files: each mistake found at its line; no false alarm on the good ones."""

import re
from pathlib import Path

import pytest

from bot.language import starts
from bot.language.check import check
from bot.language.known import Known

KNOWN = Known(
    frozenset({"summer-tea", "welcome-gift"}),
    lambda name: name == "pictures/tea.jpg",
    {("word", "gift"): "welcome-gift", ("postback", "welcome"): "welcome-gift"},
)
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
    "a list for a text": (HEAD + "  - say: {text: a, title: [3]}\n", 5, "found a list; expected a text"),
    "a list for a say": (HEAD + "  - say: [hi]\n", 5, "found a list; expected parts such as `text: ...`"),
    "a text for a list": ("flow: tea\nlanguages: en\nstarts: [follow]\nsteps:\n  - say: hi\n", 2, "expected a list"),
    "a language that is none": (HEAD.replace("en]", "English]") + "  - say: hi\n", 2, "expected a language such as"),
    "a name in capitals": (HEAD + "  - {id: Hello, say: hi}\n", 5, "small letters, digits and hyphens"),
    "nothing for a text": (HEAD + "  - say:\n", 5, "found nothing; expected parts"),
    "a line with a colon": (HEAD + "  - say: Hi: there\n", 5, "needs quotes"),
    "a text that begins with braces": (HEAD + "  - say: {{ contact.name }}\n", 5, "put {{ }} in quotes"),
    "a question mark in braces": (HEAD + "  - ask: {text: How many?, keep: a}\n", 5, "needs quotes"),
    "an at sign": (HEAD + "  - say: @shop\n", 5, "that begins with @ needs quotes"),
    "a tag of YAML's": (HEAD + "  - say: !!python/name:os.system x\n", 5, "is not possible here"),
    "an invisible character": (HEAD + "  - say: a\x07b\n", 5, "the invisible character U+0007"),
    "a word for a start": (
        "flow: tea\nstarts: [coupon]\nsteps:\n  - say: hi\n",
        2,
        "a start is one of: follow, follow: first",
    ),
    "a start of no words": ("flow: tea\nstarts:\n  - words: ['']\nsteps:\n  - say: hi\n", 3, "this start is empty"),
    "a start that another flow has": (
        "flow: tea\nstarts:\n  - words:\n      - tea\n      - ＧＩＦＴ\nsteps:\n  - say: hi\n",
        5,
        "the start 'word gift' is taken by the flow 'welcome-gift'",
    ),
    "an answer that no question keeps": (
        HEAD + "  - ask: {text: a, keep: drink}\n  - if: {answer: drnk, is: tea}\n    then: a\n  - {id: a, say: a}\n",
        6,
        "no question keeps 'drnk'; did you mean 'drink'?",
    ),
    "an answer that no choice keeps": (
        HEAD
        + "  - ask: {text: a, choices: [tea, milk], keep: drink}\n"
        + "  - if: {any: [{answer: drink, is: [tea, mlik]}]}\n    then: a\n  - {id: a, say: a}\n",
        6,
        "no choice keeps 'mlik'; did you mean 'milk'?",
    ),
    "an answer before its question": (
        HEAD + "  - say: 'so {{ answers.drink }}'\n  - ask: {text: a, keep: drink}\n",
        5,
        "without having been asked for 'drink'",
    ),
    "an answer on one of two ways only": (
        HEAD
        + "  - if: {tag: vip}\n    then: b\n  - ask: {text: a, keep: drink}\n  - {id: b, say: '{{ answers.drink }}'}\n",
        8,
        "without having been asked for 'drink'",
    ),
    "two choices alike": (HEAD + "  - ask: {text: a, choices: [Tea, ＴＥＡ]}\n", 5, "an earlier choice"),
    "an unknown filter": (HEAD + "  - say: '{{ shop.name | shout }}'\n", 5, "No filter named 'shout'"),
    "one dot too many": (HEAD + "  - say: '{{ shop.name.first }}'\n", 5, "one dot too many"),
    "a name given in a text": (HEAD + "  - say: '{% set a = 1 %}{{ a }}'\n", 5, "assign is not possible"),
    "a button that is not https": (
        HEAD + "  - say:\n      text: a\n      buttons:\n        - {label: b, url: 'http://x.example'}\n",
        8,
        "begins with https://",
    ),
    "a postback that starts nothing": (
        HEAD + "  - say: {text: a, buttons: [{label: b, postback: welcom}]}\n",
        5,
        "a tap does nothing; did you mean 'welcome'?",
    ),
    "a postback too long": (
        HEAD + f"  - say: {{text: a, buttons: [{{label: b, postback: {'p' * 301}}}]}}\n",
        5,
        "301 characters; at most 300",
    ),
    "a text too long around a variable": (
        HEAD + f"  - say: '{{{{ contact.name }}}}{'字' * 2001}'\n",
        5,
        "2001 characters as messenger counts",
    ),
    "nothing to say": (HEAD + "  - say: {title: hi}\n", 5, "needs a `text`, an `image`, a `video`"),
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
    "a circle": (HEAD + "  - {id: a, say: hi}\n  - go: a\n", 6, "in a circle without asking anything or waiting"),
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
    assert any(mistake.line == line and words in mistake.message.en for mistake in mistakes), [str(m) for m in mistakes]


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_is_told_in_chinese_with_the_same_names(text: str, line: int, words: str) -> None:
    """What English quotes from the file, Chinese quotes as well."""
    _, mistakes = check(text, "tea.yaml", KNOWN)
    (told, *_) = [one.message for one in mistakes if one.line == line and words in one.message.en]
    assert re.search(r"[\u4e00-\u9fff]", re.sub("「.*?」", "", told.zh)), told
    quoted = re.findall(r"(?<![a-z])'([\w.-]+)'", told.en)
    assert [name for name in quoted if name not in told.zh] == []


@pytest.mark.parametrize("file", sorted((ROOT / "flows").glob("*.yaml")), ids=lambda file: file.name)
def test_the_example_flows_are_good(file: Path) -> None:
    known = Known(KNOWN.campaigns, lambda name: (file.parent / name).is_file())
    flow, mistakes = check(file.read_text(encoding="utf-8"), file.name, known)
    assert flow is not None
    assert mistakes == []


def test_the_example_flows_do_not_take_each_others_starts() -> None:
    taken = dict[starts.Mark, str]()
    for file in sorted((ROOT / "flows").glob("*.yaml")):
        flow, mistakes = check(file.read_text(encoding="utf-8"), file.name, Known(starts=taken))
        assert flow is not None
        assert mistakes == []
        taken |= {mark: flow.flow for _, mark in starts.marks(flow)}
    assert taken["word", "優惠"] == "summer-tea"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = HEAD + "  - go: nowhere\n  - {id: a, say: '{{ x }}'}\n  - go: a\n"
    _, mistakes = check(text, "tea.yaml", KNOWN)
    assert [mistake.line for mistake in mistakes] == [5, 6, 6, 7]


def test_a_step_that_cannot_be_read_hides_no_other_steps_mistakes() -> None:
    steps = (
        "  - ask:\n      txt: Which\n      keep: drink\n"  # cannot be read, and still keeps an answer
        "  - say: '{{ answers.drink }} {{ contact.nmae }}'\n  - go: nowhere\n  - wait: soon\n"
        "  - {id: a, sya: hi}\n  - go: a\n"
    )
    _, mistakes = check(HEAD + steps, "tea.yaml", KNOWN)
    assert [mistake.line for mistake in mistakes] == [5, 6, 8, 9, 10, 11], [str(mistake) for mistake in mistakes]


def test_a_mistake_prints_as_editors_read_it() -> None:
    _, (mistake,) = check("flow: tea\nflow: tea\n", "flows/tea.yaml", KNOWN)
    assert str(mistake) == "flows/tea.yaml:2:1: error: 'flow' stands here twice"


@pytest.mark.parametrize("depth", [100, 20_000])
def test_nesting_without_end_is_refused_and_not_followed(depth: int) -> None:
    _, (mistake,) = check("flow: " + "[" * depth + "]" * depth, "tea.yaml", KNOWN)
    assert "nested more than" in mistake.message.en


def test_a_file_without_end_is_refused() -> None:
    _, (mistake,) = check("#" * 200_001, "tea.yaml", KNOWN)
    assert "at most 200,000 are allowed" in mistake.message.en


GOOD = {
    "unquoted words stay as typed": "  - ask: {text: 12:30, choices: [yes, no, on, 007, 2026-12-01]}\n",
    "numbers are texts": "  - say: {text: 100, title: 1.50}\n",
    "languages beyond the usual": "  - say: {zh-Hant: 嗨, en: hi}\n",
    "an answer that a condition proves": (
        "  - if: {tag: vip}\n    then: b\n  - ask: {text: a, keep: drink}\n"
        "  - id: b\n    if: {all: [{answer: drink, is: tea}, {tag: vip}]}\n    then: c\n  - end: true\n"
        "  - {id: c, say: '{{ answers.drink }}'}\n"
    ),
    "an answer with a default": (
        "  - if: {tag: vip}\n    then: b\n  - ask: {text: a, keep: drink}\n"
        "  - {id: b, say: \"{{ answers.drink | default('tea') }}\"}\n"
    ),
    "a circle with a question in it": "  - {id: a, ask: {text: again, keep: more}}\n  - go: a\n",
    "a button that calls": "  - say: {text: a, buttons: [{label: b, url: 'tel:+886223456789'}]}\n",
    "a text that chooses": "  - say: '{% if contact.name %}Hi {{ contact.name }}{% else %}Hi{% endif %}'\n",
    "every refusal handled": SEND,
    "a circle with a wait in it": "  - {id: a, say: hi}\n  - wait: 1 hour\n  - ask: still there\n  - go: a\n",
    "a reminder within a day": SEND.replace("  - {id: bye", "  - wait: 23 hours\n  - say: hi\n  - {id: bye"),
    "a reminder for LINE alone": SEND.replace(
        "  - {id: bye",
        "  - if: {any: [{not: {channel: line}}, {tag: a}]}\n    then: bye\n  - wait: 2 days\n"
        "  - if: {not: {all: [{channel: line}, {tag: b}]}}\n    then: last\n  - say: '{{ coupon.name }}'\n"
        "  - id: last\n    end: true\n  - {id: bye",
    ),
    "a day that an answer ends": "  - wait: 20 hours\n  - ask: {text: a}\n  - wait: 20 hours\n  - say: hi\n",
    "a label that is cut to fit": "  - ask: {text: a, choices: ['{{ contact.name | truncate(10) }}', no]}\n",
    "a date that is far away and says nothing": "  - wait: {until: '2026-12-24 18:00'}\n  - tag: late\n",
    "a called flow that nobody knows": "  - call: other\n  - say: '{{ answers.any }}'\n",
    "a label in two languages alike": (
        "  - ask: {text: a, choices: [{label: {zh-Hant: OK, en: ok}}, {label: {zh-Hant: 不, en: no}}]}\n"
    ),
}


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD.keys())
def test_there_is_no_false_alarm(steps: str) -> None:
    flow, mistakes = check(HEAD + steps, "tea.yaml", KNOWN)
    assert flow is not None, [str(mistake) for mistake in mistakes]
    assert mistakes == []


def test_what_pydantic_read_is_what_publishing_stores() -> None:
    text = (ROOT / "flows" / "summer-tea.yaml").read_text(encoding="utf-8")
    flow, _ = check(text, "tea.yaml", Known())
    assert flow is not None
    assert type(flow).model_validate(flow.model_dump(mode="json", by_alias=True, exclude_unset=True)) == flow
