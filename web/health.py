"""`/healthz`: whether everything that a customer needs is there, for load balancers and for people."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify

Check = Callable[[], str]


class Unhealthy(Exception):  # noqa: N818 (a state of things, not a mistake)
    """A part is not as it should be; the message says how."""


def blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """The health page over named checks; each returns a word or raises Unhealthy."""
    room = Blueprint("health", __name__)

    @room.get("/healthz")
    def healthz() -> Response:
        """200 where every check is well, else 503; every part's word is in the JSON either way."""
        words, is_well = {}, True
        for name, check in checks.items():
            try:
                words[name] = check()
            except Unhealthy as error:
                words[name], is_well = str(error), False
        answer = jsonify(status="ok" if is_well else "unhealthy", **words)
        answer.status_code = 200 if is_well else 503
        return answer

    return room
