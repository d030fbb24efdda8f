"""What each platform counts by itself, and how many requests a second it takes."""

import pytest

from bot.channels import CHANNELS, line, messenger, rates
from bot.messages import Button, Card, Message
from settings import Settings

VIDEO = Message(text="Tea", video_url="https://shop.example/tea.mp4")
PICTURE = Message(text="Tea", image_url="https://shop.example/tea.png")
CARDS = Message(cards=(Card(title="Tea", text="hot", buttons=(Button(label="More", postback="more"),)),))


def test_a_shop_that_sets_nothing_sends_as_much_as_its_platforms_take() -> None:
    expected = {(name, kind): limit.size for name, one in CHANNELS.items() for kind, limit in one.RATES.items()}
    assert rates(Settings()) == expected


def test_a_shop_may_set_other_rates() -> None:
    set_here = Settings(line_rate=50, messenger_rate=40, messenger_video_rate=5)
    assert sorted(rates(set_here).values()) == [5, 40, 50, 50]


def test_line_counts_replies_and_pushes_apart() -> None:
    payloads = line.render(VIDEO)
    assert [line.counted_as(payloads, is_reply=is_reply) for is_reply in (True, False)] == ["reply", "push"]


@pytest.mark.parametrize(
    ("message", "kinds"),
    [(VIDEO, ["video", "message"]), (PICTURE, ["message", "message"]), (CARDS, ["message"])],
)
def test_messenger_counts_videos_apart(message: Message, kinds: list[str]) -> None:
    assert [messenger.counted_as([each], is_reply=False) for each in messenger.render(message)] == kinds
