"""The supervisor of a running demo is killed: its programs end with it, and the next start finds everything."""

import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.coupon_view import State
from db.database import Database
from tests import cast
from tests.proof import patience, verdict
from tests.system.shop import BIN, ROOT, Shop, free_port


class Demo:
    """`make demo` with data of its own, to be started more than once."""

    def __init__(self, directory: Path) -> None:
        self._directory, port = directory, free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.database_url = f"sqlite:///{directory / 'var' / 'tessera.sqlite3'}"
        self._environment = {**os.environ, "PORT": str(port), "VAR_DIR": str(directory / "var")}
        for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
            self._environment.pop(name, None)
        self.started: list[subprocess.Popen[bytes]] = []

    @property
    def last(self) -> subprocess.Popen[bytes]:
        """The last one started: what becomes its supervisor."""
        return self.started[-1]

    def start(self) -> None:
        """Start it, and wait until it is open."""
        process = self.begin()
        Shop.until(lambda: "is open. Ctrl-C" in self.printed() or process.poll() is not None, 120, "the demo is open")
        assert process.poll() is None, self.printed()

    def begin(self) -> subprocess.Popen[bytes]:
        """Start it and wait for nothing."""
        with (self._directory / f"printed-{len(self.started)}").open("wb") as output:
            words = [str(BIN / "flask"), "demo"]
            self.started.append(
                subprocess.Popen(words, cwd=ROOT, env=self._environment, stdout=output, stderr=subprocess.STDOUT)
            )
        return self.last

    def printed(self) -> str:
        """What the last one started has printed."""
        return (self._directory / f"printed-{len(self.started) - 1}").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One that runs."""
    directory = Path(tempfile.mkdtemp(prefix="tessera-"))
    made = Demo(directory)
    try:
        made.start()
        yield made
    finally:
        for process in made.started:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


def programs_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The ids of what a supervisor has started and what runs."""
    found = subprocess.run(["/usr/bin/pgrep", "-P", str(process.pid)], capture_output=True, check=True)
    return [int(word) for word in found.stdout.split() if runs(int(word))]


def runs(process: int) -> bool:
    """Whether there is such a process, other than one whose end nobody has asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_second_demo_with_the_same_data_is_refused_at_once_and_harms_nothing(demo: Demo) -> None:
    first = demo.last
    second = demo.begin()
    assert second.wait(60) == 1
    assert f"still run: process {first.pid} runs them. Stop it first." in demo.printed()
    assert first.poll() is None
    asked = urllib.request.Request(f"{demo.url}/healthz")
    Shop.until(lambda: Shop.request(asked)[0] == 200, 20, "the first is well")


def test_a_killed_supervisor_loses_nothing_and_leaves_nothing_in_the_way_of_the_next_start(demo: Demo) -> None:
    first = next(process for process in demo.started if process.poll() is None)
    database = Database(demo.database_url)
    with database.write() as session:
        early, late = (cast.sent(session, who, datetime.now(UTC)) for who in (cast.MEI, cast.ALEX))
    told = patience.redeem(demo.url, early)
    Shop.until(lambda: len(programs_of(first)) == 5, 20, "Valkey, web, two workers and periodic run, nothing else")
    programs = programs_of(first)
    first.kill()
    first.wait()
    demo.start()
    assert [process for process in programs if runs(process)] == []
    later = patience.redeem(demo.url, late)
    verdict.wait_for_rest(database)
    held, broken = verdict.held(database), verdict.broken(database)
    database.dispose()
    assert told.serial is not None and later.serial is not None
    assert told.wrong == later.wrong == []
    assert {token: one.serial for token, one in held.items()} == {early: told.serial, late: later.serial}
    assert {one.state for one in held.values()} == {State.REDEEMED}
    assert broken == {}
