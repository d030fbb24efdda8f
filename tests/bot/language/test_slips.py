"""The slips of people who write YAML for the first time: each told at the place where it was made."""

import pytest

from bot.language.check import check
from bot.language.known import Known

HEAD = "flow: cake\nlanguages: [zh-Hant, en]\nstarts: [follow]\nsteps:\n"
KNOWN = Known(frozenset({"summer-tea"}))

NOT_YAML = {
    "no colon after a name": (HEAD.replace("steps:", "steps") + "  - say: hi\n", 4, "no colon after 'steps'"),
    "no colon before languages": (HEAD + "  - say\n      zh-Hant: 您好\n", 5, "no colon after 'say'"),
    "a full-width colon after a language": (
        HEAD + "  - say:\n      zh-Hant：您好！\n      en: Hi!\n",
        6,
        "the colon after 'zh-Hant' is a full-width one",
    ),
    "a full-width colon at the top": ("flow： cake\n" + HEAD[11:], 1, "the colon after 'flow' is a full-width one"),
    "full-width braces": (HEAD + "  - say: ｛zh-Hant: 您好, en: Hi｝\n", 5, "write the plain ones: { }"),
    "full-width brackets": (HEAD + "  - ask: {text: a, choices: ［b: c］}\n", 5, "write the plain ones: [ ]"),
    "a part too far in": (
        HEAD + "  - ask:\n      text: Which cake\n       choices: [a, b]\n",
        7,
        "'choices' stands too far in; begin it in the same column as 'text'",
    ),
    "a step in another column": (HEAD + "  - say: hi\n - say: bye\n", 6, "begin them all in the same column"),
    "a value at the beginning": (HEAD + "  - say: {{ contact.name }}您好\n", 5, "needs quotes around all of it"),
    "a value within braces": (
        HEAD + "  - say: {zh-Hant: 送您{{ shop.name }}的券, en: b}\n",
        5,
        "needs quotes around all of it",
    ),
    "an open quote, and none below": (HEAD + '  - say: "Hello\n  - say: bye\n', 5, "the quote that begins here"),
    "an open quote, and one below": (HEAD + '  - say: "Hello\n  - say: "bye"\n', 5, "the quote that begins here"),
    "words behind a quote": (HEAD + '  - say: "Hello" friend\n', 5, "words behind the closing quote"),
    "an open brace": (
        HEAD + "  - ask:\n      text: a\n      choices:\n"
        "        - {label: {zh-Hant: 草莓, en: Strawberry, value: x}\n        - {label: b}\n",
        8,
        "the { that begins here is never closed with }",
    ),
    "an open bracket": ("flow: cake\nstarts:\n  - words: [cake\nsteps:\n  - say: hi\n", 3, "never closed with ]"),
    "a colon in a text": (
        HEAD + "  - say: {zh-Hant: 注意: 今天, en: b}\n",
        5,
        "a colon and a space in it needs quotes",
    ),
    "a tab": (HEAD + "\t- say: hi\n", 5, "there is a tab in this line"),
}
STRUCTURE = {
    "a full-width colon after a step": (HEAD + "  - say：歡迎\n", 5, "write a plain colon and a space after 'say'"),
    "a colon without a space": (HEAD + "  - say:歡迎\n", 5, "write a plain colon and a space after 'say'"),
    "a full-width colon in braces": (
        HEAD + "  - say: {zh-Hant：您好, en: Hi}\n",
        5,
        "write a plain colon and a space after 'zh-Hant'",
    ),
    "an end of one word": (HEAD + "  - say: hi\n  - end\n", 6, "write `end: true`"),
    "a step of one word": (HEAD + "  - say\n", 5, "write `say: ...`"),
    "an id as a step of its own": (HEAD + "  - id: bye\n  - say: bye\n", 5, "there is only an id"),
    "a comma that ends a text": (
        HEAD + "  - say: {zh-Hant: 您好, 歡迎, en: Hi}\n",
        5,
        "the comma before '歡迎' ends the text",
    ),
    "a language beside the text": (HEAD + "  - say: {zh-Hant: a, title: b}\n", 5, "belongs within the text"),
    "a time-out of one word": (
        HEAD + "  - ask: {text: a, timeout: 2 days}\n",
        5,
        "parts such as `{after: 2 days, go: remind}`",
    ),
    "a refusal of one word": (
        HEAD + "  - send_coupon: {campaign: summer-tea, text: a, button: b, refused: gone}\n",
        5,
        "parts such as `{otherwise: sorry}`",
    ),
    "languages with a full-width comma": (
        HEAD.replace("zh-Hant, en", "zh-Hant，en") + "  - say: hi\n",
        2,
        "a plain comma and a space",
    ),
    "choices with a full-width comma": (
        HEAD + "  - ask: {text: a, choices: [巧克力，起司]}\n",
        5,
        "'巧克力，起司' is one text, as ， separates nothing",
    ),
    "words with a full-width comma": (
        HEAD.replace("[follow]", "[{words: [蛋糕、甜點]}]") + "  - say: hi\n",
        3,
        "、 separates nothing",
    ),
}


