"""Faults on demand: what a platform does on a bad day."""

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Response

from simulator.context import Context

KINDS = ("status", "drop_before", "drop_after", "delay")


class ConnectionDropped(Exception):  # noqa: N818 (what happens, not a mistake)
    """The connection is cut without an answer."""


def add(context: Context, fault: dict[str, Any]) -> None:
    """Ask for a fault; raises ValueError for a kind that is not known."""
    if fault.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    names = ("platform", "endpoint", "kind", "status", "code", "message", "seconds", "count")
    given = {"endpoint": "*", "status": 500, "code": 2, "message": "", "seconds": 1.0, "count": 1} | fault
    with context.state.change() as connection:
        connection.execute(
            f"INSERT INTO faults ({', '.join(names)}) VALUES (?,?,?,?,?,?,?,?)",  # noqa: S608 (fixed names)
            [given[name] for name in names],
        )


def clear(context: Context) -> None:
    """Back to a good day."""
    with context.state.change() as connection:
        connection.execute("DELETE FROM faults")


def take(context: Context, platform: str, endpoint: str) -> dict[str, Any] | None:
    """The next fault asked for at this endpoint, used up by one."""
    with context.state.change() as connection:
        row = connection.execute(
            "SELECT * FROM faults WHERE platform = ? AND endpoint IN (?, '*') AND count > 0 ORDER BY number LIMIT 1",
            (platform, endpoint),
        ).fetchone()
        if row is None:
            return None
        connection.execute("UPDATE faults SET count = count - 1 WHERE number = ?", (row["number"],))
        return dict(row)


def around(
    context: Context,
    platform: str,
    endpoint: str,
    answer: Callable[[], Response],
    error: Callable[[dict[str, Any]], dict[str, Any]],
) -> Response:
    """Answer a call, with the fault asked for, if there is one. `error` is an error's body in the platform's shape."""
    fault = take(context, platform, endpoint)
    kind = fault["kind"] if fault else ""
    if fault and kind == "status":
        headers = {"Retry-After": "1"} if fault["status"] == 429 else {}  # noqa: PLR2004 (Too Many Requests)
        return Response(json.dumps(error(fault)), fault["status"], headers, content_type="application/json")
    if kind == "drop_before":
        raise ConnectionDropped
    done = answer()
    if fault and kind == "delay":
        time.sleep(min(fault["seconds"], 30))
    if kind == "drop_after":
        raise ConnectionDropped
    return done
