"""What is said in both languages: the two wordings side by side, chosen from where the reader is known."""

from dataclasses import dataclass


class _Said:
    """What is written as its English wording wherever nobody has chosen: in a log, in an exception's text."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def of(self, language: str) -> str:
        """The wording for a reader of `language`: English for `en`, else Chinese."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, order=True)
class Pair(_Said):
    """A few words, or a part of a sentence."""

    zh: str
    en: str


@dataclass(frozen=True, order=True)
class Sentence(_Said):
    """A finding. `code` names its kind and stays as it is when the words change (docs/findings.md)."""

    code: str
    zh: str
    en: str
