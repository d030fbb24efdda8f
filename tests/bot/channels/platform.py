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


class Platform(ThreadingHTTPServer):
    """The server; without a script it answers 200 and an empty object."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.scripts: list[Script] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def will(self, *scripts: Script) -> None:
        self.scripts.extend(scripts)

    def answers(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.will(Script(status, body, headers or {}))

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    server: Platform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each call costs 40 ms
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def log_message(self, *_args: object) -> None:
        """Keep the test's output quiet."""

    def _take(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(raw) if raw else None
        self.server.asked.append(Asked(self.command, address.path, parse_qs(address.query), headers, body))
        script = self.server.scripts.pop(0) if self.server.scripts else Script()
        if script.behaviour == "answer":
            self._answer(script)
            return
        if script.behaviour == "hang":
            self.server.stopping.wait(10)
        elif script.behaviour == "garbage":
            self.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")
        self.close_connection = True

    def _answer(self, script: Script) -> None:
        self.send_response(script.status)
        for name, value in {"Content-Length": str(len(script.body)), **script.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(script.body)
        self.wfile.flush()
        self.close_connection = "Content-Length" in script.headers  # the body breaks off
