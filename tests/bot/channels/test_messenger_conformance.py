"""Every Send API call we would make holds against Meta's own package in its strict mode, which asks nobody here.

It knows the call's own fields and their types, not what is inside a message: that is judged in
test_messenger_rendering.py by the limits, and by the stand-in. It wants `sender_action` in capitals, which the Send API
itself does not, so the three dots are not judged.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from facebook_business import apiconfig
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookBadObjectError
from hypothesis import given, settings

from bot.channels.messenger import Messenger, render
from bot.messages import Message
from tests.bot.channels.platform import Platform
from tests.bot.channels.samples import ANY_MESSAGE, SAMPLES
from tests.bot.channels.test_messenger_sender import KEY, PERSON


@pytest.fixture(autouse=True, scope="module")
def strict() -> Iterator[None]:
    """Meta's package refuses what it does not know."""
    before = apiconfig.ads_api_config["STRICT_MODE"]
    apiconfig.ads_api_config["STRICT_MODE"] = True
    yield
    apiconfig.ads_api_config["STRICT_MODE"] = before


def judge(call: dict[str, Any]) -> None:
    page = Page("1", api=FacebookAdsApi.init(access_token="nobody"))
    page.create_message(params=call, pending=True)


def test_a_call_is_as_metas_package_wants_it(platform: Platform) -> None:
    sender = Messenger(platform.url, "token", "secret", "v25.0")
    payloads = [each for message in SAMPLES.values() for each in render(message)]
    for payload in payloads:
        sender.send(PERSON, [payload], key=KEY)
    assert len(platform.asked) == len(payloads)
    for asked in platform.asked:
        judge(asked.body)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(ANY_MESSAGE)
def test_any_message_is_as_metas_package_wants_it(message: Message) -> None:
    for each in render(message):
        judge({"recipient": {"id": "1"}, "messaging_type": "RESPONSE", "message": each})


@pytest.mark.parametrize(
    "wrong",
    [{"messaging_type": "PROMOTION"}, {"recipient": "1"}, {"message": "hello"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_metas_package_refuses_what_meta_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(FacebookBadObjectError):
        judge({"recipient": {"id": "1"}, "messaging_type": "RESPONSE", "message": {"text": "hello"}, **wrong})
