"""The month's paid messages: kept, asked for rarely, and begun anew with the month."""

from datetime import UTC, datetime, timedelta

import pytest

from core import channel_notes, quotas
from db.database import Database


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 12, 1, 4, 0, tzinfo=UTC), datetime(2026, 12, 31, 17, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), datetime(2026, 12, 31, 17, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), datetime(2027, 1, 31, 17, 0, tzinfo=UTC)),
        (datetime(2028, 1, 31, 17, 0, tzinfo=UTC), datetime(2028, 2, 29, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_month_begins_once_it_has_begun_in_thailand(now: datetime, then: datetime) -> None:
    assert quotas.renewed_at(now) == then


def test_a_note_is_kept_and_the_newest_stands(database: Database, now: datetime) -> None:
    with database.write() as session:
        channel_notes.note(session, "line", "quota", {"limit": 200, "used": 1}, now)
        channel_notes.note(session, "line", "quota", {"limit": 200, "used": 2}, now + timedelta(hours=1))
        channel_notes.note(session, "messenger", "quota", None, now)
    with database.read() as session:
        found = channel_notes.read(session, "line", "quota")
        assert channel_notes.read(session, "line", "nothing") is None
    assert found == channel_notes.Note({"limit": 200, "used": 2}, now + timedelta(hours=1))


def test_a_platform_is_asked_once_an_hour_by_one_of_all_processes(database: Database, now: datetime) -> None:
    def may_ask(minutes: int, *, is_used_up: bool = False) -> bool:
        with database.write() as session:
            return quotas.may_ask(session, "line", now + timedelta(minutes=minutes), is_used_up=is_used_up)

    assert [may_ask(minutes) for minutes in (0, 0, 59, 60, 61)] == [True, False, False, True, False]
    assert not may_ask(60, is_used_up=True)
    assert may_ask(61, is_used_up=True)


def test_what_is_left_is_never_less_than_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert quotas.last(session, "line") is None
        quotas.note(session, "line", 200, 57, now)
        assert quotas.last(session, "line") == quotas.Quota(200, 57, now)
        quotas.note(session, "line", 200, 230, now)
        found = quotas.last(session, "line")
    assert found is not None
    assert found.left == 0
    assert quotas.Quota(200, 57, now).left == 143
    assert quotas.Quota(None, 9_000, now).left is None
