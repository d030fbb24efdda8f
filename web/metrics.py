"""`/metrics`: how the shop is, for Prometheus. What is told is read from the database and Redis when it is asked for.

So it is the same whichever process answers. What each metric means and what to do: docs/metrics.md.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, jsonify, request
from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily

from core.gauges import Readings
from core.reasons import Reason
from db.trouble import cause
from web.held import Held
from web.words import say

WITHIN = 3.0  # seconds for each source; Prometheus itself waits 10
FRESH = 5.0  # seconds for which a process says the same again, however often it is asked

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Family:
    """A metric's HELP, and the names of its labels."""

    meaning: str
    labels: Sequence[str] = ()


# Without the prefix `tessera_`.
FAMILIES: Mapping[str, Family] = {
    "build_info": Family("The code that answers: the schema that it needs.", ["schema"]),
    "schema_is_behind": Family("1 where the database needs `flask db upgrade`; it is asked nothing else then."),
    "database_up": Family("1 where the database has answered all that was asked, in time."),
    "redis_up": Family("1 where Redis has answered all that was asked, in time."),
    "disk_free_bytes": Family("Room left on the disk of VAR_DIR, where SQLite is."),
    "channel_warnings": Family("What should be mended of the channels before it stops working; /healthz says what."),
    "processes_alive": Family("Processes of the background that gave a sign of life in the last 3 seconds.", ["role"]),
    "queue_jobs": Family("Jobs that wait for a worker. One job answers many customers.", ["queue"]),
    "queue_oldest_job_seconds": Family("For how long the first job has waited; 0 where none does.", ["queue"]),
    "queue_broken_jobs": Family("Jobs that ended with an error within the last hour.", ["queue"]),
    "taps_waiting": Family("Taps on Redeem, passed through Redis, that no job has taken."),
    "taps_oldest_waiting_seconds": Family("For how long the first of these taps has waited; 0 where none does."),
    "claims_waiting": Family("Taps on Redeem, kept as rows, that are not answered."),
    "claims_oldest_waiting_seconds": Family("For how long the first of these claims has waited; 0 where none does."),
    "inbox_waiting_events": Family("Webhook events that are not handled.", ["channel"]),
    "inbox_oldest_waiting_seconds": Family(
        "For how long the first of these has waited; 0 where none does.", ["channel"]
    ),
    "inbox_newest_event_seconds": Family("Since a platform last brought an event.", ["channel"]),
    "inbox_failed_events": Family(
        "Events of the last hour, among the newest 1,000, that failed.", ["channel", "reason"]
    ),
    "outbox_unsent_messages": Family("Messages that are being sent, or will be: all but those that are held."),
    "outbox_held_messages": Family("Messages that are held until the customer writes, or the month is over."),
    "outbox_first_messages": Family(
        "Which these are, of the first 1,000 unsent and the first 1,000 held.", ["channel", "state"]
    ),
    "outbox_oldest_due_seconds": Family(
        "For how long the first message that is due, among these, has not been sent; 0: none is.", ["channel"]
    ),
    "outbox_failed_messages": Family(
        "Messages of the last hour, among the newest 1,000, that were not sent at once.", ["channel", "state", "reason"]
    ),
    "waits_due": Family("Waits that are over and whose flow has not gone on; also of whom is with a person."),
    "waits_oldest_due_seconds": Family(
        "Since the first of these was over with which the bot may go on; 0: there is none."
    ),
    "timed_starts_waiting_contacts": Family("Contacts with whom a flow is to begin at a time that has come."),
    "timed_starts_oldest_seconds": Family("Since the first of the moments that are not finished; 0 where none is."),
    "conversations_stopped": Family("Contacts whose flow has failed and who have begun no other.", ["reason"]),
    "campaigns_running": Family("Campaigns that have not been ended."),
    "campaign_serials_left": Family("Serials that the campaign can still give; the newest 200 running.", ["campaign"]),
    "campaign_redeemed_coupons": Family("Coupons that have a serial; the newest 200 running.", ["campaign"]),
    "quota_limit_messages": Family("Paid messages of the month; absent: without limit, or not told.", ["channel"]),
    "quota_left_messages": Family("Paid messages left in the month, as the channel told last.", ["channel"]),
}


class Shop:
    """All readings at one moment, in the shape that Prometheus' library takes.

    `sources` may be away: each has a metric of its own, `<name>_up`, and what it would have told is then left out.
    `own` is what can always be said.
    """

    def __init__(self, sources: Mapping[str, Callable[[], Readings]], own: Callable[[], Readings]) -> None:
        self._sources = {name: Held(read, WITHIN, FRESH) for name, read in sources.items()}
        self._own = own

    def collect(self) -> Iterator[Metric]:
        """Each metric, with HELP, in the order of FAMILIES."""
        found = dict(self._own())
        for name, held in self._sources.items():
            readings = _read(name, held)
            found |= {f"{name}_up": {(): float(readings is not None)}, **(readings or {})}
        if unknown := found.keys() - FAMILIES.keys():
            raise LookupError(f"Not in FAMILIES: {unknown}")
        for name, family in FAMILIES.items():
            if name in found:
                metric = GaugeMetricFamily(f"tessera_{name}", family.meaning, labels=family.labels)
                for labels, value in sorted(found[name].items()):
                    metric.add_metric(labels, value)
                yield metric


def _read(name: str, held: Held[Readings]) -> Readings | None:
    try:
        return held()
    except Exception as error:  # noqa: BLE001 (whatever it is: the rest is told all the more)
        log.warning("metrics_not_read", source=name, error=type(error).__name__, cause=cause(error))
        return None


def blueprint(token: str, shop: Shop) -> Blueprint:
    """The page, for whoever has the token."""
    room = Blueprint("metrics", __name__)

    @room.get("/metrics")
    def metrics() -> Response:
        """200 whatever is away; 401 without the token."""
        given = request.authorization.token if request.authorization else None
        if not hmac.compare_digest((given or "").encode(), token.encode()):
            return _refuse()
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(shop), content_type=content_type, headers={"Cache-Control": "no-store"})

    return room


def _refuse() -> Response:
    sentence = say("請附上 METRICS_TOKEN。", "Send METRICS_TOKEN as `Authorization: Bearer`.")
    answer = jsonify(error="Unauthorized", detail=sentence, reason=Reason.METRICS_TOKEN_WRONG)
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
