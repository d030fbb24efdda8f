"""A platform's limit on one thing, with how the platform counts it, and cutting or splitting a text to fit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import regex

Unit = Literal["utf16", "graphemes", "bytes", "items", "requests a second"]

ELLIPSIS = "…"
_CLUSTER = regex.compile(r"\X")
_BREAK = re.compile(r"[\n ]+")


@dataclass(frozen=True)
class Limit:
    """At most `size` of `unit`, as read in `source` on or before `as_of`.

    Where the platform names no number, `source` is empty, and the size is a cautious one of our own.
    """

    size: int
    unit: Unit
    source: str
    as_of: date

    def count(self, text: str) -> int:
        """The length of `text` as the platform counts it."""
        if self.unit == "graphemes":
            return len(_CLUSTER.findall(text))
        if self.unit == "bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def allows(self, text: str) -> bool:
        """Whether `text` fits."""
        return self.count(text) <= self.size

    def cut(self, text: str) -> str:
        """`text` where it fits, else its beginning and an ellipsis; never through a character as a reader sees it."""
        if self.allows(text):
            return text
        return self._beginning(text, self.size - 1).rstrip() + ELLIPSIS

    def split(self, text: str) -> list[str]:
        """`text` in pieces that fit, broken at a line's or a word's end where there is one in a piece's second half."""
        pieces = []
        while not self.allows(text):
            head = self._beginning(text, self.size) or self._beginning_of_code_points(text)
            ends = [found.start() for found in _BREAK.finditer(text[: len(head) + 1])]
            breaks = [at for at in ends if at >= len(head) // 2]
            lines = [at for at in breaks if text[at] == "\n"]
            at = (lines or breaks or [len(head)])[-1]
            pieces.append(head[:at])
            text = text[at:].lstrip("\n ")
        return [piece for piece in (*pieces, text) if piece.strip()]

    def _beginning(self, text: str, size: int) -> str:
        return self._fitting(_CLUSTER.findall(text), size)

    def _beginning_of_code_points(self, text: str) -> str:
        """For one cluster longer than the limit (a letter under hundreds of accents), which must be broken."""
        return self._fitting(iter(text), self.size)

    def _fitting(self, parts: Iterator[str] | list[str], size: int) -> str:
        kept, used = [], 0
        for part in parts:
            used += self.count(part)
            if used > size:
                break
            kept.append(part)
        return "".join(kept)
