"""Filling packs from uploaded files or with generated codes, chunk by chunk. Everything else goes before it."""

import time

import structlog

from core import clock
from core.imports import loading
from core.reasons import Reason
from db.trouble import is_trouble
from workers import context, queues
from workers.bell import DRAINS
from workers.context import Context
from workers.draining import LONGEST

log = structlog.get_logger(__name__)


def load(place: int) -> None:
    """Do chunks of whatever is to be loaded, in its order, until nothing is left or something else waits."""
    work = context.current()
    urgent = queues.before(DRAINS["imports"][0])
    ends_at = time.monotonic() + LONGEST
    while time.monotonic() < ends_at and not queues.is_any_waiting(work.redis, *urgent):
        work.bell.stay("imports", place)
        if not _step(work):
            work.bell.leave("imports", place)
            return
    work.bell.leave("imports", place)
    work.bell.start("imports", place)


def _step(work: Context) -> bool:
    """The next chunk; whether there was one. An import that fails for a reason of its own keeps no other waiting."""
    with work.database.read() as session:
        import_id = loading.next_open(session)
    if import_id is None:
        return False
    try:
        with work.database.write() as session:
            found = loading.step(session, import_id, clock.now())
    except Exception as error:
        if is_trouble(error):
            raise
        log.exception("import_broke", import_id=import_id)
        with work.database.write() as session:
            loading.give_up(session, import_id, Reason.IMPORT_BROKE)
        return True
    if found and found.finished_at:
        log.info("import_over", import_id=import_id, state=found.state, good=found.good, bad=found.bad)
    return True
