"""Messenger's webhooks as tables: what Meta posts, and what is read of it."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from bot.channels.messenger import read, read_event, verify
from bot.channels.reading import UnreadableBody, fingerprint
from bot.events import Inbound
from tests.bot.channels.messenger_events import (
    MID,
    MILLISECONDS,
    PAGE,
    SAID,
    WITH_ID,
    event,
    message,
    other,
    posted,
    without_id,
)


@pytest.mark.parametrize(("raw", "expected"), WITH_ID.values(), ids=WITH_ID.keys())
def test_an_event_with_an_id_is_read(raw: dict[str, Any], expected: Inbound) -> None:
    (found,) = read(posted(raw))
    assert found.inbound == expected
    assert found.raw == raw
    assert read_event(found.raw) == expected


@pytest.mark.parametrize(("raw", "differences"), without_id().values(), ids=without_id().keys())
def test_an_event_without_an_id_is_read_under_its_fingerprint(raw: dict[str, Any], differences: dict[str, Any]) -> None:
    (found,) = read(posted(raw))
    assert found.inbound == other(raw, differences)
    assert read_event(found.raw) == found.inbound


def test_every_documented_event_in_one_batch_is_read_as_alone() -> None:
    known = {name: raw for name, (raw, _) in (*WITH_ID.items(), *without_id().items())}
    expected = [inbound for _, inbound in WITH_ID.values()]
    expected += [other(raw, differences) for raw, differences in without_id().values()]
    assert [each.inbound for each in read(posted(*OURS.values(), *known.values()))] == expected


def test_entries_that_are_no_messages_lose_nothing_beside_them() -> None:
    feed = {"id": PAGE, "time": MILLISECONDS, "changes": [{"field": "feed", "value": {"item": "post"}}]}
    entries = [feed, {"id": PAGE, "time": MILLISECONDS, "messaging": [message(text="tea")]}, feed]
    assert [each.inbound for each in read(json.dumps({"object": "page", "entry": entries}).encode())] == [SAID]


OURS = {
    "echo": message(is_echo=True, app_id=1517776481860111, text="our own words"),
    "delivery": event(delivery={"mids": [MID], "watermark": MILLISECONDS}),
    "read": event(read={"watermark": MILLISECONDS}),
}


@pytest.mark.parametrize("raw", OURS.values(), ids=OURS.keys())
def test_what_tells_of_our_own_messages_is_dropped(raw: dict[str, Any]) -> None:
    assert [found.inbound for found in read(posted(raw, message(text="tea")))] == [SAID]


def test_what_another_app_answers_is_dropped() -> None:
    entry = {"id": PAGE, "time": MILLISECONDS, "standby": [message(text="not ours")]}
    assert read(json.dumps({"object": "page", "entry": [entry]}).encode()) == []


def test_what_happens_on_instagram_is_dropped() -> None:
    assert read(posted(message(text="tea")).replace(b'"page"', b'"instagram"')) == []


def test_what_happens_on_another_page_of_the_same_app_is_left_out() -> None:
    entries = [{"id": page, "messaging": [message(text=words)]} for page, words in ((PAGE, "ours"), ("7", "theirs"))]
    body = json.dumps({"object": "page", "entry": [*entries, {"messaging": [message(text="whose?")]}]}).encode()
    assert [each.inbound.text for each in read(body, PAGE)] == ["ours", "whose?"]
    assert len(read(body)) == 3


def test_several_entries_are_read_in_order() -> None:
    entries = [{"messaging": [message(text=words)]} for words in ("one", "two")]
    found = read(json.dumps({"object": "page", "entry": [*entries, None, {"changes": []}]}).encode())
    assert [each.inbound.text for each in found] == ["one", "two"]


@pytest.mark.parametrize("bad", [None, "text", 7, [], {}, {"message": "text"}, {"postback": []}, {"sender": "x"}])
def test_one_bad_event_becomes_other_and_never_loses_the_rest(bad: object) -> None:
    found = read(posted(message(text="before"), bad, message(text="after")))
    assert [each.inbound.kind for each in found] == ["text", "other", "text"]
    assert not found[1].inbound.opens_window
    assert read_event(found[1].raw) == found[1].inbound


def test_an_id_too_long_to_keep_is_replaced_by_the_fingerprint() -> None:
    raw = event(message={"mid": "m" * 201, "text": "tea"})
    assert read(posted(raw))[0].inbound.event_id == fingerprint(raw)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match="no JSON object"):
        read(body)


def test_a_signature_holds_over_the_raw_bytes_alone() -> None:
    body, secret = posted(message(text="茶 \u2028")), "app-secret"
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert verify(body, signature, secret)
    assert not verify(body + b" ", signature, secret)
    assert not verify(json.dumps(json.loads(body), ensure_ascii=False).encode(), signature, secret)
    assert not verify(body, signature, "another")
    assert not verify(body, signature.removeprefix("sha256="), secret)


def test_a_signature_by_hand_holds() -> None:
    # printf '{"object":"page","entry":[]}' | openssl dgst -sha256 -hmac SECRET
    assert verify(
        b'{"object":"page","entry":[]}',
        "sha256=a5ad9549acd94a49cbc4947400c30762d20c4e3c6e9a87f9d492cf75fbd7cdce",
        "SECRET",
    )


def test_the_old_sha1_signature_is_refused() -> None:
    signature = "sha1=" + hmac.new(b"SECRET", b"{}", hashlib.sha1).hexdigest()
    assert not verify(b"{}", signature, "SECRET")


@pytest.mark.parametrize("signature", [None, "", "sha256=", "茶", "\ud800", "=" * 10_000, "\x00"])
def test_rubbish_signs_nothing(signature: str | None) -> None:
    assert not verify(b"{}", signature, "SECRET")


def test_an_empty_secret_verifies_nothing() -> None:
    assert not verify(b"{}", "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest(), "")
