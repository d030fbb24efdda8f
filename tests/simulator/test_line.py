"""The stand-in for LINE refuses what LINE refuses, told to it by LINE's own SDK and by hand."""

import uuid
from typing import Any

import pytest
import requests
from linebot.v3 import SignatureValidator
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
    PushMessageRequest,
    ReplyMessageRequest,
    TextMessage,
)

from bot.channels.line import render
from simulator.people import CAST
from tests.bot.channels.samples import SAMPLES
from tests.simulator.conftest import StandIns

MEI = CAST[0]
TEXT = {"type": "text", "text": "hi"}
URI = {"type": "uri", "label": "open", "uri": "https://shop.example/"}


def api(stand_ins: StandIns) -> MessagingApi:
    return MessagingApi(ApiClient(Configuration(host=f"{stand_ins.url}/line", access_token="line-token")))


def push(stand_ins: StandIns, *messages: Any, **headers: str) -> Any:  # noqa: ANN401 (JSON in, a response out)
    return stand_ins.post("/line/v2/bot/message/push", {"to": MEI.id, "messages": list(messages)}, **headers)


def act(stand_ins: StandIns, action: str = "text", **more: str) -> dict[str, Any]:
    stand_ins.api("act", {"channel": "line", "person": MEI.id, "action": action, **more})
    event: dict[str, Any] = stand_ins.received[-1]["body"]["events"][0]
    return event


