"""A platform's answer to one request, before anybody says what it means."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

LONGEST_WAIT = 86_400.0  # seconds; who asks for more has sent a number that is none


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of an HTTP answer. A body that is no text is empty."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status says that all is well."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_server_error(self) -> bool:
        """Whether the status says that the platform, not the request, is at fault."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def content(self) -> dict[str, Any] | None:
        """The body as a JSON object, or None where it is none (a proxy's page, say)."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def header(self, name: str) -> str:
        """A header by its name in any case; empty where it is missing."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @property
    def retry_after(self) -> float | None:
        """The seconds that the platform asks to wait, a day at most, or None. Neither sends the header's date form."""
        try:
            seconds = float(self.header("Retry-After"))
        except ValueError:
            return None
        return min(seconds, LONGEST_WAIT) if math.isfinite(seconds) and seconds >= 0 else None


def checked_secret(name: str, value: str) -> str:
    """`value` without surrounding space, when it can stand in an HTTP header.

    Raises:
        ValueError: it cannot; the sentence names the secret and does not show it.
    """
    value = value.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"The {name} holds characters that no token has; copy it again from the platform's console.")
    return value
