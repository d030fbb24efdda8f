"""Sending through LINE's SDK, against a platform that answers everything LINE answers, and worse."""

import logging
import traceback
import uuid
from typing import Any

import pytest

from bot.channels.delivery import Allowance, Delivered, DeliveryError, Profile
from bot.channels.line import Line, render
from bot.messages import Message
from core.reasons import Reason
from tests.bot.channels.platform import Behaviour, Platform, Script
from tests.bot.channels.samples import SAMPLES

TOKEN = "line-token/that+nobody=may=see"
KEY = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")
HELLO = [{"type": "text", "text": "hello"}]
USER = "U4af4980629a4af4980629a4af4980629"
SENT = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]}


@pytest.fixture
def line(platform: Platform) -> Line:
    """Waits as long for an answer as a machine that has other things to do may need."""
    return Line(platform.url, TOKEN, timeout=(20, 20))


@pytest.fixture
def impatient(platform: Platform) -> Line:
    """For what never comes."""
    return Line(platform.url, TOKEN, timeout=(20, 1))


def refused(line: Line, reply_token: str = "") -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        line.send(USER, HELLO, key=KEY, reply_token=reply_token)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    return caught.value


def test_a_push_carries_the_messages_untouched_under_its_key(line: Line, platform: Platform) -> None:
    platform.answers(200, SENT, {"x-line-request-id": "r-1"})
    payloads = [*render(SAMPLES["card"]), {"type": "text", "text": "x", "a field to come": [None, 1]}]
    assert line.send(USER, payloads, key=KEY) == Delivered(("461230966842064897",), "r-1")
    (asked,) = platform.asked
    assert (asked.method, asked.path) == ("POST", "/v2/bot/message/push")
    assert asked.body == {"to": USER, "messages": payloads}
    assert asked.headers["x-line-retry-key"] == str(KEY)
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["content-type"] == "application/json"


def test_an_id_that_is_too_long_to_be_one_is_left_out(line: Line, platform: Platform) -> None:
    platform.answers(200, {"sentMessages": [{"id": "4" * 201}, {"id": "5"}]})
    assert line.send(USER, HELLO * 2, key=KEY).message_ids == ("", "5")


def test_a_reply_uses_the_token_and_no_retry_key(line: Line, platform: Platform) -> None:
    platform.answers(200, SENT)
    line.send(USER, HELLO, key=KEY, reply_token="reply-1")
    (asked,) = platform.asked
    assert asked.path == "/v2/bot/message/reply"
    assert asked.body == {"replyToken": "reply-1", "messages": HELLO}
    assert "x-line-retry-key" not in asked.headers


def test_five_messages_go_in_one_request_and_six_or_none_are_refused_unasked(line: Line, platform: Platform) -> None:
    line.send(USER, HELLO * 5, key=KEY)
    for count in (0, 6):
        with pytest.raises(ValueError, match="1 to 5"):
            line.send(USER, HELLO * count, key=KEY)
    assert len(platform.asked) == 1


def test_a_push_that_was_accepted_before_is_delivered(line: Line, platform: Platform) -> None:
    content = {"message": "The retry key is already accepted", **SENT}
    platform.answers(409, content, {"x-line-request-id": "r-2", "x-line-accepted-request-id": "r-1"})
    assert line.send(USER, HELLO, key=KEY) == Delivered(("461230966842064897",), "r-1")


REFUSALS: list[tuple[int, Any, Reason, bool, bool]] = [
    (400, {"message": "The request body has 1 error(s)"}, Reason.MESSAGE_REFUSED, False, False),
    (400, {"message": "Failed to send messages"}, Reason.MESSAGE_REFUSED, False, False),
    (
        400,
        {"message": "The property, 'to', in the request body is invalid"},
        Reason.RECIPIENT_UNREACHABLE,
        False,
        False,
    ),
    (
        400,
        {"message": "x", "details": [{"property": "to", "message": "y"}]},
        Reason.RECIPIENT_UNREACHABLE,
        False,
        False,
    ),
    (400, b"<html>", Reason.MESSAGE_REFUSED, False, False),
    (401, {"message": "Authentication failed"}, Reason.CHANNEL_CREDENTIALS, False, False),
    (403, {"message": "Not available to your account"}, Reason.CHANNEL_CREDENTIALS, False, False),
    (404, {"message": "Not found"}, Reason.CHANNEL_UNAVAILABLE, True, False),
    (413, b"", Reason.MESSAGE_REFUSED, False, False),
    (429, {"message": "You have reached your monthly limit."}, Reason.QUOTA_USED_UP, False, False),
    (429, {"message": "The API rate limit has been exceeded. Try again later."}, Reason.RATE_LIMITED, True, False),
    (
        429,
        {"message": "You have exceeded the target limit for additional messages."},
        Reason.QUOTA_USED_UP,
        False,
        False,
    ),
    (429, {"message": "Too many concurrent requests."}, Reason.TOO_MANY_AT_ONCE, True, False),
    (429, {"message": "Too many messages to the same user."}, Reason.RATE_LIMITED, True, False),
    (429, b"\xff\xfe not text", Reason.RATE_LIMITED, True, False),
    (302, b"", Reason.CHANNEL_UNAVAILABLE, True, False),
    (500, {"message": "Internal server error"}, Reason.CHANNEL_UNAVAILABLE, True, True),
    (502, b"<html>Bad gateway</html>", Reason.CHANNEL_UNAVAILABLE, True, True),
    (503, b"\xa4\xa3 Big5, not UTF-8", Reason.CHANNEL_UNAVAILABLE, True, True),
    (200, b"<html>please log in to the wireless network</html>", Reason.CHANNEL_UNAVAILABLE, True, True),
    (200, b"\xff\xfe", Reason.CHANNEL_UNAVAILABLE, True, True),
]


