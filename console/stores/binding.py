"""A store's devices: added and bound by a code that is shown once, as a QR and in letters; revoked after a question."""

import segno
from flask import abort, flash, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from console.fields import typed
from console.stores import questions
from console.stores.door import DEVICE, STORE, back, blueprint, known
from console.stores.store import page
from core import clock, devices
from core.devices import Code, Listed
from core.refusal import Refused
from web import login
from web.sentences import sentence
from web.services import services
from web.words import say


@blueprint.post(f"/{STORE}/devices")
def add_device(store_id: int) -> str | tuple[str, int]:
    """A new device, and the code that binds it."""
    place, name = known(store_id), typed("device")
    with services().database.write() as db:
        made = devices.add(db, login.doer(), store_id, name, clock.now())
    if isinstance(made, Refused):
        return page(place, {"device": sentence(made.reason)}), 409
    return _shown(made)


@blueprint.get(f"/devices/{DEVICE}/name")
def device_name(device_id: int) -> str:
    """The form for another name."""
    return _naming(_device(device_id), "")


@blueprint.post(f"/devices/{DEVICE}/name")
def rename(device_id: int) -> Response | tuple[str, int]:
    """Another name; what is bound stays so."""
    device = _device(device_id)
    with services().database.write() as db:
        refused = devices.rename(db, login.doer(), device_id, typed("name"), clock.now())
    if refused:
        return _naming(device, sentence(refused.reason)), 409
    flash(say("已儲存。", "Saved."), "good")
    return back(device.store_id)


@blueprint.get(f"/devices/{DEVICE}/<any('code', 'revoke'):step>")
def ask_device(device_id: int, step: str) -> str:
    """What it would do, and the button."""
    device = _device(device_id)
    question = questions.of_device(step, device)
    return render_template(
        "console/stores/question.html", store_id=device.store_id, name=device.store_name, question=question
    )


@blueprint.post(f"/devices/{DEVICE}/code")
def new_code(device_id: int) -> str:
    """Another code for a device that is there: another phone takes its place."""
    with services().database.write() as db:
        made = devices.new_code(db, login.doer(), device_id, clock.now())
    return _shown(made or abort(404))


@blueprint.post(f"/devices/{DEVICE}/revoke")
def revoke(device_id: int) -> Response:
    """Shut it out."""
    device = _device(device_id)
    with services().database.write() as db:
        devices.revoke(db, login.doer(), device_id, clock.now())
    flash(questions.of_device("revoke", device).done, "good")
    return back(device.store_id)


def _naming(device: Listed, wrong: str) -> str:
    return render_template("console/stores/device.html", device=device, wrong=wrong)


def _device(device_id: int) -> Listed:
    with services().database.read() as db:
        return devices.one(db, device_id) or abort(404)


def _shown(made: Code) -> str:
    """The code stands in no row and no address, so that no page shows it again."""
    link = f"{services().shop.public_url}/pos/bind"
    picture = segno.make(f"{link}#{made.code}").svg_inline(scale=5, dark="#000", light="#fff")
    return render_template(
        "console/stores/code.html",
        device=_device(made.device_id),
        code=made.code,
        link=link,
        ends_at=made.ends_at,
        picture=Markup(picture),  # noqa: S704 (segno's own)
    )
