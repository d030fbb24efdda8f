"""`flask flows move`, and `publish --move`: people in older versions moved to the newest one, after a question."""

from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import following, publishing, surroundings, versions
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.moving import batches
from bot.moving.forecast import Forecast, Left, forecast
from bot.publishing import Checked
from commands.running import database, fail
from commands.words import language, language_option, say
from console.sentences import told
from core import clock, flow_history, flows
from db import tables
from db.database import Database

yes_option = click.option("--yes", is_flag=True, help="Do not ask before people are moved.")


@click.command()
@click.argument("flow")
@yes_option
@language_option
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
            hint = did_you_mean(flow, names)
            fail(say(f"沒有發布「{flow}」這個流程；{hint.zh}", f"No flow {flow!r} is published; {hint.en}"))
        read = versions.read(newest)
        if isinstance(read, Mistake):
            fail(say(f"無法移動：{read.told('zh')}", f"Nobody can be moved: {read}"))
        found = forecast(session, read, newest.number, surroundings.known(session, clock.now()))
    for line in lines(flow, newest.number, found):
        click.echo(line)
    if found.movable:
        if not yes:
            click.confirm(say(f"移動 {found.movable} 人？", f"Move {found.movable} people?"), abort=True)
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
        yield say(
            f"{name}：沒有人在第 {number} 版以前的版本裡。", f"{name}: nobody is in an older version than {number}."
        )
        return
    yield say(
        f"{name}：較舊版本裡的人，{found.movable} 人可以移到第 {number} 版，{found.staying} 人不能。",
        f"{name}: {found.movable} people in older versions can be moved to version {number}, {found.staying} cannot.",
    )
    for left in found.left:
        why = told(left.reason, language())
        yield say(
            f"  {left.people} 人在{_place(left)}：{why}（{_code(left)}）",
            f"  {left.people} at {_place(left)}: {why} ({_code(left)})",
        )


def moved(where: Database, name: str) -> str:
    """Move them; what was done, in words."""
    done = batches.move(where, name)
    if done is None:
        fail(say(f"沒有發布「{name}」這個流程。", f"No flow {name!r} is published."))
    number, people = done.number, done.people
    if done.is_whole:
        return say(
            f"{name}：{people} 人移到了第 {number} 版。", f"{name}: {people} people were moved to version {number}."
        )
    return say(
        f"{name}：{people} 人移到了第 {number} 版。這段時間又發布了新的一版；請再執行一次 `flask flows move`。",
        f"{name}: {people} people were moved to version {number}. Another version was published meanwhile; "
        "run `flask flows move` once more.",
    )


def _place(left: Left) -> str:
    step, version = left.step, say(f"第 {left.number} 版", f"version {left.number}")
    if step is None:
        return version
    named = f" {step.id!r}" if step.id else ""
    return say(
        f"{version}第 {step.index + 1} 步（{step.kind}{named}）",
        f"{version}, step {step.index + 1} ({step.kind}{named})",
    )


def _code(left: Left) -> str:
    return f"{left.reason}: {left.detail}" if left.detail else left.reason
