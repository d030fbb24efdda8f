"""Publishing flow files: checked and tried first, then stored all together or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import publishing, surroundings
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.publishing import Checked, Proven
from commands import flow_console, flow_files
from commands.flow_files import beside, show_mistakes
from commands.running import settings
from commands.words import language, say
from core import clock, flows
from core.refusal import Refused
from db.database import Database
from db.tables import FlowVersion


@dataclass(frozen=True)
class Shop:
    """What files are checked beside: what is known of the shop, and the ids of the versions in use."""

    known: Known
    in_use: Mapping[str, int]


def publish_files(
    where: Database, files: Sequence[Path], *, over_console: bool = False, keep_console: bool = False
) -> Iterator[str]:
    """Publish the files and say what happened to each; ends the command where one has an error.

    What was published in the console since, and the file does not have, is an error too; `over_console` replaces it,
    `keep_console` leaves it.
    """
    checked, shop = checked_files(where, files)
    show_mistakes(checked)
    if not all(one.is_good for one in checked):
        raise click.ClickException(
            say("沒有發布。請先改好上面的錯誤再試一次。", "Nothing was published. Mend the errors above and try again.")
        )
    texts = _proven(checked, shop)
    with where.write() as session:
        newer = {
            one.checked.file: found
            for one in texts
            if (found := publishing.overtaken(session, one.checked, over_console=over_console))
        }
        if newer and not keep_console:
            for file, found in newer.items():
                click.echo(flow_console.told(found, file), err=True)
            raise click.ClickException(
                say(
                    "沒有發布：在後台做的修改不會悄悄被蓋掉。",
                    "Nothing was published: a change made in the console is never lost silently.",
                )
            )
        results = [
            (one.checked, _published(publishing.publish(session, one, clock.now(), over_console=over_console)))
            for one in texts
            if one.checked.file not in newer
        ]
    for found in newer.values():
        yield say(
            f"{found.detail} 維持在後台發布的版本（{found.number}）。",
            f"{found.detail} stays as it was published in the console ({found.number}).",
        )
    for one, (version, is_new) in results:
        name = one.flow.flow if one.flow else one.file.stem
        yield (
            say(f"已發布 {name} 第 {version.number} 版。", f"Published {name}, version {version.number}.")
            if is_new
            else say(f"{name} 已經發布過（{version.number}）。", f"{name} is published already ({version.number}).")
        )


def _proven(checked: Sequence[Checked], shop: Shop) -> list[Proven]:
    """All of them proven beside one another and what is published; ends the command where one goes otherwise."""
    named = [one.flow for one in checked if one.flow]
    names = frozenset(flow.flow for flow in named)
    texts, failing = list[Proven](), list[Mistake]()
    for one in checked:
        others = [*named, *beside(one.file), *(shop.known.flows or {}).values()]
        found = publishing.proven(one, others, shop.in_use, names)
        if isinstance(found, Proven):
            texts.append(found)
        else:
            failing += publishing.tried(one, others)
    if failing:
        for mistake in failing:
            click.echo(mistake.told(language()), err=True)
        raise click.ClickException(
            say(
                "沒有發布。`flask flows test` 會列出這些對話實際怎麼進行。",
                "Nothing was published. `flask flows test` shows how these conversations go.",
            )
        )
    return texts


def _published(done: tuple[FlowVersion, bool] | Refused) -> tuple[FlowVersion, bool]:
    """What was published; ends the command, and with it the transaction, where that was refused."""
    if not isinstance(done, Refused):
        return done
    raise click.ClickException(
        say(
            f"沒有發布 {done.detail}：檢查的時候，有別的流程發布了。請再執行一次（{done.reason}）。",
            f"Nothing was published: other flows were published while {done.detail} was checked. Run this once more "
            f"({done.reason}).",
        )
    )


def checked_files(where: Database, files: Sequence[Path]) -> tuple[list[Checked], Shop]:
    """The files, checked beside one another and what is published, and beside what; None named: all in flows/."""
    found = flow_files.named(files)
    try:
        with where.read() as session:
            in_use = flows.in_use(session)
            shop = Shop(surroundings.known(session, clock.now(), settings().shop_timezone), in_use)
    except SQLAlchemyError:
        unasked = say(
            "連不上資料庫，沒有檢查活動。（`make demo` 會建立一個。）",
            "The database cannot be asked, so campaigns are not checked. (`make demo` sets one up.)",
        )
        click.echo(unasked, err=True)
        shop = Shop(Known(), {})
    return publishing.check_files(found, shop.known), shop
