"""The device that a browser is, where it was bound to a store: its cookie, and which sessions it may carry."""

from datetime import datetime, timedelta

from flask import current_app, g, request, session
from werkzeug.wrappers import Response

from core import clock, devices
from core.devices import Bound
from core.users import Account
from web.services import services

DAYS = 400  # no browser keeps a cookie for longer; each sign-in sets it anew
ID = "device"  # in the session: on which device somebody signed in with a PIN
TOUCHED = "touched"  # in the session: when somebody last did something there
BACKGROUND = "X-Background"  # a request with this header was made by a page, not by a person, and keeps nobody awake


def here() -> Bound | None:
    """The device that this browser is; None where it is none, or is one no more. Writes down that it was seen."""
    if "device" not in g:
        g.device = _known(request.cookies.get(_cookie(), ""), clock.now())
    found: Bound | None = g.device
    return found


def _known(token: str, now: datetime) -> Bound | None:
    if not token:
        return None
    with services().database.read() as db:
        found = devices.known(db, token)
    if found and devices.is_seen_long_ago(found, now):
        with services().database.write() as db:
            devices.see(db, found, now)
    return found


def carries(account: Account) -> bool:
    """Whether this session may go on: one by password anywhere, one by PIN on its device alone.

    The device must be the same and not revoked, the user stand in its store, and somebody have touched it lately.
    """
    if ID not in session:
        return True
    device, touched = here(), session.get(TOUCHED)
    if device is None or device.device_id != session[ID] or not isinstance(touched, int):
        return False
    is_awake = clock.now().timestamp() - touched < timedelta(minutes=device.idle_minutes).total_seconds()
    return is_awake and account.role == "staff" and account.store_id == device.store_id


def in_use() -> Bound | None:
    """The device on which whoever is here has signed in with a PIN; None where they came by password."""
    return here() if ID in session else None


def was_here() -> bool:
    """Whether this browser was a store's device and is one no more: it was revoked, or another took its place."""
    return bool(request.cookies.get(_cookie())) and here() is None


def touch() -> None:
    """Somebody does something here: it locks that much later."""
    if ID in session and BACKGROUND not in request.headers:
        session[TOUCHED] = int(clock.now().timestamp())


def begin(device: Bound) -> None:
    """The session that has just begun is one on this device."""
    session[ID] = device.device_id
    touch()


def remember(answer: Response, token: str) -> Response:
    """Have the browser be the device with this token."""
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(_cookie(), token, max_age=DAYS * 86_400, secure=is_https, httponly=True, samesite="Lax", path="/")
    return answer


def renew(answer: Response) -> Response:
    """Have the browser keep being the device that it is."""
    return remember(answer, request.cookies[_cookie()])


def _cookie() -> str:
    return "__Host-tessera_device" if current_app.config["SESSION_COOKIE_SECURE"] else "tessera_device"
