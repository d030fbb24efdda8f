"""What a coupon's page says where the coupon cannot be redeemed: the HTTP status, a title, and what to do."""

from collections.abc import Mapping

Said = Mapping[str, tuple[str, str]]  # a title and a sentence, by language

ENDED: Said = {
    "zh-Hant": ("活動已經結束", "這個活動已經結束，不再開放兌換。歡迎回到聊天室看看其他優惠。"),
    "en": ("This campaign has ended", "Go back to the chat and see what else is on offer."),
    "ja": ("キャンペーンは終了しました", "トークに戻って、ほかのクーポンをご覧ください。"),
    "th": ("แคมเปญนี้สิ้นสุดแล้ว", "กลับไปที่แชตเพื่อดูข้อเสนออื่น"),
}
PAUSED: Said = {
    "zh-Hant": ("活動暫時不開放", "店家正在準備這個活動。請稍後再打開這個頁面。"),
    "en": ("Not available just now", "The shop is still preparing this campaign. Come back to this page later."),
    "ja": ("ただいまご利用いただけません", "お店が準備中です。しばらくしてからこのページを開いてください。"),
    "th": ("ยังไม่เปิดให้ใช้ตอนนี้", "ร้านกำลังเตรียมแคมเปญนี้ กรุณาเปิดหน้านี้อีกครั้งภายหลัง"),
}

# The reasons of core/reasons.py that `core.coupon_view` gives. One that is not here is said as an end.
REFUSALS: Mapping[str, tuple[int, Said]] = {
    "unknown_coupon": (
        404,
        {
            "zh-Hant": ("找不到這張優惠券", "連結可能不完整。請回到聊天室，再點一次優惠券。"),
            "en": ("We cannot find this coupon", "The link may be cut off. Go back to the chat and tap it again."),
            "ja": (
                "クーポンが見つかりません",
                "リンクが途中で切れているかもしれません。トークに戻り、もう一度タップしてください。",
            ),
            "th": ("ไม่พบคูปองนี้", "ลิงก์อาจไม่ครบ กลับไปที่แชตแล้วแตะคูปองอีกครั้ง"),
        },
    ),
    "expired": (
        410,
        {
            "zh-Hant": ("這張優惠券已過期", "歡迎回到聊天室，看看現在有哪些優惠。"),
            "en": ("This coupon has expired", "Go back to the chat and see what is on offer now."),
            "ja": ("有効期限が切れています", "トークに戻って、いまのクーポンをご覧ください。"),
            "th": ("คูปองนี้หมดอายุแล้ว", "กลับไปที่แชตเพื่อดูข้อเสนอล่าสุด"),
        },
    ),
    "not_started": (
        403,
        {
            "zh-Hant": ("活動還沒開始", "活動開始後，就可以在這個頁面兌換。"),
            "en": ("Not open yet", "Once the campaign has begun, you can redeem it on this page."),
            "ja": ("まだ始まっていません", "開始したら、このページで受け取れます。"),
            "th": ("ยังไม่เริ่ม", "เมื่อแคมเปญเริ่มแล้ว กดรับได้ที่หน้านี้"),
        },
    ),
    "ended": (410, ENDED),
    "archived": (410, ENDED),
    "not_published": (403, PAUSED),
    "limit_reached": (
        403,
        {
            "zh-Hant": ("您已達兌換上限", "這個活動每人可兌換的次數已經用完了。"),
            "en": ("You have redeemed this already", "You have used up the number of times each person may redeem it."),
            "ja": ("受け取りの上限に達しました", "お一人様の受け取り回数を使い切りました。"),
            "th": ("คุณใช้สิทธิ์ครบแล้ว", "คุณกดรับครบตามจำนวนที่กำหนดต่อคนแล้ว"),
        },
    ),
    "sold_out": (
        409,
        {
            "zh-Hant": ("優惠券已全部兌換完畢", "謝謝您的支持！歡迎留意我們的下一個活動。"),
            "en": ("All coupons have been redeemed", "Thank you for your interest! Look out for the next campaign."),
            "ja": ("配布を終了しました", "ご好評につき、すべて配布しました。次回のキャンペーンをお楽しみに。"),
            "th": ("คูปองหมดแล้ว", "ขอบคุณที่สนใจ โปรดติดตามแคมเปญต่อไป"),
        },
    ),
}
OPENS_AT = {"zh-Hant": "開放時間：{at}", "en": "Opens on {at}", "ja": "開始日時：{at}", "th": "เปิดให้ใช้ {at}"}


def refusal(reason: str, language: str) -> tuple[int, str, str]:
    """The HTTP status, the title and the sentence for a reason."""
    status, said = REFUSALS.get(reason, REFUSALS["ended"])
    return (status, *said[language])
