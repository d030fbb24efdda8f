"""Codes that nobody can guess, made as a pattern says. Pure, but for the system's randomness."""

import secrets
from dataclasses import dataclass

from core.imports import codes as rule
from core.reasons import Reason
from core.refusal import Refused

RANDOM = "#"  # in a pattern: one random character; everything else stays as it is
# Characters that nobody takes for one another, read aloud or printed small: no 0 and O, 1, I and L, 5 and S, and no
# vowel, so that no word comes out. The same 24 as in Microsoft's product keys.
ALPHABETS = {"letters": "BCDFGHJKMPQRTVWXY2346789", "digits": "0123456789"}
MOST = 1_000_000  # codes of one pack
# Whoever tries a code at random meets one that was given out, or will be, once in so many tries at best.
TRIES = 1_000_000


@dataclass(frozen=True)
class Pattern:
    """`text` such as TEA-####-####; `alphabet` is one of ALPHABETS; a check character comes behind where asked for."""

    text: str
    alphabet: str = "letters"
    has_check: bool = False

    @property
    def characters(self) -> str:
        """What a random character can be."""
        return ALPHABETS[self.alphabet]

    @property
    def random(self) -> int:
        """How many characters are random."""
        return self.text.count(RANDOM)

    def tries(self, quantity: int) -> int:
        """How many codes somebody tries at random, in the mean, until one of `quantity` is met."""
        return int(len(self.characters) ** self.random // max(1, quantity))


def refusal(pattern: Pattern, quantity: int, barcode: str) -> Refused | None:
    """Why no such pack can be made, or None where it can.

    QUANTITY_OUT_OF_RANGE, PATTERN_MALFORMED, PATTERN_GUESSABLE, or why a code like these cannot be a serial of a
    campaign with this barcode.
    """
    if not 1 <= quantity <= MOST:
        return Refused(Reason.QUANTITY_OUT_OF_RANGE, f"the quantity is {quantity:,}; expected 1 to {MOST:,}")
    if pattern.alphabet not in ALPHABETS or not pattern.random or pattern.text != pattern.text.strip():
        return Refused(
            Reason.PATTERN_MALFORMED, f"the pattern is {pattern.text[:100]!r}; expected such as TEA-####-####"
        )
    widest = pattern.text.replace(RANDOM, pattern.characters[0]) + (pattern.characters[0] if pattern.has_check else "")
    if refused := rule.refusal(barcode, widest):
        return refused
    if pattern.tries(quantity) < TRIES:
        return Refused(
            Reason.PATTERN_GUESSABLE,
            f"one in {pattern.tries(quantity):,} tries at random would be a good code; at most one in {TRIES:,} may be",
        )
    return None


def codes(pattern: Pattern, count: int) -> list[str]:
    """`count` codes at random. Two of them can be the same, once in a very long while."""
    length = pattern.random
    drawn = _drawn(pattern.characters, count * length)
    shape = pattern.text.replace("%", "%%").replace(RANDOM, "%s")
    parts = [drawn[start : start + length] for start in range(0, count * length, length)]
    if pattern.has_check:
        return [shape % tuple(part) + check(pattern.characters, part) for part in parts]
    return [shape % tuple(part) for part in parts]


def _drawn(characters: str, count: int) -> str:
    """Characters at random, each as likely as every other: bytes that would favour the first ones are thrown away."""
    fair = 256 // len(characters) * len(characters)
    table = bytes(ord(characters[byte % len(characters)]) for byte in range(256))
    found = b""
    while len(found) < count:
        found += secrets.token_bytes((count - len(found)) * 5 // 4 + 16).translate(table, bytes(range(fair, 256)))
    return found[:count].decode("ascii")


def check(characters: str, part: str) -> str:
    """The check character of the random ones, by Luhn's mod N.

    It finds each slip of one, and nearly all of two that changed places
    (https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm).
    """
    base, total, factor = len(characters), 0, 2
    for one in reversed(part):
        product = factor * characters.index(one)
        total += product // base + product % base
        factor = 3 - factor
    return characters[-total % base]
