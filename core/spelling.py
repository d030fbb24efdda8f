"""What somebody has typed, scanned or read out, as codes and references are written. Pure."""

import re
import unicodedata

KEPT = 64  # characters, the longest serial's
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def as_given(words: str) -> str:
    """Edges trimmed, without the control characters that scanners put around a code: no code has one.

    PostgreSQL keeps no NUL.
    """
    return CONTROL.sub("", words).strip()[:KEPT]


def normal(words: str) -> str:
    """The same with full-width characters narrowed, as most codes are written."""
    return as_given(unicodedata.normalize("NFKC", words))


def variants(words: str) -> set[str]:
    """What a serial may be that was typed so: as it stands, too, for one that has full-width characters.

    Upper and lower case are told apart only where the serials themselves do.
    """
    typed = normal(words)
    return {as_given(words), typed, typed.upper(), typed.lower()}


def reference(words: str) -> str:
    """A coupon's reference, read out with or without hyphens and spaces."""
    return normal(words).upper().replace("-", "").replace(" ", "")
