"""/console/account/codes: one-time codes turned on, with a QR code for the phone, and off."""

from datetime import timedelta

import segno
from flask import current_app, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from console.account.door import again, blueprint, is_me, stay_alone
from core import clock, user_codes, users
from core.reasons import Reason
from web import login
from web.sentences import sentence
from web.services import services
from web.words import say

WRONG = 401
BEGUN = "codes_begun"  # in the session: when the password was told for this
WITHIN = timedelta(minutes=10)


@blueprint.get("/codes")
def codes() -> str | Response:
    """What codes are for, with the password asked for first."""
    if login.account().codes_since is not None:
        return redirect(url_for("account.overview"))
    return render_template("console/account/codes.html", wrong="")


@blueprint.post("/codes")
def codes_begin() -> str | Response | tuple[str, int]:
    """The QR code, for whoever knows the password."""
    if not is_me(request.form.get("password", "")):
        return render_template("console/account/codes.html", wrong=sentence(Reason.PASSWORD_WRONG)), WRONG
    session[BEGUN] = int(clock.now().timestamp())
    with services().database.write() as db:
        salt = user_codes.begin(db, login.account().user_id)
    return _scan(salt, "")


@blueprint.post("/codes/on")
def codes_on() -> str | Response | tuple[str, int]:
    """Once the phone's first code is right, codes are asked for; the recovery codes are shown, now only."""
    me, key = login.account(), str(current_app.secret_key)
    if clock.now().timestamp() - session.get(BEGUN, 0) > WITHIN.total_seconds():
        return redirect(url_for("account.codes"))
    with services().database.write() as db:
        made = user_codes.turn_on(db, login.doer(), key, request.form.get("code", ""), clock.now())
        if made:
            users.end_sessions(db, me.user_id)
        salt = None if made else user_codes.begun(db, me.user_id)
    if made is None:
        answer = _scan(salt, sentence(Reason.CODE_WRONG))
        return answer if isinstance(answer, Response) else (answer, WRONG)
    stay_alone(me.user_id)
    return render_template("console/account/recovery.html", codes=made)


@blueprint.post("/codes/off")
def codes_off() -> Response | tuple[str, int]:
    """The password alone lets in again."""
    if not is_me(request.form.get("password", "")):
        return render_template("console/account/codes_off.html", wrong=sentence(Reason.PASSWORD_WRONG)), WRONG
    with services().database.write() as db:
        user_codes.turn_off(db, login.doer(), login.account().user_id, clock.now())
    return again(say("驗證碼已關閉。", "One-time codes are off."))


@blueprint.get("/codes/off")
def codes_off_ask() -> str:
    """Whether they are really to be turned off."""
    return render_template("console/account/codes_off.html", wrong="")


def _scan(salt: str | None, wrong: str) -> str | Response:
    me, key = login.account(), str(current_app.secret_key)
    if salt is None:
        return redirect(url_for("account.overview"))
    drawn = segno.make(user_codes.uri(key, salt, me.username, services().shop.name))
    return render_template(
        "console/account/scan.html",
        picture=Markup(drawn.svg_inline(scale=5, dark="#000", light="#fff")),  # noqa: S704 (segno's own)
        secret=user_codes.secret(key, salt),
        wrong=wrong,
    )
