"""PINs: which may be had, and how often one may be guessed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import devices, pins, stores, users
from core.audit import Doer
from core.pins import Try
from core.reasons import Reason
from core.refusal import Refused
from core.stores import Wanted
from db.database import Database
from db.tables import Device, User
from tests.deeds import deeds

MINUTE = timedelta(minutes=1)


def staff(session: Session, name: str, now: datetime, store: str = "Xinyi") -> int:
    """Somebody with a PIN."""
    user = users.create(session, name, None, "staff", store, now)
    assert pins.put(session, Doer(), user.id, f"hash of {name}", now) is None
    return user.id


def device(session: Session, now: datetime, store: str = "Xinyi") -> int:
    """A bound device."""
    code = devices.add(session, Doer(), users.ensure_store(session, store).id, "Till", now)
    assert isinstance(code, devices.Code)
    bound = devices.bind(session, code.code, now)
    assert not isinstance(bound, Refused)
    return bound[0]


@pytest.mark.parametrize(
    "pin",
    ["1111", "1234", "4321", "0123", "7890", "9876", "0987", "1212", "123123", "11111111", "1122", "112233", "2580"],
)
def test_a_pin_that_is_guessed_first_is_refused(pin: str) -> None:
    assert pins.check(pin) == Refused(Reason.PIN_TRIVIAL)


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "12 34", "१२३४", "-123"])
def test_a_pin_has_four_to_eight_digits(pin: str) -> None:
    assert pins.check(pins.plain(pin)) == Refused(Reason.PIN_MALFORMED)


def test_a_good_pin_is_taken_of_whichever_width_and_made_ones_are_good() -> None:
    assert [pins.check(pins.plain(one)) for one in ("8306", "９１４７", "50713962")] == [None] * 3
    assert all(pins.check(pins.make()) is None for _ in range(200))


def test_after_five_wrong_ones_each_waits_longer_and_a_right_one_begins_anew(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann, till = staff(session, "ann", now), device(session, now)
        assert all(isinstance(pins.count(session, ann, till, now), Try) for _ in range(5))
        at = now
        for minutes in (1, 2, 5, 15, 30, 60, 60):
            until = at + minutes * MINUTE
            refused = pins.count(session, ann, till, until - timedelta(seconds=1))
            assert refused == Refused(Reason.PIN_WAIT, until.isoformat())
            at = until
            session.execute(update(Device).values(pin_tries=0, pin_tries_after=None))  # this is about the person
            tried = pins.count(session, ann, till, at)
            assert isinstance(tried, Try)
        assert isinstance(tried, Try) and pins.was_right(session, tried)
        assert isinstance(pins.count(session, ann, till, at), Try)
        assert (session.scalar(select(User.pin_tries)), session.scalar(select(Device.pin_tries))) == (1, 1)


def test_who_guesses_a_little_after_each_right_one_has_a_few_dozen_guesses_a_day(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        ann, eve, till = staff(session, "ann", now), staff(session, "eve", now), device(session, now)
        guesses = [0, 0]
        for day in range(2):
            for hour in range(24):
                at = now + timedelta(days=day, hours=hour)
                for who in (ann, eve):  # the one who is guessed at, and the one who guesses, with their own PINs
                    tried = pins.count(session, who, till, at)
                    assert who == ann or isinstance(tried, Try)
                    assert isinstance(tried, Refused) or pins.was_right(session, tried)
                guesses[day] += sum(isinstance(pins.count(session, ann, till, at), Try) for _ in range(4))
    assert guesses == [38, 24]


def test_on_one_device_all_people_together_are_guessed_at_no_more_than_it_bears_in_mind(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        people, till = [staff(session, f"staff{number}", now) for number in range(21)], device(session, now)
        eve = people.pop()
        guesses = 0
        for who in people:
            tried = pins.count(session, eve, till, now)
            if isinstance(tried, Refused):
                break
            assert pins.was_right(session, tried)
            guesses += sum(isinstance(pins.count(session, who, till, now), Try) for _ in range(4))
        until = now.replace(microsecond=0) + timedelta(seconds=pins.FORGOTTEN_ON_DEVICE_EVERY)
        assert (guesses, tried) == (60, Refused(Reason.PIN_WAIT, until.isoformat()))
        assert isinstance(pins.count(session, eve, till, until), Try)


def test_who_waits_uses_up_none_of_the_devices_tries_and_the_device_none_of_theirs(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        people = [staff(session, name, now) for name in ("ann", "bea", "cai", "dan")]
        till = device(session, now)
        for who in people[:3]:
            assert all(isinstance(pins.count(session, who, till, now), Try) for _ in range(5))
            refused = pins.count(session, who, till, now)
            assert isinstance(refused, Refused) and refused.reason == Reason.PIN_WAIT
        until = (now + MINUTE).isoformat()
        assert pins.count(session, people[3], till, now) == Refused(Reason.PIN_WAIT, until)  # fifteen on this device
        assert session.scalar(select(Device.pin_tries)) == 15
        assert session.scalars(select(User.pin_tries).order_by(User.id)).all() == [5, 5, 5, 0]
        assert isinstance(pins.count(session, people[3], till, now + MINUTE), Try)


def test_nobody_is_tried_but_staff_of_the_devices_own_store_with_a_pin(database: Database, now: datetime) -> None:
    with database.write() as session:
        till, bob = device(session, now), staff(session, "bob", now, "Banqiao")
        pinless = users.create(session, "eve", None, "staff", "Xinyi", now).id
        gone, promoted = staff(session, "gus", now), staff(session, "mia", now)
        session.execute(update(User).where(User.id == gone).values(disabled_at=now))
        session.execute(update(User).where(User.id == promoted).values(role="marketer"))
        for who in (bob, pinless, gone, promoted, 999):
            assert pins.count(session, who, till, now) == Refused(Reason.PIN_WRONG)
        ann = staff(session, "ann", now)
        devices.revoke(session, Doer(), till, now)
        assert pins.count(session, ann, till, now) == Refused(Reason.PIN_WRONG)
        assert session.scalar(select(Device.pin_tries)) == 6
        assert set(session.scalars(select(User.pin_tries))) == {0}


def test_of_a_hundred_tries_at_once_five_are_looked_at(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann, till = staff(session, "ann", now), device(session, now)
    start = Barrier(20)

    def guess(_: int) -> list[bool]:
        start.wait(timeout=30)
        found = []
        for _again in range(5):
            with database.write() as session:
                found.append(isinstance(pins.count(session, ann, till, now), Try))
        return found

    with ThreadPoolExecutor(20) as pool:
        looked_at = [one for found in pool.map(guess, range(20)) for one in found]
    assert (len(looked_at), sum(looked_at)) == (100, 5)


def test_a_pin_that_an_owner_has_changed_meanwhile_lets_nobody_in(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann, till = staff(session, "ann", now), device(session, now)
        tried = pins.count(session, ann, till, now)
        assert isinstance(tried, Try)
        number = session.scalars(select(User.session_number)).one()
        assert pins.put(session, Doer(), ann, "another", now) is None
        assert not pins.was_right(session, tried)
        pins.take_away(session, Doer(), ann, now)
        pins.take_away(session, Doer(), ann, now)
        assert session.scalars(select(User.session_number)).one() == number + 2
        marketer = users.create(session, "mia", None, "marketer", None, now).id
        assert pins.put(session, Doer(), marketer, "hash", now) == Refused(Reason.NOT_STAFF)
    assert [action for _, action, _ in deeds(database, "user")] == ["user.pin_set", "user.pin_set", "user.pin_removed"]


def test_an_owner_sees_who_stands_in_a_store_with_a_pin_and_who_waits(database: Database, now: datetime) -> None:
    with database.write() as session:
        store = stores.add(session, Doer(), Wanted("Xinyi"), now)
        assert isinstance(store, int)
        ann, till = staff(session, "ann", now), device(session, now)
        users.create(session, "Bea", None, "staff", "Xinyi", now)
        for _ in range(5):
            pins.count(session, ann, till, now)
        seen = [(one.username, one.has_pin, one.waits_until) for one in stores.staff(session, store, now)]
        assert seen == [("ann", True, now + MINUTE), ("Bea", False, None)]
        assert [one.waits_until for one in stores.staff(session, store, now + MINUTE)] == [None, None]
        session.execute(update(User).where(User.id == ann).values(pin_wrong_until=int(now.timestamp()) + 15 * 3_600))
        assert [one.waits_until for one in stores.staff(session, store, now)] == [now + 60 * MINUTE, None]
