"""A worker process that sends webhooks and is stuck before it stores: `python -m tests.workers.hooker URL KEY ID`."""

import sys
import threading

from core import hook_deliveries
from db.database import Database
from workers.hook_client import Client
from workers.hook_outlet import HookOutlet


def main(database_url: str, key: str, endpoint_id: str) -> None:
    """Send what is due; what came of it is stored by nobody."""
    hook_deliveries.settle = lambda *_: threading.Event().wait()  # type: ignore[assignment]
    outlet = HookOutlet(Database(database_url), Client(is_inside_allowed=True), key, lambda *_: None)
    outlet.send(int(endpoint_id))
    outlet.wait(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