def buttons(**template: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    given = {"type": "buttons", "text": "which?", "actions": [URI], **template}
    return {"type": "template", "altText": "buttons", "template": given}


COLUMN = {"text": "which?", "actions": [URI]}


def carousel(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": "template", "altText": "cards", "template": {"type": "carousel", "columns": list(columns)}}


def bubble(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(parts)}}


def flex(contents: dict[str, Any]) -> dict[str, Any]:
    return {"type": "flex", "altText": "flex", "contents": contents}


REFUSED = {
    "no messages": ([], "messages"),
    "six messages": ([TEXT] * 6, "messages"),
    "an unknown type": ([{"type": "txt", "text": "hi"}], "messages[0].type"),
    "no text": ([{"type": "text"}], "messages[0].text"),
    "an empty text": ([{"type": "text", "text": ""}], "messages[0].text"),
    "a text of 5,001 letters": ([{"type": "text", "text": "a" * 5001}], "messages[0].text"),
    "a text of 2,501 emoji": ([{"type": "text", "text": "😀" * 2501}], "messages[0].text"),
    "a misspelt field": ([{"type": "text", "text": "hi", "quickReplies": {}}], "messages[0].quickReplies"),
    "a picture over http": (
        [
            {
                "type": "image",
                "originalContentUrl": "http://x.example/a.png",
                "previewImageUrl": "https://x.example/a.png",
            }
        ],
        "messages[0].originalContentUrl",
    ),
    "five buttons": ([buttons(actions=[URI] * 5)], "messages[0].template.actions"),
    "a label of 21 letters": ([buttons(actions=[URI | {"label": "a" * 21}])], "messages[0].template.actions[0].label"),
    "a long text under a title": ([buttons(title="t", text="a" * 61)], "messages[0].template.text"),
    "a script as an address": (
        [buttons(actions=[URI | {"uri": "javascript:x"}])],
        "messages[0].template.actions[0].uri",
    ),
    "a video without a preview": (
        [{"type": "video", "originalContentUrl": "https://x.example/v.mp4"}],
        "messages[0].previewImageUrl",
    ),
    "eleven columns": ([carousel(*[COLUMN] * 11)], "messages[0].template.columns"),
    "columns with a title and without": (
        [carousel(COLUMN, COLUMN | {"title": "t"})],
        "messages[0].template.columns",
    ),
    "columns of one and of two buttons": (
        [carousel(COLUMN, COLUMN | {"actions": [URI] * 2})],
        "messages[0].template.columns",
    ),
    "four buttons in a column": (
        [carousel(COLUMN | {"actions": [URI] * 4})],
        "messages[0].template.columns[0].actions",
    ),
    "a Flex part nobody knows": (
        [flex(bubble({"type": "txt", "text": "a"}))],
        "messages[0].contents.body.contents[0].type",
    ),
    "an empty Flex text": (
        [flex(bubble({"type": "text", "text": ""}))],
        "messages[0].contents.body.contents[0].text",
    ),
    "a Flex picture over http": (
        [flex(bubble({"type": "image", "url": "http://x.example/a.png"}))],
        "messages[0].contents.body.contents[0].url",
    ),
    "thirteen bubbles": ([flex({"type": "carousel", "contents": [bubble()] * 13})], "messages[0].contents.contents"),
    "a bubble of 31 kilobytes": ([flex(bubble({"type": "text", "text": "a" * 31 * 1024}))], "messages[0].contents"),
    "no altText": ([{"type": "template", "template": buttons()["template"]}], "messages[0].altText"),
    "fourteen quick replies": (
        [
            TEXT
            | {
                "quickReply": {
                    "items": [{"type": "action", "action": {"type": "message", "label": "a", "text": "a"}}] * 14
                }
            }
        ],
        "messages[0].quickReply.items",
    ),
}


@pytest.mark.parametrize(("messages", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_line_refuses_is_refused_at_its_place_and_delivered_to_nobody(
    stand_ins: StandIns,
    messages: list[dict[str, Any]],
    place: str,
) -> None:
    answer = push(stand_ins, *messages)
    assert answer.status_code == 400
    assert place in [detail["property"] for detail in answer.json()["details"]]
    assert stand_ins.bubbles("line", MEI.id) == []


def test_what_line_takes_is_taken(stand_ins: StandIns) -> None:
    family = "👨‍👩‍👧‍👦" * 20  # twenty as LINE counts a label
    taken = [
        {"type": "text", "text": "😀" * 2500},
        buttons(actions=[URI | {"label": family}] * 4),
        buttons(text="字" * 160),
        carousel(*[COLUMN] * 10),
        flex({"type": "carousel", "contents": [bubble({"type": "text", "text": "a"})] * 12}),
    ]
    assert push(stand_ins, *taken).status_code == 200
    assert stand_ins.bubbles("line", MEI.id) == taken


def test_a_wrong_access_token_is_401(stand_ins: StandIns) -> None:
    answer = stand_ins.post("/line/v2/bot/message/push", {"to": MEI.id, "messages": [TEXT]}, token="another")
    assert answer.status_code == 401


def test_the_sdk_replies_once_and_a_second_time_is_refused(stand_ins: StandIns) -> None:
    token = act(stand_ins, text="hello")["replyToken"]
    request = ReplyMessageRequest(replyToken=token, messages=[TextMessage(text="hi")])
    assert api(stand_ins).reply_message(request).sent_messages
    with pytest.raises(ApiException) as caught:
        api(stand_ins).reply_message(request)
    assert (caught.value.status, "Invalid reply token" in caught.value.body) == (400, True)
    assert len(stand_ins.bubbles("line", MEI.id)) == 1


def test_a_reply_token_dies_after_a_minute(stand_ins: StandIns) -> None:
    token = act(stand_ins, text="hello")["replyToken"]
    stand_ins.api("clock", {"advance_seconds": 61})
    answer = stand_ins.post("/line/v2/bot/message/reply", {"replyToken": token, "messages": [TEXT]})
    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid reply token")


def test_a_retry_key_makes_a_repeat_harmless_for_a_day(stand_ins: StandIns) -> None:
    key = str(uuid.uuid4())
    request = PushMessageRequest(to=MEI.id, messages=[TextMessage(text="hi")])
    first = api(stand_ins).push_message_with_http_info(request, x_line_retry_key=key)
    with pytest.raises(ApiException) as caught:
        api(stand_ins).push_message_with_http_info(request, x_line_retry_key=key)
    assert caught.value.status == 409
    assert caught.value.headers["x-line-accepted-request-id"]
    assert first.data.sent_messages[0].id in caught.value.body
    assert len(stand_ins.bubbles("line", MEI.id)) == 1
    stand_ins.api("clock", {"advance_seconds": 24 * 3600 + 1})
    api(stand_ins).push_message_with_http_info(request, x_line_retry_key=key)
    assert len(stand_ins.bubbles("line", MEI.id)) == 2


def test_a_retry_key_must_be_a_uuid_and_none_goes_with_a_reply(stand_ins: StandIns) -> None:
    assert push(stand_ins, TEXT, **{"X-Line-Retry-Key": "again"}).status_code == 400
    token = act(stand_ins, text="hello")["replyToken"]
    headers = {"X-Line-Retry-Key": str(uuid.uuid4())}
    assert (
        stand_ins.post("/line/v2/bot/message/reply", {"replyToken": token, "messages": [TEXT]}, **headers).status_code
        == 400
    )


def test_a_blocker_gets_nothing_and_line_does_not_say_so(stand_ins: StandIns) -> None:
    assert act(stand_ins, "block")["type"] == "unfollow"
    assert push(stand_ins, TEXT).status_code == 200
    assert stand_ins.bubbles("line", MEI.id) == []
    follow = act(stand_ins, "follow")
    assert follow["follow"] == {"isUnblocked": True}


def test_the_months_messages_run_out_and_replies_stay_free(stand_ins: StandIns) -> None:
    stand_ins.api("quota", {"messages": 1})
    assert push(stand_ins, TEXT).status_code == 200
    answer = push(stand_ins, TEXT)
    assert (answer.status_code, answer.json()["message"]) == (429, "You have reached your monthly limit.")
    token = act(stand_ins, text="hello")["replyToken"]
    assert stand_ins.post("/line/v2/bot/message/reply", {"replyToken": token, "messages": [TEXT]}).status_code == 200


def test_a_webhook_is_signed_as_line_signs_it(stand_ins: StandIns) -> None:
    event = act(stand_ins, text="優惠 😀")
    sent = stand_ins.received[-1]
    assert SignatureValidator("line-secret").validate(sent["raw"].decode(), sent["headers"]["X-Line-Signature"])
    assert len(event["webhookEventId"]) == 26
    assert event["source"] == {"type": "user", "userId": MEI.id}
    stand_ins.api("redeliver", {})
    again = stand_ins.received[-1]["body"]["events"][0]
    assert again["deliveryContext"] == {"isRedelivery": True}
    assert again["webhookEventId"] == event["webhookEventId"]


def test_faults_come_as_often_as_they_were_asked_for(stand_ins: StandIns) -> None:
    stand_ins.api("faults", {"platform": "line", "endpoint": "push", "kind": "status", "status": 500, "count": 2})
    assert [push(stand_ins, TEXT).status_code for _ in range(3)] == [500, 500, 200]


def test_a_profile_is_told_of_friends_only(stand_ins: StandIns) -> None:
    told = api(stand_ins).get_profile(MEI.id)
    assert (told.display_name, told.language) == (MEI.name, MEI.language)
    picture = requests.get(told.picture_url, timeout=5)
    assert picture.headers["Content-Type"].startswith("image/svg+xml") and MEI.name[0] in picture.text
    act(stand_ins, "block")
    with pytest.raises(ApiException) as caught:
        api(stand_ins).get_profile(MEI.id)
    assert caught.value.status == 404


def test_the_loading_animation_is_for_five_to_sixty_seconds(stand_ins: StandIns) -> None:
    def asked(**body: Any) -> int:  # noqa: ANN401 (any JSON)
        return stand_ins.post("/line/v2/bot/chat/loading/start", {"chatId": MEI.id, **body}).status_code

    assert [asked(), asked(loadingSeconds=5), asked(loadingSeconds=60)] == [202, 202, 202]
    assert [asked(loadingSeconds=seconds) for seconds in (0, 7, 65)] == [400, 400, 400]
    assert asked(chatId="Ca56f94637ca56f94637ca56f94637ca5") == 400


def test_every_message_that_the_shop_renders_is_taken(stand_ins: StandIns) -> None:
    for message in SAMPLES.values():
        objects = render(message)
        for at in range(0, len(objects), 5):
            answer = push(stand_ins, *objects[at : at + 5])
            assert answer.status_code == 200, answer.text
