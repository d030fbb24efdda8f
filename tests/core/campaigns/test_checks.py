"""What a campaign cannot be is said of every field at once, in both languages, with a code."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.campaigns import LANGUAGES, TRANSLATED, WORDS, check_all
from core.campaigns.spec import FIELDS, tidied
from tests import cast

EAST, WEST = ZoneInfo("Asia/Taipei"), ZoneInfo("America/Los_Angeles")
WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"slug": "Summer Tea"}, "slug", "slug_form", "expected up to 64 of a-z"),
    ({"slug": "a" * 65}, "slug", "slug_form", "expected up to 64 of a-z"),
    ({"name": " "}, "name", "name_length", "expected 1 to 100"),
    ({"name": "a\nb"}, "name", "text_unprintable", "one line of text"),
    ({"instructions": "a" * 5_001}, "instructions", "text_too_long", "instructions has 5,001 characters"),
    ({"sold_out_text": "\x00"}, "sold_out_text", "text_unprintable", "sold out text has a control character"),
    ({"expired_text": "\ud800"}, "expired_text", "text_unprintable", "expired text has a control character"),
    ({"expires_from": "opening"}, "expires_from", "unknown_choice", "expires from is 'opening'"),
    ({"expires_after_seconds": 0}, "expires_after_seconds", "expires_range", "longer than nothing"),
    ({"expires_after_seconds": 10**12}, "expires_after_seconds", "expires_range", "at most 3,650 days"),
    ({"redemption_limit": 0}, "redemption_limit", "number_range", "expected 1 or more"),
    ({"limit_by": "family"}, "limit_by", "unknown_choice", "expected one of person, contact"),
    ({"total_limit": 0}, "total_limit", "number_range", "expected 1 or more"),
    ({"barcode": "ean13"}, "barcode", "unknown_choice", "expected one of qr, code39, code128"),
    ({"button_color": "red"}, "button_color", "color_form", "expected a colour such as #C2410C"),
    ({"used_in": "home"}, "used_in", "unknown_choice", "expected one of store, online, both"),
    ({"products_url": "javascript:alert(1)"}, "products_url", "url_form", "begins with https://"),
    ({"shown_until": datetime.max.replace(tzinfo=WEST)}, "shown_until", "time_range", "calendar (year 9999)"),
    ({"sends_from": datetime.min.replace(tzinfo=EAST)}, "sends_from", "time_range", "calendar (year 1)"),
    ({"products_url": "https://evil.example\\.shop.example"}, "products_url", "url_form", "begins with https://"),
    ({"products_url": "https://[::1"}, "products_url", "url_form", "begins with https://"),
    ({"products_url": "https://a.example/" + "a" * 500}, "products_url", "url_form", "at most 500"),
    ({"used_in": "online", "stores": ("Xinyi",)}, "stores", "stores_online", "expected no stores"),
    ({"is_first_purchase": True, "redemption_limit": 2}, "is_first_purchase", "first_purchase_once", "limit 1"),
    ({"is_first_purchase": True, "limit_by": "contact"}, "is_first_purchase", "first_purchase_once", "by person"),
    ({"language": "fr"}, "language", "unknown_choice", "expected one of zh-TW, en, ja, th"),
    ({"translations": {"fr": {"name": "Thé"}}}, "translations.fr", "unknown_choice", "in other languages is 'fr'"),
    ({"translations": {"zh-TW": {"name": "茶"}}}, "translations.zh-TW", "translation_of_itself", "own language"),
    ({"translations": {"en": {"name": "a" * 101}}}, "translations.en.name", "name_length", "expected 1 to 100"),
    ({"translations": {"en": {"color": "red"}}}, "translations.en.color", "unknown_choice", "expected one of name"),
]


@pytest.mark.parametrize(("values", "field", "code", "words"), WRONG, ids=[f"{one[1]}-{one[2]}" for one in WRONG])
def test_what_cannot_be_is_named_with_what_is_expected(
    values: dict[str, Any], field: str, code: str, words: str
) -> None:
    (mistake,) = check_all(replace(cast.TEA, **values))
    assert (mistake.field, mistake.code) == (field, code)
    assert words in mistake.en
    assert mistake.zh != mistake.en


def test_times_are_looked_at_together(now: Any) -> None:  # noqa: ANN401 (a moment)
    backwards = replace(cast.TEA, sends_from=now, sends_until=now)
    early = replace(cast.TEA, sends_until=now, shown_until=now - timedelta(seconds=1))
    assert [one.code for one in check_all(backwards)] == ["sending_period_backwards"]
    assert [one.code for one in check_all(early)] == ["shown_until_too_early"]
    never = replace(cast.TEA, used_from=now, shown_until=now)
    assert [one.code for one in check_all(never)] == ["used_from_too_late"]
    assert check_all(replace(cast.TEA, sends_until=now, shown_until=now)) == []
    assert check_all(replace(cast.TEA, shown_until=datetime.max.replace(tzinfo=EAST))) == []  # for ever


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = check_all(replace(cast.TEA, slug="X", name="", barcode="ean13", total_limit=-1, language="fr"))
    assert [one.field for one in found] == ["slug", "name", "total_limit", "barcode", "language"]
    assert [one.of("zh-Hant") for one in found] == [one.zh for one in found]


def test_what_nobody_sees_is_not_kept() -> None:
    spec = replace(
        cast.TEA,
        name=" Tea ",
        instructions="a\r\nb\n",
        products_url=" ",
        translations={"en": {"name": " Tea", "instructions": ""}, "ja": {"name": " "}},
    )
    found = tidied(spec)
    assert (found.name, found.instructions, found.products_url) == ("Tea", "a\nb", None)
    assert found.translations == {"en": {"name": "Tea"}}
    assert check_all(found) == []


def test_every_field_has_its_words() -> None:
    assert set(WORDS) == set(FIELDS)
    assert set(TRANSLATED) < set(FIELDS)
    assert cast.TEA.language in LANGUAGES
