"""What other systems hear of: each event once, in its order, and nothing of who the customer is."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from core import coupons, feeds, hook_deliveries, hook_events, hook_signing, hooks, staff_notices, undo
from core.audit import Doer
from core.hook_addresses import is_outside, refusal
from core.hook_deliveries import Answer, Parcel
from core.hooks import KINDS, Wanted
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import AuditEntry, Coupon, WebhookDelivery, WebhookEndpoint, WebhookFeed
from tests import cast
from tests.core.test_plans import planned, whole
from tests.core.test_records_counting import verified
from tests.deeds import deeds

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
URL = "https://pos.example/hooks"
BUSY, FINE = Answer(503, "busy"), Answer(204, "")


def test_a_coupons_life_is_told_in_its_order_once(database: Database, now: datetime) -> None:
    endpoint_id = heard(database, now)
    _, coupon_id, _ = verified(database, now)
    with database.write() as session:
        undo.undo_verification(session, coupon_id, "for Mei", None, now + 4 * HOUR)
        undo.undo_redemption(session, coupon_id, "for Mei", None, now + 4 * HOUR)
    for _ in range(2):
        find(database, now)
        told = bodies(database, endpoint_id)
        of_mei = [one for one in told if one["data"]["reference"] == reference(database, coupon_id)]
        assert [one["type"] for one in of_mei] == [
            f"coupon.{kind}" for kind in ("sent", "opened", "redeemed", "verified", "undone", "undone")
        ]
        assert [one["data"].get("undone") for one in of_mei[-2:]] == ["verification", "redemption"]
        assert [one["data"].get("serial") for one in of_mei] == [None, None, "TEA-0001", None, None, "TEA-0001"]
        assert len(told) == 7 and len({one for one, _ in rows(database)}) == 7
        with database.write() as session:  # everything is looked at again
            session.execute(text("UPDATE webhook_feeds SET seen = 0"))
    assert not any(word in json.dumps(told) for word in ("Mei", *cast.MEI, token_of(database, coupon_id)))


def test_whoever_hears_of_some_kinds_hears_of_no_other_and_of_nothing_from_before(
    database: Database, now: datetime
) -> None:
    token, coupon_id, _ = verified(database, now)
    endpoint_id = heard(database, now + 3 * HOUR + SECOND, kinds=["undone", "verified"])
    with database.write() as session:
        coupons.open_page(session, token, "another", now + HOUR)
    find(database, now)
    assert bodies(database, endpoint_id) == []
    with database.write() as session:
        undo.undo_verification(session, coupon_id, "r", None, now + 30 * HOUR)
    find(database, now + 30 * HOUR)
    (told,) = bodies(database, endpoint_id)
    assert told["data"] == {
        "reference": reference(database, coupon_id),
        "campaign": "summer-tea",
        "serial": "TEA-0001",
        "undone": "verification",
        "store": "Xinyi",
        "recorded_at": "2026-12-02T10:00:00.000+00:00",
    }


def test_an_event_whose_delivery_was_removed_is_not_made_again_by_what_comes_later(
    database: Database, now: datetime
) -> None:
    endpoint_id, later = heard(database, now), now + timedelta(days=31)
    token, _, _ = verified(database, now)
    find(database, now + 3 * HOUR)
    with database.write() as session:
        cast.sent(session, cast.EVE, later - HOUR)
    find(database, later - HOUR)
    with database.write() as session:
        assert hook_deliveries.is_any_old(session, later)
        hook_deliveries.forget(session, later)
        assert not hook_deliveries.is_any_old(session, later)
        coupons.open_page(session, token, "another browser", later)
    find(database, later)
    assert [one["type"] for one in bodies(database, endpoint_id)] == ["coupon.sent"]


def test_a_shop_without_endpoints_finds_nothing_and_the_first_begins_with_what_comes(
    database: Database, now: datetime
) -> None:
    verified(database, now)
    with planned(database) as plans, database.read() as session:
        assert not hooks.is_any(session)
    assert len(plans) == 1
    endpoint_id = heard(database, now)
    with database.write() as session:
        hooks.disable(session, Doer(), endpoint_id, now)
        assert not hooks.is_any(session)
        cast.sent(session, cast.EVE, now + HOUR)
    with database.write() as session:
        hooks.enable(session, Doer(), endpoint_id, now + 2 * HOUR)
        assert not feeds.is_any(session, WebhookFeed)


def test_of_one_coupon_the_next_is_sent_once_the_one_before_was_tried(database: Database, now: datetime) -> None:
    endpoint_id = heard(database, now)
    verified(database, now)
    find(database, now)
    told = []
    for answer in (BUSY, FINE, FINE, FINE):
        taken = take(database, endpoint_id, now)
        told.append([kind(database, one) for one in taken])
        assert take(database, endpoint_id, now) == []  # they are taken
        settle(database, taken, answer, now)
    assert told == [["sent", "sent"], ["opened"], ["redeemed"], ["verified"]]


def test_what_fails_is_tried_again_with_growing_waits_and_given_up_but_stays_listed(
    database: Database, now: datetime
) -> None:
    endpoint_id, at = heard(database, now), now
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, now)
    for attempt, wait in enumerate((*hook_deliveries.WAITS, None), 1):
        (parcel,) = take(database, endpoint_id, at)
        assert parcel.attempt == attempt
        settle(database, [parcel], BUSY, at)
        if wait:
            assert take(database, endpoint_id, at + wait - SECOND) == []
            at += wait
    assert take(database, endpoint_id, at + timedelta(days=9)) == []
    assert timedelta(days=3) < at - now < timedelta(days=3.5)
    with database.write() as session:
        (failed,) = hook_deliveries.page(session, endpoint_id, "failed").deliveries
        assert (failed.status, failed.detail, failed.attempts) == (503, "busy", 10)
        assert hook_deliveries.replay_failed(session, Doer(), endpoint_id, now + SECOND, at) == 0
        assert hook_deliveries.replay_failed(session, Doer(), endpoint_id, now, at) == 1
    (again,) = take(database, endpoint_id, at)
    assert (again.event_id, again.body, again.attempt) == (parcel.event_id, parcel.body, 1)
    settle(database, [again], FINE, at)
    with database.write() as session:
        assert [hook_deliveries.count(session, endpoint_id, one) for one in hook_deliveries.STATES] == [0, 1, 0]
        assert not hook_deliveries.replay(session, Doer(), endpoint_id + 1, again.delivery_id, at)
        assert hook_deliveries.replay(session, Doer(), endpoint_id, again.delivery_id, at)


@pytest.mark.parametrize(("asked", "waits"), [(1.0, 5), (60.0, 60), (9e9, 86_400)])
def test_an_endpoint_may_ask_for_longer_up_to_a_day(
    database: Database, now: datetime, asked: float, waits: float
) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, now)
    settle(database, take(database, endpoint_id, now), Answer(429, "", asked), now)
    with database.read() as session:
        assert session.scalars(select(WebhookDelivery.due_at)).one() == now + timedelta(seconds=waits)


def test_one_that_is_gone_is_disabled_owners_are_told_once_and_what_waits_waits(
    database: Database, now: datetime
) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        for _ in range(2):
            hook_deliveries.test(session, endpoint_id, now)
    first, _ = take(database, endpoint_id, now)
    for _ in range(2):
        settle(database, [first], Answer(410, "moved away"), now)
    assert deeds(database) == [("flask", "webhook.added", "1"), ("webhook", "webhook.disabled", "1")]
    assert notices(database, is_owner=True) == [("pos", "was disabled: it answered that it is gone (410)")]
    assert notices(database, is_owner=False) == []
    later = now + HOUR
    assert take(database, endpoint_id, later) == []
    with database.write() as session:
        endpoint = hooks.one(session, endpoint_id, now)
        assert endpoint and (endpoint.disabled_at, endpoint.detail) == (now, "moved away")
        assert hook_deliveries.endpoints_due(session, later) == []
        hooks.enable(session, Doer(), endpoint_id, later)
        assert hook_deliveries.endpoints_due(session, later) == [endpoint_id]
    assert notices(database, is_owner=True) == []
    assert len(take(database, endpoint_id, later)) == 1  # the one that was taken and never told of
    with database.read() as session:
        assert hook_deliveries.count(session, endpoint_id, "failed") == 1


def test_a_deleted_one_is_seen_nowhere_hears_of_nothing_and_does_not_come_back(
    database: Database, now: datetime
) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, now)
    parcels = take(database, endpoint_id, now)
    settle(database, parcels, Answer(410, ""), now)
    with database.write() as session:
        hook_deliveries.replay(session, Doer(), endpoint_id, parcels[0].delivery_id, now)
        for _ in range(2):
            hooks.delete(session, Doer(), endpoint_id, now)
        hooks.enable(session, Doer(), endpoint_id, now)
    with database.read() as session:
        assert (hooks.all_of(session, now), hooks.one(session, endpoint_id, now)) == ([], None)
        assert not hooks.is_any(session) and hook_deliveries.endpoints_due(session, now + HOUR) == []
        kept = session.get_one(WebhookEndpoint, endpoint_id)
        assert (kept.secret_salt, kept.deleted_at) == ("", now)
    assert take(database, endpoint_id, now + HOUR) == []
    assert notices(database, is_owner=True) == []
    settle(database, parcels, FINE, now)  # its answer to what was on its way
    assert [action for _, action, _ in deeds(database)][-1] == "webhook.deleted"


def test_what_a_worker_took_and_never_told_of_is_taken_again_and_its_late_word_turns_nothing_back(
    database: Database, now: datetime
) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, now)
    (lost,) = take(database, endpoint_id, now)
    later = now + hook_deliveries.TAKEN_FOR
    (again,) = take(database, endpoint_id, later)
    assert again.event_id == lost.event_id
    settle(database, [lost], BUSY, later)  # the other has it
    with database.read() as session:
        assert session.scalars(select(WebhookDelivery.due_at)).one() == later + hook_deliveries.TAKEN_FOR
    settle(database, [again], FINE, later)
    settle(database, [lost], BUSY, later)
    with database.read() as session:
        assert hook_deliveries.count(session, endpoint_id, "delivered") == 1


def test_the_late_word_of_one_that_was_sent_again_meanwhile_turns_nothing_back(
    database: Database, now: datetime
) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        delivery_id = hook_deliveries.test(session, endpoint_id, now)
    (late,) = take(database, endpoint_id, now)
    with database.write() as session:
        assert hook_deliveries.replay(session, Doer(), endpoint_id, delivery_id, now)
    (again,) = take(database, endpoint_id, now)
    assert late.attempt == again.attempt
    settle(database, [again], FINE, now)
    settle(database, [late], BUSY, now)
    with database.read() as session:
        kept = session.get_one(WebhookDelivery, delivery_id)
        assert (kept.status, kept.delivered_at, kept.due_at) == (204, now, None)


def test_a_changed_secret_is_signed_with_beside_the_one_before_for_a_day(database: Database, now: datetime) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, now)
        hooks.rotate(session, Doer(), endpoint_id, now)
        before, after = (hooks.one(session, endpoint_id, now + part * hooks.OVERLAP) for part in (0, 1))
    assert before and after
    assert (len(before.salts), len(after.salts)) == (2, 1) and before.salts[0] == after.salts[0]
    (parcel,) = take(database, endpoint_id, now)
    assert parcel.salts == before.salts


def test_signatures_are_those_of_standard_webhooks(now: datetime) -> None:
    """The example of its first implementation, Svix: https://docs.svix.com/receiving/verifying-payloads/how-manual."""
    at = datetime.fromtimestamp(1614265330, now.tzinfo)
    made = hook_signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert hook_signing.secret("key", "a") != hook_signing.secret("key", "b") != hook_signing.secret("yek", "b")


