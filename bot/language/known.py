"""What is known around a flow while it is checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.language.model import Flow
from bot.language.starts import Mark

Texts = Mapping[str, Any]  # shared texts by their names, each a text or a text a language


def _anything(_: str) -> bool:
    return True


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True)
class Known:
    """What a flow may refer to, and what it must not take from others. None: nobody knows, so nothing is said.

    `has_picture` tells whether a picture is beside the file. `starts` are those of all the other flows
    (`bot.language.starts.marks`), each with the name of its flow; `flows` are these flows, by their names;
    `unpublished` those of them that only have a file so far, `gone` those that are published and have none. `unsent`:
    the campaigns that are a 'draft' or 'archived'; `periods`: when the campaigns that have an end stop being sent,
    judged at `now`; `beginnings`: when those that have one begin; `timezone` is the shop's; `has_members`: whether
    anybody is a member of it. `texts` are the shared ones; `read_file` gives the text of a file beside the flow's,
    None where there is none.
    """

    campaigns: frozenset[str] | None = None
    has_picture: Callable[[str], bool] = _anything
    starts: Mapping[Mark, str] | None = None
    flows: Mapping[str, Flow] | None = None
    unpublished: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    unsent: Mapping[str, str] | None = None
    periods: Mapping[str, datetime] | None = None
    beginnings: Mapping[str, datetime] | None = None
    now: datetime | None = None
    timezone: ZoneInfo | None = None
    has_members: bool | None = None
    texts: Texts = field(default_factory=dict)
    read_file: Callable[[str], str | None] = _nothing
