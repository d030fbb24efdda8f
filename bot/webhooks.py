"""The door that LINE and Messenger knock on: check the signature, store each event once, answer at once."""

import hmac
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from flask import Blueprint, Response, abort, request

from bot.channels import line, messenger
from bot.channels.reading import Read, UnreadableBody
from core import clock, inbox
from core.inbox import Arrival, Delivery
from db.database import Database
from web.services import Wake, services

LARGEST_BODY = 2_000_000  # bytes; LINE and Meta send batches of a few kilobytes

blueprint = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)


@blueprint.post("/webhooks/line")
def line_events() -> Response:
    """LINE's events. 401 without a right signature, 400 for a body that is no JSON object, 413 over 2 MB, else 200."""
    body = _body()
    signature = request.headers.get("x-line-signature")
    if not line.verify(body, signature, services().line_channel_secret):
        return _unsigned("line")
    return _store(line.NAME, body, line.read)


@blueprint.post("/webhooks/messenger")
def messenger_events() -> Response:
    """Messenger's events; as `line_events`. Meta expects the words EVENT_RECEIVED."""
    body = _body()
    signature = request.headers.get("x-hub-signature-256")
    if not messenger.verify(body, signature, services().messenger_app_secret):
        return _unsigned("messenger")
    return _store(messenger.NAME, body, partial(messenger.read, page_id=services().messenger_page_id))


@blueprint.get("/webhooks/messenger")
def messenger_handshake() -> Response:
    """Meta's check when the webhook is set up: the agreed word in, the challenge out as plain text."""
    word, expected = request.args.get("hub.verify_token", ""), services().messenger_verify_token
    is_ours = bool(expected) and hmac.compare_digest(word.encode(), expected.encode())
    if request.args.get("hub.mode") != "subscribe" or not is_ours:
        return _text("The verify token is not the one in MESSENGER_VERIFY_TOKEN.", 403)
    return _text(request.args.get("hub.challenge", ""), 200)


def _body() -> bytes:
    """The raw bytes that were signed."""
    request.max_content_length = LARGEST_BODY
    return request.get_data(cache=False)


def _unsigned(channel: str) -> Response:
    log.warning("webhook_refused", channel=channel, reason="signature", bytes=request.content_length)
    return _text("The signature does not fit the body and the channel's secret.", 401)


def _store(channel: str, body: bytes, read: Callable[[bytes], Sequence[Read]]) -> Response:
    try:
        events = read(body)
    except UnreadableBody as error:
        log.warning("webhook_refused", channel=channel, reason="unreadable", detail=str(error))
        abort(400, description=str(error))
    news = services().keep(Delivery(channel, _arrivals(events), clock.now())) if events else []
    log.info("webhook_received", channel=channel, events=len(events), accounts_with_news=len(news))
    return _text("EVENT_RECEIVED", 200)


def _arrivals(events: Sequence[Read]) -> list[Arrival]:
    return [
        Arrival(
            event.inbound.event_id,
            event.inbound.account_id,
            event.inbound.occurred_at,
            event.raw,
            needs_work=event.inbound.kind != "other",
        )
        for event in events
    ]


def keep(database: Database, deliveries: Sequence[Delivery]) -> list[list[str]]:
    """Store deliveries in one transaction. The accounts ("line/U1234...") of each that have something new."""
    with database.write() as session:
        return inbox.store(session, deliveries)


def ring(wake: Wake, kept: Sequence[Sequence[str]]) -> None:
    """Wake who handles what was kept, once an account."""
    accounts = dict.fromkeys(account for accounts in kept for account in accounts)
    if accounts:
        wake("inbox", *accounts)


def _text(words: str, status: int) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
