"""Programs that a bench starts: each is stopped by its id, the last one first, however the bench ends."""

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import settings as environment
from bench.load import BenchError

ROOT = Path(__file__).parent.parent
STOPS_WITHIN = 15  # seconds, then it is killed


class Programs:
    """Running programs and a folder for what they write; both gone at the end."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="tessera-bench-"))  # short: a socket's path has 107 bytes at most
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name: str, words: Sequence[str], **variables: str) -> int:
        """Start a program under a name with changes to the environment; returns its id."""
        with (self.directory / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 (our own programs)
                words,
                cwd=ROOT,
                env=environment.with_environment(variables),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours; we stop them
            )
        self._running[name] = process
        return process.pid

    def stop(self, name: str) -> None:
        """Stop a program, with force where it does not go."""
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(timeout=STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until `condition` holds.

        Raises:
            BenchError: a program has ended by itself, or it took too long.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                tail = "\n".join(f"{name}: {self.log(name)[-1500:]}" for name in ended or self._running)
                raise BenchError(f"Waited in vain until {what}.\n{tail}")
            time.sleep(0.05)

    def log(self, name: str) -> str:
        """What a program has written so far."""
        return (self.directory / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, *, well: bool = False) -> bool:
    """Whether `url` is answered, and where `well` is asked for, with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (our own address)
            return bool(answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError:
        return not well
    except OSError:
        return False
