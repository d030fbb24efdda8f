"""The stand-ins as a server on loopback, and a shop that only remembers what it was sent."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulator.app import SimulatorConfig, create_simulator


class Quiet(WSGIRequestHandler):
    """No line a request."""

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


def serve(app: Flask) -> BaseWSGIServer:
    """Serve an application on a free port, in a thread, until `shutdown`."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


@dataclass
class StandIns:
    """The stand-ins' address, and the webhooks that the shop has received."""

    url: str
    received: list[dict[str, Any]] = field(default_factory=list)

    def post(self, path: str, body: dict[str, Any], token: str = "line-token", **headers: str) -> requests.Response:
        """A call as a shop makes it."""
        return requests.post(
            self.url + path,
            json=body,
            headers={"Authorization": f"Bearer {token}", **headers},
            timeout=10,
        )

    def api(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call as the phone makes it."""
        answer = requests.post(f"{self.url}/api/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def bubbles(self, channel: str, person: str) -> list[dict[str, Any]]:
        """What the bot has said to a person."""
        chat = requests.get(f"{self.url}/api/chats/{channel}/{person}", timeout=10).json()
        return [bubble["body"] for bubble in chat["bubbles"] if bubble["is_from_bot"]]


@pytest.fixture
def stand_ins(tmp_path: Path) -> Iterator[StandIns]:
    received: list[dict[str, Any]] = []
    shop = Flask("shop")

    @shop.post("/webhooks/<channel>")
    def webhook(channel: str) -> str:
        body = request.get_data()
        received.append({"channel": channel, "raw": body, "headers": dict(request.headers), "body": json.loads(body)})
        return "OK"

    shop_server = serve(shop)
    config = SimulatorConfig(
        state_path=tmp_path / "simulator.sqlite3",
        shop_url=f"http://127.0.0.1:{shop_server.port}",
        line_channel_secret="line-secret",
        line_channel_access_token="line-token",
        messenger_app_secret="app-secret",
        messenger_page_token="page-token",
        messenger_page_id="100",
    )
    server = serve(create_simulator(config))
    yield StandIns(f"http://127.0.0.1:{server.port}", received)
    for running in (server, shop_server):
        running.shutdown()
        running.server_close()
