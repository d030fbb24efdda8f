"""A conversation with a text under trial: all of it travels in the page's form, signed; nothing is kept here."""

import hashlib
from typing import Literal

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.messages import Button
from bot.rehearsal.world import World

LONGEST = 120  # lines that are kept, the newest
_SALT = "a flow under trial"


class Line(BaseModel):
    """What the customer did, what the bot said, or a note of what else was done."""

    model_config = ConfigDict(frozen=True)

    by: Literal["customer", "bot", "note"]
    text: str
    title: str = ""
    images: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


class Talk(BaseModel):
    """The world as the conversation has made it, and the lines so far. `script` tells the text that it is had with."""

    model_config = ConfigDict(frozen=True)

    world: World
    script: str
    lines: tuple[Line, ...] = ()

    def with_lines(self, world: World, lines: list[Line]) -> "Talk":
        """The conversation gone on."""
        return Talk(world=world, script=self.script, lines=(*self.lines, *lines)[-LONGEST:])


def script_of(*texts: str) -> str:
    """What tells one text, among the flows beside it, from another."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def sealed(talk: Talk) -> str:
    """The conversation as a form's field that only we can have written."""
    return str(_serializer().dumps(talk.model_dump(mode="json")))


def opened(field: str) -> Talk | None:
    """The conversation in such a field; None where it is none of ours."""
    try:
        return Talk.model_validate(_serializer().loads(field))
    except (BadData, ValidationError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt=_SALT)
