"""`flask keys`: the keys of POS machines, as the console's page for them."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from commands.running import database, fail, refuse
from commands.stores import known
from core import api_keys, clock
from core.api_keys import Key
from core.audit import Doer
from core.reasons import Reason
from core.refusal import Refused

group = AppGroup("keys", help="The keys of POS machines, for /api/v1/.")
DOER = Doer()
SENTENCES = {
    Reason.KEY_NAME_MALFORMED: "The name must have 1 to 64 characters that can be seen.",
    Reason.KEY_WITHOUT_SCOPES: "A key needs a scope: --scope verify",
    Reason.KEY_REVOKED: "The key is revoked, for good. Make another.",
}
HOURS = click.IntRange(0, int(api_keys.LONGEST_OVERLAP.total_seconds() // 3600))


@group.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice(api_keys.SCOPES), multiple=True, help="What it may; several times."
)
@click.option("--store", help="The store that it acts in; left out: each request names its own.")
def create(name: str, scopes: tuple[str, ...], store: str | None) -> None:
    """Make a key, and show it once."""
    store_id = known(store).store_id if store else None
    with database().write() as session:
        made = api_keys.make(session, DOER, name, scopes, store_id, clock.now())
    if isinstance(made, Refused):
        refuse(made, SENTENCES)
    click.echo(f"The key of {name}, shown only now: {made.secret}")


@group.command("list")
def listing() -> None:
    """Show all keys, without their secrets."""
    with database().read() as session:
        keys = api_keys.all_of(session)
    for key in keys:
        where = key.store_name or "every store"
        used = f"used {key.used_at:%Y-%m-%d %H:%M}Z" if key.used_at else "never used"
        state = "revoked" if key.revoked_at else used
        click.echo(f"{key.prefix}  {key.name}  {where}  {','.join(key.scopes)}  {state}")


@group.command()
@click.argument("prefix")
@click.option("--overlap", type=HOURS, default=24, show_default=True, help="Hours that the secret before still counts.")
def rotate(prefix: str, overlap: int) -> None:
    """Give the key PREFIX another secret, and show it once."""
    key = _known(prefix)
    with database().write() as session:
        made = api_keys.rotate(session, DOER, key.key_id, timedelta(hours=overlap), clock.now())
    if isinstance(made, Refused):
        refuse(made, SENTENCES)
    click.echo(f"The new key of {key.name}, shown only now: {made.secret}")
    click.echo(f"The one before counts for {overlap} more hours." if overlap else "The one before counts no more.")


@group.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Let nobody in with the key PREFIX any more, at once."""
    key = _known(prefix)
    with database().write() as session:
        refused = api_keys.revoke(session, DOER, key.key_id, clock.now())
    if refused:
        refuse(refused, SENTENCES)
    click.echo(f"The key of {key.name} is revoked.")


def _known(prefix: str) -> Key:
    with database().read() as session:
        found = api_keys.by_prefix(session, prefix)
    return found or fail(f"There is no key {prefix!r}. `flask keys list` shows all.")
