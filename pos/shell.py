"""The counter as an app that can be installed and begins without a network: manifest, service worker, static files.

None of it tells anything of a coupon. All files of one version stand at addresses of that version: what belongs
together is loaded together, and the next version takes over whole.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for

from pos.app_words import app_words
from web import security
from web.services import services
from web.words import language, say

ROOM = Path(__file__).parent
LOOK = ROOM.parent / "web"
A_YEAR = 31_536_000  # seconds
# What the counter looks like; its own files are all of `pos/static`.
LOOKS = ("base.css", "vendor/simple.css", "tessera.svg")


def _read() -> Iterator[bytes]:
    for folder in (ROOM / "static", ROOM / "templates", LOOK / "static", LOOK / "templates"):
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            yield str(path.relative_to(ROOM.parent)).encode()
            yield path.read_bytes()


VERSION = hashlib.sha256(b"\0".join(_read())).hexdigest()[:16]


class _Versioned(Blueprint):
    """Its files never change at their addresses."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:  # noqa: ARG002 (Flask's signature)
        """For how long browsers may keep one."""
        return A_YEAR


blueprint = _Versioned("app", __name__, static_folder="static", static_url_path=f"/app/{VERSION}")


@blueprint.get("/shell")
def shell() -> str:
    """The counter without anybody's name, token or coupon in it: what the app shows while there is no network."""
    return render_template("pos/counter.html", is_shell=True)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """What makes it installable."""
    icons = [
        {"src": file(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    name = services().shop.name
    answer = jsonify(
        id="/pos/",
        name=f"{name} {say('櫃檯', 'Counter')}",
        short_name=say("櫃檯", "Counter"),
        lang=language(),
        start_url="/pos/",
        scope="/pos/",
        display="standalone",
        background_color="#fbf7f1",
        theme_color="#b93c0b",
        icons=icons,
    )
    answer.content_type = "application/manifest+json"
    return answer


@blueprint.get("/worker.js")
def worker() -> Response:
    """The service worker: another version's text differs, by which browsers know that there is one."""
    own = [
        file(str(path.relative_to(ROOM / "static"))) for path in sorted((ROOM / "static").rglob("*")) if _is_shown(path)
    ]
    looks = [url_for("web.static", filename=name) for name in LOOKS]
    text = render_template("pos/worker.js", version=VERSION, own=own, looks=looks, shell=url_for("pos.app.shell"))
    answer = make_response(text)
    answer.content_type = "text/javascript; charset=utf-8"
    return answer


def _is_shown(path: Path) -> bool:
    return path.is_file() and path.suffix in {".css", ".js", ".wasm", ".png"}


def file(name: str) -> str:
    """The address of one of the counter's files, of this version."""
    return url_for("pos.app.static", filename=name)


def open_camera(response: Response) -> Response:
    """The counter reads barcodes: where one is scanned the camera may be used, and the reader's WebAssembly run."""
    if request.endpoint in {"pos.counter", "pos.app.shell", "customers.search", "customers.find"}:
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()"
        response.headers["Content-Security-Policy"] = security.policy(scripts="'self' 'wasm-unsafe-eval'")
    return response


def install(room: Blueprint) -> None:
    """Put the app into the counter's room."""
    room.register_blueprint(blueprint)
    room.after_request(open_camera)
    room.app_template_global("counter_file")(file)
    room.app_template_global("app_words")(app_words)
