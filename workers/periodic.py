"""All that happens by itself, in one list. Each is safe to run twice and finds what *is* due, not what is due now."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import structlog
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import beginning
from core import (
    api_replies,
    claims,
    clock,
    feeds,
    flow_figures,
    hook_deliveries,
    hook_events,
    hooks,
    inbox,
    mail,
    outbox,
    records_changes,
    records_counting,
    stock_levels,
    timed_starts,
    unused_images,
    user_links,
    waits,
)
from core.imports import loading
from db.tables import WebhookFeed
from db.trouble import cause, is_trouble
from workers import pulse
from workers.bell import BY_URGENCY
from workers.context import Context

PAUSE = 1.0  # seconds between rounds; with the flag's 2 s no lost wake-up delays anything longer than about 3 s
LOOKED_AT = "tessera:waits:looked-at"  # the contact up to which `find_happened` has looked
PICTURES, OLD, A_DAY = "tessera:pictures:looked-at", "tessera:old:looked-at", 86_400  # seconds
FORGOTTEN = 1_000  # runs of flows, and replies to POS machines, a round
COUNTING = 0.3  # seconds a round for records, and for webhooks, half of them at rest: what is left waits
SETTLED = timedelta(seconds=1)  # younger work is still on its ordinary way

log = structlog.get_logger(__name__)


def wake_claims(work: Context, now: datetime) -> None:  # noqa: ARG001 (every task has the same shape)
    """Mailboxes with an unanswered claim."""
    with work.database.read() as session:
        waiting = claims.campaigns_waiting(session)
    for campaign_id in waiting:
        work.bell.wake("claims", str(campaign_id))


def wake_mails(work: Context, now: datetime) -> None:
    """Mails that are due, among them those that a dead worker left."""
    with work.database.read() as session:
        due = mail.due(session, now - SETTLED) if work.post else []
    if due:
        work.bell.wake("mails", *[str(mail_id) for mail_id in due])


def wake_conversations(work: Context, now: datetime) -> None:
    """Webhook events that nobody has handled."""
    with work.database.read() as session:
        waiting = inbox.accounts_waiting(session, now - SETTLED)
    if waiting:
        work.bell.wake("inbox", *[f"{channel}/{account_id}" for channel, account_id in waiting])


def wake_deliveries(work: Context, now: datetime) -> None:
    """Messages that are due, among them those that a dead worker left."""
    living = pulse.alive(work.redis, "worker")
    with work.database.write() as session:
        outbox.take_back_abandoned(session, living, now)
        outbox.release_paid(session, now)
        due = outbox.contacts_due(session, now - SETTLED)
    for urgency, kind in enumerate(BY_URGENCY):
        contacts_due = [str(contact_id) for contact_id, found in due if found == urgency]
        if contacts_due and not work.bell.is_crowded(kind):
            work.bell.wake(kind, *contacts_due)


def find_happened(work: Context, now: datetime) -> None:
    """Waits for something that has happened, some thousands a round; what they wait for shows in rows."""
    kept = cast("bytes | None", work.redis.get(LOOKED_AT)) or b""
    after = int(kept) if kept.isdigit() else 0
    with work.database.read() as session:
        found, after = waits.find_happened(session, after, now)
    if found:
        with work.database.write() as session:
            waits.make_due(session, found, now)
    work.redis.set(LOOKED_AT, after)


def wake_waits(work: Context, now: datetime) -> None:
    """Waits that are over, however many and however late."""
    with work.database.read() as session:
        is_any = waits.is_any_due(session, now)
    if is_any:
        work.bell.wake("waits")


def find_moments(work: Context, now: datetime) -> None:
    """Flows whose moment has come, each with all for whom it comes; and starts that are finished."""
    with work.database.read() as session:
        come = beginning.come(session, work.catalog, work.shop, now)
        is_any_open = timed_starts.is_any_open(session)
    for found in come:
        _keep_moment(work, found, now)
    if is_any_open:
        with work.database.write() as session:
            timed_starts.finish(session, now)


def _keep_moment(work: Context, found: beginning.Come, now: datetime) -> None:
    """A moment that cannot be kept for a reason of its own keeps no other flow's from being kept."""
    said = {"flow": found.flow, "at": found.at.isoformat()}
    try:
        with work.database.write() as session:
            count = beginning.keep(session, found, now)
        log.info("moment_came", **said, audience=count)
    except Exception as error:
        if is_trouble(error):
            raise
        log.exception("moment_not_kept", **said)


def wake_starts(work: Context, now: datetime) -> None:
    """Contacts with whom a flow is to begin."""
    with work.database.read() as session:
        is_any = timed_starts.is_any_open(session) and timed_starts.is_any_ready(session, now)
    if is_any:
        work.bell.wake("starts")


def wake_imports(work: Context, now: datetime) -> None:  # noqa: ARG001 (every task has the same shape)
    """Packs that are being filled, or taken away."""
    with work.database.read() as session:
        is_any = loading.next_open(session) is not None
    if is_any:
        work.bell.wake("imports")


