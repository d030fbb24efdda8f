"""What was verified without a network is a fact: told once or five times, it happened once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from threading import Barrier

import pytest
from sqlalchemy import select

from core import api_keys, offline, records_history, undo, users, verification
from core.audit import Doer
from core.offline import Taken, Told
from core.verification import Actor
from db.database import Database
from db.tables import (
    Coupon,
    Redemption,
    Serial,
    Store,
    User,
    Verification,
    VerificationAttempt,
    VerificationConflict,
)
from tests import cast

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def xinyi(database: Database, now: datetime) -> Actor:
    """Ann at Xinyi's counter; Mei has TEA-0001, Alex TEA-0002, Eve nothing."""
    with database.write() as session:
        cast.campaign(session, now)
        ann = users.create(session, "ann", "a long password", "staff", "Xinyi", now)
        users.create(session, "bob", "a long password", "staff", "Banqiao", now)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
        actor = Actor("pos", ann.id, ann.store_id)
    for token in tokens:
        cast.redeem(database, token, now)
    return actor


def elsewhere(database: Database) -> Actor:
    with database.read() as session:
        bob = session.scalars(select(User).where(User.username == "bob")).one()
        return Actor("pos", bob.id, bob.store_id)


def tell(database: Database, told: Sequence[Told], actor: Actor, now: datetime) -> list[Taken]:
    with database.write() as session:
        return offline.take(session, told, actor, now)


def said(nonce: str, entered: str, at: datetime, user_id: int | None = None) -> Told:
    return Told(nonce, entered, None, at, user_id)


