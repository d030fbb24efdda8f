"""The stand-in for Messenger refuses what Meta refuses, told to it by pymessenger and by hand."""

import hashlib
import hmac
from typing import Any

import pytest
from pymessenger.bot import Bot

from bot.channels.messenger import render
from simulator.people import CAST
from tests.bot.channels.samples import SAMPLES
from tests.simulator.conftest import StandIns

EMMA = CAST[4]
DAY = 24 * 3600


def act(stand_ins: StandIns, action: str = "text", **more: str) -> dict[str, Any]:
    stand_ins.api("act", {"channel": "messenger", "person": EMMA.id, "action": action, **more})
    event: dict[str, Any] = stand_ins.received[-1]["body"]["entry"][0]["messaging"][0]
    return event


def send(stand_ins: StandIns, message: dict[str, Any], **more: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 (JSON)
    body = {"recipient": {"id": EMMA.id}, "message": message, "messaging_type": "RESPONSE", **more}
    answer = stand_ins.post("/messenger/v25.0/me/messages", body, token="page-token")
    return answer.status_code, answer.json()


def template(**payload: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    return {"attachment": {"type": "template", "payload": payload}}


BUTTON = {"type": "web_url", "title": "Open", "url": "https://shop.example"}
REFUSED = {
    "neither text nor attachment": {},
    "an empty text": {"text": ""},
    "a text of 2,001 letters": {"text": "a" * 2001},
    "four buttons": template(template_type="button", text="a", buttons=[BUTTON] * 4),
    "a button's title of 21 letters": template(
        template_type="button", text="a", buttons=[BUTTON | {"title": "a" * 21}]
    ),
    "a button text of 641 letters": template(template_type="button", text="a" * 641, buttons=[BUTTON]),
    "eleven cards": template(template_type="generic", elements=[{"title": "a", "subtitle": "b"}] * 11),
    "a card's title of 81 letters": template(template_type="generic", elements=[{"title": "a" * 81, "subtitle": "b"}]),
    "fourteen quick replies": {
        "text": "a",
        "quick_replies": [{"content_type": "text", "title": "a", "payload": "a"}] * 14,
    },
    "a misspelt field": {"text": "a", "quickReplies": []},
}


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED.keys())
def test_a_message_that_meta_refuses_is_refused(stand_ins: StandIns, message: dict[str, Any]) -> None:
    act(stand_ins, text="hi")
    status, answer = send(stand_ins, message)
    assert (status, answer["error"]["code"]) == (400, 100)
    assert stand_ins.bubbles("messenger", EMMA.id) == []


def test_pymessenger_sends_inside_the_24_hours_and_not_outside(stand_ins: StandIns) -> None:
    bot = Bot("page-token", app_secret="app-secret")
    bot.graph_url = f"{stand_ins.url}/messenger/v25.0"
    payload = {"recipient": {"id": EMMA.id}, "message": {"text": "hi"}, "messaging_type": "RESPONSE"}
    assert bot.send_raw(payload)["error"]["error_subcode"] == 2018278  # she has never written
    act(stand_ins, text="hello")
    assert bot.send_raw(payload)["message_id"]
    stand_ins.api("clock", {"advance_seconds": DAY})
    assert bot.send_raw(payload)["error"]["error_subcode"] == 2018278
    act(stand_ins, text="hello again")
    assert bot.send_raw(payload)["message_id"]
    assert len(stand_ins.bubbles("messenger", EMMA.id)) == 2


def test_what_comes_twice_is_delivered_twice(stand_ins: StandIns) -> None:
    act(stand_ins, text="hello")
    for _ in range(2):
        assert send(stand_ins, {"text": "hi"})[0] == 200
    assert len(stand_ins.bubbles("messenger", EMMA.id)) == 2


def test_who_blocks_the_page_cannot_be_reached(stand_ins: StandIns) -> None:
    act(stand_ins, text="hello")
    stand_ins.api("act", {"channel": "messenger", "person": EMMA.id, "action": "block"})
    assert send(stand_ins, {"text": "hi"})[1]["error"]["code"] == 551
    told = len(stand_ins.received)
    stand_ins.api("act", {"channel": "messenger", "person": EMMA.id, "action": "unblock"})
    assert len(stand_ins.received) == told  # Meta says nothing of it
    assert send(stand_ins, {"text": "hi"})[0] == 200


def test_a_dead_token_a_wrong_proof_and_a_dead_tag_are_refused(stand_ins: StandIns) -> None:
    body = {"recipient": {"id": EMMA.id}, "message": {"text": "hi"}, "messaging_type": "RESPONSE"}
    assert stand_ins.post("/messenger/v25.0/me/messages", body, token="dead").json()["error"]["code"] == 190
    wrong = stand_ins.post("/messenger/v25.0/me/messages?appsecret_proof=wrong", body, token="page-token")
    assert wrong.json()["error"]["code"] == 100
    act(stand_ins, text="hello")
    assert send(stand_ins, {"text": "hi"}, messaging_type="MESSAGE_TAG", tag="ACCOUNT_UPDATE")[0] == 400
    assert send(stand_ins, {"text": "hi"}, messaging_type="PROMOTION")[0] == 400


def test_a_links_ref_comes_in_both_of_metas_shapes(stand_ins: StandIns) -> None:
    new = act(stand_ins, "open_link", ref="poster-01")
    assert (new["postback"]["payload"], new["postback"]["referral"]["ref"]) == ("get-started", "poster-01")
    known = act(stand_ins, "open_link", ref="poster-02")
    assert (known["referral"]["ref"], "postback" in known) == ("poster-02", False)


def test_a_webhook_is_signed_as_meta_signs_it(stand_ins: StandIns) -> None:
    event = act(stand_ins, text="優惠")
    sent = stand_ins.received[-1]
    digest = hmac.new(b"app-secret", sent["raw"], hashlib.sha256).hexdigest()
    assert sent["headers"]["X-Hub-Signature-256"] == f"sha256={digest}"
    assert event["message"]["mid"].startswith("m_")
    assert sent["body"]["object"] == "page"


def test_the_three_dots_are_no_message(stand_ins: StandIns) -> None:
    act(stand_ins, text="hi")
    body = {"recipient": {"id": EMMA.id}, "sender_action": "typing_on"}
    assert stand_ins.post("/messenger/v25.0/me/messages", body, token="page-token").json() == {"recipient_id": EMMA.id}
    wrong = stand_ins.post("/messenger/v25.0/me/messages", body | {"sender_action": "dance"}, token="page-token")
    assert wrong.json()["error"]["code"] == 100
    assert stand_ins.bubbles("messenger", EMMA.id) == []


def test_every_message_that_the_shop_renders_is_taken(stand_ins: StandIns) -> None:
    act(stand_ins, text="hi")
    for message in SAMPLES.values():
        for each in render(message):
            status, answer = send(stand_ins, each)
            assert status == 200, answer
