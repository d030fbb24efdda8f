"""A way out that sends nothing: it answers as it is told and remembers what it was asked."""

from typing import Any
from uuid import UUID

from bot.channels.delivery import Allowance, Delivered, DeliveryError, Profile


class Deaf:
    """Fulfils `bot.channels.delivery.Sender`."""

    batch_size = 5
    is_idempotent = True

    def __init__(self, *allowances: Allowance | DeliveryError | None) -> None:
        self.allowances = list(allowances)
        self.typing: list[str] = []

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:
        raise AssertionError((account_id, payloads, key, reply_token))

    def profile(self, account_id: str) -> Profile | None:
        raise AssertionError(account_id)

    def show_typing(self, account_id: str) -> bool:
        self.typing.append(account_id)
        return True

    def allowance(self) -> Allowance | None:
        found = self.allowances.pop(0)
        if isinstance(found, DeliveryError):
            raise found
        return found
