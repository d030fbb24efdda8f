"""The language of a command's words: what was asked for with `--language`, else what the environment says."""

import click

from commands.running import settings

_KEY = "tessera.language"


def _keep(context: click.Context, _: click.Parameter, given: str | None) -> None:
    if given:
        context.meta[_KEY] = given


language_option = click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    expose_value=False,
    callback=_keep,
    help="For which reader; without it, Chinese where LC_ALL or LANG begins with zh, else English.",
)


def language() -> str:
    """'zh' or 'en'."""
    context = click.get_current_context(silent=True)
    given: str | None = context.meta.get(_KEY) if context else None
    return given or settings().language


def say(zh: str, en: str) -> str:
    """The one of two wordings that the reader understands."""
    return en if language() == "en" else zh
