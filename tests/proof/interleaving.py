"""Two pieces of work at once, deterministically: the rival begins before each statement of the subject in turn."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from db.database import Database

HEAD_START = 0.03  # seconds in which the rival, once it has begun, is done or has met a lock and waits
PATIENCE = 20  # seconds

Work = Callable[[Session], object]


@dataclass
class Race:
    """What came out of both: a result, or the exception that it raised."""

    statements: int = 0
    subject: object = None
    rival: object = None
    failures: list[BaseException] = field(default_factory=list)


def race(database: Database, subject: Work, rival: Work, at: int) -> Race:
    """Run `subject`; before its statement number `at` (from 0; beyond its last: before its commit) `rival` begins."""
    done, owner = Race(), threading.get_ident()
    has_begun = threading.Event()

    def run_rival() -> None:
        try:
            done.rival = _run(database, rival, done)
        finally:
            has_begun.set()

    thread = threading.Thread(target=run_rival)

    def begin_rival() -> None:
        thread.start()
        assert has_begun.wait(PATIENCE), "the rival never began"
        thread.join(HEAD_START)

    def before(*_: Any) -> None:  # noqa: ANN401 (SQLAlchemy's signature)
        if threading.get_ident() != owner:
            has_begun.set()  # its first statement, on SQLite BEGIN, is about to be sent
            return
        if done.statements == at:
            begin_rival()
        done.statements += 1

    def last(_: Connection) -> None:
        if threading.get_ident() == owner and at >= done.statements and not thread.ident:
            begin_rival()

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "commit", last)
    try:
        done.subject = _run(database, subject, done)
        if not thread.ident:
            begin_rival()
        thread.join(PATIENCE)
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "commit", last)
    assert not thread.is_alive(), "the rival never came to an end"
    return done


def one_after_the_other(database: Database, subject: Work, rival: Work, *, is_rival_first: bool) -> Race:
    """Run both, the second when the first is done: what a race must come to, in one of the two orders."""
    done = Race()
    if is_rival_first:
        done.rival = _run(database, rival, done)
    done.subject = _run(database, subject, done)
    if not is_rival_first:
        done.rival = _run(database, rival, done)
    return done


def _run(database: Database, work: Work, done: Race) -> object:
    try:
        with database.write() as session:
            return work(session)
    except BaseException as error:  # noqa: BLE001 (told to the test)
        done.failures.append(error)
        return None
