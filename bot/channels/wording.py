"""What a message says in words: what a platform's shape cannot carry is written out, never lost."""

from collections.abc import Iterable

from bot.channels.limits import ELLIPSIS
from bot.messages import Button, Card, Message


def spoken(said: Message | Card) -> str:
    """Title and text as plain words, one under the other."""
    return "\n".join(part for part in (said.title, said.text) if part.strip())


def written(buttons: Iterable[Button]) -> str:
    """Buttons that cannot be shown, a line each, with the addresses that they would open."""
    return "\n".join(f"{button.label}: {button.url}" if button.label.strip() else button.url for button in buttons)


def label(words: str) -> str:
    """A label is never empty: platforms refuse it."""
    return words if words.strip() else ELLIPSIS


def listed(labels: Iterable[str]) -> str:
    """The labels in one line, where a message has nothing else to say above them."""
    return " / ".join(labels)


def headed(said: Message | Card, buttons: Iterable[Button]) -> tuple[str, str]:
    """Title and text as they stand over buttons: without a text the title is the text, without both the labels are."""
    title, body = said.title.strip(), said.text.strip()
    if body:
        return title, body
    return "", title or listed(button.label for button in buttons if button.label.strip()) or ELLIPSIS
