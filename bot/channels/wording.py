"""What a message says in words: what a platform's shape cannot carry is written out, never lost."""

from collections.abc import Iterable

from bot.channels.limits import ELLIPSIS
from bot.messages import Button, Message


def spoken(message: Message) -> str:
    """Title and text as plain words, one under the other."""
    return "\n".join(part for part in (message.title, message.text) if part.strip())


def written(buttons: Iterable[Button]) -> str:
    """Buttons that cannot be shown, a line each, with the addresses that they would open."""
    return "\n".join(f"{button.label}: {button.url}" if button.label.strip() else button.url for button in buttons)


def label(words: str) -> str:
    """A label is never empty: platforms refuse it."""
    return words if words.strip() else ELLIPSIS


def listed(labels: Iterable[str]) -> str:
    """The labels in one line, where a message has nothing else to say above them."""
    return " / ".join(labels)
