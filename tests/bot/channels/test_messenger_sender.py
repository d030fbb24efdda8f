"""Sending through pymessenger's wrapped Bot, against a platform that answers everything Graph answers, and worse."""

import hashlib
import hmac
import logging
import traceback
import uuid
from typing import Any

import pytest

from bot.channels.delivery import Delivered, DeliveryError, Profile, Sender
from bot.channels.messenger import Messenger, render
from core.reasons import Reason
from tests.bot.channels.platform import Behaviour, Platform, Script
from tests.bot.channels.samples import SAMPLES

TOKEN = "EAAB-page-token-that-nobody-may-see"
APP_SECRET = "app-secret-that-nobody-may-see"
KEY = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")
HELLO = {"text": "hello"}
PERSON = "6543210987654321"
SENT = {"recipient_id": PERSON, "message_id": "m_AG5Hz2U"}
PROOF = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def messenger(platform: Platform) -> Messenger:
    """Waits as long for an answer as a machine that has other things to do may need."""
    return Messenger(platform.url, TOKEN, APP_SECRET, "v25.0", timeout=(20, 20))


@pytest.fixture
def impatient(platform: Platform) -> Messenger:
    """For what never comes."""
    return Messenger(platform.url, TOKEN, APP_SECRET, "v25.0", timeout=(20, 1))


def refused(messenger: Messenger) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        messenger.send(PERSON, [HELLO], key=KEY)
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(secret in shown for secret in (TOKEN, APP_SECRET, PROOF))
    assert caught.value.__context__ is None
    return caught.value


def graph_error(code: int, subcode: int = 0, message: str = "no") -> dict[str, Any]:
    found: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return {"error": {**found, "error_subcode": subcode} if subcode else found}


def test_a_message_goes_to_the_send_api_untouched(messenger: Messenger, platform: Platform) -> None:
    platform.answers(200, SENT)
    (payload,) = render(SAMPLES["card"])
    assert messenger.send(PERSON, [payload], key=KEY) == Delivered(("m_AG5Hz2U",))
    (asked,) = platform.asked
    assert (asked.method, asked.path) == ("POST", "/v25.0/me/messages")
    assert asked.body == {"messaging_type": "RESPONSE", "recipient": {"id": PERSON}, "message": payload}


def test_an_id_that_is_too_long_to_be_one_is_left_out(messenger: Messenger, platform: Platform) -> None:
    platform.answers(200, {"message_id": "m" * 201})
    assert messenger.send(PERSON, [HELLO], key=KEY) == Delivered()


def test_the_token_is_in_a_header_and_the_proof_beside_it(messenger: Messenger, platform: Platform) -> None:
    messenger.send(PERSON, [HELLO], key=KEY)
    (asked,) = platform.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.query == {"appsecret_proof": [PROOF]}


def test_without_an_app_secret_there_is_no_proof(platform: Platform) -> None:
    Messenger(platform.url + "/", TOKEN, "", "v25.0").send(PERSON, [HELLO], key=KEY)
    assert platform.asked[0].query == {}
    assert platform.asked[0].path == "/v25.0/me/messages"


@pytest.mark.parametrize("count", [0, 2])
def test_one_message_a_request_and_nothing_else_is_asked(messenger: Messenger, platform: Platform, count: int) -> None:
    with pytest.raises(ValueError, match="1 message a request"):
        messenger.send(PERSON, [HELLO] * count, key=KEY)
    assert platform.asked == []


