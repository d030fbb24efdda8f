"""The words of a campaign file: what each field is called there, and how its value is written."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.campaigns import LANGUAGES, TRANSLATED, WORDS, Spec

KEYS = {name: en for name, (_, en) in WORDS.items()}  # field -> key; both fields of `expires` have the one key
TRANSLATION_KEYS = {KEYS[name]: name for name in TRANSLATED}
REVISION = "revision"
ORDER = tuple(dict.fromkeys(KEYS.values()))
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
EXPIRES = re.compile(r"(\d{1,12}) (second|minute|hour|day)s? after (sending|redemption)")


def written(spec: Spec, timezone: ZoneInfo) -> dict[str, Any]:
    """The campaign as a file has it, key by key; what is not set is left out. `image` is the picture's id."""
    values: dict[str, Any] = {KEYS[name]: _value(getattr(spec, name), timezone) for name in vars(spec)}
    values["expires"] = expires(spec)
    values["in other languages"] = translations(spec.translations)
    return {key: values[key] for key in ORDER if values[key] not in (None, "", {}, [])}


def _value(value: object, timezone: ZoneInfo) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.astimezone(timezone) if isinstance(value, datetime) else value


def expires(spec: Spec) -> str:
    """Such as `7 days after sending`."""
    seconds = spec.expires_after_seconds
    unit = next(unit for unit in ("day", "hour", "minute", "second") if seconds % UNITS[unit] == 0)
    count = seconds // UNITS[unit]
    return f"{count} {unit}{'' if count == 1 else 's'} after {spec.expires_from}"


def translations(found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The texts of other languages under the file's words for them, in the languages' own order."""
    return {
        language: {KEYS[name]: found[language][name] for name in TRANSLATED if name in found[language]}
        for language in LANGUAGES
        if language in found
    }


def plain(value: object) -> str:
    """A value for people to read, on one line where it has one."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value in (None, "", {}) else str(value)
