"""Another system of the shop: it verifies what it is told as docs/outgoing-webhooks.md says, and refuses the rest."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs" / "outgoing-webhooks.md"
LARGEST = 20_000  # bytes


def documented() -> Callable[[str, dict[str, str], bytes], None]:
    """The function `verify` as the page has it."""
    (source,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 (our own page)
    found: Callable[[str, dict[str, str], bytes], None] = names["verify"]
    return found


@dataclass
class Receiver:
    """What came and was good, by its event id; every request with its answer; how the next ones are answered."""

    secrets: Sequence[str] = ()
    port: int = 0
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    is_held: threading.Event = field(default_factory=threading.Event)
    holds: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?shop=1"

    def judge(self, headers: dict[str, str], body: bytes) -> int:
        """As receivers do: 4xx for what they do not believe or understand."""
        if headers.get("content-type") != "application/json":
            return 415
        if len(body) > LARGEST:
            return 413
        for secret in self.secrets:
            try:
                documented()(secret, headers, body)
            except KeyError:
                return 400
            except ValueError:
                continue
            return 204
        return 401


@contextmanager
def receiving(holds: bool = False) -> Iterator[Receiver]:  # noqa: FBT001, FBT002 (one word)
    """A receiver as long as the block runs. One that `holds` answers nobody before the end."""
    made = Receiver(holds=holds)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = made.judge(headers, body)
            if made.holds:
                made.is_held.wait(30)
            more: dict[str, str] = {}
            if status == 204 and made.answers:
                status, more = made.answers.pop(0)
            if 200 <= status < 300:
                made.taken.append((headers["webhook-id"], json.loads(body)))
            made.answered.append(status)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.is_held.set()
    server.shutdown()
    thread.join()
    server.server_close()
