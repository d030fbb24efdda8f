"""Commands that the database fails: a sentence that says what and where to look, in place of a traceback."""

import copy
from functools import partial
from typing import Any

import click
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, ProgrammingError

from commands.running import fail

# What SQLite says (its driver has no codes for it), and PostgreSQL's codes for a table and a column that is not there.
NOT_THERE_SQLITE = ("no such table", "no such column", "has no column named")
NOT_THERE_POSTGRESQL = ("42P01", "42703")


def in_words(command: click.Command) -> click.Command:
    """The same command, ended with a sentence where the database fails it."""
    told = copy.copy(command)
    told.invoke = partial(_invoke, command)  # type: ignore[method-assign]  # its own, and its group's commands within it
    return told


def _invoke(command: click.Command, context: click.Context) -> Any:  # noqa: ANN401 (as click has it)
    try:
        return command.invoke(context)
    except DBAPIError as error:
        cause = str(error.orig).partition("\n")[0]
        if _is_not_there(error, cause):
            fail(
                f"The database has not the tables of this version ({cause}). See that it is the right one"
                " (DATABASE_URL, VAR_DIR), then run `flask db upgrade`."
            )
        if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
            fail(
                f"The database did not do it: {cause}. See that it runs and has room, and that DATABASE_URL and VAR_DIR"
                " are right; then look what is there before you run this again."
            )
        raise


def _is_not_there(error: DBAPIError, cause: str) -> bool:
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "sqlstate", None) in NOT_THERE_POSTGRESQL
    return isinstance(error, OperationalError) and any(words in cause for words in NOT_THERE_SQLITE)
