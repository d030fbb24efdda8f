"""`flask persons`: accounts that are one human being."""

import click
from flask.cli import AppGroup

from commands.running import database, fail
from core import clock, contacts, persons
from core.refusal import Refused

group = AppGroup("persons", help="Accounts that are one human being.")


@group.command()
@click.argument("kept")
@click.argument("gone")
@click.option("--reason", required=True, help="How it is known; kept.")
def merge(kept: str, gone: str, reason: str) -> None:
    """Make the accounts KEPT and GONE, each written as CHANNEL:ID, one person, whose limits count together.

    It cannot be taken back.
    """
    with database().write() as session:
        first, second = (
            contacts.person_of(session, *account.split(":", 1)) if ":" in account else None for account in (kept, gone)
        )
        if first is None or second is None:
            fail(f"There is no contact {kept if first is None else gone!r}; expected such as line:U0123 (CHANNEL:ID).")
        done = persons.merge(session, first, second, reason, None, clock.now())
        if isinstance(done, Refused):
            fail(f"{kept} and {gone} are one person already ({done.reason}).")
    click.echo(f"{kept} and {gone} are one person now.")