INSIDE = ("https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3:8443/x", "https://169.254.169.254/latest/meta-data")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (URL, None),
        ("https://pos.example:8443/a?b=c", None),
        ("https://8.8.8.8/", None),
        ("http://pos.example/", Reason.WEBHOOK_URL_NOT_HTTPS),
        ("https://localhost/", Reason.WEBHOOK_URL_INSIDE),
        *[(url, Reason.WEBHOOK_URL_INSIDE) for url in INSIDE],
        ("ftp://pos.example/", Reason.WEBHOOK_URL_MALFORMED),
        ("https://me:word@pos.example/", Reason.WEBHOOK_URL_MALFORMED),
        ("https://pos.example/#here", Reason.WEBHOOK_URL_MALFORMED),
        ("https://pos.example/a b", Reason.WEBHOOK_URL_MALFORMED),
        ("https://pos.example/\r\nX-A: b", Reason.WEBHOOK_URL_MALFORMED),
        ("https://pos.example:99999/", Reason.WEBHOOK_URL_MALFORMED),
        ("https:///nowhere", Reason.WEBHOOK_URL_MALFORMED),
        ("https://[oops/", Reason.WEBHOOK_URL_MALFORMED),
        ("https://pos.example/" + "a" * 500, Reason.WEBHOOK_URL_MALFORMED),
    ],
)
def test_an_address_is_refused_for_what_can_be_told_of_it(url: str, reason: Reason | None) -> None:
    assert refusal(url, is_inside_allowed=False) == reason
    assert (refusal(url, is_inside_allowed=True) is None) == (reason != Reason.WEBHOOK_URL_MALFORMED)