REFUSALS: list[tuple[int, Any, Reason, bool, bool]] = [
    (400, graph_error(10, 2018278), Reason.WINDOW_CLOSED, False, False),
    (400, graph_error(10, 2534022), Reason.WINDOW_CLOSED, False, False),
    (400, graph_error(10, 1893063), Reason.CHANNEL_CREDENTIALS, False, False),
    (403, graph_error(10), Reason.CHANNEL_CREDENTIALS, False, False),
    (400, graph_error(100), Reason.MESSAGE_REFUSED, False, False),
    (400, graph_error(100, 2018001), Reason.RECIPIENT_UNREACHABLE, False, False),
    (400, graph_error(100, 2018108), Reason.RECIPIENT_UNREACHABLE, False, False),
    (400, graph_error(551), Reason.RECIPIENT_UNREACHABLE, False, False),
    (400, graph_error(551, 1545041), Reason.RECIPIENT_UNREACHABLE, False, False),
    (400, graph_error(200, 1545041), Reason.RECIPIENT_UNREACHABLE, False, False),
    (400, graph_error(613), Reason.RATE_LIMITED, True, False),
    (400, graph_error(4), Reason.RATE_LIMITED, True, False),
    (400, graph_error(4, 2018354), Reason.RATE_LIMITED, False, False),
    (400, graph_error(9, 2018352), Reason.RATE_LIMITED, False, False),
    (401, graph_error(190), Reason.CHANNEL_CREDENTIALS, False, False),
    (401, graph_error(190, 463), Reason.CHANNEL_CREDENTIALS, False, False),
    (503, graph_error(2), Reason.CHANNEL_UNAVAILABLE, True, False),
    (403, graph_error(200), Reason.CHANNEL_CREDENTIALS, False, False),
    (403, graph_error(230), Reason.CHANNEL_CREDENTIALS, False, False),
    (400, {"error": {"code": "613", "message": "as text"}}, Reason.RATE_LIMITED, True, False),
    (400, graph_error(987654), Reason.MESSAGE_REFUSED, False, False),
    (500, graph_error(1), Reason.OUTCOME_UNKNOWN, False, True),
    (200, graph_error(190), Reason.CHANNEL_CREDENTIALS, False, False),
    (200, b"<html>please log in to the wireless network</html>", Reason.OUTCOME_UNKNOWN, False, True),
    (200, b"\xff\xfe", Reason.OUTCOME_UNKNOWN, False, True),
    (302, b"", Reason.CHANNEL_UNAVAILABLE, True, False),
    (400, b"<html>", Reason.MESSAGE_REFUSED, False, False),
    (401, b"", Reason.CHANNEL_CREDENTIALS, False, False),
    (404, b"not here", Reason.CHANNEL_UNAVAILABLE, True, False),
    (429, b"", Reason.RATE_LIMITED, True, False),
    (502, b"<html>Bad gateway</html>", Reason.OUTCOME_UNKNOWN, False, True),
    (400, {"error": "just words"}, Reason.MESSAGE_REFUSED, False, False),
    (400, [], Reason.MESSAGE_REFUSED, False, False),
]


@pytest.mark.parametrize(("status", "content", "reason", "may_retry", "is_unknown"), REFUSALS)
def test_a_refusal_has_its_reason(
    messenger: Messenger,
    platform: Platform,
    status: int,
    content: object,
    reason: Reason,
    may_retry: bool,  # noqa: FBT001
    is_unknown: bool,  # noqa: FBT001
) -> None:
    platform.answers(status, content, {"Location": platform.url + "/elsewhere"} if status == 302 else None)
    error = refused(messenger)
    assert (error.reason, error.may_retry, error.is_unknown) == (reason, may_retry, is_unknown)
    assert str(status) in error.detail
    assert len(platform.asked) == 1


def test_the_detail_says_what_graph_says(messenger: Messenger, platform: Platform) -> None:
    platform.answers(400, graph_error(100, 2018001, "(#100) No matching user found"))
    assert refused(messenger).detail == "HTTP 400, code 100/2018001: (#100) No matching user found"


def test_how_long_to_wait_is_passed_on(messenger: Messenger, platform: Platform) -> None:
    platform.answers(429, graph_error(613), {"Retry-After": "30"})
    assert refused(messenger).retry_after == 30.0


@pytest.mark.parametrize("behaviour", ["hang", "drop", "garbage"])
def test_an_outcome_that_nobody_knows_must_not_be_repeated(
    impatient: Messenger, platform: Platform, behaviour: Behaviour
) -> None:
    platform.will(Script(behaviour=behaviour))
    error = refused(impatient)
    assert (error.reason, error.may_retry, error.is_unknown) == (Reason.OUTCOME_UNKNOWN, False, True)
    assert len(platform.asked) == 1


def test_a_body_that_breaks_off_is_unknown(messenger: Messenger, platform: Platform) -> None:
    platform.answers(200, b"{}", {"Content-Length": "500"})
    assert refused(messenger).is_unknown


def test_no_connection_is_a_refusal_that_can_be_tried_again(nowhere: str) -> None:
    error = refused(Messenger(nowhere, TOKEN, APP_SECRET, "v25.0", timeout=(1, 1)))
    assert (error.reason, error.may_retry, error.is_unknown) == (Reason.CHANNEL_UNAVAILABLE, True, False)


