"""A shop whose parts are killed at random moments and started again, as a supervisor would."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from redis import Redis, RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db.database import Database
from tests.databases import PostgresServer
from tests.proof import sizes
from tests.system.shop import Shop

STARTED = {"first": "worker_started", "second": "worker_started", "periodic": "periodic_started"}  # what their logs say
WORKERS = ("first", "second")
WHOLE_WITHIN = 90  # seconds, on a machine that is busy with other things
NEVER = float("inf")
# By default each kind of death is tried on one of the two, with PROVE on both.
ON_SQLITE = ("a web process", "the web server", "both RQ workers", "Valkey", "Valkey and an RQ worker")
ON_POSTGRES = ("both web processes", "an RQ worker", "the periodic process", "Valkey and its data", "PostgreSQL")

Start = Callable[[], object]
Deed = Callable[[], list[str]]  # kills, and returns the names of what has to be started again


@dataclass(frozen=True)
class Span:
    """From one moment to another, in monotonic seconds."""

    begin: float
    end: float

    def shared(self, other: "Span") -> float:
        """For how many seconds the two overlap."""
        return max(0.0, min(self.end, other.end) - max(self.begin, other.begin))


class Machine:
    """Kills parts and starts them again; `whole` are the spans in which nothing was missing."""

    def __init__(self, shop: Shop, server: PostgresServer | None, chance: random.Random) -> None:
        self.whole: list[Span] = []
        self.said: list[str] = []
        self._shop, self._server, self._chance = shop, server, chance
        self._database = Database(shop.database_url)
        self._redis = Redis.from_url(shop.environment["REDIS_URL"], socket_timeout=2)
        self._read_to: dict[str, int] = {}
        self._starts: dict[str, Start] = {
            "valkey": shop.valkey,
            "first": lambda: shop.worker("first"),
            "second": lambda: shop.worker("second"),
            "periodic": shop.periodic,
            "web": shop.start_web,
        }
        self._deeds: dict[str, Deed] = {
            "a web process": lambda: self._kill_web(1),
            "both web processes": lambda: self._kill_web(2),
            "the web server": lambda: self._kill("web"),  # its processes notice, and keep the port until they end
            "an RQ worker": lambda: self._kill(self._chance.choice(WORKERS)),
            "both RQ workers": lambda: self._kill(*WORKERS),
            "the periodic process": lambda: self._kill("periodic"),
            "Valkey": lambda: self._kill("valkey"),
            "Valkey and its data": self._empty_valkey,
            "Valkey and an RQ worker": lambda: self._kill("valkey", self._chance.choice(WORKERS)),
        }
        if server:
            self._deeds["PostgreSQL"] = self._crash_postgres
        if not sizes.IS_PROOF:
            self._deeds = {what: self._deeds[what] for what in (ON_POSTGRES if server else ON_SQLITE)}
        self._since = NEVER

    def close(self) -> None:
        """Let go of the database and of Valkey."""
        self._database.dispose()
        self._redis.close()

    def start(self) -> None:
        """Start every part but Valkey, which a shop has from the beginning."""
        for name in ("first", "second", "periodic", "web"):
            self._start(name)
        self._wait_until_whole()

    def break_and_mend(self, stopped: threading.Event) -> None:
        """Kill at random moments, each kind of death once before any comes again; once at least, until told to."""
        is_first = True
        while is_first or not stopped.is_set():
            for what in self._chance.sample(sorted(self._deeds), len(self._deeds)):
                if stopped.wait(self._chance.uniform(*sizes.CRASHES_APART)) and not is_first:
                    break
                self._break(what)
            is_first = False
        self.whole.append(Span(self._since, NEVER))

    def _break(self, what: str) -> None:
        self.whole.append(Span(self._since, time.monotonic()))
        killed, gone = self._deeds[what](), time.monotonic()
        threading.Event().wait(self._chance.uniform(0, 1))  # a supervisor needs its moment
        for name in killed:
            self._start(name)
        last = self._wait_until_whole()
        self.said.append(f"{what} ({time.monotonic() - gone:.1f} s{', last ' + ' and '.join(last) if last else ''})")

    def _kill(self, *names: str) -> list[str]:
        for name in names:
            self._shop.kill(name)
        return list(names)

    def _kill_web(self, count: int) -> list[str]:
        """The server starts others by itself."""
        found = self._shop.web_workers()
        for process in self._chance.sample(found, min(count, len(found))):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return []

    def _empty_valkey(self) -> list[str]:
        killed = self._kill("valkey")
        shutil.rmtree(self._shop.directory / "appendonlydir")
        return killed

    def _crash_postgres(self) -> list[str]:
        assert self._server
        self._server.crash()
        threading.Event().wait(self._chance.uniform(0, 1))
        self._server.start()
        return []

    def _start(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._read_to[name] = len(self._shop.log_of(name))
        self._starts[name]()

    def _wait_until_whole(self) -> list[str]:
        """Returns what came back last."""
        missing: list[str] = []

        def is_whole() -> bool:
            nonlocal missing
            found = self._missing()
            missing = found or missing
            return not found

        self._shop.until(is_whole, WHOLE_WITHIN, "all parts are back")
        self._since = time.monotonic()
        return missing

    def _missing(self) -> list[str]:
        """The parts that do not do their work yet; those that another part's death has ended are started again."""
        for name, process in list(self._shop.processes.items()):
            if process.poll() is not None:
                self.said.append(f"{name} ended by itself, {process.returncode}")
                self._start(name)
        found = [name for name, word in STARTED.items() if word not in self._log_of(name)]
        if len(self._shop.web_workers()) < 2 or self._shop.get("/healthz")[0] not in {200, 503}:
            found.append("web")
        return found if self._stores_answer() else [*found, "stores"]

    def _log_of(self, name: str) -> str:
        """What the process has written since it was last started."""
        return self._shop.log_of(name)[self._read_to.get(name, 0) :]

    def _stores_answer(self) -> bool:
        try:
            self._redis.ping()
            with self._database.read() as session:
                session.execute(text("SELECT 1"))
        except (RedisError, SQLAlchemyError):
            return False
        return True
