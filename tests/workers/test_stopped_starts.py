"""A start at its time that a marketer stops: before it comes, in the middle, and taken back."""

from datetime import datetime

import pytest

from core import clock, timed_starts
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Flow
from tests.workers.conftest import Post
from tests.workers.test_starting import AT, DAY, HOUR, MANY, XMAS, come, counts, figures, known
from workers import periodic


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock stands at the one time in the list."""
    times = [AT]
    monkeypatch.setattr(clock, "now", lambda: times[0])
    return times


@pytest.fixture
def flow_id(post: Post) -> int:
    """The flow's, which begins with five people."""
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:5])
    with post.work.database.read() as session:
        return session.query(Flow.id).scalar()  # type: ignore[no-any-return]  # the only one


def stop(post: Post, flow_id: int, now: datetime) -> int | Refused:
    with post.work.database.write() as session:
        return timed_starts.stop(session, flow_id, AT, now)


def resume(post: Post, flow_id: int, now: datetime) -> Refused | None:
    with post.work.database.write() as session:
        return timed_starts.resume(session, flow_id, AT, now)


def test_one_that_is_ahead_begins_with_nobody(post: Post, flow_id: int) -> None:
    assert stop(post, flow_id, AT - HOUR) == 0
    come(post)
    assert post.line.sent == []
    (found,) = figures(post.work.database)
    assert (found.audience, found.reason) == (0, Reason.START_STOPPED)


def test_publishing_again_does_not_have_it_begin(post: Post, flow_id: int) -> None:
    stop(post, flow_id, AT - HOUR)
    post.publish(XMAS.replace("聖誕快樂", "佳節愉快"), AT - HOUR / 2)
    come(post)
    assert post.line.sent == []


def test_taken_back_before_its_time_it_begins_with_everybody(post: Post, flow_id: int) -> None:
    stop(post, flow_id, AT - HOUR)
    assert resume(post, flow_id, AT - HOUR / 2) is None
    come(post)
    assert counts(post.work.database) == (5, 5, 0, {})


def test_its_time_over_the_stop_cannot_be_taken_back(post: Post, flow_id: int) -> None:
    stop(post, flow_id, AT - HOUR)
    assert resume(post, flow_id, AT) == Refused(Reason.START_OVER)
    come(post, AT + HOUR)
    assert post.line.sent == []


def test_in_the_middle_it_begins_with_nobody_more_and_says_with_whom_it_has(post: Post, flow_id: int) -> None:
    periodic.find_moments(post.work, AT)
    with post.work.database.write() as session:
        first, second = timed_starts.take(session, AT, 2)
        for turn in (first, second):
            timed_starts.settle(turn, Reason.TAKEN_OVER, AT)
    assert stop(post, flow_id, AT) == 3
    come(post)
    assert post.line.sent == []
    assert counts(post.work.database) == (5, 0, 0, {"start_stopped": 3, "taken_over": 2})
    assert resume(post, flow_id, AT) == Refused(Reason.START_OVER)


def test_one_that_is_over_cannot_be_stopped(post: Post, flow_id: int) -> None:
    come(post)
    assert stop(post, flow_id, AT) == Refused(Reason.START_OVER)
    assert counts(post.work.database) == (5, 5, 0, {})
    assert stop(post, flow_id, AT) == Refused(Reason.START_OVER)
