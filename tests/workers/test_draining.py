"""Reminders and starts in batches, behind whatever is more urgent."""

import pytest

from tests.workers.conftest import Post
from workers import draining
from workers.context import Context
from workers.outlet import THREADS


def test_reminders_leave_room_to_a_live_chat_while_every_thread_is_sending(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def batch(work: Context) -> int:
        batches.append(work.outlet.room)
        return 0

    monkeypatch.setattr(draining, "ROOM_WITHIN", 0.05)
    full = post.work.outlet.room
    for under_way in (THREADS + 1, THREADS, 0):
        monkeypatch.setattr(post.work.outlet, "_under_way", under_way)
        draining.drain(post.work, "waits", 0, batch)
    assert batches == [full - THREADS, full]
