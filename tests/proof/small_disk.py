"""A web server or a worker for whom SQLite's disk is full as long as a file is there.

`python -m tests.proof.small_disk MARKER web|worker WORDS...`: while MARKER exists, no connection may make the database
larger than it is (PRAGMA max_page_count, which SQLite raises to the present size), so that it fails with what a full
disk fails with, "database or disk is full".
"""

import runpy
import sys
from pathlib import Path
from typing import Any

from flask.cli import FlaskGroup
from sqlalchemy import event
from sqlalchemy.pool import Pool

import app

NO_MORE, PLENTY = 1, 1_000_000_000  # pages


def limit(marker: Path) -> None:
    """From now on the marker decides, each time that a connection is taken out of its pool."""

    def before_use(connection: Any, *_: object) -> None:  # noqa: ANN401 (a DBAPI connection has no type)
        connection.execute(f"PRAGMA max_page_count = {NO_MORE if marker.exists() else PLENTY}").fetchone()

    event.listen(Pool, "checkout", before_use)


if __name__ == "__main__":
    limit(Path(sys.argv[1]))
    what, words = sys.argv[2], sys.argv[3:]
    if what == "web":
        sys.argv = ["gunicorn", *words]
        runpy.run_module("gunicorn", run_name="__main__")
    else:
        FlaskGroup(create_app=app.create_app).main(args=["worker", *words], prog_name="flask")
