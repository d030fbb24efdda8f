"""A customer who was kept waiting sees that an answer is on its way."""

from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from core import clock
from tests.workers.senders import Deaf
from workers.jobs import typing


@pytest.fixture(autouse=True)
def fresh(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has shown nothing yet, at the fixed moment."""
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(typing, "_last", [float("-inf")])


def test_nothing_is_shown_to_whoever_is_answered_at_once(now: datetime) -> None:
    sender = Deaf()
    typing.show_if_late(sender, "U1", now - timedelta(seconds=2))
    typing.show_if_late(None, "U1", now - timedelta(seconds=9))
    assert sender.typing == []


def test_in_a_rush_one_of_many_who_wait_sees_it_each_second(now: datetime) -> None:
    sender = Deaf()
    for number in range(50):
        typing.show_if_late(sender, f"U{number}", now - timedelta(seconds=3))
    assert sender.typing == ["U0"]


def test_what_breaks_while_it_is_shown_keeps_nobody_from_being_answered(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(account_id: str) -> bool:
        raise ValueError(account_id)

    sender = Deaf()
    monkeypatch.setattr(sender, "show_typing", breaks)
    with capture_logs() as lines:
        typing.show_if_late(sender, "U1", now - timedelta(seconds=3))
    assert [line["event"] for line in lines] == ["typing_broke"]