@pytest.mark.parametrize(("text", "line", "words"), NOT_YAML.values(), ids=NOT_YAML.keys())
def test_what_is_no_yaml_is_told_where_it_was_written(text: str, line: int, words: str) -> None:
    _, (mistake,) = check(text, "cake.yaml", KNOWN)
    assert (mistake.line, mistake.is_warning) == (line, False), str(mistake)
    assert "not YAML" in mistake.message.en and words in mistake.message.en


@pytest.mark.parametrize(("text", "line", "words"), STRUCTURE.values(), ids=STRUCTURE.keys())
def test_what_is_yaml_and_no_flow_is_told_with_what_was_meant(text: str, line: int, words: str) -> None:
    _, mistakes = check(text, "cake.yaml", KNOWN)
    assert any(mistake.line == line and words in mistake.message.en for mistake in mistakes), [str(m) for m in mistakes]


CHINESE = {
    "a colon in a text": "這不是正確的 YAML：文字裡有冒號加空格時要加引號",
    "a full-width colon after a step": "步驟要是其中一種：say、",
    "a full-width colon in braces": "「zh-Hant」後面要用半形冒號加一個空格",
    "a step of one word": "；請寫成 `say: ...`",
    "an id as a step of its own": "；這裡只有 id；步驟本身要寫在下一行",
    "a comma that ends a text": "「歡迎」前面的逗號把文字切斷了",
    "a language beside the text": "「zh-Hant」是語言；請放進 text 裡",
    "a time-out of one word": "應該寫成：`{after: 2 days, go: remind}` 這樣的內容",
    "languages with a full-width comma": "；幾個之間用半形逗號加一個空格隔開",
    "choices with a full-width comma": "「巧克力，起司」是一整段文字，「，」不會把它分開",
}


@pytest.mark.parametrize(("slip", "words"), CHINESE.items(), ids=CHINESE.keys())
def test_a_slip_is_told_in_chinese_too(slip: str, words: str) -> None:
    text, line, _ = {**NOT_YAML, **STRUCTURE}[slip]
    _, mistakes = check(text, "cake.yaml", KNOWN)
    assert any(mistake.line == line and words in mistake.message.zh for mistake in mistakes), [
        mistake.told("zh") for mistake in mistakes
    ]


def test_what_is_none_of_these_slips_is_told_in_yamls_words_and_in_chinese_with_what_they_mean() -> None:
    _, (mistake,) = check(HEAD + "  - {say: hi,, id: b}\n", "cake.yaml", KNOWN)
    assert "expected the node content, but found ','" in mistake.message.en
    assert "縮排或符號有誤，請檢查這一行和上一行" in mistake.message.zh


def test_a_text_that_a_comma_has_cut_is_one_mistake_and_not_one_for_each_language() -> None:
    _, (mistake,) = check(HEAD + "  - say: {zh-Hant: 您好, 歡迎, en: Hi}\n", "cake.yaml", KNOWN)
    assert "'歡迎'" in mistake.message.en


@pytest.mark.parametrize(
    "steps",
    [
        "  - say: 您好，歡迎、請進\n",
        "  - say:\n      text: |\n        時間：10:00\n        tel：02\n",
        "  - ask: {text: a, choices: ['好，謝謝', 不用]}\n",
        "  - say: {zh-Hant: '您好, 歡迎', en: Hi}\n",
    ],
)
def test_full_width_marks_within_texts_are_no_mistakes(steps: str) -> None:
    flow, mistakes = check(HEAD.replace("[follow]", "[{words: 您好，早安}]") + steps, "cake.yaml", KNOWN)
    assert flow is not None
    assert mistakes == []
