"""Messenger's webhook events as Meta documents them, and what is read of each."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.reading import EPOCH, fingerprint
from bot.events import Inbound

PERSON, PAGE = "6543210987654321", "1234567890"
AT = datetime(2026, 11, 22, 12, 30, 0, 123000, tzinfo=UTC)
MILLISECONDS = 1795350600123
MID = "m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8fplwlqLP"
LINK = {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}


def event(**more: object) -> dict[str, Any]:
    return {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": MILLISECONDS, **more}


def message(**more: object) -> dict[str, Any]:
    return event(message={"mid": MID, **more})


def posted(*events: object) -> bytes:
    entry = {"id": PAGE, "time": MILLISECONDS, "messaging": events}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


SAID = Inbound(MID, PERSON, "text", AT, text="tea", opens_window=True)
MEDIA = replace(SAID, kind="media", text="")
TAPPED = Inbound(MID, PERSON, "postback", AT, data="GET_STARTED", opens_window=True)
STICKER = {"type": "sticker", "payload": {"url": "https://scontent.example/s.png", "sticker_id": 369239263222822}}


def other(raw: dict[str, Any], differences: dict[str, Any]) -> Inbound:
    return replace(Inbound(fingerprint(raw), PERSON, "other", AT), **differences)


WITH_ID: dict[str, tuple[dict[str, Any], Inbound]] = {
    "text": (message(text="tea"), SAID),
    "text with a link that was previewed": (
        message(text="tea", attachments=[{"type": "fallback", "payload": {"url": "https://x.example"}}]),
        SAID,
    ),
    "quick reply": (message(text="tea", quick_reply={"payload": "ANSWER_7"}), SAID),
    "quick reply that was cut": (
        message(text="Green tea with a lo…", quick_reply={"payload": "Green tea with a lot of milk"}),
        replace(SAID, text="Green tea with a lot of milk"),
    ),
    "quick reply with dots of its own": (
        message(text="Well…", quick_reply={"payload": "ANSWER_7"}),
        replace(SAID, text="Well…"),
    ),
    "text with a link's ref": (message(text="tea", referral=LINK), replace(SAID, ref="spring")),
    "image": (message(attachments=[{"type": "image", "payload": {"url": "https://x.example/i.jpg"}}]), MEDIA),
    "audio": (message(attachments=[{"type": "audio", "payload": {"url": "https://x.example/a.mp3"}}]), MEDIA),
    "video": (message(attachments=[{"type": "video", "payload": {"url": "https://x.example/v.mp4"}}]), MEDIA),
    "file": (message(attachments=[{"type": "file", "payload": {"url": "https://x.example/f.pdf"}}]), MEDIA),
    "reply to another message": (message(text="tea", reply_to={"mid": MID, "is_self_reply": False}), SAID),
    "text under an advertisement": (
        message(
            text="tea",
            referral={
                "ref": "",
                "ad_id": "6045246247433",
                "source": "ADS",
                "type": "OPEN_THREAD",
                "ads_context_data": {"ad_title": "Tea", "photo_url": "https://x.example/p.jpg", "post_id": "1"},
            },
        ),
        SAID,
    ),
    "a shop's product asked about": (
        message(text="tea", referral={"product": {"id": "2818"}}),
        SAID,
    ),
    "a template that was shared": (
        message(
            attachments=[{"type": "template", "payload": {"product": {"elements": [{"id": "7", "title": "Tea"}]}}}]
        ),
        MEDIA,
    ),
    "two pictures": (
        message(attachments=[{"type": "image", "payload": {"url": f"https://x.example/{n}.jpg"}} for n in range(2)]),
        MEDIA,
    ),
    "a reel": (
        message(
            attachments=[
                {"type": "reel", "payload": {"url": "https://x.example/r", "title": "Tea", "reel_video_id": 1}}
            ]
        ),
        MEDIA,
    ),
    "location": (message(attachments=[{"type": "location", "payload": {"coordinates": {"lat": 25}}}]), MEDIA),
    "sticker since 2026-08-30": (message(attachments=[STICKER]), MEDIA),
    "sticker before": (message(sticker_id=369239263222822, attachments=[{"type": "image"}]), MEDIA),
    "a message to come": (message(hologram={"x": 1}), replace(SAID, kind="other", text="")),
    "postback": (
        event(postback={"mid": MID, "title": "Get started", "payload": "GET_STARTED"}),
        TAPPED,
    ),
    "postback of a new person who came by a link": (
        event(postback={"mid": MID, "title": "Get started", "payload": "GET_STARTED", "referral": LINK}),
        replace(TAPPED, ref="spring"),
    ),
    "timestamp as digits": ({**message(text="tea"), "timestamp": str(MILLISECONDS)}, SAID),
    "no time": (
        {**message(text="tea"), "timestamp": "soon"},
        replace(SAID, kind="other", text="", occurred_at=EPOCH, opens_window=False),
    ),
}


def without_id() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Events that carry no id of their own, and how they differ from a plain "other"."""
    link = {"kind": "referral", "ref": "spring", "opens_window": True}
    advertisement = {"ref": "spring", "source": "ADS", "type": "OPEN_THREAD", "ad_id": "6"}
    return {
        "referral": (event(referral=LINK), link),
        "referral of an advertisement": (event(referral=advertisement), {**link, "opens_window": False}),
        "reaction": (
            event(reaction={"mid": MID, "action": "react", "reaction": "love", "emoji": "❤"}),
            {"opens_window": True},
        ),
        "reaction taken back": (event(reaction={"mid": MID, "action": "unreact"}), {}),
        "optin": (event(optin={"type": "notification_messages", "payload": "x"}), {}),
        "account linking": (
            event(account_linking={"status": "linked", "authorization_code": "x"}),
            {"kind": "account_link"},
        ),
        "policy enforcement": (
            {"recipient": {"id": PAGE}, "timestamp": MILLISECONDS, "policy-enforcement": {"action": "warning"}},
            {"account_id": ""},
        ),
        "message edited": (event(message_edit={"mid": MID, "text": "x", "num_edit": 1}), {}),
        "message deleted": (message(is_deleted=True), {}),
        "referral of a Messenger code": (
            event(referral={"ref": "spring", "source": "MESSENGER_CODE", "type": "OPEN_THREAD"}),
            {**link, "opens_window": False},
        ),
        "referral of the shop's own page": (
            event(
                referral={
                    "ref": "spring",
                    "source": "CUSTOMER_CHAT_PLUGIN",
                    "type": "OPEN_THREAD",
                    "referer_uri": "https://shop.example/",
                    "is_guest_user": "true",
                }
            ),
            {**link, "opens_window": False},
        ),
        "optin of marketing messages": (
            event(
                optin={
                    "type": "notification_messages",
                    "payload": "x",
                    "notification_messages_token": "6",
                    "notification_messages_timezone": "Asia/Taipei",
                    "token_expiry_timestamp": MILLISECONDS,
                    "user_token_status": "NOT_REFRESHED",
                    "notification_messages_status": "STOP_NOTIFICATIONS",
                    "title": "News",
                }
            ),
            {},
        ),
        "account unlinked": (event(account_linking={"status": "unlinked"}), {"kind": "account_link"}),
        "thread taken": (event(take_thread_control={"previous_owner_app_id": "1", "metadata": "x"}), {}),
        "thread asked for": (event(request_thread_control={"requested_owner_app_id": "1", "metadata": "x"}), {}),
        "app roles": (
            {"recipient": {"id": PAGE}, "timestamp": MILLISECONDS, "app_roles": {"1": ["primary_receiver"]}},
            {"account_id": ""},
        ),
        "payment": (event(payment={"payload": "x", "requested_user_info": {}, "amount": {"currency": "USD"}}), {}),
        "game": (event(game_play={"game_id": "1", "player_id": "2", "context_type": "SOLO", "score": 1}), {}),
        "feedback": (
            event(messaging_feedback={"feedback_screens": [{"screen_id": 0, "questions": {"q": {"type": "csat"}}}]}),
            {},
        ),
        "details of a customer": (
            event(messaging_customer_information={"screens": [{"screen_id": "s", "responses": []}]}),
            {},
        ),
        "lead form": (event(lead_form={"id": "1"}), {}),
        "handover": (event(pass_thread_control={"new_owner_app_id": "1"}), {}),
        "an event to come": (event(hologram={"x": 1}), {}),
        "postback without mid": (
            event(postback={"title": "Yes", "payload": "join:yes"}),
            {"kind": "postback", "data": "join:yes", "opens_window": True},
        ),
    }