def verifications(database: Database) -> list[tuple[str, str | None, datetime, bool]]:
    """Serial, store, time, and whether it was offline, of every verification."""
    statement = (
        select(Serial.code, Store.name, Verification.verified_at, Verification.is_offline)
        .join(Redemption, Redemption.id == Verification.redemption_id)
        .join(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
        .join(Store, Store.id == Verification.store_id)
        .order_by(Serial.code)
    )
    with database.read() as session:
        return [(*row,) for row in session.execute(statement)]


def attempts(database: Database) -> list[tuple[str, str, bool]]:
    """What was entered, its outcome and whether it is a conflict, in order."""
    statement = (
        select(VerificationAttempt.entered, VerificationAttempt.outcome, VerificationConflict.attempt_id)
        .outerjoin(VerificationConflict)
        .order_by(VerificationAttempt.id)
    )
    with database.read() as session:
        return [(entered, outcome, conflict is not None) for entered, outcome, conflict in session.execute(statement)]


def test_what_was_verified_offline_counts_at_the_devices_time(database: Database, now: datetime, xinyi: Actor) -> None:
    told = [said("n1", "ｔｅａ－0002\n", now + 3 * MINUTE), said("n2", "TEA-0001", now + 5 * MINUTE)]
    second, first = tell(database, told, xinyi, now + DAY)
    assert [second.outcome, first.outcome] == ["verified", "verified"]
    assert (first.nonce, first.is_conflict, first.first_at) == ("n2", False, now + 5 * MINUTE)
    assert (first.first_store, first.first_by) == ("Xinyi", "ann")
    assert verifications(database) == [
        ("TEA-0001", "Xinyi", now + 5 * MINUTE, True),
        ("TEA-0002", "Xinyi", now + 3 * MINUTE, True),
    ]
    with database.read() as session:
        kept = session.scalars(select(VerificationAttempt).order_by(VerificationAttempt.entered)).all()
    assert {(one.attempted_at, one.is_offline) for one in kept} == {(now + DAY, True)}
    assert {one.device_at for one in kept} == {now + 3 * MINUTE, now + 5 * MINUTE}


def test_uploads_repeated_reordered_and_cut_off_verify_once_and_lose_nothing(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    told = [said("a", "TEA-0001", now), said("b", "TEA-0002", now + MINUTE), said("c", "TEA-0001", now + 2 * MINUTE)]
    with pytest.raises(ZeroDivisionError), database.write() as session:  # the machine dies before it is committed
        offline.take(session, told, xinyi, now + DAY)
        assert 1 // 0
    assert attempts(database) == []
    tell(database, told[:2], xinyi, now + DAY)  # the device dies before it hears the answer
    for order in permutations([*told, told[0]]):
        taken = tell(database, order, xinyi, now + 2 * DAY)
        assert [one.nonce for one in taken] == [one.nonce for one in order]
        assert {one.nonce: (one.outcome, one.is_conflict) for one in taken} == {
            "a": ("verified", False),
            "b": ("verified", False),
            "c": ("already_verified", True),
        }
    assert [serial for serial, *_ in verifications(database)] == ["TEA-0001", "TEA-0002"]
    assert sorted(attempts(database)) == [
        ("TEA-0001", "already_verified", True),
        ("TEA-0001", "verified", False),
        ("TEA-0002", "verified", False),
    ]


def test_two_machines_of_a_store_that_both_count_their_nonces_from_one_lose_nothing_to_each_other(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    first, second = said("00000001", "TEA-0001", now + MINUTE), said("00000001", "TEA-0002", now + MINUTE)
    for told in ([first], [second], [first, second], [second, first]):
        taken = tell(database, told, xinyi, now + DAY)
        assert [(one.outcome, one.coupon_id) for one in taken] == [
            ("verified", 1 if one.entered == "TEA-0001" else 2) for one in told
        ]
    assert [serial for serial, *_ in verifications(database)] == ["TEA-0001", "TEA-0002"]
    assert len(attempts(database)) == 2


def test_the_same_coupon_in_two_stores_is_a_fact_in_both_and_a_conflict_that_names_the_first(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    banqiao = elsewhere(database)
    tell(database, [said("same", "TEA-0001", now + 2 * MINUTE)], xinyi, now + DAY)
    (taken,) = tell(database, [said("same", "TEA-0001", now + MINUTE)], banqiao, now + DAY)  # the store's own nonce
    assert (taken.outcome, taken.is_conflict) == ("already_verified", True)
    with database.read() as session:
        coupon = session.get_one(Coupon, taken.coupon_id)
        history = records_history.of_reference(session, coupon.campaign_id, coupon.reference)
    assert history and [one.what for one in history.happenings][-2:] == ["verified", "honoured_offline"]
    assert (taken.first_at, taken.first_store, taken.first_by) == (now + 2 * MINUTE, "Xinyi", "ann")
    assert attempts(database) == [("TEA-0001", "verified", False), ("TEA-0001", "already_verified", True)]


def test_two_uploads_of_one_queue_at_the_same_moment_are_one(database: Database, now: datetime, xinyi: Actor) -> None:
    told = [said("a", "TEA-0001", now), said("b", "TEA-0002", now), said("c", "TEA-0404", now)]
    for shuffled in (told, told[::-1]):
        start = Barrier(4)

        def upload(told: Sequence[Told] = shuffled, start: Barrier = start) -> list[Taken]:
            start.wait(timeout=10)
            return sorted(tell(database, told, xinyi, now + DAY), key=lambda taken: taken.nonce)

        with ThreadPoolExecutor(4) as pool:
            answers = [one.result() for one in [pool.submit(upload) for _ in range(4)]]
        assert all(answer == answers[0] for answer in answers)
    assert [one.outcome for one in answers[0]] == ["verified", "verified", "unknown_coupon"]
    assert len(verifications(database)) == 2 and len(attempts(database)) == 3


def test_what_the_shop_would_have_refused_is_a_conflict_and_the_coupon_is_used_up(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    late, unknown, unredeemed = tell(
        database,
        [
            said("late", "TEA-0001", now + 15 * DAY),
            said("unknown", "TEA-9999", now),
            said("unredeemed", "TEA-0003", now),
        ],
        xinyi,
        now + 16 * DAY,
    )
    assert (late.outcome, late.is_conflict, late.first_store) == ("expired", True, "Xinyi")
    assert (unknown.outcome, unknown.is_conflict, unknown.coupon_id) == ("unknown_coupon", True, None)
    assert (unredeemed.outcome, unredeemed.is_conflict) == ("not_redeemed", True)
    assert verifications(database) == [("TEA-0001", "Xinyi", now + 15 * DAY, True)]


def test_what_was_in_time_by_the_device_is_verified_however_late_it_is_told(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    (taken,) = tell(database, [said("n", "TEA-0001", now + DAY)], xinyi, now + 60 * DAY)
    assert (taken.outcome, taken.is_conflict) == ("verified", False)


def test_a_clock_that_is_ahead_verifies_nothing_in_the_future(database: Database, now: datetime, xinyi: Actor) -> None:
    tell(database, [said("n", "TEA-0001", now + DAY)], xinyi, now + MINUTE)
    assert verifications(database) == [("TEA-0001", "Xinyi", now + MINUTE, True)]


def test_a_serial_that_went_to_the_next_customer_meanwhile_is_not_verified_for_them(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    with database.write() as session:
        of = session.scalars(select(Redemption.coupon_id).order_by(Redemption.id)).first() or 0
        undo.undo_redemption(session, of, "given to the wrong one", None, now + 2 * MINUTE)
        token = cast.sent(session, cast.EVE, now + 3 * MINUTE)
    cast.redeem(database, token, now + 3 * MINUTE)
    (taken,) = tell(database, [said("n", "TEA-0001", now + MINUTE)], xinyi, now + DAY)
    assert (taken.outcome, taken.is_conflict, taken.first_at) == ("withdrawn", True, None)
    assert verifications(database) == []


def test_an_answer_that_was_lost_is_no_conflict_of_the_device_with_itself(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    with database.write() as session:
        (coupon,) = session.scalars(select(Coupon).order_by(Coupon.id).limit(1))
        verification.verify(session, coupon.id, "TEA-0001", xinyi, now + MINUTE)
    here, later = tell(
        database,
        [said("here", "TEA-0001", now + 2 * MINUTE), said("later", "TEA-0001", now + 9 * MINUTE)],
        xinyi,
        now + DAY,
    )
    assert (here.outcome, here.is_conflict) == ("already_verified", False)
    assert (later.outcome, later.is_conflict) == ("already_verified", True)
    (there,) = tell(database, [said("there", "TEA-0001", now + 2 * MINUTE)], elsewhere(database), now + DAY)
    assert there.is_conflict


def test_two_machines_of_one_store_are_two_whose_answers_are_not_each_others(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    tills = []
    with database.write() as session:
        for name in ("till 1", "till 2"):
            made = api_keys.make(session, Doer(), name, ["upload"], xinyi.store_id, now)
            assert isinstance(made, api_keys.Made)
            tills.append(Actor("pos", store_id=xinyi.store_id, api_key_id=made.key_id))
        coupon_id = session.scalars(select(Coupon.id).order_by(Coupon.id).limit(1)).one()
        verification.verify(session, coupon_id, "TEA-0001", tills[0], now + MINUTE)
    one, other = (tell(database, [said(f"n{till.api_key_id}", "TEA-0001", now + MINUTE)], till, now) for till in tills)
    assert [(taken.outcome, taken.is_conflict) for taken in (*one, *other)] == [
        ("already_verified", False),
        ("already_verified", True),
    ]


def test_who_stood_there_is_believed_of_the_stores_staff_alone(database: Database, now: datetime, xinyi: Actor) -> None:
    bob = elsewhere(database).user_id
    with database.write() as session:
        cid = users.create(session, "cid", "a long password", "staff", "Xinyi", now).id
    told = [said("1", "TEA-0001", now, cid), said("2", "TEA-0002", now, bob), said("3", "TEA-0003", now, 2**70)]
    tell(database, told, xinyi, now)
    with database.read() as session:
        kept = session.execute(select(VerificationAttempt.entered, VerificationAttempt.user_id)).all()
    assert {one.entered: one.user_id for one in kept} == {
        "TEA-0001": cid,
        "TEA-0002": xinyi.user_id,
        "TEA-0003": xinyi.user_id,
    }


def test_a_named_coupon_is_meant_whatever_was_entered_and_a_made_up_one_is_unknown(
    database: Database, now: datetime, xinyi: Actor
) -> None:
    with database.read() as session:
        alex = session.scalars(select(Redemption.coupon_id).order_by(Redemption.id.desc())).first()
    named = replace(said("1", "TEA-0001", now), coupon_id=alex)
    taken = tell(
        database, [named, replace(named, nonce="2", coupon_id=2**70), Told("3", "", 999, now, None)], xinyi, now
    )
    assert [one.outcome for one in taken] == ["verified", "unknown_coupon", "unknown_coupon"]
    assert [serial for serial, *_ in verifications(database)] == ["TEA-0002"]
