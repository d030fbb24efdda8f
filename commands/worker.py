"""`flask worker`: the background's processes."""

import threading
from urllib.parse import urlsplit

import click
import structlog
from flask.cli import with_appcontext

from bot.channels import load_clients, rates, senders, warnings
from commands.running import database, settings
from core import clock
from core.shop import Shop
from settings import Settings
from workers import pace, process, queues
from workers.bell import Bell
from workers.context import Context
from workers.hook_client import Client
from workers.hook_outlet import HookOutlet
from workers.outlet import Outlet
from workers.pace import Pace
from workers.smtp import Post

log = structlog.get_logger(__name__)


@click.command("worker")
@click.option("--periodic", is_flag=True, help="Do what is periodic, instead of running jobs. One of these is enough.")
@with_appcontext
def command(periodic: bool) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Run RQ jobs: conversations, deliveries, redemptions. Start as many as there are cores to spare."""
    connection = queues.connect(settings().redis_url)
    if periodic:
        process.tick(connection, _context)
    else:
        process.work(connection, _sending)


def _sending(name: str) -> Context:
    """The context of a process that sends, which loads what it needs for that beside its first jobs."""
    made = _context(name)
    threading.Thread(target=load_clients, args=(list(made.senders),), name="loader", daemon=True).start()
    return made


def _context(name: str) -> Context:
    given, bell = settings(), Bell(settings().redis_url)
    ways_out = senders(given)
    pace.use(Pace(queues.connect(given.redis_url, queues.DOOR_WITHIN), rates(given)))
    for sentence in warnings(given, clock.now().date()):
        log.warning("channel_warning", detail=sentence)
    return Context(
        database=database(),
        bell=bell,
        redis=queues.connect(given.redis_url),
        senders=ways_out,
        outlet=Outlet(database(), ways_out, bell.wake, name),
        shop=Shop(given.shop_name, given.shop_timezone, given.public_url),
        name=name,
        flow_turns_days=given.flow_turns_days,
        post=_post(given),
        hooks=HookOutlet(database(), Client(is_inside_allowed=given.webhooks_inside), given.secret_key, bell.wake),
    )


def _post(given: Settings) -> Post | None:
    """The way to the mail server, where there is one."""
    host = urlsplit(given.public_url).hostname or "localhost"
    return Post(given.smtp_url, given.mail_from, given.shop_name, host) if given.smtp_url else None
