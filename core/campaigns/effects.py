"""The rules of what a change does to what is out, one a row: which field, when, and the sentence for people.

A sentence is a template over the numbers of the campaign's standing, and `before` and `after`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.campaigns.spec import Spec
from core.campaigns.standing import Standing


@dataclass(frozen=True)
class Rule:
    """Where `applies` to a change of `field`, the sentence is said."""

    field: str
    code: str
    applies: Callable[[Spec, Spec, Standing], object]
    zh: str
    en: str


# What is refused, because it would break what customers or serials rely on.
REFUSALS = (
    Rule(
        "slug",
        "slug_stays",
        lambda _before, _after, _out: True,
        "代號不能改，流程和網址都用它找到活動；請改用複製。",
        "campaign cannot change: flows and addresses find the campaign by it. Duplicate the campaign instead.",
    ),
    Rule(
        "barcode",
        "barcode_has_serials",
        lambda _before, _after, out: out.has_serials,
        "活動已經有序號，不能換條碼；序號是依原本的條碼檢查過的。請複製一個新活動。",
        (
            "barcode cannot change once the campaign has serials: they were checked against it. Duplicate the campaign "
            "instead."
        ),
    ),
    Rule(
        "limit_by",
        "limit_by_redeemed",
        lambda _before, _after, out: out.redeemed,
        "已經兌換了 {redeemed:,} 張，不能再改上限的計算方式；它們是照原本的方式計算的。",
        "limit by cannot change: {redeemed:,} coupons are redeemed already and were counted the old way.",
    ),
    Rule(
        "total_limit",
        "total_limit_below_redeemed",
        lambda _before, after, out: after.total_limit is not None and after.total_limit < out.redeemed,
        "已經兌換了 {redeemed:,} 張，總兌換上限不能低於這個數字。",
        "total limit cannot be {after.total_limit:,}: {redeemed:,} coupons are redeemed already.",
    ),
    Rule(
        "expires_from",
        "expires_from_sent",
        lambda _before, _after, out: out.sent,
        "已經送出 {sent:,} 張，不能改使用期限的起算方式；客人看到的期限是照原本的方式算的。請複製一個新活動。",
        (
            "expires cannot count from {after.expires_from}: {sent:,} coupons are sent already and count from "
            "{before.expires_from}. Duplicate the campaign instead."
        ),
    ),
    Rule(
        "is_published",
        "published_sent",
        lambda _before, after, out: out.sent and not after.is_published,
        "已經送出 {sent:,} 張，不能改回草稿。要停止請結束活動。",
        "published cannot be taken back: {sent:,} coupons are sent already. End the campaign instead.",
    ),
    Rule(
        "shown_until",
        "shown_until_over",
        lambda _before, after, out: out.waiting and after.shown_until and after.shown_until <= out.at,
        "「兌換後顯示到」不能是過去的時間，已經送出的 {waiting:,} 張會不能兌換。要停止請結束活動。",
        (
            "shown until cannot be in the past: {waiting:,} coupons that are out could not be redeemed. End the "
            "campaign instead."
        ),
    ),
)

# What is done, and what it means.
RULES = (
    Rule(
        "expires_after_seconds",
        "sent_keep_date",
        lambda _before, after, out: out.sent and after.expires_from == "sending",
        "已經送出的 {sent:,} 張維持原本的期限，之後送出的才照新的。",
        "{sent:,} coupons already sent keep their date; those sent from now on have the new one.",
    ),
    Rule(
        "expires_after_seconds",
        "redeemed_keep_date",
        lambda _before, after, out: out.sent and after.expires_from == "redemption",
        "已經兌換的 {redeemed:,} 張維持原本的期限；已送出還沒兌換的 {waiting:,} 張，兌換後照新的期限。",
        (
            "{redeemed:,} coupons already redeemed keep their date; {waiting:,} sent and not redeemed get the new time "
            "when they are."
        ),
    ),
    Rule(
        "shown_until",
        "redeemed_keep_date",
        lambda _before, _after, out: out.sent,
        "已經兌換的 {redeemed:,} 張維持原本的期限；已送出還沒兌換的 {waiting:,} 張照新的時間。",
        "{redeemed:,} coupons already redeemed keep their date; {waiting:,} sent and not redeemed follow the new one.",
    ),
    Rule(
        "sends_from",
        "sent_wait",
        lambda _before, after, out: out.waiting and after.sends_from and after.sends_from > out.at,
        "已送出還沒兌換的 {waiting:,} 張，在新的開始時間之前不能兌換。",
        "{waiting:,} coupons sent and not redeemed cannot be redeemed until the new beginning.",
    ),
    Rule(
        "sends_until",
        "sent_stay_good",
        lambda _before, _after, out: out.waiting,
        "已送出還沒兌換的 {waiting:,} 張不受影響，在各自的期限內都能兌換。",
        "{waiting:,} coupons sent and not redeemed stay good until their own date.",
    ),
    Rule(
        "redemption_limit",
        "limit_lowered",
        lambda before, after, out: out.redeemed and after.redemption_limit < before.redemption_limit,
        "已經兌換超過新上限的客人，兌換的都保留，只是不能再兌換。",
        "Whoever has redeemed more than the new limit keeps what they have and gets no more.",
    ),
    Rule(
        "redemption_limit",
        "limit_raised",
        lambda before, after, out: out.redeemed and after.redemption_limit > before.redemption_limit,
        "已經達到原本上限的客人，可以再兌換到新的上限。",
        "Whoever had reached the old limit can redeem again, up to the new one.",
    ),
    Rule(
        "total_limit",
        "total_limit_left",
        lambda _before, after, out: out.sent and after.total_limit is not None,
        "已經兌換 {redeemed:,} 張，還可以兌換 {left:,} 張。已送出還沒兌換的有 {waiting:,} 張，先到先得。",
        (
            "{redeemed:,} coupons are redeemed, {left:,} more can be. {waiting:,} are sent and not redeemed: first "
            "come, first served."
        ),
    ),
    Rule(
        "total_limit",
        "total_limit_gone",
        lambda _before, after, _out: after.total_limit is None,
        "不再有總兌換上限，只看序號還剩多少。",
        "There is no total limit any more: what is left of the serials decides.",
    ),
    Rule(
        "has_verify_button",
        "button_on_pages",
        lambda _before, after, out: out.unverified and after.has_verify_button,
        "已兌換還沒核銷的 {unverified:,} 張，頁面會出現核銷按鈕。",
        "The pages of {unverified:,} coupons redeemed and not verified get the verify button.",
    ),
    Rule(
        "has_verify_button",
        "button_off_pages",
        lambda _before, after, out: out.unverified and not after.has_verify_button,
        "已兌換還沒核銷的 {unverified:,} 張，頁面不再有核銷按鈕；請在櫃檯核銷。",
        "The pages of {unverified:,} coupons redeemed and not verified lose the verify button: verify at the counter.",
    ),
    Rule(
        "used_from",
        "use_waits",
        lambda _before, after, out: out.unverified and after.used_from and after.used_from > out.at,
        "已兌換還沒核銷的 {unverified:,} 張，在新的時間之前不能使用。",
        "{unverified:,} coupons redeemed and not verified cannot be used before the new time.",
    ),
    Rule(
        "stores",
        "stores_narrowed",
        lambda before, after, out: (
            out.sent > out.verified and after.stores and (not before.stores or set(before.stores) - set(after.stores))
        ),
        "已經送出還沒核銷的券，從現在起只能在新的適用門市使用；請先告訴客人和門市。",
        "Coupons that are out count in the stores now named alone: tell customers and stores first.",
    ),
    Rule(
        "is_at_counter",
        "claimed_at_counter",
        lambda _before, after, _out: after.is_at_counter,
        "店員在櫃檯可以替任何客人領取，直到每人兌換上限。",
        "Staff can claim it for any customer at the counter, up to the redemption limit.",
    ),
    Rule(
        "is_at_counter",
        "not_claimed_at_counter",
        lambda _before, after, out: out.sent and not after.is_at_counter,
        "櫃檯不再替沒有券的客人領取；已經送出的 {waiting:,} 張仍然可以。",
        "Staff claim it for nobody who was not sent one; the {waiting:,} sent and not redeemed can still be claimed.",
    ),
    Rule(
        "is_first_purchase",
        "first_purchase_stays",
        lambda _before, after, out: out.verified and after.is_first_purchase,
        "已經核銷的 {verified:,} 張會留在客人的資料裡，直到活動結束，不能再用一次。",
        "The {verified:,} verified stay in customers' profiles until the campaign is over, and cannot be used again.",
    ),
    Rule(
        "is_published",
        "can_be_sent",
        lambda _before, after, _out: after.is_published,
        "發布之後，流程和店員就能送出這個活動的券。",
        "Once published, flows and people can send its coupons.",
    ),
)
