"""What somebody has typed, scanned or read out, as codes, references and links are written. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

KEPT = 64  # characters, the longest serial's
LONGEST = 2_000  # characters that are looked at, a link's
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
OF_A_COUPON = re.compile(r"/c/([A-Za-z0-9_-]{1,64})/?$")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Link:
    """An address that was scanned: its host, with the port where that is no usual one, and the coupon's token in it."""

    host: str
    token: str = ""


def narrow(words: str) -> str:
    """The beginning of what was entered, with full-width characters narrowed.

    Marks above and below a letter are put in order in the square of their number: 40,000 of each hold a whole process
    up for half a minute, and anybody may send a million. Halves of a character, which JSON can hold and no database
    keeps, become question marks.
    """
    return unicodedata.normalize("NFKC", whole(words[:LONGEST]))


def whole(words: str) -> str:
    """The text without halves of characters (U+D800 to U+DFFF): neither UTF-8 nor a database has any."""
    return words.encode(errors="replace").decode()


def as_given(words: str) -> str:
    """Edges trimmed, without the control characters that scanners put around a code: no code has one.

    PostgreSQL keeps no NUL.
    """
    return CONTROL.sub("", whole(words[:LONGEST])).strip()[:KEPT]


def normal(words: str) -> str:
    """The same with full-width characters narrowed, as most codes are written."""
    return as_given(narrow(words))


def variants(words: str) -> set[str]:
    """What a serial may be that was typed so: as it stands, too, for one that has full-width characters.

    Upper and lower case are told apart only where the serials themselves do.
    """
    typed = normal(words)
    return {as_given(words), typed, typed.upper(), typed.lower()}


def reference(words: str) -> str:
    """A coupon's reference, read out with or without hyphens and spaces."""
    return normal(words).upper().replace("-", "").replace(" ", "")


def link(words: str) -> Link | None:
    """The web address that was scanned or typed, or None where it is none. The token's case is kept: it counts."""
    typed = CONTROL.sub("", narrow(words)).strip()
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not host:
        return None
    found = OF_A_COUPON.search(parts.path)
    token = found[1] if found else ""
    return Link(host if port in (None, PORTS[parts.scheme]) else f"{host}:{port}", token)


def kept(words: str) -> str:
    """What is kept of it for others to read: of a link the host alone, since its token opens the coupon's page."""
    found = link(words)
    return normal(f"{found.host}/c/…" if found else words)
