"""Links with which somebody chooses a password: mailed, or shown to the owner once, to be handed over."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core import clock, mail, user_changes, user_links
from core.mail import Kind
from web import login, words
from web.services import services
from web.words import say


def shown(user_id: int, kind: Kind) -> str:
    """A page with a new link. It stands in no row, so that no page shows it again."""
    now = clock.now()
    lasts = user_links.INVITATION if kind == "invitation" else user_links.BY_HAND
    with services().database.write() as db:
        token = user_links.make(db, user_id, lasts, login.account().user_id, now)
        user_changes.record(db, login.doer(), "user.link_made", user_id, now)
        person = user_changes.one(db, user_id)
    link = f"{services().shop.public_url}{url_for('login.password', token=token)}"
    return render_template("console/people/link.html", person=person, link=link, ends_at=now + lasts)


def mailed(user_id: int, kind: Kind) -> Response:
    """Have a link mailed; the person's page says so."""
    with services().database.write() as db:
        mail_id = mail.to_user(db, kind, user_id, words.language(), clock.now())
        user_changes.record(db, login.doer(), "user.link_mailed", user_id, clock.now())
    services().wake("mails", str(mail_id))
    flash(say("信已經排好寄出，裡面有選密碼的連結。", "A mail with a link to choose a password is on its way."), "good")
    return redirect(url_for("people.person", user_id=user_id), 303)
