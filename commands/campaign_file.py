"""Campaigns as a YAML file: what a marketer writes, read into `core.campaigns.Spec`, mistakes named by field."""

import difflib
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from core.campaigns import Spec
from db.tables import Campaign

FIELDS = (
    "campaign",
    "name",
    "instructions",
    "sends from",
    "sends until",
    "expires",
    "redemption limit",
    "image",
    "barcode",
    "background color",
    "button color",
    "button text color",
    "verify button",
)
UNITS = {"minute": 60, "hour": 3600, "day": 86400}
EXPIRES = re.compile(r"(\d+) (minute|hour|day)s? after (sending|redemption)")


class FileError(ValueError):
    """A campaign file that cannot be read as one; the message says where and what is expected."""


@dataclass(frozen=True)
class Entry:
    """One campaign of a file; `image` is the picture's path, if it has one."""

    fields: dict[str, Any]
    image: Path | None

    def spec(self, image_id: str | None) -> Spec:
        """The campaign as the business knows it."""
        return Spec(image_id=image_id, **self.fields)


def read(file: Path, timezone: ZoneInfo) -> list[Entry]:
    """The campaigns of a file: one mapping, or several as YAML documents (`---`). Bare times are in `timezone`.

    Raises:
        FileError: naming the campaign and field.
    """
    try:
        documents = [found for found in yaml.safe_load_all(file.read_text(encoding="utf-8")) if found is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(f"is not readable YAML: {error}.") from error
    if not documents:
        raise FileError("is empty; expected at least `campaign:` and `name:`.")
    return [_entry(document, file, timezone) for document in documents]


def _entry(document: object, file: Path, timezone: ZoneInfo) -> Entry:
    if not isinstance(document, dict):
        raise FileError("must hold a mapping such as `campaign: summer-tea`.")
    for key in document:
        if key not in FIELDS:
            near = difflib.get_close_matches(str(key), FIELDS, 1)
            raise FileError(f"{key!r} is not a field of a campaign{f'; did you mean {near[0]!r}?' if near else '.'}")
    for needed in ("campaign", "name", "expires"):
        if needed not in document:
            raise FileError(f"{needed!r} is missing.")
    return Entry(_fields(document, timezone), file.parent / str(document["image"]) if document.get("image") else None)


def _fields(document: dict[str, Any], timezone: ZoneInfo) -> dict[str, Any]:
    seconds, start = _expires(document["expires"])
    fields: dict[str, Any] = {
        "slug": _text(document, "campaign"),
        "name": _text(document, "name"),
        "expires_after_seconds": seconds,
        "expires_from": start,
        "sends_from": _instant(document, "sends from", timezone, time.min),
        "sends_until": _instant(document, "sends until", timezone, time.max),
    }
    for key, name in {"barcode": "barcode", "instructions": "instructions"}.items():
        if key in document:
            fields[name] = _text(document, key)
    for key in ("background color", "button color", "button text color"):
        if key in document:
            fields[key.replace(" ", "_")] = _text(document, key)
    if "redemption limit" in document:
        fields["redemption_limit"] = _typed(document, "redemption limit", int, "a whole number")
    if "verify button" in document:
        fields["has_verify_button"] = _typed(document, "verify button", bool, "true or false")
    return fields


def _text(document: dict[str, Any], key: str) -> str:
    return str(_typed(document, key, str, "a text (put it in quotes)")).strip()


def _typed(document: dict[str, Any], key: str, wanted: type, expected: str) -> Any:  # noqa: ANN401 (of the wanted type)
    value = document[key]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise FileError(f"{key!r} is {value!r}; expected {expected}.")
    return value


def _expires(value: object) -> tuple[int, str]:
    match = EXPIRES.fullmatch(str(value).strip())
    if not match:
        raise FileError(
            f"'expires' is {value!r}; expected such as `7 days after sending` or `30 minutes after redemption`."
        )
    return int(match[1]) * UNITS[match[2]], match[3]


def _instant(document: dict[str, Any], key: str, timezone: ZoneInfo, of_day: time) -> datetime | None:
    """A time or a date; a date means its first moment for 'from' and its last for 'until'."""
    value = document.get(key)
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone)
    if isinstance(value, date):
        return datetime.combine(value, of_day, timezone)
    raise FileError(f"{key!r} is {value!r}; expected a date or time such as 2026-12-01 or 2026-12-01 09:00:00.")


def described(campaign: Campaign, timezone: ZoneInfo) -> dict[str, object]:
    """The campaign in the file's words, for people."""
    seconds = campaign.expires_after_seconds
    unit = next((unit for unit in ("day", "hour", "minute") if seconds % UNITS[unit] == 0), "minute")
    count = seconds // UNITS[unit]

    def shown(at: datetime | None) -> str:
        return at.astimezone(timezone).isoformat(sep=" ", timespec="seconds") if at else "any time"

    return {
        "campaign": campaign.slug,
        "name": campaign.name,
        "instructions": campaign.instructions,
        "sends from": shown(campaign.sends_from),
        "sends until": shown(campaign.sends_until),
        "expires": f"{count} {unit}{'s' if count != 1 else ''} after {campaign.expires_from}",
        "redemption limit": campaign.redemption_limit,
        "image": campaign.image_id or "none",
        "barcode": campaign.barcode,
        "background color": campaign.background_color,
        "button color": campaign.button_color,
        "button text color": campaign.button_text_color,
        "verify button": campaign.has_verify_button,
    }
