"""What a customer's words are as an answer to a question: the value that is kept, or nothing where they do not fit."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.language import texts
from bot.language.folding import folded
from bot.language.model import Asking, Choice

LONGEST = 500  # characters of an answer that are kept
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_DAY_OF_YEAR = re.compile(r"([0-9]{1,2})[-/月]([0-9]{1,2})日?")
_PHONE = re.compile(r"\+?[0-9]{8,15}")
_PHONE_SIGNS = re.compile(r"[\s().\-‐-―]")  # noqa: RUF001 (the hyphens that phones type)
_EMAIL = re.compile(r"[^\s@,;<>()\"]{1,64}@(?:[^\s@,;<>()\".]+\.)+[^\s@,;<>()\".\d]{2,}")


@dataclass(frozen=True)
class Answer:
    """What is kept, and where to go; empty: on."""

    value: str
    go: str = ""


def understood(asked: Asking, text: str, languages: Sequence[str], today: date) -> Answer | None:
    """The answer that the words are; None where they do not fit. `today` by the shop's calendar."""
    if asked.choices:
        choice = _choice(asked, text)
        value = choice and (choice.value or texts.chosen(choice.label, languages[0], languages))
        return Answer(value or "", choice.go) if choice else None
    if asked.kind == "text":
        return Answer(text.strip()[:LONGEST]) if text.strip() else None
    value = _value(asked, " ".join(unicodedata.normalize("NFKC", text).split()), today)
    return None if value is None else Answer(value)


def is_certain(asked: Asking) -> bool:
    """Whether only certain words fit, so that words that do are an answer and nothing else."""
    return bool(asked.choices) or asked.kind != "text"


def _choice(asked: Asking, text: str) -> Choice | None:
    """The choice that the customer's words mean: its label in any language, or its value."""
    said = folded(text)
    for choice in asked.choices:
        labels = [choice.label] if isinstance(choice.label, str) else list(choice.label.values())
        if said in {folded(word) for word in (*labels, choice.value) if word}:
            return choice
    return None


def _value(asked: Asking, text: str, today: date) -> str | None:
    if asked.kind == "number":
        return _number(text, asked.min, asked.max)
    if asked.kind == "date":
        return _date(text, today)
    if asked.kind == "phone":
        return _phone(text)
    return text.lower() if len(text) <= 254 and _EMAIL.fullmatch(text) else None  # noqa: PLR2004 (RFC 5321)


def _number(text: str, low: float | None, high: float | None) -> str | None:
    """`2`, `1,200`, `2.50`; kept without commas."""
    plain = re.sub(r",(?=[0-9]{3}(?![0-9]))", "", text)
    if not _NUMBER.fullmatch(plain) or (low is not None and float(plain) < low):
        return None
    return None if high is not None and float(plain) > high else plain.removeprefix("+")


def _date(text: str, today: date) -> str | None:
    """`2026-12-24`, `2026/12/24`, `2026年12月24日`; without a year the coming one. Kept as 2026-12-24."""
    plain = text.replace(" ", "")
    whole, short = _DAY.fullmatch(plain), _DAY_OF_YEAR.fullmatch(plain)
    try:
        if whole:
            return date(int(whole[1]), int(whole[2]), int(whole[3])).isoformat()
        if short:
            month, day = int(short[1]), int(short[2])
            year = today.year if (month, day) >= (today.month, today.day) else today.year + 1
            return date(year, month, day).isoformat()
    except ValueError:
        return None
    return None


def _phone(text: str) -> str | None:
    """8 to 15 digits, perhaps after a plus (E.164); spaces, hyphens, dots and brackets are taken out."""
    plain = _PHONE_SIGNS.sub("", text)
    return plain if _PHONE.fullmatch(plain) else None
