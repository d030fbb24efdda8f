"""Which flow an event starts."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.events import Inbound, Kind
from bot.language import starts
from bot.language.folding import folded, stands_in
from bot.language.model import Flow

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Published:
    flow: Flow


def published(**starts_of: list[object]) -> list[Published]:
    made = ({"flow": name, "starts": given, "steps": [{"say": "hi"}]} for name, given in starts_of.items())
    return [Published(Flow.model_validate(flow)) for flow in made]


def event(kind: Kind = "text", **more: object) -> Inbound:
    return Inbound("e1", "U1", kind, NOW, **more)  # type: ignore[arg-type]  # the test's own fields


FLOWS = published(
    any=[{"contains": ["tea", "奶茶"]}],
    iced=[{"contains": "iced tea"}, {"words": "tea menu"}],
    first=[{"follow": "first"}],
    again=[{"follow": "again"}],
    rest=["otherwise", "called"],
)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("I want tea!", "any"),
        ("我要喝奶茶啦", "any"),
        ("an ＩＣＥＤ  TÉA please", "iced"),
        ("tea menu", "iced"),
        ("steam", None),
        ("茶tea茶", "any"),
        ("hello", None),
    ],
)
def test_words_that_are_contained_start_the_flow_with_the_longest(said: str, name: str | None) -> None:
    found = starts.match(FLOWS, event(text=said))
    assert (found and found.flow.flow) == name


def test_what_starts_nothing_goes_to_otherwise_and_only_words_do() -> None:
    found = starts.otherwise(FLOWS, event(text="hello"))
    assert found is not None
    assert found.flow.flow == "rest"
    assert starts.otherwise(FLOWS, event("media")) is None
    assert starts.otherwise(FLOWS[:-1], event(text="hello")) is None


def test_a_question_is_interrupted_by_exact_words_only() -> None:
    assert starts.match(FLOWS, event(text="I want tea"), is_asked=True) is None
    assert starts.match(FLOWS, event(text="tea menu"), is_asked=True) is not None


@pytest.mark.parametrize(("is_unblocked", "name"), [(False, "first"), (True, "again")])
def test_following_first_and_again_after_a_block_are_two_starts(name: str, *, is_unblocked: bool) -> None:
    found = starts.match(FLOWS, event("follow", is_unblocked=is_unblocked))
    assert found is not None
    assert found.flow.flow == name
    both = starts.match(published(both=["follow"]), event("follow", is_unblocked=is_unblocked))
    assert both is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("ＣＯＵＰＯＮ ", "coupon"),
        ("a  b", "A b"),
        ("ñ", "N"),
        ("Straße", "strasse"),
        ("Tiếng Việt", "tieng viet"),
    ],
)
def test_case_width_accents_and_spaces_do_not_matter(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("й", "и"), ("กำ", "กา"), ("1", "2"), ("각", "가")])
def test_marks_that_make_another_letter_in_other_scripts_do_matter(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_nothing_stands_in_nothing() -> None:
    assert not stands_in("", "tea")
    assert not stands_in("tea", "")
    assert stands_in("tea", "steam tea")
