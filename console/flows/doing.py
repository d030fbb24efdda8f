"""What the form of a trial asks for, as an act, and in words."""

from collections.abc import Callable

from bot.language.model.times import checked_moment, duration
from bot.rehearsal.acts import Act, Comes, Passes, Reaches, Taps, Uses, Writes
from web.words import say

_MAKERS: dict[str, Callable[[str], Act]] = {
    "write": Writes,
    "tap": Taps,
    "follow": lambda _: Comes("first"),
    "again": lambda _: Comes("again"),
    "ref": lambda data: Comes("ref", data),
    "postback": lambda data: Comes("postback", data),
    "after": lambda data: Passes(duration(data)),
    "at": lambda data: Reaches(checked_moment(data)),
    "opened": lambda data: Uses("opened", data),
    "redeemed": lambda data: Uses("redeemed", data),
    "verified": lambda data: Uses("verified", data),
}


def act(kind: str, data: str) -> Act | None:
    """The act, or None where there is no such kind, or nothing was written.

    Raises:
        ValueError: the time is none; the message says what is expected.
    """
    if kind not in _MAKERS or (kind == "write" and not data.strip()):
        return None
    return _MAKERS[kind](data)


def told(kind: str, data: str) -> str:
    """What the customer did, in words."""
    words = {
        "follow": say("（加入好友）", "(adds the shop)"),
        "again": say("（解除封鎖，回來了）", "(comes back after a block)"),
        "ref": say(f"（從連結 {data} 進來）", f"(comes by the link {data})"),
        "postback": say(f"（點了選單 {data}）", f"(taps the menu entry {data})"),
        "after": say(f"（過了 {data}）", f"({data} pass)"),
        "at": say(f"（到了 {data}）", f"(it is {data})"),
        "opened": say(f"（打開 {data} 的券）", f"(opens the coupon of {data})"),
        "redeemed": say(f"（兌換 {data} 的券）", f"(redeems the coupon of {data})"),
        "verified": say(f"（店員核銷 {data} 的券）", f"(the staff verify the coupon of {data})"),
    }
    return words.get(kind, data)
