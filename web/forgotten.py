"""A forgotten password: a mail with a link, and the page behind such a link, where a new one is chosen."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import clock, mail, user_links, users
from core.reasons import Reason
from core.users import UserError
from web import known, login, passwords, words
from web.login import blueprint
from web.sentences import sentence
from web.services import services
from web.words import say


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> str:
    """Ask for a mail. What is answered, and how soon, is the same whoever that is: a job finds out."""
    has_mail = services().sends_mail
    if request.method == "GET" or not has_mail:
        return render_template("web/forgotten.html", has_mail=has_mail, is_asked=False)
    asked = users.entered_name(request.form.get("asked", ""))
    if asked:
        with services().database.write() as db:
            mail_id = mail.to_whoever_is(db, asked, words.language(), clock.now())
        services().wake("mails", str(mail_id))
    return render_template("web/forgotten.html", has_mail=True, is_asked=bool(asked))


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def password(token: str) -> AnyResponse | str | tuple[str, int]:
    """Choose a password by a link. Opening the page changes nothing: mail programs open links, too."""
    now = clock.now()
    with services().database.read() as db:
        found = user_links.whose(db, token, now)
    if found is None:
        return render_template("web/link_over.html", sentence=sentence(Reason.LINK_OVER)), 410
    words.reader(found.language, found.time_zone)
    if request.method == "GET":
        return _page(token, found.username, "")
    chosen = request.form.get("password", "")
    if chosen != request.form.get("again", ""):
        return _page(token, found.username, say("兩次輸入的密碼不一樣。", "The two are not the same.")), 409
    try:
        users.check_password(chosen)
    except UserError as error:
        return _page(token, found.username, sentence(error.reason)), 409
    password_hash = passwords.hashed(chosen)
    with services().database.write() as db:
        used = user_links.use(db, token, password_hash, now)
    if used is None:
        return render_template("web/link_over.html", sentence=sentence(Reason.LINK_OVER)), 410
    tell_of_change(used.user_id, words.language())
    login.leave()  # whoever was logged in here
    return known.remember(redirect(url_for("login.log_in", chosen="1")), used.username)


def _page(token: str, username: str, failure: str) -> str:
    return render_template(
        "web/password.html", token=token, username=username, failure=failure, shortest=users.SHORTEST_PASSWORD
    )


def tell_of_change(user_id: int, language: str) -> None:
    """A mail that says so, to whom it may surprise."""
    if services().sends_mail:
        with services().database.write() as db:
            mail_id = mail.to_user(db, "changed", user_id, language, clock.now())
        services().wake("mails", str(mail_id))
