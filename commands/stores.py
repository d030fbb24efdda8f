"""`flask stores`: the places with a counter."""

import click
from flask.cli import AppGroup

from commands.running import database, fail, refuse
from core import clock, stores
from core.audit import Doer
from core.reasons import Reason
from core.refusal import Refused
from core.stores import IDLE_MINUTES, UNDO_MINUTES, Place, Wanted

group = AppGroup("stores", help="The stores: places with a counter, where coupons are verified.")
DOER = Doer()
SENTENCES = {
    Reason.STORE_NAME_TAKEN: "There is a store {!r} already.",
    Reason.STORE_NAME_MALFORMED: "A store's name has 1 to 100 characters, all of which can be seen.",
    Reason.MINUTES_OUT_OF_RANGE: f"--undo-minutes must be 0 to {UNDO_MINUTES[-1]}, "
    f"--idle-minutes 1 to {IDLE_MINUTES[-1]}.",
}


@group.command("list")
def listing() -> None:
    """Show every store, with how many staff and bound devices it has."""
    with database().read() as session:
        found = stores.all_of(session)
    for one in found:
        state = "  closed" if one.closed_at else ""
        click.echo(f"{one.name}  staff: {one.staff}  devices: {one.devices}{state}")


@group.command()
@click.argument("name")
@click.option("--undo-minutes", type=int, default=15, show_default=True, help="Staff may undo for so long; 0: never.")
@click.option("--idle-minutes", type=int, default=5, show_default=True, help="Devices lock after so long.")
def add(name: str, undo_minutes: int, idle_minutes: int) -> None:
    """Add a store."""
    with database().write() as session:
        added = stores.add(session, DOER, Wanted(name, undo_minutes, idle_minutes), clock.now())
    if isinstance(added, Refused):
        refuse(added, SENTENCES)
    click.echo(f"Added {name.strip()}.")


@group.command()
@click.argument("name")
@click.option("--name", "new_name", help="What it is called from now on.")
@click.option("--undo-minutes", type=int, help="Staff may undo for so long; 0: never.")
@click.option("--idle-minutes", type=int, help="Devices lock after so long.")
def change(name: str, new_name: str | None, undo_minutes: int | None, idle_minutes: int | None) -> None:
    """Give a store another name or other times."""
    store = known(name)
    wanted = Wanted(
        new_name or store.name,
        store.undo_minutes if undo_minutes is None else undo_minutes,
        store.idle_minutes if idle_minutes is None else idle_minutes,
    )
    with database().write() as session:
        refused = stores.change(session, DOER, store.store_id, wanted, clock.now())
    if refused:
        refuse(refused, SENTENCES)
    click.echo(f"Changed {wanted.name}.")


@group.command()
@click.argument("name")
def close(name: str) -> None:
    """Verify nothing in a store any more; its records, staff and devices stay."""
    store = known(name)
    with database().write() as session:
        stores.close(session, DOER, store.store_id, clock.now())
    click.echo(f"{store.name} is closed.")


@group.command("open")
@click.argument("name")
def open_again(name: str) -> None:
    """Verify in a store again."""
    store = known(name)
    with database().write() as session:
        stores.open_again(session, DOER, store.store_id, clock.now())
    click.echo(f"{store.name} is open.")


def known(name: str) -> Place:
    """The store of this name; the command ends where there is none."""
    with database().read() as session:
        found = stores.by_name(session, name)
    return found or fail(f"There is no store {name!r}. `flask stores list` shows all.")
