"""What somebody has typed, scanned or read out, as codes and references are written. Pure."""

import re
import unicodedata

KEPT = 64  # characters, the longest serial's
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def normal(words: str) -> str:
    """Full-width characters narrowed, edges trimmed.

    Without the control characters that scanners put around a code: no code has one, and PostgreSQL keeps no NUL.
    """
    return CONTROL.sub("", unicodedata.normalize("NFKC", words)).strip()[:KEPT]


def variants(typed: str) -> set[str]:
    """Upper and lower case are told apart only where the serials themselves do."""
    return {typed, typed.upper(), typed.lower()}


def reference(typed: str) -> str:
    """A coupon's reference, read out with or without hyphens and spaces."""
    return typed.upper().replace("-", "").replace(" ", "")
