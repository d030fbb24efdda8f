"""What protects every page: CSRF tokens, cookies nobody else reads, a content security policy, sizes, proxies."""

import secrets

from flask import Flask, Response, abort, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web.devices import BACKGROUND

LARGEST_REQUEST = 2_000_000  # bytes


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie.

    What a page asks by itself, or fetches to show itself, prolongs none: its answer, come late, would put a cookie from
    before back over the one that a form has written meanwhile, and end the session of whoever has just signed in.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether the answer has the cookie."""
        is_part = request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        is_persons = not is_part and BACKGROUND not in request.headers  # older browsers do not say what is a part
        return session.modified or (is_persons and super().should_set_cookie(app, session))


def protect(app: Flask, *, is_https: bool, trusted_proxies: int) -> CSRFProtect:
    """Protect every page of `app`; returns the CSRF guard, from which signed or tokened rooms are exempted."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,  # a flow's text is a field of a form
        SESSION_COOKIE_NAME="__Host-tessera_session" if is_https else "tessera_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        # Our pages send no referrer, so it cannot be asked for; a cookie named __Host- is one that no other site,
        # subdomain or unencrypted page can plant, which is what the referrer would have guarded against.
        WTF_CSRF_SSL_STRICT=False,
    )
    if trusted_proxies:
        proxies = ProxyFix(app.wsgi_app, *[trusted_proxies] * 4)
        app.wsgi_app = proxies  # type: ignore[method-assign]  # Flask's documented way
    app.session_interface = _Sessions()
    app.jinja_env.globals["csp_nonce"] = nonce
    app.before_request(_refuse_nul)  # first: what comes after it may look for the name in an address
    app.after_request(Headers(is_https=is_https))
    return CSRFProtect(app)


def _refuse_nul() -> None:
    """In no address: PostgreSQL keeps no NUL in a text, not even to compare with it."""
    if "\0" in request.path:
        abort(404)


def nonce() -> str:
    """This answer's nonce: only style blocks that carry it are obeyed."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


HSTS = ("Strict-Transport-Security", "max-age=31536000")
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")


def script_headers(*, is_https: bool) -> list[tuple[str, str]]:
    """Headers on an answer that a script reads, once, and that is never shown as a page."""
    return [NO_SNIFFING, ("Cache-Control", "no-store"), *([HSTS] if is_https else [])]


def policy(scripts: str = "'self'") -> str:
    """The content policy: nothing from other hosts; style blocks by their nonce; `scripts`: what may run."""
    styles = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    return (
        f"default-src 'self'; script-src {scripts}; style-src {styles}; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


class Headers:
    """Headers on every page's answer; one that a view has set stays."""

    def __init__(self, *, is_https: bool) -> None:
        self._fixed = [
            NO_SNIFFING,
            ("Referrer-Policy", "no-referrer"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
        if is_https:
            self._fixed.append(HSTS)

    def __call__(self, response: Response) -> Response:
        """Add what is missing."""
        set_by_view = {name.lower() for name, _ in response.headers}
        fixed = [*self._fixed, ("Content-Security-Policy", policy())]
        response.headers.extend([(name, value) for name, value in fixed if name.lower() not in set_by_view])
        return response
