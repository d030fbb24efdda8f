"""What jobs work with. RQ hands a job only its arguments; the rest is set once when the worker process starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from bot.catalog import Catalog
from bot.channels.delivery import Sender
from core.shop import Shop
from db.database import Database
from workers.bell import Bell
from workers.hook_outlet import HookOutlet
from workers.outlet import Outlet
from workers.smtp import Post

CATALOG_SECONDS = 1.0  # how long a newly published version may wait for its first conversation


@dataclass(frozen=True)
class Context:
    """A process of the background: what it reaches, its ways out by channel, its shop, and its own name.

    `outlet` is its threads that send; senders are for what the job itself sends.
    """

    database: Database
    bell: Bell
    redis: Redis
    senders: Mapping[str, Sender]
    outlet: Outlet
    shop: Shop
    name: str
    catalog: Catalog = field(default_factory=lambda: Catalog(CATALOG_SECONDS))
    flow_turns_days: int = 90  # for how long it is kept which steps of flows ran
    post: Post | None = None  # None: no mail is set up
    hooks: HookOutlet | None = None  # the threads that send outgoing webhooks


_contexts: list[Context] = []


def use(context: Context) -> None:
    """Make this the process's context."""
    _contexts[:] = [context]


def current() -> Context:
    """The process's context; a job run outside a worker has none and raises LookupError."""
    if not _contexts:
        raise LookupError("Jobs run in a worker: start one with `flask worker`.")
    return _contexts[0]
