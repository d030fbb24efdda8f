"""`flask devices`: the phones, tablets and tills of the stores."""

from datetime import datetime
from typing import NoReturn

import click
from flask.cli import AppGroup

from commands.running import database, fail, refuse, settings
from commands.stores import known
from core import clock, devices
from core.audit import Doer
from core.devices import Code, Listed
from core.reasons import Reason
from core.refusal import Refused
from db.base import LARGEST_ID

group = AppGroup("devices", help="The phones, tablets and tills on which staff sign in with a PIN.")
DOER = Doer()
SENTENCES = {Reason.DEVICE_NAME_MALFORMED: "A device's name has 1 to 64 characters, all of which can be seen."}
NUMBER = click.IntRange(1, LARGEST_ID)


@group.command("list")
def listing() -> None:
    """Show every device, with its number."""
    now = clock.now()
    with database().read() as session:
        found = devices.all_of(session)
    for one in found:
        click.echo(f"{one.device_id}  {one.store_name}  {one.name}  {_state(one, now)}")


@group.command()
@click.argument("store")
@click.argument("name")
def add(store: str, name: str) -> None:
    """Add a device to STORE, and show the link that binds it, once, within 15 minutes."""
    store_id = known(store).store_id
    with database().write() as session:
        made = devices.add(session, DOER, store_id, name, clock.now())
    if isinstance(made, Refused):
        refuse(made, SENTENCES)
    _show(made)


@group.command()
@click.argument("number", type=NUMBER)
def code(number: int) -> None:
    """Show another link for a device: whatever opens it becomes this device, and the one before is out."""
    with database().write() as session:
        made = devices.new_code(session, DOER, number, clock.now())
    _show(made or _unknown(number))


@group.command()
@click.argument("number", type=NUMBER)
def revoke(number: int) -> None:
    """Let a device into nothing any more, from its next request on."""
    with database().write() as session:
        found = devices.one(session, number) or _unknown(number)
        devices.revoke(session, DOER, number, clock.now())
    click.echo(f"{found.name} of {found.store_name} is revoked.")


def _show(made: Code) -> None:
    click.echo(f"Device {made.device_id}. Open this on it, once, within 15 minutes:")
    click.echo(f"{settings().public_url}/pos/bind#{made.code}")


def _unknown(number: int) -> NoReturn:
    fail(f"There is no device {number}. `flask devices list` shows all.")


def _state(one: Listed, now: datetime) -> str:
    if one.revoked_at:
        return "revoked"
    if one.bound_at:
        return f"bound, last seen {one.seen_at:%Y-%m-%d %H:%M} UTC"
    is_open = one.binding_ends_at and one.binding_ends_at > now
    return "waits to be bound" if is_open else "not bound: `flask devices code` makes another link"
