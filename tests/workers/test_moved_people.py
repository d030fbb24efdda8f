"""People who were moved to a newer version in the middle of a flow go on there."""

from datetime import UTC, datetime

from bot.moving import batches
from tests.workers.conftest import REMINDER, Post
from tests.workers.test_answering import NAME
from tests.workers.test_reminding import pass_time, remind, shop, waiting

__all__ = ["shop"]


def test_an_answer_is_taken_where_it_was_asked_and_the_newer_version_says_what_comes(post: Post, now: datetime) -> None:
    post.publish(NAME, now)
    post.write("hello", datetime.now(UTC))
    post.answer()
    post.publish(NAME.replace("And your town", "Where do you live"), now)
    assert batches.move(post.work.database, "name") == batches.Moved(2, people=1)
    assert post.texts() == ["Your name?"]  # nothing is said to anybody
    post.write("Mei", datetime.now(UTC))
    post.answer()
    post.write("Taipei", datetime.now(UTC))
    post.answer()
    assert post.texts() == ["Your name?", "Where do you live, Mei?", "Mei of Taipei"]


def test_a_reminder_comes_at_its_time_in_the_words_of_the_newer_version(shop: Post, now: datetime) -> None:
    waiting(shop)
    shop.publish(REMINDER.replace("別忘了", "快到期了").replace("  - wait", "  - tag: sent\n  - wait"), now)
    assert batches.move(shop.work.database, "reminder") == batches.Moved(2, people=1)
    remind(shop)
    assert shop.texts() == ["券"]
    pass_time(shop.work.database, 3)
    remind(shop)
    assert shop.texts() == ["券", "快到期了"]
