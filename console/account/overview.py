"""/console/account: who one is here, how one reads the pages, the password, and where one is logged in."""

from collections.abc import Mapping

from flask import render_template, request
from werkzeug.wrappers import Response

from console.account.door import again, blueprint, is_me, stay_alone
from console.fields import typed
from core import clock, user_changes, user_codes, users
from core.reasons import Reason
from core.users import UserError
from web import forgotten, login, passwords, words
from web.sentences import sentence
from web.services import services
from web.words import LANGUAGES, say

WRONG = 401  # and counted: see web/limits.py


@blueprint.get("")
def overview() -> str:
    """The page."""
    return _page({})


@blueprint.post("/reading")
def reading() -> Response:
    """Choose a language and a zone; whatever is none of ours stands for the browser's and the shop's."""
    language, zone = typed("language"), typed("time_zone")
    language, zone = language if language in LANGUAGES else "", zone if zone in words.zones() else ""
    with services().database.write() as db:
        user_changes.choose(db, login.account().user_id, language, zone)
    words.reader(language, zone)
    return again(say("已儲存。", "Saved."))


@blueprint.post("/password")
def password() -> Response | tuple[str, int]:
    """Choose another password, knowing the present one; every other device is logged out."""
    chosen, me = request.form.get("password", ""), login.account()
    if not is_me(request.form.get("present", "")):
        return _page({"present": sentence(Reason.PASSWORD_WRONG)}), WRONG
    if chosen != request.form.get("again", ""):
        return _page({"again": say("兩次輸入的密碼不一樣。", "The two are not the same.")}), 409
    try:
        users.check_password(chosen)
    except UserError as error:
        return _page({"password": sentence(error.reason)}), 409
    password_hash, now = passwords.hashed(chosen), clock.now()
    with services().database.write() as db:
        users.set_password(db, me.user_id, password_hash, now)
        user_changes.record(db, login.doer(), "user.password_changed", me.user_id, now)
    forgotten.tell_of_change(me.user_id, words.language())
    stay_alone(me.user_id)
    return again(
        say("密碼已更改；其他裝置都已登出。", "Your password is changed, and every other device is logged out.")
    )


@blueprint.post("/email")
def email() -> Response | tuple[str, int]:
    """Choose the address that links to a new password go to: whoever does must know the present one."""
    me, address = login.account(), typed("email")
    if not is_me(request.form.get("email_password", "")):
        return _page({"email_password": sentence(Reason.PASSWORD_WRONG)}, email=address), WRONG
    try:
        with services().database.write() as db:
            user_changes.change_email(db, login.doer(), me.user_id, address, clock.now())
    except UserError as error:
        return _page({"email": sentence(error.reason)}, email=address), 409
    return again(say("已儲存。", "Saved."))


@blueprint.post("/sessions")
def end_others() -> Response:
    """Log out everywhere else."""
    me = login.account()
    with services().database.write() as db:
        user_changes.end_sessions(db, login.doer(), me.user_id, clock.now())
    stay_alone(me.user_id)
    return again(say("其他裝置都已登出。", "Every other device is logged out."))


def _page(wrong: Mapping[str, str], **entered: object) -> str:
    with services().database.read() as db:
        me = users.account(db, login.account().user_id) or login.account()
        left = user_codes.recovery_codes_left(db, me.user_id)
    return render_template(
        "console/account/overview.html",
        me=me,
        wrong=wrong,
        entered=entered,
        left=left,
        zones=sorted(words.zones()),
        shortest=users.SHORTEST_PASSWORD,
        has_mail=services().sends_mail,
    )
