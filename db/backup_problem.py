"""Why there is no backup, or why nothing was restored."""

from enum import StrEnum


class Problem(StrEnum):
    """What stands in the way. Its sentence is in commands/backup.py."""

    FILE_EXISTS = "file_exists"
    FILE_FAILED = "file_failed"
    IS_THE_DATABASE = "is_the_database"
    NOT_A_BACKUP = "not_a_backup"
    OTHER_KIND = "other_kind"
    NEWER = "newer"
    DAMAGED = "damaged"
    DATABASE_DAMAGED = "database_damaged"
    NOT_EMPTY = "not_empty"
    UNREACHABLE = "unreachable"
    IN_USE = "in_use"
    SHOP_OPEN = "shop_open"
    NO_SHOP = "no_shop"
    UPGRADE_FAILED = "upgrade_failed"
    PROGRAM_MISSING = "program_missing"
    PROGRAM_OLD = "program_old"
    PROGRAM_FAILED = "program_failed"


class BackupError(Exception):
    """A `problem`, and the `detail` that its sentence needs."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail
