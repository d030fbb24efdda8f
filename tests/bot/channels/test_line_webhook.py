"""LINE's webhooks as tables: what LINE posts, and what is read of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.line import read, read_event, verify
from bot.channels.reading import EPOCH, UnreadableBody, fingerprint
from bot.events import Inbound

USER = "U4af4980629a4af4980629a4af4980629"
GROUP = "Ca56f94637ca56f94637ca56f94637ca5"
TOKEN = "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA"
AT = datetime(2026, 11, 22, 12, 30, 0, 123000, tzinfo=UTC)
MILLISECONDS = 1795350600123


def event(kind: str, **more: object) -> dict[str, Any]:
    """An event as LINE documents it (webhook event objects, 2026-08-07)."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": MILLISECONDS,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


def message(kind: str, **more: object) -> dict[str, Any]:
    return event("message", replyToken=TOKEN, message={"type": kind, "id": "444573844083572737", **more})


def posted(*events: object) -> bytes:
    return json.dumps({"destination": "U8e742f61d673b39c7fff3cecb7536ef0", "events": events}).encode()


OTHER = Inbound("01FZ74A0TDDPYRVKNK77XKC3ZR", USER, "other", AT)
REPLIABLE = replace(OTHER, reply_token=TOKEN)
IN_GROUP = replace(OTHER, account_id=GROUP)
MEDIA = replace(REPLIABLE, kind="media")
IN_A_GROUP = {"type": "group", "groupId": GROUP, "userId": USER}

