"""A worker process that fills packs, for tests to kill: `python -m tests.workers.importer URL URL`."""

import os
import sys

from core.imports import loading
from db.database import Database
from tests.workers.conftest import SHOP, Line
from workers import context, queues
from workers.bell import Bell
from workers.context import Context
from workers.jobs import importing
from workers.outlet import Outlet


def main(database_url: str, redis_url: str) -> None:
    """Load all that is to be loaded."""
    loading.AT_ONCE = 50
    database, bell, ways = Database(database_url), Bell(redis_url), {"line": Line()}
    name = f"worker:{os.getpid()}"
    outlet = Outlet(database, ways, bell.wake, name)
    context.use(Context(database, bell, queues.connect(redis_url), ways, outlet, SHOP, name))
    importing.load(0)
    outlet.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
