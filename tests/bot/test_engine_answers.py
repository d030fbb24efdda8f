"""What customers type where a number, a date, a phone number or an e-mail address is asked for."""

import pytest

from bot import engine
from bot.engine import Said, Started
from tests.bot.talk import NOW, Talk, read


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("number, min: 1, max: 12", "2", "2"),
        ("number, min: 1, max: 12", " １２ ", "12"),
        ("number, min: 1, max: 12", "13", None),
        ("number, min: 1, max: 12", "0", None),
        ("number", "1,200", "1200"),
        ("number", "-2.50", "-2.50"),
        ("number", "1e9", None),
        ("number", "two", None),
        ("number", "9" * 400, None),
        ("date", "2026-12-24", "2026-12-24"),
        ("date", "2026/2/3", "2026-02-03"),
        ("date", "２０２６年１２月２４日", "2026-12-24"),
        ("date", "12/24", "2026-12-24"),
        ("date", "12月1日", "2026-12-01"),  # today
        ("date", "11/30", "2027-11-30"),
        ("date", "2026-02-30", None),
        ("date", "2/29", None),  # 2027 has none
        ("date", "tomorrow", None),
        ("phone", "0912-345-678", "0912345678"),
        ("phone", "+886 912 345 678", "+886912345678"),
        ("phone", "(02) 2345 6789", "0223456789"),
        ("phone", "０９１２３４５６７８", "0912345678"),
        ("phone", "12345", None),
        ("phone", "call me", None),
        ("email", "Ann@Example.com", "ann@example.com"),
        ("email", "a.b+c@mail.example.com.tw", "a.b+c@mail.example.com.tw"),
        ("email", "ann@example", None),
        ("email", "ann at example.com", None),
        ("email", "a@b..example.com", None),
        ("text", "  hello  ", "hello"),
        ("text", "x" * 600, "x" * 500),
        ("text", "   ", None),
    ],
)
def test_what_fits_is_kept_in_one_form_and_the_rest_is_asked_again(kind: str, typed: str, kept: str | None) -> None:
    talk = Talk(read(f"  - ask: {{text: a, kind: {kind}, keep: it, otherwise: b}}\n"))
    talk.turn(Started())
    assert talk.turn(Said(typed)) == ([] if kept else ["b"])
    assert talk.state.answers == ({"it": kept} if kept else {})
    assert talk.state.is_ended is bool(kept)


def test_an_answer_of_a_certain_kind_goes_before_a_start_and_any_other_words_do_not() -> None:
    flow = read("  - ask: {text: a, kind: number}\n  - ask: b\n")
    talk = Talk(flow)
    assert not engine.fits(flow, talk.state, "2", NOW)
    talk.turn(Started())
    assert engine.fits(flow, talk.state, "2", NOW)
    assert not engine.fits(flow, talk.state, "coupon", NOW)
    talk.turn(Said("2"))
    assert not engine.fits(flow, talk.state, "coupon", NOW)
