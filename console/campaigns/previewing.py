"""The coupon's page as the form's values make it, for a frame beside the form. Nothing is kept."""

from dataclasses import replace

from flask import Response, make_response, render_template, request

from console.campaigns import entry, looks
from console.campaigns.door import blueprint
from console.campaigns.entry import CHOICES, COLORS, NEW
from core import clock
from core.campaigns import LANGUAGES, Spec
from db.tables import Campaign
from web.security import nonce
from web.services import services
from web.words import say

# A page that runs nothing, sends nothing and shows only what is the shop's own, whatever a marketer has typed.
_POLICY = "sandbox; default-src 'none'; style-src 'self' 'nonce-{}'; img-src 'self' data:; frame-ancestors 'self'"


def faces() -> dict[str, str]:
    """The states of the page, with what they are called."""
    return {
        "open": say("可兌換", "Open"),
        "waiting": say("兌換中", "Waiting"),
        "redeemed": say("已兌換", "Redeemed"),
        "verified": say("已核銷", "Verified"),
        "expired": say("已過期", "Expired"),
        "sold_out": say("兌換完畢", "Sold out"),
    }


# The page's links are made of the request's `token`, as on the page itself; here they lead nowhere.
@blueprint.post("/_preview", defaults={"token": "sample"})
def preview(token: str) -> Response:  # noqa: ARG001 (see above)
    """The page in one state and language."""
    words, now = entry.of_form(request.form), clock.now()
    with services().database.read() as session:
        words["image_id"] = looks.known_picture(session, words)
    spec, wrong = entry.read(words, services().shop.timezone)
    face, language = request.form.get("face", ""), request.form.get("preview_language", "")
    html = services().sample(
        Campaign(**vars(_shown(spec, set(wrong))), created_at=now, updated_at=now),
        face if face in faces() else "open",
        language if language in LANGUAGES else spec.language,
        now,
    )
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = _POLICY.format(nonce())
    return answer


@blueprint.post("/_contrast")
def contrast() -> str:
    """What there is to say of the colours, as a piece of the form's page."""
    return render_template("console/campaigns/_contrast.html", weak=looks.weaknesses(entry.of_form(request.form)))


def _shown(spec: Spec, wrong: set[str]) -> Spec:
    """The campaign with what is not right yet as in a new one, so that there is something to see."""
    own = {name: getattr(NEW, name) for name in (*CHOICES, *COLORS) if name in wrong}
    if "expires_count" in wrong:
        own["expires_after_seconds"] = NEW.expires_after_seconds
    return replace(spec, name=spec.name.strip() or say("（還沒有名稱）", "(no name yet)"), **own)
