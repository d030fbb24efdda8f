"""Buttons and quick replies in LINE's shape, and the addresses that LINE takes."""

from typing import Any

from bot.channels import addresses, wording
from bot.channels.line.limits import LIMITS
from bot.messages import Button

_LINKS = frozenset({"http", "https", "line", "tel"})  # the schemes of a uri action


def can_show(button: Button) -> bool:
    """Whether LINE takes the button; one that opens what LINE does not open is written out instead."""
    return not button.url or can_open(button.url)


def can_open(address: str) -> bool:
    """Whether a uri action may open the address: http, https, line or tel, at most 1,000 characters."""
    found = addresses.encoded(address)
    return addresses.scheme(found) in _LINKS and LIMITS["address"].allows(found)


def action(button: Button) -> dict[str, Any]:
    """A button. A postback whose data LINE would refuse becomes a message: the label, said by the customer."""
    label = LIMITS["button_label"].cut(wording.label(button.label))
    if button.url:
        return {"type": "uri", "label": label, "uri": addresses.encoded(button.url)}
    said = LIMITS["choice_text"].cut(wording.label(button.label))
    if button.postback and LIMITS["postback"].allows(button.postback):
        return {"type": "postback", "label": label, "data": button.postback, "displayText": said}
    return {"type": "message", "label": label, "text": said}


def quick_reply(choice: str) -> dict[str, Any]:
    """A quick reply, whose tap says the whole choice."""
    label, said = LIMITS["choice_label"].cut(choice), LIMITS["choice_text"].cut(choice)
    return {"type": "action", "action": {"type": "message", "label": label, "text": said}}


def media(address: str) -> str:
    """A picture's or video's address as LINE takes it: https, at most 1,000 characters; empty where it is refused.

    http is left to loopback addresses: LINE itself could never fetch them, a stand-in on this machine can.
    """
    found = addresses.encoded(address)
    is_fetchable = addresses.scheme(found) == "https" or (
        addresses.scheme(found) == "http" and addresses.is_loopback(found)
    )
    return found if is_fetchable and LIMITS["address"].allows(found) else ""
