"""Whether the database is in trouble, or refuses what it was asked."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

TOO_MUCH = "54"  # PostgreSQL's class of what is beyond its limits: asked again it is so again


def is_trouble(error: BaseException) -> bool:
    """Whether the same can succeed later: the database is away, restarting, busy, without room or without its tables.

    Else it lies in what it was asked (a value that it does not keep, a mistake of ours), and will fail again.
    """
    if isinstance(error, NoConnectionFreeError):
        return True
    if not isinstance(error, DBAPIError) or isinstance(error, DataError | IntegrityError | NotSupportedError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, ProgrammingError):
        return state is not None  # by the server: a table is not there; by the driver: no such value can be asked with
    return not (state or "").startswith(TOO_MUCH)


def cause(error: BaseException) -> str:
    """What an error says; of a database's neither the statement nor the values that further lines may quote."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
