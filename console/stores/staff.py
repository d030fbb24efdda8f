"""The PINs of a store's staff: set by an owner, or made and shown once; taken away."""

from flask import abort, flash, render_template
from werkzeug.wrappers import Response

from console.fields import typed
from console.stores.door import USER, back, blueprint
from core import clock, pins, user_changes, users
from core.user_changes import Person
from web import login, passwords
from web.sentences import sentence
from web.services import services
from web.words import say


@blueprint.get(f"/staff/{USER}/pin")
def pin(user_id: int) -> str:
    """The form."""
    return _form(_staff(user_id), "")


@blueprint.post(f"/staff/{USER}/pin")
def set_pin(user_id: int) -> str | tuple[str, int]:
    """Set the PIN that was typed, or a made one where none was; it is shown now, and never again."""
    person, chosen = _staff(user_id), pins.plain(typed("pin")) or pins.make()
    if refused := pins.check(chosen):
        return _form(person, sentence(refused.reason)), 409
    pin_hash, now = passwords.hashed(chosen), clock.now()
    with services().database.write() as db:
        refused = pins.put(db, login.doer(), user_id, pin_hash, now)
    if refused:
        return _form(person, sentence(refused.reason)), 409
    return render_template("console/stores/pin_set.html", person=person, store_id=_store_id(user_id), pin=chosen)


@blueprint.post(f"/staff/{USER}/no-pin")
def take_away(user_id: int) -> Response:
    """No PIN any more."""
    person = _staff(user_id)
    with services().database.write() as db:
        pins.take_away(db, login.doer(), user_id, clock.now())
    told = say(
        f"{person.username} 沒有 PIN 了，也已登出。", f"{person.username} has no PIN any more, and is signed out."
    )
    flash(told, "good")
    return back(_store_id(user_id))


def _staff(user_id: int) -> Person:
    with services().database.read() as db:
        person = user_changes.one(db, user_id)
    return person if person and person.role == "staff" and not person.disabled_at else abort(404)


def _store_id(user_id: int) -> int:
    with services().database.read() as db:
        found = users.account(db, user_id)
    return found.store_id if found and found.store_id else abort(404)


def _form(person: Person, wrong: str) -> str:
    return render_template(
        "console/stores/pin.html", person=person, store_id=_store_id(person.user_id), wrong=wrong, limits=pins
    )
