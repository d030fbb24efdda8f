"""Two pieces of work at once, deterministically: the rival begins before each statement of the subject in turn."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from db.database import Database

HEAD_START = 0.03  # seconds in which the rival, once it has begun, is done or has met a lock and waits
PATIENCE = 20  # seconds

Work = Callable[[Session], object]
Deed = Callable[[], object]  # with as many transactions as it likes


@dataclass
class Race:
    """What came out of both: a result, or the exception that it raised. `steps`: the subject's statements, commits."""

    steps: int = 0
    subject: object = None
    rival: object = None
    failures: list[BaseException] = field(default_factory=list)


def race(database: Database, subject: Work, rival: Work, at: int) -> Race:
    """Run `subject` in a transaction; before its step number `at`, or after its last, `rival` begins in another."""
    return race_whole(database, lambda: _within(database, subject), lambda: _within(database, rival), at)


def race_whole(database: Database, subject: Deed, rival: Deed, at: int, head_start: float = HEAD_START) -> Race:
    """Do `subject`; before its step number `at` (statement or commit, from 0), or after its last, `rival` begins."""
    done, owner = Race(), threading.get_ident()
    has_begun = threading.Event()

    def run_rival() -> None:
        try:
            done.rival = _try(rival, done)
        finally:
            has_begun.set()

    thread = threading.Thread(target=run_rival)

    def begin_rival() -> None:
        thread.start()
        assert has_begun.wait(PATIENCE), "the rival never began"
        thread.join(head_start)

    def step(*_: Any) -> None:  # noqa: ANN401 (SQLAlchemy's signatures)
        if threading.get_ident() != owner:
            has_begun.set()  # its first statement, on SQLite BEGIN, is about to be sent
            return
        if done.steps == at:
            begin_rival()
        done.steps += 1

    event.listen(database.engine, "before_cursor_execute", step)
    event.listen(database.engine, "commit", step)
    try:
        done.subject = _try(subject, done)
        if not thread.ident:
            begin_rival()
        thread.join(PATIENCE)
    finally:
        event.remove(database.engine, "before_cursor_execute", step)
        event.remove(database.engine, "commit", step)
    assert not thread.is_alive(), "the rival never came to an end"
    return done


def one_after_the_other(database: Database, subject: Work, rival: Work, *, is_rival_first: bool) -> Race:
    """Run both, the second when the first is done: what a race must come to, in one of the two orders."""
    done = Race()
    if is_rival_first:
        done.rival = _try(lambda: _within(database, rival), done)
    done.subject = _try(lambda: _within(database, subject), done)
    if not is_rival_first:
        done.rival = _try(lambda: _within(database, rival), done)
    return done


def _within(database: Database, work: Work) -> object:
    with database.write() as session:
        return work(session)


def _try(deed: Deed, done: Race) -> object:
    try:
        return deed()
    except BaseException as error:  # noqa: BLE001 (told to the test)
        done.failures.append(error)
        return None
