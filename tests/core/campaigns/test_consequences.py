"""What a change means for what is out is said before it is made, and refused where it would break a promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.campaigns import Standing, consequences
from core.campaigns.consequences import PAGE
from core.campaigns.effects import REFUSALS, RULES
from core.campaigns.spec import FIELDS
from tests import cast

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)
BUSY = Standing(NOW, sent=5_000, redeemed=1_204, verified=1_000, has_serials=True)
LIMITED = replace(cast.TEA, total_limit=2_000)
DRAFT = replace(cast.TEA, is_published=False)
TWO = replace(cast.TEA, stores=("Banqiao", "Xinyi"))
CLAIMED = replace(cast.TEA, is_at_counter=True)

REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (cast.TEA, {"slug": "winter-tea"}, "slug_stays"),
    (cast.TEA, {"barcode": "qr"}, "barcode_has_serials"),
    (cast.TEA, {"limit_by": "contact"}, "limit_by_redeemed"),
    (cast.TEA, {"total_limit": 1_203}, "total_limit_below_redeemed"),
    (cast.TEA, {"expires_from": "redemption"}, "expires_from_sent"),
    (cast.TEA, {"is_published": False}, "published_sent"),
    (cast.TEA, {"shown_until": NOW}, "shown_until_over"),
]
SAID: list[tuple[Any, dict[str, Any], str, str]] = [
    (cast.TEA, {"expires_after_seconds": 60}, "sent_keep_date", "5,000 coupons already sent keep their date"),
    (cast.GIFT, {"expires_after_seconds": 60}, "redeemed_keep_date", "1,204 coupons already redeemed keep their date"),
    (cast.TEA, {"shown_until": LATER}, "redeemed_keep_date", "1,204 coupons already redeemed keep their date"),
    (cast.TEA, {"sends_from": LATER}, "sent_wait", "3,796 coupons sent and not redeemed cannot be redeemed until"),
    (cast.TEA, {"sends_until": NOW}, "sent_stay_good", "3,796 coupons sent and not redeemed stay good"),
    (cast.TEA, {"redemption_limit": 2}, "limit_raised", "can redeem again"),
    (replace(cast.TEA, redemption_limit=3), {"redemption_limit": 2}, "limit_lowered", "gets no more"),
    (cast.TEA, {"total_limit": 1_204}, "total_limit_left", "0 more can be. 3,796 are sent and not redeemed"),
    (LIMITED, {"total_limit": None}, "total_limit_gone", "no total limit any more"),
    (replace(cast.TEA, has_verify_button=False), {"has_verify_button": True}, "button_on_pages", "204 coupons"),
    (cast.TEA, {"has_verify_button": False}, "button_off_pages", "verify at the counter"),
    (CLAIMED, {"is_at_counter": False}, "not_claimed_at_counter", "the 3,796 sent and not redeemed can still be"),
    (cast.TEA, {"is_at_counter": True}, "claimed_at_counter", "up to the redemption limit"),
    (cast.TEA, {"is_first_purchase": True}, "first_purchase_stays", "The 1,000 verified stay"),
    (DRAFT, {"is_published": True}, "can_be_sent", "can send its coupons"),
    (cast.TEA, {"name": "Iced tea", "image_id": "x"}, "page_shows_it", "5,000 coupons already sent show it at once"),
    (TWO, {"stores": ()}, "page_shows_it", "show it at once (stores)"),
    (cast.TEA, {"sends_from": EARLIER}, "", ""),
]


@pytest.mark.parametrize(("before", "values", "code"), REFUSED, ids=[one[2] for one in REFUSED])
def test_what_would_break_a_promise_is_refused_as_long_as_something_is_out(
    before: Any,  # noqa: ANN401 (a Spec)
    values: dict[str, Any],
    code: str,
) -> None:
    (found,) = consequences(before, replace(before, **values), BUSY)
    assert (found.code, found.is_refused, [found.field]) == (code, True, list(values))
    assert "{" not in found.zh + found.en
    nothing_out = consequences(before, replace(before, **values), Standing(NOW))
    assert [one.code for one in nothing_out if one.is_refused] == ([code] if code == "slug_stays" else [])


@pytest.mark.parametrize(("before", "values", "code", "words"), SAID, ids=[one[2] or "nothing" for one in SAID])
def test_what_is_done_says_what_it_means(
    before: Any,  # noqa: ANN401 (a Spec)
    values: dict[str, Any],
    code: str,
    words: str,
) -> None:
    found = consequences(before, replace(before, **values), BUSY)
    assert [(one.code, one.is_refused) for one in found] == ([(code, False)] if code else [])
    assert all(words in one.en and "{" not in one.zh + one.en and one.of("zh-Hant") == one.zh for one in found)


@pytest.mark.parametrize(
    ("before", "values", "code", "words"),
    [
        (cast.TEA, {"used_from": LATER}, "use_waits", "204 coupons redeemed and not verified cannot be used before"),
        (TWO, {"stores": ("Xinyi",)}, "stores_narrowed", "count in the stores now named alone"),
        (cast.TEA, {"stores": ("Xinyi",)}, "stores_narrowed", "count in the stores now named alone"),
    ],
)
def test_where_and_from_when_it_is_used_is_said_for_what_is_out_and_shown_on_its_page(
    before: Any,  # noqa: ANN401 (a Spec)
    values: dict[str, Any],
    code: str,
    words: str,
) -> None:
    found = consequences(before, replace(before, **values), BUSY)
    assert [one.code for one in found] == [code, "page_shows_it"]
    assert words in found[0].en


def test_refusals_come_first_and_say_nothing_beside() -> None:
    after = replace(cast.TEA, name="Iced tea", total_limit=5, redemption_limit=2)
    found = consequences(cast.TEA, after, BUSY)
    assert [one.code for one in found] == ["total_limit_below_redeemed", "limit_raised", "page_shows_it"]


def test_nothing_is_said_where_nothing_is_out_or_nothing_changes() -> None:
    after = replace(cast.TEA, name="Iced tea", expires_after_seconds=60, redemption_limit=2, total_limit=5)
    assert consequences(cast.TEA, after, Standing(NOW)) == []
    assert consequences(cast.TEA, cast.TEA, BUSY) == []


def test_every_field_has_been_decided_about() -> None:
    decided = {rule.field for rule in (*REFUSALS, *RULES)} | PAGE
    assert decided == set(FIELDS)
    assert {one[2] for one in REFUSED} == {rule.code for rule in REFUSALS}
    said = {one[2] for one in SAID} - {"", "page_shows_it"} | {"use_waits", "stores_narrowed"}
    assert said == {rule.code for rule in RULES}