V4 = ("0.0.0.0", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1")  # noqa: S104 (nobody listens there)
V6 = ("::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "ff02::1", "fec0::1", "64:ff9b:1::7f00:1", "::ffff:0:7f00:1")
V4_IN_V6 = ("::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::")


@pytest.mark.parametrize("address", V4 + V6 + V4_IN_V6)
def test_no_address_within_a_network_counts_as_outside(address: str) -> None:
    assert not is_outside(address)
    assert all(is_outside(one) for one in ("93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e"))


def test_what_cannot_be_an_endpoint_is_refused_and_nothing_is_kept(database: Database, now: datetime) -> None:
    for wanted, reason in (
        (Wanted(" ", URL, KINDS), Reason.WEBHOOK_NAME_MALFORMED),
        (Wanted("a" * 65, URL, KINDS), Reason.WEBHOOK_NAME_MALFORMED),
        (Wanted("pos", URL, []), Reason.WEBHOOK_KINDS_MISSING),
        (Wanted("pos", URL, ["sent", "sold"]), Reason.WEBHOOK_KINDS_MISSING),
        (Wanted("pos", INSIDE[0], KINDS), Reason.WEBHOOK_URL_INSIDE),
    ):
        with database.write() as session:
            assert hooks.add(session, Doer(), wanted, now, is_inside_allowed=False) == Refused(reason)
            assert hooks.all_of(session, now) == []


def test_the_audit_log_says_to_which_host_and_no_more(database: Database, now: datetime) -> None:
    with database.write() as session:
        secret = Wanted("chat", "https://chat.example:8443/hooks/T0K3N?key=K3Y", KINDS)
        made = hooks.add(session, Doer(), secret, now, is_inside_allowed=False)
        assert isinstance(made, int)
        moved = Wanted("chat", "https://pos.example/", KINDS)
        assert hooks.change(session, Doer(), made, moved, now, is_inside_allowed=False) is None
        added, changed = session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id))
    assert added["url"] == changed["before"]["url"] == "https://chat.example:8443/…"
    assert changed["after"]["url"] == "https://pos.example/"


