"""`flask users`: who may log in."""

import secrets

import click
from flask.cli import AppGroup

from commands.running import database, fail
from core import clock, users

group = AppGroup("users", help="The people who log in: marketers and store staff.")


@group.command()
@click.argument("username")
@click.option(
    "--role", type=click.Choice(users.ROLES), required=True, help="marketer: the console; staff: the counter."
)
@click.option("--store", help="The store that a member of staff stands in; made where it is new.")
@click.option("--password", help="Left out: a good one is made and shown once.")
def create(username: str, role: users.Role, store: str | None, password: str | None) -> None:
    """Add a user."""
    chosen = password or secrets.token_urlsafe(12)
    try:
        with database().write() as session:
            users.create(session, username, chosen, role, store, clock.now())
    except users.UserError as error:
        fail(str(error))
    click.echo(f"Added {role} {username}." + ("" if password else f" The password, shown only now: {chosen}"))
