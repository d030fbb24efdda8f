"""The Graph API's versions: an operator is told before one ends."""

from datetime import date

import pytest

from bot.channels import warnings
from bot.channels.messenger.versions import ENDS, warning
from settings import Settings


@pytest.mark.parametrize(
    ("version", "today", "words"),
    [
        ("v25.0", date(2026, 11, 24), ""),
        ("v26.0", date(2026, 11, 24), ""),
        ("v21.0", date(2026, 9, 22), ""),
        ("v21.0", date(2026, 9, 23), "v21.0 ends on 2027-01-21"),
        ("v21.0", date(2027, 1, 20), "v21.0 ends on 2027-01-21"),
        ("v21.0", date(2027, 1, 21), "v21.0 ended on 2027-01-21"),
        ("v20.0", date(2026, 11, 24), "v20.0 ended on 2026-09-24"),
        ("v2.6", date(2026, 11, 24), "v2.6 has ended"),
        ("25.0", date(2026, 11, 24), "is '25.0'"),
        ("", date(2026, 11, 24), "is ''"),
    ],
)
def test_a_version_is_warned_of_before_its_end_and_after(version: str, today: date, words: str) -> None:
    found = warning(version, today)
    assert words in found
    assert bool(found) == bool(words)


def test_versions_end_in_their_order() -> None:
    assert list(ENDS.values()) == sorted(ENDS.values())


def test_without_messenger_nobody_is_warned_of_its_version() -> None:
    old = Settings(messenger_api_version="v2.6")
    assert warnings(old, date(2026, 11, 24)) == []
    assert len(warnings(Settings(messenger_api_version="v2.6", messenger_page_token="t"), date(2026, 11, 24))) == 1