def test_nothing_that_is_asked_each_round_reads_a_whole_table(database: Database, now: datetime) -> None:
    endpoint_id = heard(database, now)
    verified(database, now)
    find(database, now)
    with planned(database) as plans, database.write() as session:
        hooks.is_any(session)
        feeds.is_any(session, WebhookFeed)
        assert len(hook_events.of_coupons(session, [1, 2], now)) == 5
        hook_deliveries.endpoints_due(session, now)
        assert hook_deliveries.take(session, endpoint_id, 1, now)
        hook_deliveries.is_any_old(session, now)
        for state in (None, *hook_deliveries.STATES):
            hook_deliveries.page(session, endpoint_id, state, after=9)
            hook_deliveries.page(session, endpoint_id, state, before=9)
        for one in hook_deliveries.STATES:
            hook_deliveries.count(session, endpoint_id, one)
        hook_deliveries.replay_failed(session, Doer(), endpoint_id, now, now)
    assert len(plans) > 15
    assert whole(plans) == []


def test_deliveries_are_paged_there_and_back(database: Database, now: datetime) -> None:
    endpoint_id = heard(database, now)
    with database.write() as session:
        ids = [hook_deliveries.test(session, endpoint_id, now) for _ in range(5)]
        first = hook_deliveries.page(session, endpoint_id, "waiting", size=2)
        second = hook_deliveries.page(session, endpoint_id, after=first.after, size=2)
        third = hook_deliveries.page(session, endpoint_id, after=second.after, size=2)
        back = hook_deliveries.page(session, endpoint_id, before=third.before, size=2)
        found = [[one.id for one in page.deliveries] for page in (first, second, third, back)]
    assert found == [ids[:2:-1], ids[2:0:-1], ids[:1], ids[2:0:-1]]
    assert (first.before, third.after) == (None, None)


