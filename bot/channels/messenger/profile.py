"""The Page's Messenger profile at Meta: what a file says becomes what customers see, with nothing done twice."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.answers import Answer, checked_secret
from bot.channels.messenger.api import Graph
from bot.channels.messenger.errors import refusal
from bot.channels.reading import objects

FIELDS = ("get_started", "greeting", "ice_breakers", "persistent_menu")


class PageProfile:
    """The Messenger profile of one Page."""

    def __init__(self, api_url: str, token: str, app_secret: str, version: str) -> None:
        """As `Messenger`."""
        self._token, self._app_secret = checked_secret("Messenger page token", token), app_secret
        self._graph = Graph(f"{api_url.rstrip('/')}/{version.strip('/')}", self._token, app_secret, (3.05, 20))

    def apply(self, wanted: Mapping[str, Any]) -> Iterator[str]:
        """Set what differs, take away what is not wanted, and say what was done; nothing where all is so already.

        Raises:
            DeliveryError: Meta refuses something, or could not be asked. The same again goes on from there.
        """
        there = self._there()
        changed = {
            name: wanted[name] for name in FIELDS if name in wanted and not _holds(wanted[name], there.get(name))
        }
        if changed:
            self._checked(self._graph.set_profile(changed))
            yield from (f"{name}: set" for name in changed)
        gone = [name for name in FIELDS if name in there and name not in wanted]
        if gone:
            self._checked(self._graph.clear_profile(gone))
            yield from (f"{name}: taken away" for name in gone)

    def _there(self) -> dict[str, Any]:
        content = self._checked(self._graph.look_up("me/messenger_profile", ",".join(FIELDS))).content or {}
        return next((each for each in objects(content.get("data")) if isinstance(each, dict)), {})

    def _checked(self, answer: Answer) -> Answer:
        if not answer.is_success or answer.content is None or "error" in answer.content:
            raise refusal(answer).without((self._token, self._app_secret))
        return answer


def _holds(wanted: object, found: object) -> bool:
    """Whether `found` is `wanted`; Meta adds fields of its own, and lists languages in its own order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(wanted) != len(found):
            return False
        return all(_holds(*pair) for pair in zip(_ordered(wanted), _ordered(found), strict=True))
    return wanted == found


def _ordered(parts: list[Any]) -> list[Any]:
    has_locales = all(isinstance(part, dict) and "locale" in part for part in parts)
    return sorted(parts, key=lambda part: str(part["locale"])) if has_locales else parts
