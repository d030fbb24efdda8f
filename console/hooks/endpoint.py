"""/console/webhooks/ID: an endpoint, its secret, and what an owner can do, the graver deeds after a question."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.hooks import questions
from console.hooks.door import ID, back, blueprint, known
from console.hooks.listing import asked
from console.hooks.wording import kind, kinds, sentence, state, states, wrong_field
from core import clock, hook_deliveries, hook_signing, hooks
from core.hooks import Endpoint, Wanted
from db.base import LARGEST_ID
from web import login
from web.services import services
from web.words import say

DEEDS = {"rotate": hooks.rotate, "disable": hooks.disable, "enable": hooks.enable, "delete": hooks.delete}


@blueprint.get(f"/{ID}")
def endpoint(endpoint_id: int) -> str:
    """The page."""
    return _page(known(endpoint_id), {})


@blueprint.post(f"/{ID}")
def change(endpoint_id: int) -> Response | tuple[str, int]:
    """Another name, address or other kinds."""
    found, wanted = known(endpoint_id), asked()
    is_inside_allowed = services().webhooks_inside
    with services().database.write() as db:
        refused = hooks.change(db, login.doer(), endpoint_id, wanted, clock.now(), is_inside_allowed=is_inside_allowed)
    if refused:
        return _page(found, {wrong_field(refused.reason): sentence(refused.reason)}, wanted), 409
    return back(endpoint_id, say("已儲存。", "Saved."))


@blueprint.get(f"/{ID}/<any('rotate', 'disable', 'enable', 'delete'):deed>")
def ask(endpoint_id: int, deed: str) -> str:
    """What it would do, and the button."""
    found = known(endpoint_id)
    return render_template("console/hooks/question.html", endpoint=found, question=questions.of(deed, found))


@blueprint.post(f"/{ID}/<any('rotate', 'disable', 'enable', 'delete'):deed>")
def do(endpoint_id: int, deed: str) -> Response:
    """Do it."""
    found = known(endpoint_id)
    with services().database.write() as db:
        DEEDS[deed](db, login.doer(), endpoint_id, clock.now())
    services().wake("hooks", str(endpoint_id))  # what waited while it was disabled
    done = questions.of(deed, found).done
    if deed == "delete":
        flash(done, "good")
        return redirect(url_for("hooks.listing"), 303)
    return back(endpoint_id, done)


@blueprint.post(f"/{ID}/test")
def test(endpoint_id: int) -> Response:
    """Send an event that is about nothing."""
    if known(endpoint_id).disabled_at:
        abort(409)
    with services().database.write() as db:
        delivery_id = hook_deliveries.test(db, endpoint_id, clock.now())
    services().wake("hooks", str(endpoint_id))
    flash(
        say("測試已送出。重新整理就看得到結果。", "The test is on its way. Load this page again to see its result."),
        "good",
    )
    return redirect(url_for("hooks.delivery", endpoint_id=endpoint_id, delivery_id=delivery_id), 303)


def _page(found: Endpoint, wrong: dict[str, str], wanted: Wanted | None = None) -> str:
    chosen = next((name for name, _ in states() if name == request.args.get("state")), None)
    after, before = (_number(name) for name in ("after", "before"))
    with services().database.read() as db:
        page = hook_deliveries.page(db, found.endpoint_id, chosen, after, before)
        counts = {name: hook_deliveries.count(db, found.endpoint_id, name) for name, _ in states()}
    return render_template(
        "console/hooks/endpoint.html",
        endpoint=found,
        wanted=wanted or Wanted(found.name, found.url, found.kinds),
        wrong=wrong,
        kinds=kinds(),
        secret=hook_signing.secret(str(current_app.secret_key), found.salts[0]),
        page=page,
        counts=counts,
        most=hook_deliveries.COUNTED,
        chosen=chosen,
        states=states(),
        state_of=hook_deliveries.state_of,
        state_words=state,
        kind_words=kind,
    )


def _number(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None
