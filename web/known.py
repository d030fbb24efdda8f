"""Browsers in which somebody has logged in before: whoever guesses at their name elsewhere does not lock them out.

The limit on guesses at one name counts each such browser by itself (OWASP's "device cookies"). It lets nobody in.
"""

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

DAYS = 365
NAME_AND_NUMBER = 2  # what is in it


def remember(answer: Response, username: str) -> Response:
    """Have the browser remember that this user has logged in."""
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    kept = _serializer().dumps([username, secrets.token_hex(8)])
    answer.set_cookie(_cookie(), kept, max_age=DAYS * 86_400, secure=is_https, httponly=True, samesite="Lax", path="/")
    return answer


def number(username: str) -> str:
    """This browser's number where `username` has logged in here before; empty in any other."""
    try:
        kept = _serializer().loads(request.cookies.get(_cookie(), ""))
    except BadSignature:
        return ""
    is_theirs = isinstance(kept, list) and len(kept) == NAME_AND_NUMBER and kept[0].lower() == username
    return str(kept[1]) if is_theirs else ""


def _cookie() -> str:
    return "__Host-tessera_known" if current_app.config["SESSION_COOKIE_SECURE"] else "tessera_known"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")
