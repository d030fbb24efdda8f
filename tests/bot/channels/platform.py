"""A platform on loopback that answers as it is told, one script line a request, and remembers what it was asked."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Behaviour = Literal["answer", "hang", "drop", "garbage"]


@dataclass(frozen=True)
class Script:
    """What to do with one request: answer it, hang until the client gives up, drop the connection, or write rubbish."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    behaviour: Behaviour = "answer"


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


class Platform:
    """The server; without a script it answers 200 and an empty object."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.scripts: list[Script] = []
        self._given_up = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def will(self, *scripts: Script) -> None:
        self.scripts.extend(scripts)

    def answers(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.will(Script(status, body, headers or {}))

    def stop(self) -> None:
        self._given_up.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each call costs 40 ms
            wbufsize = -1

            def do_GET(self) -> None:
                self._take()

            def do_POST(self) -> None:
                self._take()

            def log_message(self, *_args: object) -> None:
                """Keep the test's output quiet."""

            def _take(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                raw = self.rfile.read(length)
                address = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(raw) if raw else None
                platform.asked.append(
                    Asked(self.command, address.path, parse_qs(address.query), headers, body),
                )
                self._do(platform.scripts.pop(0) if platform.scripts else Script())

            def _do(self, script: Script) -> None:
                if script.behaviour == "answer":
                    self.send_response(script.status)
                    for name, value in script.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(script.body)))
                    self.end_headers()
                    self.wfile.write(script.body)
                    self.wfile.flush()
                    return
                if script.behaviour == "hang":
                    platform._given_up.wait(10)  # noqa: SLF001 (its own server)
                elif script.behaviour == "garbage":
                    self.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")
                    self.wfile.flush()
                self.close_connection = True

        return Handler
