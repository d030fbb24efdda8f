"""Whether what a conversation expects is what was done. `...` in an expected text stands for any words."""

import re
from collections.abc import Sequence

from bot.engine import HandOver, NotifyStaff, SetAttribute, Tag, Untag
from bot.language.model.conversation import Heard, Turn
from bot.rehearsal.deeds import Deed, Ended, Sent, Spoke
from bot.rehearsal.seen import Seen
from bot.rehearsal.world import World

_ANYTHING = re.compile(r"\.\.\.|…")


def says(expected: Heard, shown: Seen) -> bool:
    """Whether all the parts that are expected are shown so. A text may begin with the title, which stands above it."""
    given = expected.model_fields_set
    whole = f"{shown.title}\n{shown.text}"
    return (
        ("text" not in given or any(_is(expected.text, words) for words in (shown.text, whole)))
        and ("title" not in given or _is(expected.title, shown.title))
        and ("image" not in given or any(_is(expected.image, image) for image in shown.images))
        and ("buttons" not in given or _are(expected.buttons, [button.label for button in shown.buttons]))
        and ("choices" not in given or _are(expected.choices, list(shown.choices)))
    )


def happened(turn: Turn, deeds: Sequence[Deed], world: World) -> bool:
    """Whether what is no message is among the deeds; of answers, whether they are what is kept now."""
    looks = {
        "tag": lambda: Tag(turn.tag) in deeds,
        "untag": lambda: Untag(turn.untag) in deeds,
        "send_coupon": lambda: Sent(turn.send_coupon) in deeds,
        "set": lambda: all(_set(name, value, deeds) for name, value in turn.set.items()),
        "answers": lambda: all(_is(value, world.answers.get(name, "")) for name, value in turn.answers.items()),
        "notify": lambda: any(isinstance(deed, NotifyStaff) and _is(turn.notify, deed.text) for deed in deeds),
        "hand_over": lambda: any(isinstance(deed, HandOver) and _is(turn.hand_over, deed.reason) for deed in deeds),
        "end": lambda: Ended() in deeds,
    }
    return looks[turn.kind]()


def spoken(turn: Turn, deed: Deed) -> bool:
    """Whether the deed is the message that the turn expects."""
    expected = turn.held if turn.kind == "held" else turn.bot
    is_held = turn.kind == "held"
    return isinstance(deed, Spoke) and expected is not None and deed.is_held == is_held and says(expected, deed.seen)


def _set(name: str, value: str, deeds: Sequence[Deed]) -> bool:
    values = [deed.value for deed in deeds if isinstance(deed, SetAttribute) and deed.name == name]
    return bool(values) and _is(value, values[-1])


def _is(expected: str, found: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in _ANYTHING.split(_trimmed(expected)))
    return re.fullmatch(pattern, _trimmed(found), re.DOTALL) is not None


def _are(expected: Sequence[str], found: Sequence[str]) -> bool:
    """A last `...` stands for all that follow."""
    if expected and _ANYTHING.fullmatch(expected[-1]):
        expected, found = expected[:-1], found[: len(expected) - 1]
    return len(expected) == len(found) and all(map(_is, expected, found))


def _trimmed(words: str) -> str:
    """White space at the ends of lines does not show."""
    return "\n".join(line.rstrip() for line in words.strip().splitlines())
