"""Files that are made to break what reads them: each is refused with a sentence at its line, at once."""

import pytest

from bot.language import texts
from bot.language.check import check
from bot.language.known import Known
from bot.language.mistakes import Mistake

HEAD = "flow: tea\nlanguages: [en]\nstarts:\n  - words: [tea]\nsteps:\n"
NO_CHARACTERS = ["\\0", "\\x00", "\\ud800", "\\uDFFF", "\\U0000D800"]


def found(text: str, known: Known | None = None) -> list[Mistake]:
    """Every mistake, warnings as well."""
    return check(text, "tea.yaml", known or Known())[1]


@pytest.mark.parametrize("escape", NO_CHARACTERS)
def test_an_escape_of_what_no_database_keeps_is_refused_in_texts_and_names(escape: str) -> None:
    for text in (f'{HEAD}  - say: "a{escape}b"\n', f'{HEAD}  - say: {{"a{escape}b": hello}}\n'):
        (mistake,) = found(text)
        assert mistake.line == 6
        assert "no text can hold" in mistake.message.en


@pytest.mark.parametrize("escape", ["\\U00110000", "\\UFFFFFFFF", "\\U01000041"])
def test_an_escape_of_no_character_is_refused_at_its_line(escape: str) -> None:
    (mistake,) = found(f'{HEAD}  - say: "a{escape}b"\n')
    assert (mistake.line, mistake.column) == (6, 12)
    assert f"{escape} stands for no character" in mistake.message.en


def test_the_last_characters_of_all_are_good() -> None:
    assert found(f'{HEAD}  - say: "\\U0010FFFF \\U0001F375 \\uFFFD"\n') == []


@pytest.mark.parametrize("value", ['"\\x00"', '"\\ud800"', "contact.name|default('\\x00')", "9" * 5_000])
def test_a_template_that_makes_what_no_text_holds_is_refused(value: str) -> None:
    mistakes = found(f"{HEAD}  - say: >-\n      {{{{ {value} }}}}\n")
    assert mistakes[0].message.en.startswith("the text cannot be filled in: ")
    assert not mistakes[0].is_warning


@pytest.mark.parametrize("depth", [42, 300, 900, 100_000])
def test_a_flex_file_nested_without_end_is_refused(depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    (mistake,) = found(f"{HEAD}  - say: {{text: a, flex: menu.json}}\n", Known(read_file=lambda _name: nested))
    assert mistake.line == 6
    assert mistake.message.code in {"too_deep", "flex_not_json", "flex_not_one"}


@pytest.mark.parametrize("size", ["2", "-5", "0, true"])
def test_a_text_cut_to_less_than_its_dots_is_refused_before_it_meets_a_long_name(size: str) -> None:
    (mistake,) = found(f'{HEAD}  - say: "{{{{ contact.name|truncate({size}) }}}}"\n')
    assert (mistake.line, mistake.is_warning) == (6, False)
    assert "truncate must leave at least 3 characters" in mistake.message.en


def test_a_text_that_breaks_jinjas_own_assertions_fails_as_a_text() -> None:
    with pytest.raises(texts.TextError, match="expected length >= 4"):
        texts.render("{{ name|truncate(3, end='....') }}", {"name": "a long name indeed"})


@pytest.mark.parametrize("character", ["\\u0000", "\\ud83c"])
def test_a_flex_file_with_what_no_text_holds_is_refused(character: str) -> None:
    words = f'{{"type": "text", "text": "a{character}b"}}'
    bubble = f'{{"type": "bubble", "body": {{"type": "box", "layout": "vertical", "contents": [{words}]}}}}'
    (mistake,) = found(
        f"{HEAD}  - say:\n      text: menu\n      flex: menu.json\n", Known(read_file=lambda _name: bubble)
    )
    assert mistake.line == 8
    assert "has a character that no text can hold" in mistake.message.en


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "nan", "inf"])
@pytest.mark.parametrize(
    "bound", ["ask: {keep: n, text: b, kind: number, min: %s}", "if: {answer: a, at_most: %s}\n    then: bye"]
)
def test_a_bound_that_is_no_number_is_refused(bound: str, number: str) -> None:
    (mistake,) = found(f"{HEAD}  - ask: {{keep: a, text: a}}\n  - {bound % number}\n  - id: bye\n    say: bye\n")
    assert (mistake.line, mistake.message.code) == (7, "wrong_value")
    assert "expected a number" in mistake.message.en


MANY = {
    "steps": HEAD + "  - say: hello\n" * 1_001,
    "words": HEAD.replace("[tea]", f"[{', '.join(f'tea{number}' for number in range(1_001))}]") + "  - say: hello\n",
    "names": "".join(f"name-{number}: 1\n" for number in range(1_001)),
}


@pytest.mark.parametrize("text", MANY.values(), ids=MANY)
def test_parts_without_number_are_refused_before_each_is_compared_with_all(text: str) -> None:
    (mistake,) = found(text)
    assert mistake.message.code == "too_many_parts"
    assert "1,001 parts stand here; at most 1,000 are allowed" in mistake.message.en


@pytest.mark.parametrize("time", ["999999 weeks " * 200, " " * 150_000, "1 day" + " " * 150_000 + "x", "1 " * 9_000])
def test_a_time_without_end_is_refused_at_once(time: str) -> None:
    (mistake,) = found(f'{HEAD}  - wait: {{for: "{time}"}}\n  - say: hello\n')
    assert mistake.line == 6
    assert "expected how long" in mistake.message.en
    assert len(mistake.message.en) < 300


@pytest.mark.parametrize("year", ["0001", "1999", "2200", "9999"])
def test_a_time_at_the_calendars_ends_is_refused(year: str) -> None:
    (mistake,) = found(f'{HEAD}  - wait: {{until: "{year}-01-01 00:00"}}\n  - say: hello\n')
    assert "`until` is a time such as 18:00" in mistake.message.en