def test_the_connection_is_kept_alive(messenger: Messenger, platform: Platform) -> None:
    for _ in range(3):
        messenger.send(PERSON, [HELLO], key=KEY)
    assert platform.connections == 1


def test_the_environment_sends_nothing_elsewhere(
    messenger: Messenger, platform: Platform, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", nowhere)
    monkeypatch.setenv("http_proxy", nowhere)
    messenger.send(PERSON, [HELLO], key=KEY)
    assert len(platform.asked) == 1


def test_no_secret_is_ever_in_an_error_or_a_log(
    impatient: Messenger, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.answers(400, graph_error(190, 0, f"Malformed access token {TOKEN}"))
    platform.will(Script(behaviour="hang"))
    first, second = refused(impatient), refused(impatient)
    assert first.detail == "HTTP 400, code 190: Malformed access token ***"
    for shown in (str(first), repr(first.args), str(second), repr(impatient), caplog.text):
        assert TOKEN not in shown
        assert APP_SECRET not in shown


def test_a_token_that_cannot_be_one_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="Messenger page token") as caught:
        Messenger("https://graph.facebook.com", "two\nlines", APP_SECRET, "v25.0")
    assert "two" not in str(caught.value)


def test_a_profile_is_name_picture_and_locale(messenger: Messenger, platform: Platform) -> None:
    found = {
        "first_name": "Mei",
        "last_name": "Lin",
        "profile_pic": "https://p.example/1",
        "locale": "zh_TW",
        "id": PERSON,
    }
    platform.answers(200, found)
    assert messenger.profile(PERSON) == Profile("Mei Lin", "https://p.example/1", "zh_TW")
    (asked,) = platform.asked
    assert asked.path == f"/v25.0/{PERSON}"
    assert asked.query["fields"] == ["first_name,last_name,name,profile_pic,locale"]
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("found", "profile"),
    [
        ({"name": "Mei Lin", "id": PERSON}, Profile("Mei Lin")),
        ({"first_name": "Mei"}, Profile("Mei")),
        ({"id": PERSON}, Profile()),
    ],
)
def test_fields_that_a_missing_permission_drops_stay_empty(
    messenger: Messenger, platform: Platform, found: dict[str, str], profile: Profile
) -> None:
    platform.answers(200, found)
    assert messenger.profile(PERSON) == profile


def test_a_field_that_may_not_be_asked_for_is_left_out(messenger: Messenger, platform: Platform) -> None:
    platform.answers(400, graph_error(100, 0, "(#100) Tried accessing nonexisting field (locale)"))
    platform.answers(200, {"first_name": "Mei"})
    assert messenger.profile(PERSON) == Profile("Mei")
    assert platform.asked[1].query["fields"] == ["first_name,last_name,profile_pic"]


@pytest.mark.parametrize("error", [graph_error(100, 33), graph_error(200), graph_error(551, 1545041)])
def test_somebody_whose_profile_is_not_ours_to_read_has_none(
    messenger: Messenger, platform: Platform, error: dict[str, Any]
) -> None:
    platform.answers(400, error)
    platform.answers(400, error)
    assert messenger.profile(PERSON) is None


@pytest.mark.parametrize(("status", "error"), [(401, graph_error(190)), (503, graph_error(2)), (502, b"<html>")])
def test_a_profile_that_cannot_be_asked_is_an_error(
    messenger: Messenger, platform: Platform, status: int, error: object
) -> None:
    platform.answers(status, error)
    with pytest.raises(DeliveryError):
        messenger.profile(PERSON)
    assert len(platform.asked) == 1


def test_the_three_dots_are_shown(messenger: Messenger, platform: Platform) -> None:
    assert messenger.show_typing(PERSON)
    (asked,) = platform.asked
    assert (asked.method, asked.path) == ("POST", "/v25.0/me/messages")
    assert asked.body == {"recipient": {"id": PERSON}, "sender_action": "typing_on"}


@pytest.mark.parametrize("script", [Script(400), Script(500), Script(behaviour="drop"), Script(behaviour="hang")])
def test_dots_that_cannot_be_shown_harm_nothing(impatient: Messenger, platform: Platform, script: Script) -> None:
    platform.will(script)
    assert not impatient.show_typing(PERSON)


def test_messenger_counts_no_messages(platform: Platform) -> None:
    sender: Sender = Messenger(platform.url, TOKEN, APP_SECRET, "v25.0")
    assert sender.allowance() is None
    assert platform.asked == []
