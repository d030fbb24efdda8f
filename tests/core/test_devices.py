"""Stores and their devices."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core import devices, stores
from core.audit import Doer
from core.devices import Code
from core.reasons import Reason
from core.refusal import Refused
from core.stores import Wanted
from db.database import Database
from db.tables import Device
from tests.deeds import deeds

DOER = Doer()


@pytest.fixture
def xinyi(database: Database, now: datetime) -> int:
    with database.write() as session:
        added = stores.add(session, DOER, Wanted("Xinyi"), now)
    assert isinstance(added, int)
    return added


def code_of(made: Code | Refused | None) -> str:
    assert isinstance(made, Code)
    return made.code


def token_of(bound: tuple[int, str] | Refused) -> str:
    assert not isinstance(bound, Refused)
    return bound[1]


def test_a_code_binds_one_device_once_and_neither_it_nor_the_token_is_kept(
    database: Database, xinyi: int, now: datetime
) -> None:
    with database.write() as session:
        made = devices.add(session, DOER, xinyi, " Till 1 ", now)
        assert isinstance(made, Code)
        token = token_of(devices.bind(session, made.code.upper().replace("-", " "), now))
        assert devices.bind(session, made.code, now) == Refused(Reason.BINDING_OVER)
        row = str([*session.execute(select(*Device.__table__.columns)).one()])
        assert made.code not in row and token not in row
        known = devices.known(session, token)
        assert known is not None and (known.name, known.store_name, known.idle_minutes) == ("Till 1", "Xinyi", 5)
        assert devices.known(session, token[:-1]) is None and devices.known(session, "") is None
    assert deeds(database, "device") == [("flask", "device.added", "Till 1"), ("/pos/bind", "device.bound", "Till 1")]


def test_a_code_is_good_for_fifteen_minutes_and_a_guess_for_nothing(
    database: Database, xinyi: int, now: datetime
) -> None:
    with database.write() as session:
        code = code_of(devices.add(session, DOER, xinyi, "Till", now))
        for entered, after in ((code, 15), (code[:-1] + ("a" if code[-1] != "a" else "b"), 1), ("", 1), ("\0", 1)):
            late = now + timedelta(minutes=after)
            assert devices.bind(session, entered, late) == Refused(Reason.BINDING_OVER)
        assert token_of(devices.bind(session, code, now + timedelta(minutes=14)))


def test_of_many_who_scan_the_same_code_one_gets_the_device(database: Database, xinyi: int, now: datetime) -> None:
    with database.write() as session:
        code = code_of(devices.add(session, DOER, xinyi, "Till", now))
    start = Barrier(8)

    def scan(_: int) -> tuple[int, str] | Refused:
        start.wait(timeout=30)
        with database.write() as session:
            return devices.bind(session, code, now)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(scan, range(8)))
    assert answers.count(Refused(Reason.BINDING_OVER)) == 7
    assert [action for _, action, _ in deeds(database, "device")] == ["device.added", "device.bound"]


def test_a_revoked_device_is_known_no_more_and_its_open_code_binds_nothing(
    database: Database, xinyi: int, now: datetime
) -> None:
    with database.write() as session:
        first = devices.add(session, DOER, xinyi, "Till", now)
        assert isinstance(first, Code)
        token = token_of(devices.bind(session, first.code, now))
        open_code = code_of(devices.new_code(session, DOER, first.device_id, now))
        devices.revoke(session, DOER, first.device_id, now)
        devices.revoke(session, DOER, first.device_id, now)
        assert devices.known(session, token) is None
        assert devices.bind(session, open_code, now) == Refused(Reason.BINDING_OVER)
        assert devices.new_code(session, DOER, 999, now) is None
    told = ["device.added", "device.bound", "device.code_made", "device.revoked"]
    assert [action for _, action, _ in deeds(database, "device")] == told


def test_a_device_bound_anew_is_the_new_phone_and_the_old_one_is_out_then(
    database: Database, xinyi: int, now: datetime
) -> None:
    with database.write() as session:
        first = devices.add(session, DOER, xinyi, "Till", now)
        assert isinstance(first, Code)
        old = token_of(devices.bind(session, first.code, now))
        replaced = code_of(devices.new_code(session, DOER, first.device_id, now))
        last = code_of(devices.new_code(session, DOER, first.device_id, now))
        assert devices.known(session, old) is not None
        assert devices.bind(session, replaced, now) == Refused(Reason.BINDING_OVER)
        new = token_of(devices.bind(session, last, now))
        assert (devices.known(session, old), devices.known(session, new) is None) == (None, False)
        devices.revoke(session, DOER, first.device_id, now)
        again = token_of(devices.bind(session, code_of(devices.new_code(session, DOER, first.device_id, now)), now))
        assert devices.known(session, again) is not None and len(devices.of_store(session, xinyi)) == 1


def test_the_database_itself_keeps_no_token_of_a_revoked_device(database: Database, xinyi: int, now: datetime) -> None:
    with database.write() as session:
        devices.bind(session, code_of(devices.add(session, DOER, xinyi, "Till", now)), now)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(Device).values(revoked_at=now))


def test_that_a_device_was_seen_is_written_once_a_minute(database: Database, xinyi: int, now: datetime) -> None:
    with database.write() as session:
        token = token_of(devices.bind(session, code_of(devices.add(session, DOER, xinyi, "Till", now)), now))
        for seconds, at in ((59, 0), (60, 60), (90, 60)):
            device = devices.known(session, token)
            moment = now + timedelta(seconds=seconds)
            assert device is not None and devices.is_seen_long_ago(device, moment) == (seconds == 60)
            devices.see(session, device, moment)
            assert session.scalar(select(Device.seen_at)) == now + timedelta(seconds=at)


def test_a_store_is_added_renamed_closed_and_opened_and_every_deed_is_kept(
    database: Database, xinyi: int, now: datetime
) -> None:
    with database.write() as session:
        for wanted, reason in (
            (Wanted(" Xinyi "), Reason.STORE_NAME_TAKEN),
            (Wanted(" "), Reason.STORE_NAME_MALFORMED),
            (Wanted("x" * 101), Reason.STORE_NAME_MALFORMED),
            (Wanted("Xin\u200byi"), Reason.STORE_NAME_MALFORMED),
            (Wanted("Banqiao", undo_minutes=-1), Reason.MINUTES_OUT_OF_RANGE),
            (Wanted("Banqiao", idle_minutes=0), Reason.MINUTES_OUT_OF_RANGE),
        ):
            refused = stores.add(session, DOER, wanted, now)
            assert isinstance(refused, Refused) and refused.reason == reason
        banqiao = stores.add(session, DOER, Wanted("Banqiao"), now)
        assert isinstance(banqiao, int) and banqiao != xinyi
        taken = stores.change(session, DOER, banqiao, Wanted("Xinyi"), now)
        assert taken == Refused(Reason.STORE_NAME_TAKEN, "Xinyi")
        assert stores.change(session, DOER, banqiao, Wanted("Banciao", 30, 2), now) is None
        assert stores.change(session, DOER, banqiao, Wanted("Banciao", 30, 2), now) is None
        for _ in range(2):
            stores.close(session, DOER, banqiao, now)
        assert [(one.name, one.closed_at) for one in stores.all_of(session)] == [("Xinyi", None), ("Banciao", now)]
        for _ in range(2):
            stores.open_again(session, DOER, banqiao, now)
        found = stores.by_name(session, "Banciao")
        assert found == stores.one(session, banqiao)
        assert found is not None and (found.undo_minutes, found.idle_minutes, found.closed_at) == (30, 2, None)
    told = [("store.added", "Banqiao"), *((f"store.{one}", "Banciao") for one in ("changed", "closed", "opened"))]
    assert [(action, subject) for _, action, subject in deeds(database, "store")][1:] == told


def test_a_device_needs_a_name_that_can_be_seen(database: Database, xinyi: int, now: datetime) -> None:
    with database.write() as session:
        for name in ("", " ", "x" * 65, "Till\u202e"):
            refused = devices.add(session, DOER, xinyi, name, now)
            assert isinstance(refused, Refused) and refused.reason == Reason.DEVICE_NAME_MALFORMED
        assert devices.of_store(session, xinyi) == [] == devices.all_of(session)
