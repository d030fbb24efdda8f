"""The stand-ins for LINE's and Meta's platforms, and a phone: an application of its own, for demos and tests."""

from collections.abc import Iterable
from typing import Any

from flask import Flask

from simulator import line_menus, line_platform, messenger_platform, messenger_profile, people, phone
from simulator.config import SimulatorConfig
from simulator.context import Context
from simulator.faults import ConnectionDropped
from simulator.state import State

__all__ = ["SimulatorConfig", "create_simulator"]


def create_simulator(config: SimulatorConfig) -> Flask:
    """The stand-ins under /line and /messenger, the phone at /."""
    app = Flask("simulator", static_folder=None, root_path=__file__.rpartition("/")[0])
    state = State(config.state_path)
    people.settle(state)
    app.extensions["simulator"] = Context(config, state)
    rooms = (line_platform, line_menus, messenger_platform, messenger_profile, phone)
    for room in (each.blueprint for each in rooms):
        app.register_blueprint(room)
    app.register_error_handler(ConnectionDropped, _drop)
    return app


def _drop(_: ConnectionDropped) -> "CutAnswer":
    return CutAnswer()


class CutAnswer:
    """A response that promises more than it sends: the client sees the connection break."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 (WSGI)
        """Promise a body and end without it."""
        del environ
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])
        return [b"{"]
