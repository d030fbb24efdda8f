"""/console/webhooks/ID/deliveries/ID: one delivery and what was sent; sending it again, or all that were given up."""

import json
from datetime import datetime

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from console.hooks import questions
from console.hooks.door import DELIVERY, ID, back, blueprint, known
from console.hooks.wording import kind, state
from core import clock, hook_deliveries
from core.hooks import Endpoint
from web import login
from web.services import services
from web.words import say


@blueprint.get(f"/{ID}/deliveries/{DELIVERY}")
def delivery(endpoint_id: int, delivery_id: int) -> str:
    """The page."""
    found = known(endpoint_id)
    with services().database.read() as db:
        one = hook_deliveries.one(db, endpoint_id, delivery_id) or abort(404)
        return render_template(
            "console/hooks/delivery.html",
            endpoint=found,
            delivery=one,
            body=json.dumps(one.body, ensure_ascii=False, indent=2, sort_keys=True),
            state=hook_deliveries.state_of(one),
            state_words=state,
            kind_words=kind,
            most=len(hook_deliveries.WAITS) + 1,
        )


@blueprint.post(f"/{ID}/deliveries/{DELIVERY}/replay")
def replay_one(endpoint_id: int, delivery_id: int) -> Response:
    """Send it again, with the same id."""
    found = known(endpoint_id)
    with services().database.write() as db:
        if not hook_deliveries.replay(db, login.doer(), endpoint_id, delivery_id, clock.now()):
            abort(404)
    services().wake("hooks", str(endpoint_id))
    return back(endpoint_id, _told(found, say("正在重送。", "It is sent again.")))


@blueprint.get(f"/{ID}/replay")
def ask_replay(endpoint_id: int) -> str:
    """Since when, and the button."""
    return _question(known(endpoint_id), "")


@blueprint.post(f"/{ID}/replay")
def replay(endpoint_id: int) -> Response | tuple[str, int]:
    """Send all again that were given up since a time."""
    found = known(endpoint_id)
    try:
        since = datetime.fromisoformat(request.form.get("since", "")).replace(tzinfo=services().shop.timezone)
    except ValueError:
        return _question(found, say("請選時間。", "Choose a time.")), 400
    with services().database.write() as db:
        count = hook_deliveries.replay_failed(db, login.doer(), endpoint_id, since, clock.now())
    services().wake("hooks", str(endpoint_id))
    return back(endpoint_id, _told(found, say(f"重送 {count:,} 筆。", f"{count:,} are sent again.")))


def _told(found: Endpoint, told: str) -> str:
    """What is said of what was asked for: nothing is sent to one that is disabled."""
    if found.disabled_at:
        return say("已停用：恢復後才會送出。", "Disabled: nothing is sent until it is enabled.")
    return told


def _question(found: Endpoint, failure: str) -> str:
    with services().database.read() as db:
        failed = hook_deliveries.count(db, found.endpoint_id, "failed")
    return render_template(
        "console/hooks/question.html",
        endpoint=found,
        question=questions.of("replay", found),
        failure=failure,
        since=clock.now().astimezone(services().shop.timezone) - hook_deliveries.KEPT,
        failed=failed,
    )
