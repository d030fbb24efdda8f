"""What a POS machine can do, whose key does it, and that it is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core import api_keys, serials
from core.audit import Doer
from core.reasons import Reason
from db import locks
from db.database import Database
from db.tables import (
    ApiKey,
    ApiReply,
    AuditEntry,
    Campaign,
    CampaignStore,
    Redemption,
    Store,
    UndoneVerification,
    Verification,
    VerificationAttempt,
    VerificationConflict,
)
from pos import sentences
from pos.api.refusals import OF_USING
from tests import cast
from tests.pos.api import till
from tests.pos.api.conftest import shop
from tests.pos.api.till import Till, told
from tests.watch import Watch
from tests.web import doors

TEA = {"entered": " ｔｅａ－0001\n"}


def attempts(database: Database) -> list[tuple[str, str, int | None, int | None]]:
    columns = VerificationAttempt.entered, VerificationAttempt.outcome, VerificationAttempt.api_key_id
    asked = select(*columns, VerificationAttempt.store_id).order_by(VerificationAttempt.id)
    with database.read() as session:
        return [(row[0], row[1], row[2], row[3]) for row in session.execute(asked)]


def verifications(database: Database) -> list[Verification]:
    with database.read() as session:
        return list(session.scalars(select(Verification)))


def test_a_look_up_tells_of_the_coupon_and_changes_nothing(machine: Till, database: Database) -> None:
    answer = machine.post("/coupons/lookup", TEA)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    (coupon,) = told(answer)["coupons"]
    assert coupon["serial"] == "TEA-0001"
    assert coupon["reference"] == till.reference(database)
    assert (coupon["redeemed_at"], coupon["refusal"]) == ("2026-12-01T04:00:00Z", None)
    assert (verifications(database), attempts(database)) == ([], [])


def test_a_verification_has_the_machines_own_time_and_the_servers_beside_it(
    machine: Till, database: Database, watch: Watch
) -> None:
    answer = machine.post("/coupons/verify", {**TEA, "device_at": "2026-12-01T12:02:00+08:00"})
    assert answer.status_code == 200
    done = told(answer)
    assert (done["outcome"], done["verified_at"], done["recorded_at"]) == (
        "verified",
        "2026-12-01T04:02:00Z",
        "2026-12-01T04:05:00Z",
    )
    assert done["coupon"]["verified_in"] == "Xinyi" and done["coupon"]["undo_until"]
    (kept,) = verifications(database)
    assert (kept.verified_at, kept.recorded_at) == (datetime(2026, 12, 1, 4, 2, tzinfo=UTC), watch.at)
    store = till.store_id(database, "Xinyi")
    assert (kept.via, kept.store_id, kept.api_key_id) == ("pos", store, 1)
    with database.read() as session:
        (attempt,) = session.scalars(select(VerificationAttempt)).all()
    assert (attempt.outcome, attempt.device_at) == ("verified", kept.verified_at)
    assert attempts(database) == [("tea-0001", "verified", 1, store)]


def test_whoever_comes_second_is_told_when_and_where_the_first_was(machine: Till, database: Database) -> None:
    machine.post("/coupons/verify", TEA)
    answer = machine.post("/coupons/verify", TEA)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    problem = told(answer)
    assert problem["type"] == "http://localhost/api/v1/docs#already_verified"
    assert (problem["status"], problem["code"]) == (409, "already_verified")
    assert "in Xinyi by till 1." in problem["detail"] and problem["coupon"]["verified_by"] == "till 1"
    assert problem["coupon"]["verified_at"] == "2026-12-01T04:05:00Z"
    assert len(verifications(database)) == 1
    assert [outcome for _, outcome, _, _ in attempts(database)] == ["verified", "already_verified"]


@pytest.mark.parametrize(
    ("entered", "status", "code"),
    [
        ("TEA-9999", 404, "unknown_coupon"),
        ("TEA-0003", 409, "not_redeemed"),
        ("https://other.example/c/abcdef", 404, "wrong_shop"),
        ("\x00", 404, "unknown_coupon"),
    ],
)
def test_what_cannot_be_verified_has_its_code_and_is_kept(
    machine: Till, database: Database, entered: str, status: int, code: str
) -> None:
    for path in ("/coupons/lookup", "/coupons/verify", "/coupons/use"):
        answer = machine.post(path, {"entered": entered})
        assert (answer.status_code, told(answer)["code"]) == (status, code)
    assert verifications(database) == []
    assert [outcome for _, outcome, _, _ in attempts(database)] == [code] * 3


def test_of_a_serial_that_many_have_one_is_chosen_by_its_reference(
    machine: Till, database: Database, now: datetime
) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.add_fixed(session, campaign.id, "FREECOOKIE", 100, now)
        tokens = [cast.sent(session, who, now, "welcome-gift") for who in (cast.MEI, cast.ALEX)]
    for token in tokens:
        cast.redeem(database, token, now)
    problem = told(machine.post("/coupons/verify", {"entered": "freecookie"}))
    assert (problem["code"], len(problem["coupons"])) == ("ambiguous", 2)
    chosen = problem["coupons"][1]["reference"]
    done = told(machine.post("/coupons/verify", {"entered": "freecookie", "reference": chosen}))
    assert (done["outcome"], done["coupon"]["reference"]) == ("verified", chosen)
    assert len(verifications(database)) == 1


def test_using_redeems_for_the_customer_and_verifies_in_one(machine: Till, database: Database) -> None:
    answer = machine.post("/coupons/use", {"entered": till.reference(database, 1)})
    done = told(answer)
    assert (answer.status_code, done["is_redeemed_now"], done["coupon"]["serial"]) == (200, True, "TEA-0002")
    assert len(verifications(database)) == 1
    assert told(machine.post("/coupons/use", {"entered": "TEA-0001"}))["is_redeemed_now"] is False


def test_a_serial_that_reads_as_anothers_reference_is_the_serial_and_breaks_nothing(
    machine: Till, database: Database, now: datetime
) -> None:
    mei, alex = till.reference(database), till.reference(database, 1)
    with database.write() as session:
        gift = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.import_csv(session, gift.id, f"serial\n{mei}\n{alex}\n".encode(), now)
        tokens = [cast.sent(session, who, now, "welcome-gift") for who in (cast.MEI, cast.ALEX)]
    for token in tokens:
        cast.redeem(database, token, now)
    assert told(machine.post("/coupons/verify", TEA))["coupon"]["reference"] == mei
    for reference, campaign in ((mei, "Cookie"), (alex, "Cookie")):
        done = told(machine.post("/coupons/verify", {"entered": reference}))
        assert (done["outcome"], done["coupon"]["campaign"]) == ("verified", campaign)
    assert told(machine.post("/coupons/verify", TEA))["code"] == "already_verified"


def test_where_a_coupon_may_not_be_used_it_is_not_redeemed_either(machine: Till, database: Database) -> None:
    with database.write() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
        session.add(CampaignStore(campaign_id=campaign_id, store_id=till.store_id(database, "Banqiao")))
    answer = machine.post("/coupons/use", {"entered": till.reference(database, 1)})
    assert (answer.status_code, told(answer)["code"]) == (409, "other_store_only")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1
    assert [outcome for _, outcome, _, _ in attempts(database)] == ["other_store_only"]


def test_what_cannot_be_redeemed_is_not_used(machine: Till, database: Database, watch: Watch) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(ended_at=watch.at))
    answer = machine.post("/coupons/use", {"entered": till.reference(database, 1)})
    assert (answer.status_code, told(answer)["code"]) == (409, "ended")
    assert told(answer)["detail"] == "The campaign is over; nothing was given."
    assert [outcome for _, outcome, _, _ in attempts(database)] == ["ended"]


def test_whatever_is_refused_at_a_counter_has_its_sentence_and_its_short_words(app: Flask) -> None:
    for language in ("en", "zh-TW"):
        with app.test_request_context(headers={"Accept-Language": language}):
            reasons = {*OF_USING, Reason.FIRST_PURCHASE_USED} - {Reason.AMBIGUOUS}
            assert len({sentences.outcome_words(reason) for reason in reasons} - reasons) == len(reasons)
            assert sentences.sentence("nothing") not in {sentences.sentence(reason) for reason in OF_USING}


def test_a_verification_is_undone_in_its_store_and_in_time(
    machine: Till, app: Flask, database: Database, now: datetime, watch: Watch
) -> None:
    machine.post("/coupons/verify", TEA)
    body = {"reference": till.reference(database), "reason": " wrong customer\x00 "}
    other = Till(app, till.key(database, now, "Banqiao").secret)
    assert told(other.post("/coupons/undo", body))["code"] == "other_store_only"
    done = machine.post("/coupons/undo", body)
    assert (done.status_code, told(done)["coupon"]["verified_at"]) == (200, None)
    assert verifications(database) == []
    with database.read() as session:
        undone = session.scalars(select(UndoneVerification)).one()
        assert (undone.reason, undone.user_id, undone.device_id, undone.api_key_id) == ("wrong customer", None, None, 1)
        actor = session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "verification.undone")).one()
        assert actor == session.scalars(select(ApiKey.prefix).where(ApiKey.id == 1)).one()
    assert told(machine.post("/coupons/undo", body))["code"] == "not_verified"
    machine.post("/coupons/verify", TEA)
    watch.at += timedelta(minutes=16)
    assert told(machine.post("/coupons/undo", body))["code"] == "undo_too_late"
    assert len(verifications(database)) == 1


def test_a_serial_that_reads_as_anothers_reference_changes_nothing_for_it(
    machine: Till, database: Database, now: datetime
) -> None:
    reference = till.reference(database)
    with database.write() as session:
        campaign = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.import_csv(session, campaign.id, f"serial\n{reference}\n".encode(), now)
        token = cast.sent(session, cast.ALEX, now, "welcome-gift")
    cast.redeem(database, token, now)
    done = told(machine.post("/coupons/verify", TEA))
    assert (done["outcome"], done["coupon"]["reference"]) == ("verified", reference)
    undone = told(machine.post("/coupons/undo", {"reference": reference, "reason": "wrong customer"}))
    assert (undone["outcome"], undone["coupon"]["serial"]) == ("undone", "TEA-0001")


def test_what_was_verified_offline_is_taken_once_and_conflicts_are_reported(
    machine: Till, database: Database, app: Flask, now: datetime
) -> None:
    tea = {"nonce": "nonce-0001", "entered": "TEA-0001", "device_at": "2026-12-01T12:03:00+08:00"}
    unknown = {"nonce": "nonce-0002", "entered": "TEA-9999", "device_at": "2026-12-01T12:04:00+08:00"}
    first = machine.post("/verifications/batch", {"verifications": [tea, unknown]})
    assert first.status_code == 200
    good, bad = told(first)["results"]
    assert (good["outcome"], good["reference"], good["is_conflict"]) == ("verified", till.reference(database), False)
    assert (bad["outcome"], bad["reference"], bad["is_conflict"]) == ("unknown_coupon", None, True)
    assert told(machine.post("/verifications/batch", {"verifications": [unknown, tea]}))["results"] == [bad, good]
    elsewhere = Till(app, till.key(database, now, "Banqiao").secret)
    again = {**tea, "nonce": "nonce-0003", "reference": till.reference(database)}
    (late,) = told(elsewhere.post("/verifications/batch", {"verifications": [again]}))["results"]
    assert (late["outcome"], late["is_conflict"], late["first_store"]) == ("already_verified", True, "Xinyi")
    (kept,) = verifications(database)
    assert (kept.verified_at, kept.is_offline) == (datetime(2026, 12, 1, 4, 3, tzinfo=UTC), True)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(VerificationConflict)) == 2
    made_up = {**tea, "nonce": "nonce-0004", "reference": "ZZZZZZZZ"}
    (nobodys,) = told(machine.post("/verifications/batch", {"verifications": [made_up]}))["results"]
    assert nobodys["outcome"] == "unknown_coupon"


def test_the_key_tells_of_itself_and_of_its_stores(
    machine: Till, app: Flask, database: Database, now: datetime
) -> None:
    shown = told(machine.get("/key"))
    assert shown["store"]["name"] == "Xinyi" and "secret" not in str(shown).replace(shown["prefix"], "")
    assert [one["name"] for one in told(machine.get("/stores"))["stores"]] == ["Xinyi"]
    vendor = Till(app, till.key(database, now, store=None).secret)
    assert [one["name"] for one in told(vendor.get("/stores"))["stores"]] == ["Banqiao", "Xinyi"]


def test_a_key_of_no_store_says_in_which_it_acts(app: Flask, database: Database, now: datetime) -> None:
    vendor = Till(app, till.key(database, now, store=None).secret)
    for body in (TEA, {**TEA, "store_id": 999}):
        answer = vendor.post("/coupons/verify", body)
        assert (answer.status_code, told(answer)["code"]) == (422, "unknown_store")
    assert attempts(database) == []
    banqiao = till.store_id(database, "Banqiao")
    assert vendor.post("/coupons/verify", {**TEA, "store_id": banqiao}).status_code == 200
    assert [kept.store_id for kept in verifications(database)] == [banqiao]


def test_a_key_of_one_store_acts_in_no_other(machine: Till, database: Database) -> None:
    answer = machine.post("/coupons/verify", {**TEA, "store_id": till.store_id(database, "Banqiao")})
    assert (answer.status_code, told(answer)["code"]) == (403, "key_of_another_store")
    assert (verifications(database), attempts(database)) == ([], [])


def test_a_closed_store_verifies_nothing(machine: Till, database: Database, now: datetime) -> None:
    with database.write() as session:
        session.execute(update(Store).values(closed_at=now))
    for path in ("/coupons/verify", "/coupons/use"):
        for entered in ("TEA-0001", till.reference(database, 1)):
            answer = machine.post(path, {"entered": entered})
            assert told(answer)["code"] in ("store_closed", "not_redeemed")
    assert verifications(database) == []


def test_guessed_revoked_changed_and_missing_keys_are_all_told_the_same(
    app: Flask, database: Database, now: datetime, watch: Watch
) -> None:
    good = till.key(database, now)
    revoked, changed = till.key(database, now), till.key(database, now)
    with database.write() as session:
        api_keys.revoke(session, Doer(), revoked.key_id, now)
        api_keys.rotate(session, Doer(), changed.key_id, timedelta(minutes=1), now)
    prefix = good.secret.rpartition("_")[0][:16]
    guessed = [f"{prefix}_" + "A" * 43, "tessera_00000000_" + "A" * 43, "", "é", "x" * 9_000]
    assert watch.at > now + timedelta(minutes=1)
    answers = {
        (answer.status_code, answer.data, answer.headers["WWW-Authenticate"])
        for secret in (*guessed, revoked.secret, changed.secret)
        for answer in [Till(app, secret).post("/coupons/verify", TEA)]
    }
    assert len(answers) == 1
    ((status, body, _),) = answers
    assert status == 401 and b"api_key_wrong" in body
    bare = app.test_client().post("/api/v1/coupons/verify", json=TEA, headers={"Accept-Language": "en"})
    assert (bare.status_code, bare.data) == (401, body)
    assert (verifications(database), attempts(database)) == ([], [])
    assert Till(app, good.secret).post("/coupons/verify", TEA).status_code == 200


def test_a_secret_that_was_changed_counts_as_long_as_was_said(
    app: Flask, database: Database, now: datetime, watch: Watch
) -> None:
    before = till.key(database, now)
    with database.write() as session:
        made = api_keys.rotate(session, Doer(), before.key_id, timedelta(hours=1), now)
    assert isinstance(made, api_keys.Made)
    both = Till(app, before.secret), Till(app, made.secret)
    assert [one.get("/key").status_code for one in both] == [200, 200]
    watch.at = now + timedelta(hours=1)
    assert [one.get("/key").status_code for one in both] == [401, 200]


def test_a_key_does_only_what_it_may(app: Flask, database: Database, now: datetime) -> None:
    reader = Till(app, till.key(database, now, scopes=["lookup"]).secret)
    assert reader.post("/coupons/lookup", TEA).status_code == 200
    for path in ("/coupons/verify", "/coupons/use", "/coupons/undo", "/verifications/batch"):
        answer = reader.post(path, TEA)
        assert (answer.status_code, told(answer)["code"]) == (403, "scope_missing")
    assert (verifications(database), attempts(database)) == ([], [])


def test_a_keys_last_use_is_written_at_most_once_a_minute(machine: Till, database: Database, watch: Watch) -> None:
    def used() -> datetime | None:
        with database.read() as session:
            return session.scalars(select(ApiKey.used_at)).one()

    first = watch.at
    machine.get("/key")
    watch.at += timedelta(seconds=59)
    machine.get("/key")
    assert used() == first
    watch.at += timedelta(seconds=2)
    machine.get("/key")
    assert used() == watch.at


def test_a_repeated_request_is_answered_byte_for_byte_and_done_once(
    machine: Till, database: Database, watch: Watch
) -> None:
    first = machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    watch.at += timedelta(minutes=3)
    again = machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    assert (again.status_code, again.data, again.mimetype) == (200, first.data, first.mimetype)
    assert (again.headers["Idempotent-Replayed"], first.headers.get("Idempotent-Replayed")) == ("true", None)
    refused = machine.post("/coupons/verify", TEA, Idempotency_Key="two")
    repeated = machine.post("/coupons/verify", TEA, Idempotency_Key="two")
    assert (repeated.status_code, repeated.data, repeated.mimetype) == (409, refused.data, refused.mimetype)
    assert [outcome for _, outcome, _, _ in attempts(database)] == ["verified", "already_verified"]


def test_the_same_key_for_another_request_is_refused(machine: Till, database: Database) -> None:
    machine.post("/coupons/lookup", TEA, Idempotency_Key="one")
    for path, body in (("/coupons/verify", TEA), ("/coupons/lookup", {"entered": "TEA-0001"})):
        answer = machine.post(path, body, Idempotency_Key="one")
        assert (answer.status_code, told(answer)["code"]) == (409, "idempotency_key_reused")
    assert verifications(database) == []


def test_another_machines_idempotency_key_says_nothing(
    machine: Till, app: Flask, database: Database, now: datetime
) -> None:
    machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    other = Till(app, till.key(database, now, "Banqiao").secret)
    answer = other.post("/coupons/verify", TEA, Idempotency_Key="one")
    assert (answer.status_code, told(answer)["code"]) == (409, "already_verified")
    assert "Idempotent-Replayed" not in answer.headers


def test_a_reply_is_forgotten_after_two_days(machine: Till, database: Database, watch: Watch) -> None:
    machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    watch.at += timedelta(hours=48)
    answer = machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    assert told(answer)["code"] == "already_verified"
    with database.read() as session:
        assert session.scalars(select(ApiReply.status)).all() == [409]


def test_a_request_that_breaks_leaves_neither_its_deed_nor_its_reply(
    machine: Till, app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("core.api_replies.keep", breaks)
        answer = machine.post("/coupons/verify", TEA, Idempotency_Key="one")
    assert (answer.status_code, told(answer)["code"]) == (500, "server_broke")
    assert (verifications(database), attempts(database)) == ([], [])
    assert machine.post("/coupons/verify", TEA, Idempotency_Key="one").status_code == 200


def test_of_many_machines_at_once_one_verifies_and_a_request_sent_twice_is_done_once(
    app: Flask, database: Database, now: datetime
) -> None:
    machines = [Till(app, till.key(database, now).secret) for _ in range(6)]
    start = Barrier(12)

    def tap(number: int) -> tuple[int, str]:
        start.wait(timeout=30)
        answer = machines[number % 6].post("/coupons/verify", TEA, Idempotency_Key="one")
        return answer.status_code, told(answer).get("code", "")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(tap, range(12)))
    assert {code for status, code in answers if status != 200} <= {"already_verified", "idempotency_key_in_use"}
    assert len(verifications(database)) == 1
    outcomes = [outcome for _, outcome, _, _ in attempts(database)]
    assert outcomes.count("verified") == 1 and len(outcomes) <= 6


def test_while_a_request_is_being_answered_the_same_is_told_to_come_again(
    on_postgres: Database, now: datetime, watch: Watch
) -> None:
    """On SQLite the second waits its turn, and is then answered as the first was."""
    shop(on_postgres, now)
    machine = Till(doors.application(on_postgres), till.key(on_postgres, now).secret)
    with on_postgres.write() as session:
        assert locks.reply_alone(session, 1, "one")
        answer = machine.post("/coupons/verify", TEA, Idempotency_Key="one")
        assert (answer.status_code, told(answer)["code"]) == (409, "idempotency_key_in_use")
        assert answer.headers["Retry-After"] == "1"
        assert machine.post("/coupons/lookup", TEA, Idempotency_Key="two").status_code == 200
    assert (
        told(machine.post("/coupons/verify", TEA, Idempotency_Key="one"))["recorded_at"]
        == watch.at.isoformat()[:19] + "Z"
    )


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        ({"entered": "x", "serial": "y"}, 422, "fields_wrong", ["serial"]),
        ({}, 422, "fields_wrong", ["entered"]),
        ({"entered": 7}, 422, "fields_wrong", ["entered"]),
        ({"entered": ""}, 422, "fields_wrong", ["entered"]),
        ({"entered": "x", "store_id": True}, 422, "fields_wrong", ["store_id"]),
        ({"entered": "x", "device_at": "2026-12-01T12:00:00"}, 422, "fields_wrong", ["device_at"]),
        ({"entered": "x", "device_at": "0001-01-01T00:00:00+14:00"}, 422, "fields_wrong", ["device_at"]),
        ([], 400, "body_malformed", None),
        (b"{", 400, "body_malformed", None),
        (b'{"entered": "\\ud800"}', 400, "body_malformed", None),
        (b"\xff", 400, "body_malformed", None),
        (b'{"entered": "' + b"x" * 64_000 + b'"}', 413, "body_too_large", None),
        (b"[" * 10_000, 400, "body_malformed", None),
    ],
)
def test_a_body_that_is_not_as_described_is_refused_by_name(
    machine: Till, database: Database, body: object, status: int, code: str, fields: list[str] | None
) -> None:
    answer = machine.post("/coupons/verify", body, Idempotency_Key="one")
    problem = told(answer)
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert [one["field"] for one in problem.get("errors", [])] == (fields or [])
    assert attempts(database) == []
    with database.read() as session:
        assert session.scalars(select(ApiReply)).all() == []


def test_headers_that_are_not_as_described_are_refused(machine: Till, database: Database) -> None:
    answer = machine.post("/coupons/verify", TEA, Content_Type="text/plain")
    assert (answer.status_code, told(answer)["code"]) == (415, "media_type_wrong")
    for name in ("", " ", "a b", "é", "x" * 256):
        answer = machine.post("/coupons/verify", TEA, Idempotency_Key=name)
        assert (answer.status_code, told(answer)["code"]) == (400, "idempotency_key_malformed")
    assert attempts(database) == []


def test_what_is_not_there_is_a_problem_too(machine: Till) -> None:
    for answer, code in (
        (machine.get("/nothing"), "no_such_address"),
        (machine.get("/coupons/verify"), "method_wrong"),
    ):
        assert (answer.mimetype, told(answer)["code"]) == ("application/problem+json", code)
    assert set(machine.get("/coupons/verify").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_no_cookie_is_set_and_none_is_asked_for(machine: Till) -> None:
    answer = machine.post("/coupons/lookup", TEA)
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
