"""One thing that must always hold, as a query that finds where it does not."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select


@dataclass(frozen=True)
class Invariant:
    """`name` is stable; `sentence` says what holds; `broken` finds the rows where it does not: (what, which)."""

    name: str
    sentence: str
    broken: Select[*tuple[Any, ...]]


def twice(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 (columns of any table)
    """What is in these columns of more than one row, and of how many."""
    return select(*columns, func.count().label("rows")).group_by(*columns).having(func.count() > 1)
