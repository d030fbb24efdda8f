"""LINE's limits on what a bot sends. Two ways of counting: texts in UTF-16 units, labels in grapheme clusters."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from bot.channels.limits import Limit, Unit

REFERENCE = "https://developers.line.biz/en/reference/messaging-api/"
COUNTING = "https://developers.line.biz/en/docs/messaging-api/text-character-count/"
FLEX = "https://developers.line.biz/en/reference/messaging-api/#flex-message"
_READ = date(2026, 8, 7)


def _limit(size: int, unit: Unit, source: str = REFERENCE) -> Limit:
    return Limit(size, unit, source, _READ)


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "messages": _limit(5, "items"),  # message objects a request
        "text": _limit(5000, "utf16", COUNTING),
        "alt_text": _limit(400, "utf16"),  # 1,500 in the newer reference, 400 in the older: the smaller is safe
        "title": _limit(40, "graphemes", COUNTING),
        "button_text": _limit(160, "graphemes", COUNTING),  # over buttons, without image and title
        "card_text": _limit(60, "graphemes", COUNTING),  # over buttons, with image or title
        "plain_card_text": _limit(120, "graphemes", COUNTING),  # of a carousel's column without image and title
        "buttons": _limit(4, "items"),
        "cards": _limit(10, "items"),  # columns of a carousel template
        "card_buttons": _limit(3, "items"),
        "button_label": _limit(20, "graphemes", COUNTING),
        "choices": _limit(13, "items"),
        "choice_label": _limit(20, "graphemes", COUNTING),
        "choice_text": _limit(300, "utf16"),  # what a tap says; the reference does not say how it counts
        "postback": _limit(300, "utf16"),
        "address": _limit(1000, "utf16"),
        "flex_label": _limit(40, "graphemes", COUNTING),  # of a button in a Flex message
        "clip": _limit(1000, "utf16"),  # what a clipboard action copies
        "bubbles": _limit(12, "items", FLEX),  # of a Flex carousel
        "bubble": _limit(30_000, "bytes", FLEX),  # as JSON; LINE says 30 KB, and 50 KB for a whole carousel
        "carousel": _limit(50_000, "bytes", FLEX),
    },
)

RICH_MENU = "https://developers.line.biz/en/reference/messaging-api/#rich-menu"

# Of a rich menu and its picture (800 to 2,500 pixels wide, at least 250 high, 1.45 times as wide as high, 1 MB).
MENU_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "menu_bar": _limit(14, "graphemes", COUNTING),
        "menu_areas": _limit(20, "items", RICH_MENU),
        "menu_label": _limit(20, "graphemes", RICH_MENU),
        "menu_picture": _limit(1_000_000, "bytes", RICH_MENU),
    },
)
MENU_WIDTH, MENU_HEIGHT, MENU_RATIO = (800, 2500), 250, 1.45
