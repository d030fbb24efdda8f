"""LINE's webhooks as tables: what LINE posts, and what is read of it."""

import json
from typing import Any

import pytest

from bot.channels.line import read, read_event, verify
from bot.channels.reading import UnreadableBody, fingerprint
from bot.events import Inbound
from tests.bot.channels.line_events import EVENTS, MILLISECONDS, message, posted


@pytest.mark.parametrize(("raw", "expected"), EVENTS.values(), ids=EVENTS.keys())
def test_an_event_is_read(raw: dict[str, Any], expected: Inbound) -> None:
    (found,) = read(posted(raw))
    assert found.inbound == expected
    assert found.raw == raw
    assert read_event(found.raw) == expected


def test_every_documented_event_in_one_batch_is_read_as_alone() -> None:
    found = read(posted(*(raw for raw, _ in EVENTS.values())))
    assert [each.inbound for each in found] == [expected for _, expected in EVENTS.values()]


def test_the_test_of_the_line_brings_no_events() -> None:
    assert read(b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}') == []


def test_a_redelivery_is_the_same_event() -> None:
    first = message("text", text="tea")
    again = {**first, "deliveryContext": {"isRedelivery": True}}
    assert read(posted(first))[0].inbound == read(posted(again))[0].inbound


def test_an_event_without_an_id_has_a_fingerprint_that_a_redelivery_does_not_change() -> None:
    first = message("text", text="tea")
    del first["webhookEventId"]
    again = {**first, "deliveryContext": {"isRedelivery": True}}
    other = {**first, "timestamp": MILLISECONDS + 1}
    ids = [found.inbound.event_id for found in read(posted(first, again, other))]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("sha256:")
    assert len(ids[0]) == 71


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": "茶"}) == fingerprint({"b": "茶", "a": 1})
    # The recipe, by hand: printf '{"a":1,"b":"\\u8336"}' | sha256sum
    assert fingerprint({"a": 1, "b": "茶"}) == "sha256:" + FINGERPRINT_BY_HAND


FINGERPRINT_BY_HAND = "9100cdc892b59dc5a02ea3293b41c25c05a5db0e251edf621013ae3844a8dfd8"


def test_standby_events_are_dropped_and_the_rest_kept() -> None:
    standby = {**message("text", text="not ours"), "mode": "standby"}
    found = read(posted(standby, message("text", text="ours")))
    assert [each.inbound.text for each in found] == ["ours"]


@pytest.mark.parametrize("bad", [None, "text", 7, [], ["x"], {}, {"type": {}}, {"message": "text", "type": "message"}])
def test_one_bad_event_becomes_other_and_never_loses_the_rest(bad: object) -> None:
    found = read(posted(message("text", text="before"), bad, message("text", text="after")))
    assert [each.inbound.kind for each in found] == ["text", "other", "text"]
    assert read_event(found[1].raw) == found[1].inbound
    json.dumps(found[1].raw, allow_nan=False)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_a_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match="no JSON object"):
        read(body)


@pytest.mark.parametrize("body", [b"{}", b'{"events":null}', b'{"events":{"type":"message"}}'])
def test_a_body_without_a_list_of_events_has_none(body: bytes) -> None:
    assert read(body) == []


def test_what_no_database_keeps_is_replaced() -> None:
    body = posted(message("text", text="@")).replace(b'"@"', b'"a\\u0000b\\ud83dc \\ud83c\\udf75"')
    body = body.replace(b"1795350600123", b'1795350600123, "odd": [NaN, 1e999]')
    (found,) = read(body)
    assert found.inbound.text == "a\ufffdb\ufffdc 🍵"
    assert found.raw["odd"] == [None, None]


def test_an_event_nested_without_end_is_other() -> None:
    deep = b'{"events":[' + b'{"a":' * 700 + b"1" + b"}" * 700 + b"," + json.dumps(message("text", text="x")).encode()
    found = read(deep + b"]}")
    assert [each.inbound.kind for each in found] == ["other", "text"]


VECTORS = [
    # LINE's documentation ("Verify webhook signature") and the tests of LINE's own SDKs.
    (
        '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}',
        "8c570fa6dd201bb328f1c1eac23a96d8",
        "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
    ),
    ("bodybodybodybody", "channel_secret", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="),
    ("{}", "SECRET", "3q8QXTAGaey18yL8FWTqdVlbMr6hcuNvM4tefa0o9nA="),
    ('{"hello":"world"}', "test_secret", "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="),
]


@pytest.mark.parametrize(("body", "secret", "signature"), VECTORS)
def test_lines_own_signatures_hold(body: str, secret: str, signature: str) -> None:
    assert verify(body.encode(), signature, secret)
    assert not verify(body.encode() + b" ", signature, secret)
    assert not verify(body.encode(), signature, secret + "x")


@pytest.mark.parametrize("signature", [None, "", "x", "茶", "\ud800", "=" * 10_000, "\x00"])
def test_rubbish_signs_nothing(signature: str | None) -> None:
    assert not verify(b"{}", signature, "SECRET")


def test_an_empty_secret_verifies_nothing() -> None:
    assert not verify(b"{}", "IvjuqQlACvmK3zaBqfMZI+9rf8ukq7VT2Sgjo+nVwl4=", "")  # HMAC under an empty key