EVENTS: dict[str, tuple[dict[str, Any], Inbound]] = {
    "text": (
        message(
            "text",
            text="優惠 🍵",
            quoteToken="q3Plxr4AgKd",
            emojis=[{"index": 0, "length": 1, "productId": "5ac1", "emojiId": "001"}],
        ),
        replace(REPLIABLE, kind="text", text="優惠 🍵"),
    ),
    "text without a quote token": (message("text", text="tea"), replace(REPLIABLE, kind="text", text="tea")),
    "text without text": (message("text"), REPLIABLE),
    "text that mentions": (
        message(
            "text",
            text="@All @shop Good Morning!! (love)",
            quoteToken="q",
            emojis=[{"index": 29, "length": 6, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}],
            mention={
                "mentionees": [
                    {"index": 0, "length": 4, "type": "all"},
                    {"index": 5, "length": 5, "type": "user", "userId": USER, "isSelf": False},
                ]
            },
        ),
        replace(REPLIABLE, kind="text", text="@All @shop Good Morning!! (love)"),
    ),
    "text that quotes": (
        message("text", text="that one", quoteToken="q", quotedMessageId="468789532432007169", markAsReadToken="m"),
        replace(REPLIABLE, kind="text", text="that one"),
    ),
    "image of a set": (
        message(
            "image",
            contentProvider={
                "type": "external",
                "originalContentUrl": "https://x.example/i.jpg",
                "previewImageUrl": "https://x.example/p.jpg",
            },
            imageSet={"id": "E005D41A7288F41B65593ED38FF6E9834B046AB36A37921A56BC236F13A91855", "index": 1, "total": 2},
            quoteToken="q",
        ),
        MEDIA,
    ),
    "image": (message("image", contentProvider={"type": "line"}, quoteToken="q"), MEDIA),
    "video": (message("video", duration=60000, contentProvider={"type": "line"}, quoteToken="q"), MEDIA),
    "audio": (message("audio", duration=60000, contentProvider={"type": "line"}), MEDIA),
    "file": (message("file", fileName="file.txt", fileSize=2138), MEDIA),
    "location": (message("location", title="here", address="Taipei", latitude=25.03, longitude=121.56), MEDIA),
    "sticker": (
        message("sticker", packageId="446", stickerId="1988", stickerResourceType="STATIC", text="hi", quoteToken="q"),
        MEDIA,
    ),
    "a message type to come": (message("hologram", text="not words"), MEDIA),
    "follow": (
        event("follow", replyToken=TOKEN, follow={"isUnblocked": False}),
        replace(REPLIABLE, kind="follow"),
    ),
    "follow after a block": (
        event("follow", replyToken=TOKEN, follow={"isUnblocked": True}),
        replace(REPLIABLE, kind="follow", is_unblocked=True),
    ),
    "follow of old": (event("follow", replyToken=TOKEN), replace(REPLIABLE, kind="follow")),
    "unfollow": (event("unfollow"), replace(OTHER, kind="unfollow")),
    "postback": (
        event("postback", replyToken=TOKEN, postback={"data": "store:7"}),
        replace(REPLIABLE, kind="postback", data="store:7"),
    ),
    "postback with params": (
        event("postback", replyToken=TOKEN, postback={"data": "day", "params": {"datetime": "2026-12-25T01:00"}}),
        replace(REPLIABLE, kind="postback", data="day"),
    ),
    "the menu's other page": (
        event(
            "postback",
            replyToken=TOKEN,
            postback={
                "data": "menu:tea-en",
                "params": {"newRichMenuAliasId": "tea-en", "status": "SUCCESS"},
            },
        ),
        REPLIABLE,
    ),
    "account link that failed": (
        event("accountLink", link={"result": "failed", "nonce": "Vl6WCaLFYGPUKZGWKd"}),
        replace(OTHER, kind="account_link"),
    ),
    "account link": (
        event("accountLink", replyToken=TOKEN, link={"result": "ok", "nonce": "Vl6WCaLFYGPUKZGWKd"}),
        replace(REPLIABLE, kind="account_link"),
    ),
    "unsend": (event("unsend", unsend={"messageId": "325708"}), OTHER),
    "video viewed": (event("videoPlayComplete", replyToken=TOKEN, videoPlayComplete={"trackingId": "t"}), REPLIABLE),
    "beacon": (event("beacon", replyToken=TOKEN, beacon={"hwid": "d41d8cd98f", "type": "enter"}), REPLIABLE),
    "membership": (
        event("membership", replyToken=TOKEN, membership={"type": "joined", "membershipId": 3189}),
        REPLIABLE,
    ),
    "membership left": (
        event("membership", replyToken=TOKEN, membership={"type": "left", "membershipId": 3189}),
        REPLIABLE,
    ),
    "membership renewed": (
        event("membership", replyToken=TOKEN, membership={"type": "renewed", "membershipId": 3189}),
        REPLIABLE,
    ),
    "module gone": (event("module", module={"type": "detached", "botId": USER, "reason": "bot_deleted"}), OTHER),
    "activated": (event("activated", chatControl={"expireAt": MILLISECONDS}), OTHER),
    "deactivated": (event("deactivated"), OTHER),
    "bot resumed": (event("botResumed"), OTHER),
    "notification delivered": (event("delivery", delivery={"data": "15034552939884E28681A7D668CEA94C147C71"}), OTHER),
    "module": (event("module", module={"type": "attached", "botId": USER, "scopes": []}), OTHER),
    "an event type to come": (event("messageEdited", replyToken=TOKEN, editedMessage={"text": "x"}), REPLIABLE),
    "a mode to come": (
        {**message("text", text="tea"), "mode": "dreaming"},
        replace(REPLIABLE, kind="text", text="tea"),
    ),
    "a source type to come": (
        {**message("text", text="tea"), "source": {"type": "planet", "userId": USER}},
        replace(REPLIABLE, kind="text", text="tea"),
    ),
    "join": (event("join", replyToken=TOKEN, source={"type": "group", "groupId": GROUP}), IN_GROUP),
    "leave": (event("leave", source={"type": "group", "groupId": GROUP}), IN_GROUP),
    "member joined": (
        event("memberJoined", replyToken=TOKEN, source=IN_A_GROUP, joined={"members": [{"type": "user"}]}),
        IN_GROUP,
    ),
    "member left": (event("memberLeft", source=IN_A_GROUP, left={"members": [{"type": "user"}]}), IN_GROUP),
    "text in a group": ({**message("text", text="tea", quoteToken="q"), "source": IN_A_GROUP}, IN_GROUP),
    "text in a room": (
        {**message("text", text="tea", quoteToken="q"), "source": {"type": "room", "roomId": "R1", "userId": USER}},
        replace(IN_GROUP, account_id="R1"),
    ),
    "bot suspended": ({**event("botSuspended"), "source": None}, replace(OTHER, account_id="")),
    "user who was never on a phone": (
        {**message("text", text="tea"), "source": {"type": "user"}},
        replace(OTHER, account_id=""),
    ),
    "no time": ({**message("text", text="tea"), "timestamp": None}, replace(REPLIABLE, occurred_at=EPOCH)),
    "a time that is no time": (
        {**message("text", text="tea"), "timestamp": 10**30},
        replace(REPLIABLE, occurred_at=EPOCH),
    ),
}


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