@pytest.mark.parametrize("reply_token", ["", "reply-1"])
@pytest.mark.parametrize(("status", "content", "reason", "may_retry", "is_unknown"), REFUSALS)
def test_a_refusal_has_its_reason(  # noqa: PLR0913, PLR0917 (a table's columns)
    line: Line,
    platform: Platform,
    status: int,
    content: object,
    reason: Reason,
    may_retry: bool,  # noqa: FBT001
    is_unknown: bool,  # noqa: FBT001
    reply_token: str,
) -> None:
    platform.answers(status, content, {"Location": "https://elsewhere.example/"} if status == 302 else None)
    error = refused(line, reply_token)
    assert (error.reason, error.may_retry, error.is_unknown) == (reason, may_retry, is_unknown)
    assert str(status) in error.detail
    assert len(platform.asked) == 1


def test_a_refused_reply_token_says_that_a_push_can_help(line: Line, platform: Platform) -> None:
    platform.answers(400, {"message": "Invalid reply token"})
    error = refused(line, "used-before")
    assert (error.reason, error.may_retry, error.is_unknown) == (Reason.REPLY_TOKEN_REFUSED, True, False)


def test_a_conflict_is_no_delivery_of_a_reply(line: Line, platform: Platform) -> None:
    platform.answers(409, {"message": "?"})
    assert refused(line, "reply-1").reason is Reason.MESSAGE_REFUSED


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("soon", None),
        ("-1", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("9" * 18, 86_400),
    ],
)
def test_how_long_to_wait_is_passed_on(line: Line, platform: Platform, header: str, seconds: float | None) -> None:
    platform.answers(429, {"message": "rate"}, {"Retry-After": header})
    assert refused(line).retry_after == seconds


def test_the_detail_says_what_line_says(line: Line, platform: Platform) -> None:
    details = [{"property": "messages[0].text", "message": "May not be empty"}]
    platform.answers(400, {"message": "The request body has 1 error(s)", "details": details})
    assert refused(line).detail == "HTTP 400: The request body has 1 error(s) (messages[0].text: May not be empty)"


@pytest.mark.parametrize("content", [[], {"message": 7, "details": "x"}, {"message": None, "details": [None, 3, {}]}])
def test_an_odd_error_body_is_still_an_error(line: Line, platform: Platform, content: object) -> None:
    platform.answers(400, content)
    assert refused(line).reason is Reason.MESSAGE_REFUSED


@pytest.mark.parametrize("behaviour", ["hang", "drop", "garbage"])
@pytest.mark.parametrize("reply_token", ["", "reply-1"])
def test_an_outcome_that_nobody_knows_says_so(
    impatient: Line, platform: Platform, behaviour: Behaviour, reply_token: str
) -> None:
    platform.will(Script(behaviour=behaviour))
    error = refused(impatient, reply_token)
    assert (error.reason, error.may_retry, error.is_unknown) == (Reason.CHANNEL_UNAVAILABLE, True, True)
    assert len(platform.asked) == 1  # nothing is repeated behind the outbox's back


def test_a_body_that_breaks_off_is_unknown(line: Line, platform: Platform) -> None:
    platform.answers(200, b"{}", {"Content-Length": "500"})
    assert refused(line).is_unknown


def test_no_connection_is_a_refusal_that_can_be_tried_again(nowhere: str) -> None:
    error = refused(Line(nowhere, TOKEN, timeout=(1, 1)))
    assert (error.reason, error.may_retry, error.is_unknown) == (Reason.CHANNEL_UNAVAILABLE, True, False)


