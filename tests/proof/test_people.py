"""Owners, links and codes, each with a rival at any moment: a shop keeps an owner, and what counts once counts once."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import user_changes, user_codes, user_links, users
from core.audit import Doer
from core.reasons import Reason
from core.user_changes import Wanted
from core.users import UserError
from db import locks
from db.database import Database
from db.tables import User
from tests.proof.interleaving import Work, race

MOST_STATEMENTS = 12
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("no_line")


def test_of_two_who_use_one_link_at_once_one_gets_in(database: Database, now: datetime) -> None:
    for at in range(MOST_STATEMENTS):
        with database.write() as session:
            ann = users.create(session, f"ann{at}", None, "marketer", None, now).id
            token = user_links.make(session, ann, user_links.BY_MAIL, None, now)

        def using(password: str, token: str = token) -> Work:
            return lambda session: user_links.use(session, token, password, now)

        done = race(database, using("mine"), using("theirs"), at)
        assert done.failures == [] and (done.subject is None) != (done.rival is None)
        if at > done.steps:
            return


def test_of_two_who_enter_one_code_at_once_one_gets_in(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann = users.create(session, "ann", None, "marketer", None, now).id
        phone = pyotp.TOTP(user_codes.secret("the server's key", str(user_codes.begin(session, ann))))
        made = user_codes.turn_on(session, Doer(ann, "ann"), "the server's key", phone.at(now), now)
        assert made is not None
    for at in range(MOST_STATEMENTS):
        moment = now + at * MINUTE + MINUTE
        for entered in (phone.at(moment), *made[at : at + 1]):

            def taking(session: Session, entered: str = entered, moment: datetime = moment) -> bool:
                return user_codes.take(session, ann, "the server's key", entered, moment)

            done = race(database, taking, taking, at)
            assert done.failures == [] and {done.subject, done.rival} == {True, False}
        if at > done.steps:
            return


def test_of_two_who_want_one_address_at_once_one_is_refused(database: Database, now: datetime) -> None:
    for at in range(MOST_STATEMENTS):
        with database.write() as session:
            ann = users.create(session, f"ann{at}", None, "marketer", None, now).id
        address = f"tea{at}@example.com"

        def changing(session: Session, ann: int = ann, address: str = address) -> Reason | None:
            return _refused(lambda: user_changes.change_email(session, Doer(), ann, address, now))

        def adding(session: Session, at: int = at, address: str = address) -> Reason | None:
            return _refused(lambda: users.create(session, f"bob{at}", None, "marketer", None, now, address))

        done = race(database, changing, adding, at)
        assert done.failures == [] and {done.subject, done.rival} == {None, Reason.EMAIL_TAKEN}
        if at > done.steps:
            return


def _refused(deed: Callable[[], object]) -> Reason | None:
    try:
        deed()
    except UserError as error:
        return error.reason
    return None


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
