"""What was done, as a marketer would write it in a conversation: the lines of a turn in YAML."""

import json
from collections.abc import Callable
from typing import Any

from bot.engine import HandOver, NotifyStaff, SetAttribute, Tag, Untag
from bot.language import source
from bot.language.mistakes import Mistake
from bot.rehearsal.deeds import Deed, Ended, Failed, Kept, NotSent, Sent, Spoke
from bot.rehearsal.seen import Seen
from bot.sentences import Pair

_TURNS: dict[type[Deed], Callable[[Any], dict[str, Any]]] = {
    Spoke: lambda done: {"held" if done.is_held else "bot": _heard(done.seen)},
    Sent: lambda done: {"send_coupon": done.campaign},
    Tag: lambda done: {"tag": done.name},
    Untag: lambda done: {"untag": done.name},
    SetAttribute: lambda done: {"set": {done.name: done.value}},
    NotifyStaff: lambda done: {"notify": done.text},
    HandOver: lambda done: {"hand_over": done.reason},
    Kept: lambda done: {"answers": done.answers},
    Ended: lambda _: {"end": True},
}


def kind_of(deed: Deed) -> str:
    """The name of the turn that expects such a deed; empty where none does."""
    return next(iter(turn_of(deed) or {""}))


def turn_of(deed: Deed) -> dict[str, Any] | None:
    """The turn that expects the deed, as plain data; None where a conversation cannot expect it."""
    turn = _TURNS.get(type(deed))
    return turn(deed) if turn else None


def told(deed: Deed, language: str = "en") -> list[str]:
    """The lines that tell the deed, also one that no turn expects: that in words, for a reader of this language."""
    turn = turn_of(deed)
    if turn is not None:
        return item(turn)
    if isinstance(deed, NotSent):
        words = Pair(
            f"（活動 {deed.campaign} 的券沒有送出：{deed.reason}）",
            f"(the coupon of {deed.campaign} was refused: {deed.reason})",
        )
        return [words.of(language)]
    return [Pair(f"（{deed.why.zh}）", f"({deed.why.en})").of(language)] if isinstance(deed, Failed) else []


def item(turn: dict[str, Any]) -> list[str]:
    """The turn's lines as an item of a list, without indentation."""
    (kind, value) = next(iter(turn.items()))
    if value is True:
        return [f"- {kind}"]
    if isinstance(value, str):
        return _field(f"- {kind}", value, 4)
    if list(value) == ["text"] or kind in {"set", "answers"}:
        return [f"- {kind}: {{{', '.join(f'{name}: {_scalar(part, inside=True)}' for name, part in value.items())}}}"]
    lines = [f"- {kind}:"]
    for name, part in value.items():
        if isinstance(part, str):
            lines += _field(f"    {name}", part, 6)
        else:
            lines.append(f"    {name}: [{', '.join(_scalar(one, inside=True) for one in part)}]")
    return lines


def _heard(seen: Seen) -> str | dict[str, Any]:
    """What the customer reads and can tap; a text alone in its short form."""
    parts: dict[str, Any] = {"text": seen.text} if seen.text else {"title": seen.title} if seen.title else {}
    if not parts and seen.images:
        parts["image"] = seen.images[0]
    if seen.buttons:
        parts["buttons"] = [button.label for button in seen.buttons]
    if seen.choices:
        parts["choices"] = list(seen.choices)
    return seen.text if list(parts) == ["text"] else parts


def _field(name: str, value: str, indent: int) -> list[str]:
    """`name: value`, over several lines where the value has them."""
    if "\n" in value:
        block = [f"{name}: |-", *(" " * indent + line if line else "" for line in value.split("\n"))]
        if _read("\n".join(block).lstrip("- ")) == value:
            return block
    return [f"{name}: {_scalar(value)}"]


def _scalar(value: str, *, inside: bool = False) -> str:
    """The value without quotes where YAML takes it so, else in double quotes."""
    plain = f"a: [{value}]" if inside else f"a: {value}"
    return value if _read(plain) == ([value] if inside else value) else json.dumps(value, ensure_ascii=False)


def _read(line: str) -> object:
    """What stands behind the one name of the lines; None where they are no YAML."""
    found = source.read(line, "")
    return None if isinstance(found, Mistake) or not isinstance(found.data, dict) else next(iter(found.data.values()))
