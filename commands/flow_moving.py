"""`flask flows move`, and `publish --move`: people in older versions moved to the newest one, after a question."""

from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import following, publishing, surroundings
from bot.language.mistakes import did_you_mean
from bot.language.model import Flow
from bot.moving import batches
from bot.moving.forecast import Forecast, Left, forecast
from bot.publishing import Checked
from commands.running import database, fail
from console.sentences import in_english
from core import clock, flow_history, flows
from db import tables
from db.database import Database

yes_option = click.option("--yes", is_flag=True, help="Do not ask before people are moved.")


@click.command()
@click.argument("flow")
@yes_option
@with_appcontext
def move(flow: str, *, yes: bool) -> None:
    """Move people in older versions of FLOW to the newest one, where the step they stand at is still there.

    Says first how many would move, and who would not and why, and asks.
    """
    where = database()
    with where.read() as session:
        newest = flows.published(session, flow)
        if newest is None:
            names = session.scalars(select(tables.Flow.name).order_by(tables.Flow.name)).all()
            fail(f"No flow {flow!r} is published; {did_you_mean(flow, names)}")
        known = surroundings.known(session, clock.now())
        found = forecast(session, Flow.model_validate(newest.document), newest.number, known)
    for line in lines(flow, newest.number, found):
        click.echo(line)
    if found.movable:
        if not yes:
            click.confirm(f"Move {found.movable} people?", abort=True)
        click.echo(moved(where, flow))


def told_ahead(where: Database, checked: Sequence[Checked]) -> dict[str, int]:
    """Say what would happen to people once these good files are published; how many would move, by flows' names."""
    movable: dict[str, int] = {}
    for one in checked:
        if one.flow is None:
            continue
        with where.read() as session:
            number = _number(session, one, one.flow)
            found = forecast(session, one.flow, number, surroundings.known(session, clock.now()))
        if found.movable:
            movable[one.flow.flow] = found.movable
        for line in lines(one.flow.flow, number, found):
            click.echo(line)
    return movable


def _number(session: Session, one: Checked, flow: Flow) -> int:
    """The number of the version that publishing the file makes, or finds published already."""
    newest, text = flows.published(session, flow.flow), following.split(one.source)[1]
    if newest and (newest.source, newest.document) == (text, publishing.document(flow)):
        return newest.number
    entries = flow_history.of_flow(session, flow.flow)
    return entries[0].number + 1 if entries else 1


def lines(name: str, number: int, found: Forecast) -> Iterator[str]:
    """What would happen, in words."""
    if not found.people:
        yield f"{name}: nobody is in an older version than {number}."
        return
    yield f"{name}: {found.movable} people in older versions can be moved to version {number}, {found.staying} cannot."
    for left in found.left:
        yield f"  {left.people} at {_place(left)}: {in_english(left.reason)} ({_code(left)})"


def moved(where: Database, name: str) -> str:
    """Move them; what was done, in words."""
    done = batches.move(where, name)
    if done is None:
        fail(f"No flow {name!r} is published.")
    rest = "" if done.is_whole else " Another version was published meanwhile; run `flask flows move` once more."
    return f"{name}: {done.people} people were moved to version {done.number}.{rest}"


def _place(left: Left) -> str:
    if left.step is None:
        return f"version {left.number}"
    named = f" {left.step.id!r}" if left.step.id else ""
    return f"version {left.number}, step {left.step.index + 1} ({left.step.kind}{named})"


def _code(left: Left) -> str:
    return f"{left.reason}: {left.detail}" if left.detail else left.reason
