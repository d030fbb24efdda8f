"""The last owner, with a rival at any moment: a shop is never left without one."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import user_changes, users
from core.audit import Doer
from core.user_changes import Wanted
from db import locks
from db.database import Database
from db.tables import User
from tests.proof.interleaving import Work, race

MOST_STATEMENTS = 12


@pytest.mark.usefixtures("no_line")
def test_of_two_owners_who_shut_each_other_out_at_once_one_stays(database: Database, now: datetime) -> None:
    assert list(_ownerless(database, now)) == []


def test_without_the_lock_on_owners_the_shop_can_be_left_without_one(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""

    def unlocked(session: Session, user_id: int) -> tuple[User, list[User]]:
        owners = select(User).where(User.role == "owner", User.disabled_at.is_(None))
        return session.get_one(User, user_id), list(session.scalars(owners.order_by(User.id)))

    monkeypatch.setattr(locks, "user_and_owners", unlocked)
    assert list(_ownerless(unguarded, now)), "nobody ever got in between: the race above proves nothing"


def _ownerless(database: Database, now: datetime) -> Iterator[str]:
    """Where two owners try to end each other, or themselves, and none or both stay."""
    for at in range(MOST_STATEMENTS):
        with database.write() as session:
            session.execute(text("UPDATE users SET role = 'marketer'"))
            one, other = (users.create(session, f"{name}{at}", None, "owner", None, now).id for name in ("oda", "ole"))

        def shut_out(user_id: int) -> Work:
            return lambda session: user_changes.disable(session, Doer(), user_id, now)

        def step_down(user_id: int, name: str) -> Work:
            return lambda session: user_changes.change(session, Doer(), user_id, Wanted(name, "marketer"), now)

        done = race(database, shut_out(one), step_down(other, f"ole{at}"), at)
        assert done.failures == []
        with database.read() as session:
            left = session.scalars(select(User.id).where(User.role == "owner", User.disabled_at.is_(None))).all()
        if len(left) != 1:
            yield f"before statement {at}: {len(left)} owners"
        if at > done.steps:
            return
