"""LINE for tests with many contacts: takes messages as fast as they come, refuses what LINE refuses of repeats."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

REPLY, PUSH = "/v2/bot/message/reply", "/v2/bot/message/push"


class Line:
    """The platform. A reply token works once; a retry key is accepted once, and 409 afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: set[str] = set()
        self._chats: dict[str, list[str]] = {}
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                self._say(*line.take(self.path, body, self.headers.get("X-Line-Retry-Key", "")))

            def do_GET(self) -> None:
                self._say(200, {"displayName": "Mei", "userId": "U", "language": "en"})

            def log_message(self, format: str, *words: object) -> None:  # noqa: A002 (the base's name)
                """Silent."""

            def _say(self, status: int, answer: dict[str, Any]) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: dict[str, Any], retry_key: str) -> tuple[int, dict[str, Any]]:
        """Status and answer to a request with `messages`. The test's reply tokens are t<account's number>-<place>."""
        if path not in {REPLY, PUSH}:
            return 202, {}
        once = body["replyToken"] if path == REPLY else retry_key
        to = f"U{int(once[1:].split('-')[0]):032x}" if path == REPLY else body["to"]
        sent = [{"id": str(number)} for number in range(len(body["messages"]))]
        with self._lock:
            if once in self._used:
                return (400, {"message": "Invalid reply token"}) if path == REPLY else (409, {"sentMessages": sent})
            self._used.add(once)
            self._chats.setdefault(to, []).extend(_text(message) for message in body["messages"])
        return 200, {"sentMessages": sent}

    def texts(self, account_id: str) -> list[str]:
        """What the account was told, in order."""
        with self._lock:
            return list(self._chats.get(account_id, []))


def _text(message: dict[str, Any]) -> str:
    template = message.get("template")
    return str(template["text"] if template else message["text"])