def warn_of_stock(work: Context, now: datetime) -> None:
    """Campaigns that have come to a level of stock of which the marketer wants to be told, or have more again."""
    with work.database.read() as session:
        changed = stock_levels.reached(session)
    if changed:
        with work.database.write() as session:
            count = stock_levels.warn(session, changed, now)
        log.info("stock_looked_at", notices=count)


def forget_runs(work: Context, now: datetime) -> None:
    """Which steps of flows ran, some at a time, once it is kept long enough; from a day in UTC on, all of that day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)  # else there were some to delete in every round
    before = today - timedelta(days=work.flow_turns_days)
    with work.database.read() as session:
        version_id = flow_figures.outdated(session, before)
    if version_id is not None:
        with work.database.write() as session:
            flow_figures.forget(session, version_id, before, FORGOTTEN)


def forget_replies(work: Context, now: datetime) -> None:
    """What POS machines were answered, once nobody sends the same request again."""
    with work.database.read() as session:
        is_any = api_replies.is_any_old(session, now)
    if is_any:
        with work.database.write() as session:
            api_replies.forget(session, now, FORGOTTEN)


def find_hooks(work: Context, now: datetime) -> None:
    """What happened to coupons becomes deliveries of outgoing webhooks, and endpoints for which some are due are rung.

    A shop without an endpoint pays the first look.
    """
    with work.database.read() as session:
        if not hooks.is_any(session):
            return
        is_any = feeds.is_any(session, WebhookFeed)
    _catch_up(work, is_any=is_any, some=lambda session: hook_events.find(session, now))
    with work.database.read() as session:
        due = hook_deliveries.endpoints_due(session, now)
    if due and not work.bell.is_crowded("hooks"):
        work.bell.wake("hooks", *map(str, due))


def forget_hooks(work: Context, now: datetime) -> None:
    """Deliveries that are kept no longer, some at a time."""
    with work.database.read() as session:
        is_any = hook_deliveries.is_any_old(session, now)
    if is_any:
        with work.database.write() as session:
            hook_deliveries.forget(session, now)


def count_records(work: Context, now: datetime) -> None:
    """What has happened to coupons goes into the marketer's lists and figures, some hundreds of coupons a round."""
    with work.database.read() as session:
        is_any = records_changes.is_any(session)
    zone = work.shop.timezone
    _catch_up(work, is_any=is_any, some=lambda session: records_counting.catch_up(session, zone, now))


def _catch_up(work: Context, *, is_any: bool, some: Callable[[Session], int]) -> None:
    """Look at some changes of coupons at a time, as long as there are any and a round's time is not over."""
    ends, is_more = time.monotonic() + COUNTING, is_any
    while is_more and time.monotonic() < ends:
        began = time.monotonic()
        with work.database.write() as session:
            is_more = some(session) > 0
        time.sleep(time.monotonic() - began)  # customers who came meanwhile have as long for themselves


def remove_pictures(work: Context, now: datetime) -> None:
    """Pictures that nothing has needed for 30 days; looked for once a day."""
    if not work.redis.set(PICTURES, now.isoformat(), nx=True, ex=A_DAY):
        return
    with work.database.read() as session:
        unused = unused_images.find(session)
    with work.database.write() as session:
        unused_images.mark(session, unused, now)
        count = unused_images.remove(session, now)
    log.info("pictures_looked_at", unused=len(unused), removed=count)


def forget_old(work: Context, now: datetime) -> None:
    """Bad rows of imports, and links to a password, that have been over for 30 days; looked for once a day."""
    if not work.redis.set(OLD, now.isoformat(), nx=True, ex=A_DAY):
        return
    with work.database.read() as session:
        imports = loading.outdated(session, now)
    for import_id in imports:  # each has thousands of rows: nobody waits for those of all
        with work.database.write() as session:
            loading.forget_bad_rows(session, import_id)
    with work.database.write() as session:
        links = user_links.forget(session, now)
    log.info("old_rows_looked_at", imports=len(imports), links=links)


TASKS: tuple[Callable[[Context, datetime], None], ...] = (
    wake_claims,
    wake_mails,
    wake_conversations,
    wake_deliveries,
    find_happened,
    wake_waits,
    find_moments,
    wake_starts,
    wake_imports,
    warn_of_stock,
    forget_runs,
    forget_replies,
    count_records,
    find_hooks,
    forget_hooks,
    remove_pictures,
    forget_old,
)


def run(work: Context) -> None:
    """Do every task each second until told to stop (SIGTERM, SIGINT). A failing one is logged and the next goes on."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(PAUSE):
        one_round(work, clock.now())


def one_round(work: Context, now: datetime) -> None:
    """Every task once."""
    for task in TASKS:
        try:
            task(work, now)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("periodic_task_failed", task=task.__name__, error=type(error).__name__, cause=cause(error))
        except Exception:  # whatever it is: the sweep is what finds all that was lost
            log.exception("periodic_task_broke", task=task.__name__)