def test_the_connection_is_kept_alive_and_works_on_after_a_failure(line: Line, platform: Platform) -> None:
    platform.will(Script(), Script(behaviour="drop"), Script(body=b'{"sentMessages":[]}'))
    line.send(USER, HELLO, key=KEY)
    refused(line)
    assert line.send(USER, HELLO, key=KEY) == Delivered()
    assert platform.connections == 2


def test_no_token_is_ever_in_an_error_or_a_log(
    impatient: Line, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.answers(401, {"message": f"Authentication failed: {TOKEN}"})
    platform.will(Script(behaviour="hang"))
    first, second = refused(impatient), refused(impatient)
    assert first.detail == "HTTP 401: Authentication failed: ***"
    for shown in (str(first), repr(first.args), str(second), repr(impatient), caplog.text):
        assert TOKEN not in shown


@pytest.mark.parametrize("token", ["two\nlines", "Chinese 茶", "with a space"])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ValueError, match="LINE channel access token") as caught:
        Line("https://api.line.me", token)
    assert token not in str(caught.value)


def test_a_profile_is_name_picture_and_language(line: Line, platform: Platform) -> None:
    platform.answers(
        200, {"userId": USER, "displayName": "小美", "pictureUrl": "https://p.example/1", "language": "zh-TW"}
    )
    assert line.profile(USER) == Profile("小美", "https://p.example/1", "zh-TW")
    assert (platform.asked[0].method, platform.asked[0].path) == ("GET", f"/v2/bot/profile/{USER}")


def test_a_profile_holds_nothing_that_no_database_keeps(line: Line, platform: Platform) -> None:
    platform.answers(200, {"userId": USER, "displayName": "M\0ei \ud83c"})
    assert line.profile(USER) == Profile("M\ufffdei \ufffd")


def test_a_profile_without_picture_and_language_is_fine(line: Line, platform: Platform) -> None:
    platform.answers(200, {"userId": USER, "displayName": "小美"})
    assert line.profile(USER) == Profile("小美")


def test_somebody_who_blocked_the_shop_has_no_profile(line: Line, platform: Platform) -> None:
    platform.answers(404, {"message": "Not found"})
    assert line.profile(USER) is None


def test_a_profile_that_cannot_be_asked_is_an_error(line: Line, platform: Platform) -> None:
    platform.answers(500, {"message": "Internal server error"})
    with pytest.raises(DeliveryError) as caught:
        line.profile(USER)
    assert caught.value.may_retry


def test_the_loading_animation_is_shown_to_one_person(line: Line, platform: Platform) -> None:
    platform.answers(202, {})
    assert line.show_typing(USER)
    (asked,) = platform.asked
    assert (asked.method, asked.path) == ("POST", "/v2/bot/chat/loading/start")
    assert asked.body == {"chatId": USER, "loadingSeconds": 20}


def test_in_a_group_no_animation_is_asked_for(line: Line, platform: Platform) -> None:
    assert not line.show_typing("Ca56f94637ca56f94637ca56f94637ca5")
    assert platform.asked == []


@pytest.mark.parametrize("script", [Script(429), Script(500), Script(behaviour="drop"), Script(behaviour="hang")])
def test_an_animation_that_cannot_be_shown_harms_nothing(impatient: Line, platform: Platform, script: Script) -> None:
    platform.will(script)
    assert not impatient.show_typing(USER)


def test_the_months_messages_are_told(line: Line, platform: Platform) -> None:
    platform.answers(200, {"type": "limited", "value": 200})
    platform.answers(200, {"totalUsage": 57})
    assert line.allowance() == Allowance(200, 57)
    assert [asked.path for asked in platform.asked] == ["/v2/bot/message/quota", "/v2/bot/message/quota/consumption"]
    platform.answers(200, {"type": "none"})
    platform.answers(200, {"totalUsage": 5_000})
    assert line.allowance() == Allowance(None, 5_000)


@pytest.mark.parametrize(("status", "content"), [(401, {}), (500, {}), (200, b"<html>")])
def test_a_quota_that_cannot_be_asked_is_an_error(line: Line, platform: Platform, status: int, content: object) -> None:
    platform.answers(status, content)
    with pytest.raises(DeliveryError):
        line.allowance()


def test_an_account_id_cannot_lead_elsewhere(line: Line, platform: Platform) -> None:
    platform.answers(404, {})
    line.profile("../message/quota?x=1")
    assert platform.asked[0].path == "/v2/bot/profile/..%2Fmessage%2Fquota%3Fx%3D1"


def test_every_rendered_sample_arrives_as_it_was_rendered(line: Line, platform: Platform) -> None:
    rendered = [render(message)[:5] for message in (*SAMPLES.values(), Message("\u2028 茶 🍵"))]
    for payloads in rendered:
        line.send(USER, payloads, key=KEY)
    assert [asked.body["messages"] for asked in platform.asked] == rendered
