"""What made a table of SQLite, said anew: it changes no constraint of a table that is there. For migrations."""

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

SAID = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
POINTED_AT = (
    "SELECT 1 FROM sqlite_master AS other, pragma_foreign_key_list(other.name) AS key"
    " WHERE other.type = 'table' AND key.\"table\" = ?"
)


def said(connection: Connection, table: str) -> str:
    """The statement that made the table."""
    return str(connection.exec_driver_sql(SAID, ("table", table)).scalar_one())


def say(connection: Connection, table: str, words: str) -> None:
    """Let `words` be what made the table. All of its rows comply with them already."""
    if not _is_said(connection, table, words):
        _rebuild(connection, table, words)


def _is_said(connection: Connection, table: str, words: str) -> bool:
    """Have SQLite take `words` as what made the table, in no time however many rows it has; all of them comply.

    The shorter way of https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes. False
    where this SQLite is one of those that let nobody do so (SQLITE_DBCONFIG_DEFENSIVE), such as macOS' own.
    """
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("PRAGMA writable_schema = ON")
            connection.exec_driver_sql(
                "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (words, table)
            )
    except OperationalError:
        return False
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")  # others read it anew
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")  # and so do we
    return True


def _rebuild(connection: Connection, table: str, words: str) -> None:
    """Put a new table, made by `words`, in the place of the old one, with its rows and indexes.

    Where others point at them, the rows come last: those miss theirs once the old table is gone, and find them again
    only as they come into one of the same name.
    """
    indexes = connection.exec_driver_sql(SAID, ("index", table)).scalars().all()
    is_pointed_at = connection.exec_driver_sql(POINTED_AT, (table,)).first() is not None
    connection.exec_driver_sql(f"CREATE TABLE new_{table} {words[words.index('(') :]}")
    if is_pointed_at:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608 (our own names)
    else:
        connection.exec_driver_sql(f"INSERT INTO new_{table} SELECT * FROM {table}")  # noqa: S608 (our own names)
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE new_{table} RENAME TO {table}")
    if is_pointed_at:
        connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608 (our own names)
        connection.exec_driver_sql(f"DROP TABLE kept_{table}")
    for index in indexes:
        connection.exec_driver_sql(index)
