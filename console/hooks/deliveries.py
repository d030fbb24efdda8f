"""/console/webhooks/ID/deliveries/ID: one delivery, what was sent, and sending it again."""

import json

from flask import abort, render_template
from werkzeug.wrappers import Response

from console.hooks.door import DELIVERY, ID, blueprint
from console.hooks.endpoint import back, known
from console.hooks.wording import kind, state
from core import clock, hook_deliveries, hooks
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
    known(endpoint_id)
    now = clock.now()
    with services().database.write() as db:
        if not hook_deliveries.replay(db, endpoint_id, delivery_id, now):
            abort(404)
        one = hook_deliveries.one(db, endpoint_id, delivery_id) or abort(404)
        hooks.record(db, login.doer(), "webhook.replayed", endpoint_id, {"event": one.event_id}, now)
    services().wake("hooks", str(endpoint_id))
    return back(endpoint_id, say("正在重送。", "It is sent again."))
