"""The page's style and script travel within the page: on a slow network each further request costs half a second.

The content policy of a coupon's page obeys that one script, by its hash, and nothing else: none of any file, and none
that a text could smuggle in.
"""

import base64
import hashlib
import re
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).parent / "static"


def _packed(name: str) -> Markup:
    """A file without what is for its reader: indents, and lines that are a comment and nothing else."""
    lines = [line.strip() for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
    kept = "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))
    return Markup(kept)  # noqa: S704 (a file of ours)


STYLE = Markup(re.sub(r"(?<=[{};:,]) +| +(?=[{}])|;(?= *})", "", _packed("page.css")))  # noqa: S704 (as above)
SCRIPT = _packed("page.js")
HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


def policy(nonce: str) -> str:
    """The content policy of a page whose style carries `nonce`: nothing of other hosts, no script but ours."""
    return (
        f"default-src 'none'; script-src 'sha256-{HASH}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )
