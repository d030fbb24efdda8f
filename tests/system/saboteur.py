"""A worker with something broken in it, for tests that must see what happens then.

`python -m tests.system.saboteur hang MARKER`: it stops in the middle of its first batch, after reading and before
writing, and touches MARKER: to be killed there.

`python -m tests.system.saboteur unguarded MEETING`: the campaigns' locks and the transaction round a batch are gone,
and before its first decision it waits in the folder MEETING until another such worker has read the same: the control
that must give out too much.

`python -m tests.system.saboteur meeting MEETING`: nothing is taken away; before its first transaction it waits in the
folder MEETING until another such worker is about to begin, too. Both answer in batches of SMALL, so that neither is
done before the other has begun.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from flask.cli import FlaskGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

import app
from core import claims, redemption
from db import database as database_module
from db import locks
from db.database import Database
from db.tables import Campaign, Coupon

PATIENCE = 20  # seconds
SMALL = 10  # taps or claims a transaction


def hang(marker: Path) -> None:
    """Never decide: stay inside the transaction."""

    def stuck(*_: object) -> Any:  # noqa: ANN401 (never returns)
        marker.touch()
        threading.Event().wait()

    setattr(redemption, "decide", stuck)  # noqa: B010 (sabotage)


def unguarded(meeting: Path) -> None:
    """Check, then act: what so many others do."""
    decide = redemption.decide

    def after_meeting(*given: Any) -> Any:  # noqa: ANN401 (as decide)
        _meet(meeting)
        return decide(*given)

    # Else SQLite keeps a transaction of its own.
    setattr(database_module, "_begin_sqlite", lambda _: None)  # noqa: B010 (sabotage)

    @contextmanager
    def each_statement_for_itself(database: Database) -> Iterator[Session]:
        with Session(
            database.engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False
        ) as session:
            yield session
            session.commit()

    setattr(redemption, "decide", after_meeting)  # noqa: B010 (sabotage)
    setattr(locks, "campaign", lambda session, campaign_id: session.get_one(Campaign, campaign_id))  # noqa: B010
    setattr(locks, "campaigns_of", _campaigns_of)  # noqa: B010 (sabotage)
    setattr(Database, "write", each_statement_for_itself)  # noqa: B010 (the guard that is taken away)


def meet(meeting: Path) -> None:
    """Begin to answer at the same moment as another, every guard in its place."""
    turn, answer_batch = Database.write, claims.answer_batch

    def after_meeting(database: Database) -> AbstractContextManager[Session]:
        _meet(meeting)
        return turn(database)

    setattr(Database, "write", after_meeting)  # noqa: B010 (sabotage)
    setattr(claims, "BATCH", SMALL)  # noqa: B010 (sabotage)
    setattr(claims, "answer_batch", partial(answer_batch, size=SMALL))  # noqa: B010 (sabotage)


def _meet(meeting: Path) -> None:
    """Wait until two have come; whoever comes later does not wait."""
    (meeting / str(os.getpid())).touch()
    deadline = time.monotonic() + PATIENCE
    while len(list(meeting.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)


def _campaigns_of(session: Session, tokens: Sequence[str]) -> list[Campaign]:
    """As in `db.locks`, without the lock."""
    tapped = select(Coupon.campaign_id).where(Coupon.token.in_(tokens))
    return list(session.scalars(select(Campaign).where(Campaign.id.in_(tapped))))


if __name__ == "__main__":
    {"hang": hang, "unguarded": unguarded, "meeting": meet}[sys.argv[1]](Path(sys.argv[2]))
    FlaskGroup(create_app=app.create_app).main(args=["worker"], prog_name="flask")
