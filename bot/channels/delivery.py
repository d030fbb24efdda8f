"""What every channel's sender promises: the outcome of one request to a platform, in one shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.reasons import Reason

LONGEST_DETAIL = 300  # characters


@dataclass(frozen=True)
class Profile:
    """What a platform tells of an account; empty where it does not. `language` is as the platform writes it."""

    name: str = ""
    picture_url: str = ""
    language: str = ""


@dataclass(frozen=True)
class Allowance:
    """The month's paid messages: how many there are (None: without limit), and how many are used, approximately."""

    limit: int | None
    used: int


@dataclass(frozen=True)
class Delivered:
    """The platform accepted the request.

    `message_ids` are its own, in the order of the payloads, where it gives any; `request_id` is for its support.
    """

    message_ids: tuple[str, ...] = ()
    request_id: str = ""


class DeliveryError(Exception):
    """The platform did not accept a request, or nobody knows whether it did.

    `may_retry`: trying the same again later can help. `is_unknown`: the request may have been accepted.
    `retry_after`: seconds the platform asked to wait, or None. `detail` never holds a token.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        may_retry: bool = False,
        is_unknown: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.may_retry = may_retry
        self.is_unknown = is_unknown
        self.retry_after = retry_after

    def without(self, secrets: Iterable[str]) -> "DeliveryError":
        """The same error on one line of at most 300 characters, with none of `secrets` in it.

        A platform may repeat them: Graph's "Malformed access token ..." does.
        """
        detail = self.detail
        for secret in filter(None, secrets):
            detail = detail.replace(secret, "***")
        return DeliveryError(
            self.reason,
            " ".join(detail.split())[:LONGEST_DETAIL],
            may_retry=self.may_retry,
            is_unknown=self.is_unknown,
            retry_after=self.retry_after,
        )


class Sender(Protocol):
    """One channel's way out. Thread-safe; made in the process that uses it."""

    batch_size: int
    is_idempotent: bool

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:
        """Send up to `batch_size` payloads in one request.

        With a `reply_token` the platform's free reply is used. Else, where `is_idempotent`, `key` makes a repeat
        of the same request harmless; elsewhere an unknown outcome must not be repeated.

        Raises:
            DeliveryError: the request was not accepted, or its outcome is unknown.
        """
        ...

    def profile(self, account_id: str) -> Profile | None:
        """The account's profile, or None where the platform gives none (blocked, no consent).

        Raises:
            DeliveryError: the platform could not be asked.
        """
        ...

    def show_typing(self, account_id: str) -> bool:
        """Show the account that an answer is on its way; whether that could be shown. Never raises DeliveryError."""
        ...

    def allowance(self) -> Allowance | None:
        """The month's paid messages, or None where the channel does not count them.

        Raises:
            DeliveryError: the platform could not be asked.
        """
        ...
