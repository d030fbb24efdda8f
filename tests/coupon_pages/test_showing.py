"""What the page says, and in which language, without a browser and a database."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.coupon_view import State
from core.reasons import Reason
from core.redemption import refusal as rule
from coupon_pages import inlined, showing
from coupon_pages.refusals import OPENS_AT, REFUSALS, refusal
from coupon_pages.texts import Text, texts_of
from coupon_pages.words import WORDS, interval, language_of
from tests.coupon_pages import states

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
FIELDS = re.compile(r"\{(\w+)\}")

# What phones with Chrome 80 or iOS 14 do not know, and since when it is known.
TOO_NEW = {
    r"\?\?=|\|\|=|&&=": "Chrome 85",
    r"\.at\(|structuredClone|Object\.hasOwn": "Chrome 92, Safari 15.4",
    r"\.replaceAll\(|Promise\.any|\.replaceChildren\(": "Chrome 85, Safari 14",
    r"AbortSignal\.(timeout|any)": "Chrome 103, Safari 16",
    r"BroadcastChannel": "Safari 15.4",
    r"(?<!\w)aspect-ratio|inset:|:is\(|:where\(|:has\(|overflow: ?clip": "2021",
    r"accent-color|color-mix|@layer|@container": "2022",
    r"(?<![-\w])gap:": "Safari 14.1 outside of grids",
    r"\b\d+(svh|lvh)\b|\btranslate:|\bscale:|\brotate:": "2022",
}


@pytest.mark.parametrize("language", list(WORDS))
def test_every_language_says_everything_with_the_same_blanks_to_fill(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()
    blanks = {key: sorted(FIELDS.findall(said)) for key, said in WORDS[language].items()}
    assert blanks == {key: sorted(FIELDS.findall(said)) for key, said in WORDS["en"].items()}
    assert all(all(said[language]) for _, said in REFUSALS.values())
    assert OPENS_AT[language]


def test_every_reason_for_which_a_coupon_is_refused_has_its_words() -> None:
    campaign = states.campaign(NOW)
    later, before = NOW + timedelta(days=1), NOW - timedelta(days=1)
    given = {
        rule(campaign, before, 0, 1, NOW),
        rule(campaign, None, 1, 1, NOW),
        rule(campaign, None, 0, 0, NOW),
        rule(states.campaign(NOW, sends_from=later), None, 0, 1, NOW),
    }
    assert {str(reason) for reason in given} <= REFUSALS.keys()
    assert refusal("a reason of tomorrow", "en") == refusal("ended", "en")


@pytest.mark.parametrize(
    ("contact", "browser", "language"),
    [
        ("zh-TW", "en", "zh-Hant"),
        ("ja", None, "ja"),
        ("th-TH", "en-GB", "th"),
        ("", "ja-JP", "ja"),
        ("vi", "ja", "en"),
        ("", None, "zh-Hant"),
        ("en_US", None, "en"),
    ],
)
def test_the_page_is_in_the_contacts_language_where_it_speaks_it(
    contact: str, browser: str | None, language: str
) -> None:
    assert language_of(contact, browser) == language


def test_a_campaigns_text_is_the_translation_or_as_it_was_written_and_says_in_which_language_it_is() -> None:
    campaign = states.campaign(NOW, translations={"en": {"name": "Tea"}, "ja": {"name": ""}}, sold_out_text="沒了")
    texts = texts_of(campaign, "en")
    assert (texts.name, texts.sold_out) == (Text("Tea", "en"), Text("沒了", "zh-Hant"))
    assert texts.expired == Text("", "zh-Hant")
    assert texts_of(campaign, "ja").name == Text(states.SPEC.name, "zh-Hant")
    english = states.campaign(NOW, language="en", name="Tea", translations={"zh-TW": {"name": "茶"}})
    assert [texts_of(english, one).name for one in ("zh-Hant", "en", "th")] == [
        Text("茶", "zh-Hant"),
        Text("Tea", "en"),
        Text("Tea", "en"),
    ]


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "data:text/html,x", "//shop.example", "ftp://shop.example", "https://[::1"]
)
def test_only_a_web_page_is_a_list_of_products(url: str | None) -> None:
    assert showing.products(url) is None
    assert showing.products("https://User:x@Shop.example:8443/tea?x=1") == (
        "https://User:x@Shop.example:8443/tea?x=1",
        "shop.example",
    )


def test_two_looks_have_the_same_mark_only_where_they_show_the_same() -> None:
    looks = {name: view for name, view in states.looks("en").items() if view}
    redeemed = looks["redeemed"]
    again = replace(redeemed, redeemed_at=NOW, serial="TEA-0002")
    prolonged = replace(redeemed, expires_at=NOW + timedelta(days=99))
    marks = [showing.mark(view) for view in (looks["open"], looks["open-undone"], redeemed, again, prolonged)]
    assert len(set(marks)) == len(marks)
    assert showing.mark(redeemed) == showing.mark(replace(redeemed))


def test_the_seconds_to_the_next_change_are_rounded_up_so_that_the_page_never_asks_too_early() -> None:
    view = next(view for name, view in states.looks("en").items() if name == "open")
    assert view is not None
    at = replace(view, expires_at=NOW + timedelta(seconds=3, milliseconds=400))
    assert showing.seconds_to_change(at, NOW) == 4
    begins = replace(
        at,
        state=State.REFUSED,
        reason=Reason.NOT_STARTED,
        campaign=states.campaign(NOW, sends_from=NOW + timedelta(minutes=1)),
    )
    assert showing.seconds_to_change(begins, NOW) == 61
    assert showing.seconds_to_change(replace(at, state=State.VERIFIED), NOW) is None


def test_lengths_of_time_are_said_in_their_number() -> None:
    said = [interval(seconds, "en") for seconds in (45, 60, 90, 1800, 86_400, 172_800)]
    assert said == ["45 s", "1 min", "90 s", "30 min", "1 day", "2 days"]


@pytest.mark.parametrize("pattern", list(TOO_NEW))
def test_the_page_asks_nothing_of_a_browser_that_old_phones_lack(pattern: str) -> None:
    assert re.findall(pattern, inlined.SCRIPT + inlined.STYLE) == []
