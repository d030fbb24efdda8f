"""Finding flow files: those that a command names, and those that stand beside one."""

from collections.abc import Sequence
from pathlib import Path

import click

from bot import publishing
from bot.language.mistakes import did_you_mean
from bot.language.model import Flow
from bot.publishing import Checked
from commands.words import language, say

FOLDER = Path("flows")

files_argument = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))


def named(files: Sequence[Path]) -> list[Path]:
    """The files that are named, else all in flows/; ends the command where there is none."""
    found = list(files) or sorted(FOLDER.glob("*.yaml"))
    if not found:
        raise click.ClickException(
            say("沒有流程檔案：請寫出檔名，或放進 flows/。", "There is no flow file: name one, or put it into flows/.")
        )
    return found


def one(name: str) -> Path:
    """The file of a flow, given by its path or by the flow's name; ends the command where there is none."""
    for path in (Path(name), FOLDER / f"{name}.yaml"):
        if path.is_file():
            return path
    known = [path.stem for path in FOLDER.glob("*.yaml")]
    hint = did_you_mean(name, known)
    raise click.ClickException(say(f"沒有流程檔案「{name}」；{hint.zh}", f"There is no flow file {name!r}; {hint.en}"))


def beside(file: Path) -> list[Flow]:
    """The good flows in the same folder: a flow may call them, or a customer may start them."""
    others = (publishing.check_file(path) for path in sorted(file.parent.glob("*.yaml")) if path != file)
    return [other.flow for other in others if other.flow is not None and other.is_good]


def show_mistakes(checked: Sequence[Checked]) -> None:
    """Every mistake on standard error, a line each, in the reader's language."""
    for file in checked:
        for mistake in file.mistakes:
            click.echo(mistake.told(language()), err=True)
