"""What the stand-ins received and sent, kept to be looked at beside the phone."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, request

from simulator.context import Context

KEPT_CHARACTERS = 20_000
SHOWN = {"application/json", ""}
DROPPED = 0  # the status of a call whose connection was cut


@contextmanager
def noted(context: Context, channel: str) -> Iterator[Callable[[Response], None]]:
    """Keep this call and the answer that the block notes; one that raises is kept as dropped."""
    entry: dict[str, Any] = {
        "direction": "received",
        "channel": channel,
        "method": request.method,
        "path": request.path,
        "status": DROPPED,
        "request": _readable(request.get_data()) if request.mimetype in SHOWN else f"[{request.mimetype}]",
        "answer": None,
        "at": context.now(),
    }

    def note(response: Response) -> None:
        entry["status"], entry["answer"] = response.status_code, _readable(response.get_data())

    try:
        yield note
    finally:
        context.state.note_traffic(entry)


def _readable(raw: bytes) -> Any:  # noqa: ANN401 (any JSON)
    text = raw[:KEPT_CHARACTERS].decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
