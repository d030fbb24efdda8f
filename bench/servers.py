"""The real servers that a bench runs on: PostgreSQL or SQLite, Valkey, gunicorn, the product's workers."""

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.programs import ROOT, Programs, answers, free_port
from commands import demo
from settings import Settings
from tests.databases import Postgres, Sqlite

BIN = Path(sys.executable).parent
GUNICORN, FLASK = str(BIN / "gunicorn"), str(BIN / "flask")
STARTS_WITHIN = 120  # seconds, on a busy machine
LINE_SECRET = "line-secret"  # noqa: S105 (signs what the bench itself sends)

Fresh = Callable[[], str]


@contextlib.contextmanager
def databases(kind: str) -> Iterator[Fresh]:
    """A function that makes new, migrated, empty databases of a kind and returns their URLs.

    PostgreSQL runs with its defaults on a scratch folder (shared_buffers 128 MB, fsync on), or is the server at
    TEST_DATABASE_URL.
    """
    if kind == "postgresql":
        server = Postgres()
        made: list[str] = []

        def fresh() -> str:
            made.append(server.fresh())
            return made[-1]

        try:
            yield fresh
        finally:
            for url in made:
                server.drop(url)
            server.stop()
        return
    with Programs() as programs:
        template, numbers = Sqlite(programs.directory), itertools.count(1)

        def copy() -> str:
            folder = programs.directory / str(next(numbers))
            folder.mkdir()
            return template.fresh(folder)

        yield copy


def web(programs: Programs, name: str, app: str, port: int, **variables: str) -> int:
    """Gunicorn with the demo's options, waited for; returns its id."""
    words = [GUNICORN, "--chdir", str(ROOT), *demo.WEB_OPTIONS, "--bind", f"127.0.0.1:{port}", app]
    process_id = programs.start(name, words, **variables)
    programs.until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), STARTS_WITHIN, f"{name} answers")
    return process_id


@contextlib.contextmanager
def application(app: str) -> Iterator[str]:
    """Any WSGI application on the product's server settings; its address."""
    with Programs() as programs:
        port = free_port()
        web(programs, "web", app, port)
        yield f"http://127.0.0.1:{port}"


@dataclass
class Shop:
    """The product with all its processes. `web_id` and `worker_ids` are process ids."""

    programs: Programs
    url: str
    variables: dict[str, str]
    web_id: int = 0
    worker_ids: tuple[int, ...] = ()

    def background(self) -> None:
        """Start workers and the periodic process, and wait until all is well."""
        self.worker_ids = tuple(
            self.programs.start(f"worker{number}", [FLASK, "worker"], **self.variables)
            for number in range(demo.WORKERS)
        )
        self.programs.start("periodic", [FLASK, "worker", "--periodic"], **self.variables)
        self.programs.until(lambda: answers(f"{self.url}/healthz", well=True), STARTS_WITHIN, "the shop is well")

    def rest(self) -> None:
        """Stop workers and the periodic process: what comes in waits."""
        for name in ("periodic", *(f"worker{number}" for number in range(demo.WORKERS))):
            self.programs.stop(name)


@contextlib.contextmanager
def shop(database_url: str, *, has_workers: bool = True, **variables: str) -> Iterator[Shop]:
    """Valkey, web, workers and the periodic process on a database, as `make demo` runs them, without the stand-ins."""
    with Programs() as programs:
        is_sqlite = database_url.startswith("sqlite")
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        given = Settings(var_dir=programs.directory)
        programs.start("valkey", demo.valkey(given))
        programs.until(given.valkey_socket.exists, STARTS_WITHIN, "Valkey is there")
        all_variables = {
            "DATABASE_URL": "" if is_sqlite else database_url.replace("+psycopg", ""),
            "VAR_DIR": str(Path(database_url.removeprefix("sqlite:///")).parent if is_sqlite else programs.directory),
            "REDIS_URL": f"unix://{given.valkey_socket}",
            "PORT": str(port),
            "PUBLIC_URL": url,
            "SIMULATOR": "",
            "LINE_CHANNEL_SECRET": LINE_SECRET,
            **variables,
        }
        started = Shop(programs, url, all_variables)
        started.web_id = web(programs, "web", "app:create_app()", port, **all_variables)
        if has_workers:
            started.background()
        yield started
