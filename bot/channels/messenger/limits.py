"""Messenger's limits on what a bot sends. Meta does not say what it counts: UTF-16 units are the strictest reading."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from bot.channels.limits import Limit, Unit

SEND_API = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages"
TEMPLATES = SEND_API + "/template"
BUTTONS = SEND_API + "/buttons"


def _limit(size: int, unit: Unit, source: str, as_of: date = date(2026, 5, 5)) -> Limit:
    return Limit(size, unit, source, as_of)


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "messages": _limit(1, "items", SEND_API),  # a call to the Send API
        "text": _limit(2000, "utf16", SEND_API),
        "title": _limit(80, "utf16", TEMPLATES),  # generic template
        "card_text": _limit(80, "utf16", TEMPLATES),  # its subtitle
        "button_text": _limit(640, "utf16", TEMPLATES),  # button template
        "buttons": _limit(3, "items", TEMPLATES),
        "cards": _limit(10, "items", TEMPLATES),  # elements of a generic template
        "card_buttons": _limit(3, "items", TEMPLATES),
        "button_label": _limit(20, "utf16", BUTTONS, date(2026, 6, 17)),
        "choices": _limit(13, "items", SEND_API + "/quick-replies"),
        "choice_label": _limit(20, "utf16", SEND_API + "/quick-replies"),
        "choice_text": _limit(1000, "utf16", BUTTONS, date(2026, 6, 17)),  # a quick reply's payload: the whole label
        "postback": _limit(1000, "utf16", BUTTONS, date(2026, 6, 17)),
    },
)

PROFILE = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api"
GREETING = "https://developers.facebook.com/docs/messenger-platform/reference/messenger-profile-api/greeting"

# Of what is set once for the Page. The greeting's page bears no date: it was read on 2026-11-25. How long a question
# may be no page of Meta's says (its page on ice breakers is of 2024-06-26); 80 is what other tools allow.
PROFILE_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "greeting": _limit(160, "utf16", GREETING, date(2026, 11, 25)),
        "ice_breakers": _limit(4, "items", PROFILE + "/ice-breakers", date(2024, 6, 26)),
        "ice_breaker": _limit(80, "utf16", "", date(2026, 11, 25)),
        "menu_items": _limit(20, "items", SEND_API + "/persistent-menu", date(2026, 4, 22)),
        "menu_label": _limit(30, "utf16", SEND_API + "/persistent-menu", date(2026, 4, 22)),
    },
)