def notices(database: Database, *, is_owner: bool) -> list[tuple[str | None, str]]:
    with database.read() as session:
        found = staff_notices.unseen(session, is_owner=is_owner)
    return [(one.endpoint_name, staff_notices.told(one.text)[1]) for one in found]


def heard(database: Database, now: datetime, kinds: Sequence[str] = KINDS) -> int:
    with database.write() as session:
        made = hooks.add(session, Doer(), Wanted("pos", URL, kinds), now, is_inside_allowed=False)
    assert isinstance(made, int)
    return made


def find(database: Database, now: datetime) -> None:
    """What the periodic process does: rows are noted, found settled, looked at."""
    for _ in range(3):
        with database.write() as session:
            hook_events.find(session, now)


def take(database: Database, endpoint_id: int, now: datetime) -> list[Parcel]:
    with database.write() as session:
        return hook_deliveries.take(session, endpoint_id, 9, now)


def settle(database: Database, parcels: Sequence[Parcel], answer: Answer, now: datetime) -> None:
    with database.write() as session:
        for parcel in parcels:
            hook_deliveries.settle(session, parcel, answer, now)


def rows(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        found = select(WebhookDelivery.event_id, WebhookDelivery.kind).order_by(WebhookDelivery.id)
        return [(event_id, kind) for event_id, kind in session.execute(found)]


def bodies(database: Database, endpoint_id: int) -> list[dict[str, Any]]:
    with database.read() as session:
        theirs = select(WebhookDelivery.body).where(WebhookDelivery.endpoint_id == endpoint_id)
        return [*session.scalars(theirs.order_by(WebhookDelivery.id))]


def kind(database: Database, parcel: Parcel) -> str:
    with database.read() as session:
        return session.get_one(WebhookDelivery, parcel.delivery_id).kind


def reference(database: Database, coupon_id: int) -> str:
    with database.read() as session:
        return session.get_one(Coupon, coupon_id).reference


def token_of(database: Database, coupon_id: int) -> str:
    with database.read() as session:
        return session.get_one(Coupon, coupon_id).token
