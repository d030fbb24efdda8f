"""A worker process that begins flows at their time, for tests to kill: `python -m tests.workers.starter URL URL`."""

import os
import sys

from db.database import Database
from tests.workers.conftest import SHOP, Line
from workers import context, queues
from workers.bell import Bell
from workers.context import Context
from workers.jobs import starting
from workers.outlet import Outlet


def main(database_url: str, redis_url: str) -> None:
    """Begin with all whose turn it is."""
    database, bell, ways = Database(database_url), Bell(redis_url), {"line": Line()}
    name = f"worker:{os.getpid()}"
    outlet = Outlet(database, ways, bell.wake, name)
    context.use(Context(database, bell, queues.connect(redis_url), ways, outlet, SHOP, name))
    starting.start(0)
    outlet.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
