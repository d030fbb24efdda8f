"""`/healthz`: whether everything that a customer needs is there, for load balancers and for people."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Blueprint, Response, jsonify

from web.together import TookTooLong

Check = Callable[[], str]

WITHIN = 3.0  # seconds for each of what may be silent; load balancers give the whole page some five
FRESH = 0.5  # seconds for which Redis is not asked again: three parts of the page rest on its one answer
MEGABYTE = 1_000_000
LITTLE, NONE = 500 * MEGABYTE, MEGABYTE  # bytes left on the disk: worth a word; too few for what is to be stored


class Unhealthy(Exception):  # noqa: N818 (a state of things, not a mistake)
    """A part is not as it should be; the message says how."""


def free(folder: Path) -> int:
    """How many bytes are left on the disk of `folder` (VAR_DIR)."""
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise Unhealthy(f"VAR_DIR cannot be read: {error.strerror}") from error


def room(folder: Path) -> str:
    """Whether that disk has room; a word of how much where it is little."""
    left = free(folder)
    if left < NONE:
        raise Unhealthy("full: nothing can be stored until there is room in VAR_DIR")
    return "ok" if left > LITTLE else f"ok, but only {left // MEGABYTE} MB are left in VAR_DIR"


def blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """The health page over named checks; each returns a word, or raises Unhealthy or TookTooLong."""
    room = Blueprint("health", __name__)

    @room.get("/healthz")
    def healthz() -> Response:
        """200 where every check is well, else 503; every part's word is in the JSON either way."""
        words, is_well = {}, True
        for name, check in checks.items():
            try:
                words[name] = check()
            except (Unhealthy, TookTooLong) as error:
                words[name], is_well = str(error), False
        answer = jsonify(status="ok" if is_well else "unhealthy", **words)
        answer.status_code = 200 if is_well else 503
        return answer

    return room
