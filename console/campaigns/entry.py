"""What is typed into a campaign's form, and the Spec that it means: each way, without losing anything."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from console.fields import plain
from core import spelling
from core.campaigns import LANGUAGES, TRANSLATED, Mistake, Spec, check_all
from core.campaigns.spec import TIMES

Words = dict[str, str]  # the form's fields as they are typed; of `stores` one name a line

CHOICES = ("expires_from", "limit_by", "barcode", "used_in", "language")
COLORS = ("background_color", "button_color", "button_text_color")
DAY = 86_400
UNITS = {"day": DAY, "hour": 3_600, "minute": 60, "second": 1}
TICKS = ("has_verify_button", "is_at_counter", "is_first_purchase")
OPTIONAL = (*TIMES, "total_limit")
LARGEST = 2**31 - 1  # what a number's column holds
# A texts' field has its language behind its name: name.zh-TW.
TEXTS = tuple(f"{name}.{language}" for language in LANGUAGES for name in TRANSLATED)
FIELDS = (  # in the order of the form
    *(*TEXTS, "language", "slug"),
    *("sends_from", "sends_until", "expires_from", "expires_count", "expires_unit", "used_from", "shown_until"),
    *("redemption_limit", "limit_by", "total_limit"),
    *("image_id", *COLORS, "barcode", "used_in", "stores", "products_url", *TICKS),
)
NEW = Spec(slug="", name="", expires_from="sending", expires_after_seconds=7 * DAY, is_published=False)


def of_form(form: MultiDict[str, str]) -> Words:
    """What the form has sent; fields that it has not are empty."""
    words = {name: plain(form.get(name, "")) for name in FIELDS}
    lines = [line.strip() for ticked in form.getlist("stores") for line in plain(ticked).splitlines()]
    return words | {"stores": "\n".join(sorted({line for line in lines if line}))}


def of_spec(spec: Spec, zone: ZoneInfo) -> Words:
    """The form of what is decided already."""
    words = {name: str(getattr(spec, name) or "") for name in (*CHOICES, *COLORS, "slug", "image_id", "products_url")}
    words |= {name: _time(getattr(spec, name), zone) for name in TIMES}
    unit = next(name for name, size in UNITS.items() if spec.expires_after_seconds % size == 0)
    words |= {"expires_count": str(spec.expires_after_seconds // UNITS[unit]), "expires_unit": unit}
    words |= {"redemption_limit": str(spec.redemption_limit), "total_limit": str(spec.total_limit or "")}
    words |= {name: "on" if getattr(spec, name) else "" for name in TICKS} | {"stores": "\n".join(spec.stores)}
    said = {spec.language: {name: getattr(spec, name) for name in TRANSLATED}} | spec.translations
    return words | {
        f"{name}.{language}": said.get(language, {}).get(name, "") for language in LANGUAGES for name in TRANSLATED
    }


def read(words: Words, zone: ZoneInfo, before: Spec = NEW) -> tuple[Spec, dict[str, Mistake]]:
    """What the words mean, and what is wrong with them by the form's fields.

    A field that cannot be read is in the Spec as in a new campaign's. What the form has no field for, and a time that
    is typed as it was `before`, to the minute, stays as it was.
    """
    wrong: dict[str, Mistake] = {}
    language = words["language"] if words["language"] in LANGUAGES else NEW.language
    values: dict[str, Any] = {name: words[f"{name}.{language}"] for name in TRANSLATED}
    values |= {name: words[name] or getattr(NEW, name) for name in (*CHOICES, *COLORS)}
    values |= {name: bool(words[name]) for name in TICKS}
    values |= {name: _time_of(wrong, words, name, zone, before) for name in TIMES}
    spec = Spec(
        **values,
        slug=words["slug"].strip(),
        expires_after_seconds=_read(wrong, words, "expires_count", _count, 7) * UNITS.get(words["expires_unit"], DAY),
        redemption_limit=_read(wrong, words, "redemption_limit", _count, 0),
        total_limit=_read(wrong, words, "total_limit", _count, None),
        image_id=words["image_id"] or None,
        stores=tuple(words["stores"].splitlines()),
        products_url=words["products_url"].strip() or None,
        translations=_translations(words, language),
        is_published=before.is_published,
    )
    for mistake in check_all(spec):
        wrong.setdefault(field_of(mistake.field, language), mistake)
    return spec, wrong


def field_of(field: str, language: str) -> str:
    """The form's field for one of the Spec's, where the texts are in `language`."""
    parts = field.split(".")
    if parts[0] == "translations":
        return f"{parts[2]}.{parts[1]}" if len(parts) > 2 else "language"  # noqa: PLR2004 (translations.en.name)
    if field in TRANSLATED:
        return f"{field}.{language}"
    return {"expires_after_seconds": "expires_count"}.get(field, field)


def merged(mine: Words, before: Spec, theirs: Spec, zone: ZoneInfo) -> tuple[Words, list[str]]:
    """My form where another has saved meanwhile: theirs wherever I had changed nothing.

    Also the fields that both have changed: there mine stays, until I save it or take theirs.
    """
    was, now = of_spec(before, zone), of_spec(theirs, zone)
    kept = {name for name in FIELDS if _value(mine, name) != _value(was, name)}
    both = [name for name in FIELDS if name in kept and _value(was, name) != _value(now, name) != _value(mine, name)]
    return {name: mine[name] if name in kept else now[name] for name in FIELDS}, both


def _value(words: Words, name: str) -> tuple[str, ...]:
    """What is compared of a field: of a length of time the number with its unit, which mean nothing apart."""
    pair = ("expires_count", "expires_unit")
    return tuple(words[one] for one in (pair if name in pair else (name,)))


def _translations(words: Words, language: str) -> dict[str, dict[str, str]]:
    texts = {
        other: {name: words[f"{name}.{other}"] for name in TRANSLATED if words[f"{name}.{other}"].strip()}
        for other in LANGUAGES
        if other != language
    }
    return {other: said for other, said in texts.items() if said}


def _time_of(wrong: dict[str, Mistake], words: Words, name: str, zone: ZoneInfo, before: Spec) -> datetime | None:
    was: datetime | None = getattr(before, name)
    same = was if words[name] == _time(was, zone) else None
    found: datetime | None = same or _read(wrong, words, name, lambda typed: _moment(typed, zone), None)
    return found


def _read(wrong: dict[str, Mistake], words: Words, name: str, reader: Callable[[str], Any], otherwise: Any) -> Any:  # noqa: ANN401 (a number or a time)
    typed = words[name].strip()
    if not typed and name in OPTIONAL:
        return None
    try:
        return reader(typed)
    except (ValueError, OverflowError):
        wrong[name] = _unreadable(name)
        return otherwise


def _unreadable(name: str) -> Mistake:
    if name in TIMES:
        return Mistake(
            name,
            "time_form",
            "這不是時間；請選日期和時間，例如 2026-12-01 09:00。",
            "This is no time; choose a date and a time, such as 2026-12-01 09:00.",
        )
    return Mistake(name, "number_form", "請填一個整數，例如 7。", "Write a whole number, such as 7.")


def _count(typed: str) -> int:
    """A whole number, full-width or with separators as people write them."""
    found = int(spelling.narrow(typed).replace(",", "").replace(" ", ""))
    if not 0 <= found <= LARGEST:
        raise ValueError(typed)
    return found


def _moment(typed: str, zone: ZoneInfo) -> datetime:
    found = datetime.fromisoformat(typed)
    if found.tzinfo:
        raise ValueError(typed)
    return found.replace(tzinfo=zone)


def _time(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""
