"""What is typed or scanned is read in no time, whatever somebody sends."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest

from core import pins, spelling, user_codes


@pytest.mark.parametrize("read", [spelling.normal, spelling.link, spelling.variants, pins.plain, user_codes.plain])
def test_no_more_of_what_was_entered_is_put_in_order_than_a_code_can_have(
    read: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks above and below a letter take a time that grows with the square of their number."""
    looked_at: list[int] = []
    put_in_order = unicodedata.normalize

    def watched(form: Literal["NFKC"], words: str) -> str:
        looked_at.append(len(words))
        return put_in_order(form, words)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    read("a" + "\u0300\u0316" * 3_000)  # four hundred times as many fit into a form
    assert 0 < max(looked_at) <= spelling.LONGEST


def test_halves_of_characters_are_nothing_that_a_database_would_stumble_over() -> None:
    assert (spelling.normal("TEA\ud800-0001"), spelling.link("http://\udfff/c/x")) == ("TEA?-0001", None)
    assert all(one.encode() for one in spelling.variants("TEA\ud800"))
