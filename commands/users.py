"""`flask users`: who may log in. For the day on which nobody can get into the console, too."""

import secrets

import click
from flask.cli import AppGroup

from commands.running import database, fail, refuse, settings
from core import clock, pins, stores, user_changes, user_codes, user_links, users
from core.audit import Doer
from core.reasons import Reason
from core.stores import Wanted as Store
from core.user_changes import Person, Wanted

group = AppGroup("users", help="The people who log in: owners, marketers and store staff.")
DOER = Doer()
SENTENCES = {
    Reason.LAST_OWNER: "{} is the last owner, and stays one. Make somebody else an owner first.",
    Reason.PIN_MALFORMED: f"A PIN has {pins.SHORTEST} to {pins.LONGEST} digits.",
    Reason.PIN_TRIVIAL: "That PIN is guessed first. Choose another.",
    Reason.NOT_STAFF: "They are no staff: only staff of a store have a PIN.",
}


@group.command()
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice(users.ROLES),
    required=True,
    help="owner: the console and its people; marketer: the console; staff: the counter.",
)
@click.option("--store", help="The store that a member of staff stands in; made where it is new.")
@click.option("--email", help="Where links go when the password is forgotten.")
@click.option("--password", help="Left out: a good one is made and shown once.")
def create(username: str, role: users.Role, store: str | None, email: str | None, password: str | None) -> None:
    """Add a user."""
    chosen, wanted = password or secrets.token_urlsafe(12), Wanted(username, role, store or "", email or "")
    try:
        with database().write() as session:
            is_new = bool(store) and isinstance(stores.add(session, DOER, Store(store or ""), clock.now()), int)
            user_changes.add(session, DOER, wanted, chosen, clock.now())
    except users.UserError as error:
        fail(str(error))
    if is_new:
        click.echo(f"Added the store {(store or '').strip()}, which is new.")
    click.echo(f"Added {role} {username}." + ("" if password else f" The password, shown only now: {chosen}"))


@group.command("list")
def listing() -> None:
    """Show everybody, with what they may."""
    with database().read() as session:
        people = user_changes.all_of(session)
    for person in people:
        click.echo(f"{person.username}  {person.role}  {person.store or ''}  {_state(person)}".rstrip())


@group.command()
@click.argument("username")
@click.option("--role", type=click.Choice(users.ROLES), help="What they may from now on.")
@click.option("--store", help="The store that they stand in.")
@click.option("--email", help="Where links go when the password is forgotten.")
def change(username: str, role: users.Role | None, store: str | None, email: str | None) -> None:
    """Give a user another role, store or address; the last owner stays one."""
    person = _known(username)
    wanted = Wanted(
        person.username,
        role or person.role,
        person.store or "" if store is None else store,
        person.email or "" if email is None else email,
    )
    try:
        with database().write() as session:
            refused = user_changes.change(session, DOER, person.user_id, wanted, clock.now())
    except users.UserError as error:
        fail(str(error))
    if refused:
        refuse(refused, SENTENCES)
    click.echo(f"{person.username} is {wanted.role} now.")


@group.command()
@click.argument("username")
@click.option("--codes-off", is_flag=True, help="Ask for the password alone, too: the phone is lost.")
def link(username: str, codes_off: bool) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Make a link with which a user chooses a password, once, within an hour."""
    person, now = _known(username), clock.now()
    if person.disabled_at:
        fail(f"{person.username} is shut out: `flask users enable {person.username}` first.")
    with database().write() as session:
        token = user_links.make(session, person.user_id, user_links.BY_HAND, None, now)
        user_changes.record(session, DOER, "user.link_made", person.user_id, now)
        if codes_off:
            user_codes.turn_off(session, DOER, person.user_id, now)
    click.echo(f"{settings().public_url}/password/{token}")


@group.command()
@click.argument("username")
@click.option("--pin", "chosen", help="Left out: a good one is made and shown once.")
@click.option("--off", is_flag=True, help="No PIN any more.")
def pin(username: str, chosen: str | None, off: bool) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Set the PIN with which a member of staff signs in on the devices of their store."""
    person, now = _known(username), clock.now()
    if off:
        with database().write() as session:
            pins.take_away(session, DOER, person.user_id, now)
        click.echo(f"{person.username} has no PIN.")
        return
    entered = pins.plain(chosen) if chosen is not None else pins.make()
    if refused := pins.check(entered):
        refuse(refused, SENTENCES)
    pin_hash = users.hashed(entered)
    with database().write() as session:
        refused = pins.put(session, DOER, person.user_id, pin_hash, now)
    if refused:
        refuse(refused, SENTENCES)
    click.echo(f"{person.username} has a new PIN." + ("" if chosen else f" Shown only now: {entered}"))


@group.command()
@click.argument("username")
def disable(username: str) -> None:
    """Shut a user out at once; the last owner stays."""
    person = _known(username)
    with database().write() as session:
        refused = user_changes.disable(session, DOER, person.user_id, clock.now())
    if refused:
        refuse(refused, SENTENCES)
    click.echo(f"{person.username} is shut out.")


@group.command()
@click.argument("username")
def enable(username: str) -> None:
    """Let a user in again."""
    person = _known(username)
    with database().write() as session:
        user_changes.enable(session, DOER, person.user_id, clock.now())
    click.echo(f"{person.username} may log in.")


def _known(username: str) -> Person:
    with database().read() as session:
        user_id = users.id_of(session, username)
        found = user_changes.one(session, user_id) if user_id else None
    return found or fail(f"There is no user {username!r}. `flask users list` shows all.")


def _state(person: Person) -> str:
    if person.disabled_at:
        return "shut out"
    return "" if person.has_password else "no password yet"
