"""LINE's webhook events as it documents them, and what is read of each."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.reading import EPOCH
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
    "the menu's other page, which is gone": (
        event(
            "postback",
            replyToken=TOKEN,
            postback={"data": "menu:tea-en", "params": {"status": "RICHMENU_ALIAS_ID_NOTFOUND"}},
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
    "a user whose id is too long to be one": (
        {**message("text", text="tea"), "source": {"type": "user", "userId": "U" * 65}},
        replace(OTHER, account_id=""),
    ),
    "a reply token that is too long to be one": (
        {**message("text", text="tea"), "replyToken": "r" * 201},
        replace(REPLIABLE, kind="text", text="tea", reply_token=""),
    ),
    "no time": ({**message("text", text="tea"), "timestamp": None}, replace(REPLIABLE, occurred_at=EPOCH)),
    "a time that is no time": (
        {**message("text", text="tea"), "timestamp": 10**30},
        replace(REPLIABLE, occurred_at=EPOCH),
    ),
}
