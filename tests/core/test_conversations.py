"""What the staff is told of flows that fail: once, however many contacts they fail for."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from core import conversations
from core.reasons import Reason
from db.database import Database
from db.tables import StaffNotice
from tests import cast

STEP_2, STEP_3 = "flow tea, step 2: ", "flow tea, step 3: "


def fail(database: Database, now: datetime, detail: str, reason: Reason = Reason.FLOW_TEMPLATE, count: int = 1) -> None:
    with database.write() as session:
        for number in range(count):
            contact = cast.contact(session, ("line", f"U{number}"), now)
            conversations.notify_of_failure(session, contact.id, reason, detail, now)


def texts(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(StaffNotice.text).order_by(StaffNotice.id)))


def see_all(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.execute(update(StaffNotice).values(seen_at=now))


def test_a_flow_that_fails_for_thousands_is_told_of_once_until_somebody_has_seen_it(
    database: Database, now: datetime
) -> None:
    for word in ("no Mei", "no Alex"):  # what is said last may be each contact's own
        fail(database, now, STEP_2 + word, count=50)
    assert texts(database) == ["flow_template: flow tea, step 2: no Mei"]
    see_all(database, now)
    fail(database, now, STEP_2 + "no Eve", count=50)
    assert texts(database)[1:] == ["flow_template: flow tea, step 2: no Eve"]


def test_another_place_and_another_reason_are_told_of(database: Database, now: datetime) -> None:
    for _ in range(2):
        fail(database, now, STEP_2 + "x")
        fail(database, now, STEP_3 + "x")
        fail(database, now, STEP_2 + "x", Reason.FLOW_STEP_LIMIT)
        fail(database, now, "flow te_, step 2: x")  # no pattern
    assert len(texts(database)) == 4


def test_what_others_have_pushed_far_down_is_told_of_again(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "UNSEEN_LOOKED_AT", 3)
    fail(database, now, STEP_2 + "x")
    with database.write() as session:
        for _ in range(3):
            conversations.notify(session, cast.contact(session, cast.MEI, now).id, "Mei came", now)
    for _ in range(2):
        fail(database, now, STEP_2 + "x")
    assert [text for text in texts(database) if "tea" in text] == ["flow_template: flow tea, step 2: x"] * 2
