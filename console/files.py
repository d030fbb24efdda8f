"""Files that the console gives away: they begin to come at once, however long they are."""

import csv as writing
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from flask import Response
from sqlalchemy.orm import Session

from db.database import Database

MARK = "\ufeff"  # without it Excel takes the file for one in the computer's own encoding

Place = TypeVar("Place")


def csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[Sequence[str]]]) -> Response:
    """A file of comma-separated values; its cells are made safe before (`core.spreadsheets`). `rows` come in parts."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Type": "text/csv; charset=utf-8",
        "X-Accel-Buffering": "no",  # for a proxy that would collect it first
    }
    return Response(_written(columns, rows), headers=headers)


def in_parts(
    database: Database, some: Callable[[Session, Place | None], tuple[list[list[str]], Place | None]]
) -> Iterator[list[list[str]]]:
    """What `some` reads from a place on, again and again, each in a short transaction, until there is no more."""
    place: Place | None = None
    while True:
        with database.read() as db:
            rows, place = some(db, place)
        yield rows
        if place is None:
            return


def _written(columns: Sequence[str], parts: Iterable[Sequence[Sequence[str]]]) -> Iterator[bytes]:
    yield (MARK + _lines([columns])).encode()
    for rows in parts:
        yield _lines(rows).encode()


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writing.writer(text).writerows(rows)
    return text.getvalue()
