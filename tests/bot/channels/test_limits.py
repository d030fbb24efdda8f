"""Counting as a platform counts, cutting without breaking what a reader sees as one character, splitting at words."""

from datetime import date

import pytest

from bot.channels import CHANNELS
from bot.channels.limits import Limit, Unit


def limit(size: int, unit: Unit) -> Limit:
    return Limit(size, unit, "https://platform.example/limits", date(2026, 8, 7))


@pytest.mark.parametrize(
    ("words", "utf16", "graphemes"),
    [
        ("tea", 3, 3),
        ("茶", 1, 1),
        ("🍵", 2, 1),
        ("🇹🇼", 4, 1),
        ("👨‍👩‍👧", 8, 1),
        ("ก็", 2, 1),
        ("e\u0301", 2, 1),
        ("", 0, 0),
    ],
)
def test_a_text_is_counted_in_utf16_units_and_a_label_in_grapheme_clusters(
    words: str, utf16: int, graphemes: int
) -> None:
    assert limit(1, "utf16").count(words) == utf16
    assert limit(1, "graphemes").count(words) == graphemes


def test_what_is_counted_in_bytes_is_counted_as_utf8() -> None:
    assert limit(1, "bytes").count("茶🍵a") == 8


def test_a_text_that_fits_is_left_alone() -> None:
    assert limit(3, "graphemes").cut("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧") == "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧"


def test_a_cut_keeps_whole_characters_and_ends_in_an_ellipsis() -> None:
    assert limit(3, "graphemes").cut("👨‍👩‍👧" * 4) == "👨‍👩‍👧👨‍👩‍👧…"
    assert limit(9, "utf16").cut("👨‍👩‍👧" * 4) == "👨‍👩‍👧…"
    assert limit(4, "graphemes").cut("กก็ก็ก็ก็ก็") == "กก็ก็…"
    assert limit(6, "utf16").cut("free tea") == "free…"


def test_a_split_loses_nothing_and_breaks_between_lines_and_words() -> None:
    assert limit(12, "utf16").split("green tea\nblack tea") == ["green tea", "black tea"]
    assert limit(10, "utf16").split("green black white") == ["green", "black", "white"]


def test_a_split_of_one_endless_word_keeps_characters_whole() -> None:
    pieces = limit(17, "utf16").split("👨‍👩‍👧" * 5)
    assert pieces == ["👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧"]


def test_a_letter_under_more_accents_than_the_limit_is_broken_rather_than_lost() -> None:
    pieces = limit(10, "utf16").split("a" + "\u0301" * 25)
    assert "".join(pieces) == "a" + "\u0301" * 25
    assert all(len(piece) <= 10 for piece in pieces)


def test_a_split_of_nothing_but_space_is_nothing() -> None:
    assert limit(3, "utf16").split("  \n ") == []


def test_every_limit_says_where_it_was_read_and_when() -> None:
    for channel in CHANNELS.values():
        for each in channel.LIMITS.values():
            assert each.source.startswith("https://")
            assert each.as_of.year == 2026


def test_the_channels_name_their_limits_alike() -> None:
    line, messenger = CHANNELS["line"].LIMITS, CHANNELS["messenger"].LIMITS
    assert set(messenger) <= set(line)
