"""What a marketer decides about a campaign, as a value, and what each of its fields is called."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from db.tables import Campaign

# The languages of the coupon page; a campaign's texts are in one of them, and may be in the others as well.
LANGUAGES = {"zh-TW": ("繁體中文", "Traditional Chinese"), "en": ("英文", "English")}
LANGUAGES |= {"ja": ("日文", "Japanese"), "th": ("泰文", "Thai")}
TRANSLATED = ("name", "instructions", "sold_out_text", "expired_text")  # what a translation may have
TIMES = ("sends_from", "sends_until", "used_from", "shown_until")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything a marketer decides about a campaign.

    Times are aware; `expires_after_seconds` counts from `expires_from` ('sending' or 'redemption'); `image_id` names
    a stored picture. `redemption_limit` is how often one may redeem, where one is a person, or each of their contacts
    (`limit_by`); `total_limit` is for all together. `translations` has the TRANSLATED texts in other languages.
    Coupons count from `used_from`, in the `stores` of these names; where there are none, in all.
    """

    slug: str
    name: str
    instructions: str = ""
    sends_from: datetime | None = None
    sends_until: datetime | None = None
    expires_from: str
    expires_after_seconds: int
    used_from: datetime | None = None
    shown_until: datetime | None = None
    redemption_limit: int = 1
    limit_by: str = "person"
    total_limit: int | None = None
    image_id: str | None = None
    barcode: str = "qr"
    background_color: str = "#FFF7ED"
    button_color: str = "#C2410C"
    button_text_color: str = "#FFFFFF"
    has_verify_button: bool = False
    used_in: str = "both"
    stores: tuple[str, ...] = ()
    is_at_counter: bool = False
    is_first_purchase: bool = False
    products_url: str | None = None
    language: str = "zh-TW"
    sold_out_text: str = ""
    expired_text: str = ""
    translations: dict[str, Any] = field(default_factory=dict)
    is_published: bool = True


FIELDS = tuple(one.name for one in fields(Spec))

# What each field is called in a sentence: in Chinese, and in English, which is also the file's word for it.
WORDS = {
    "slug": ("代號", "campaign"),
    "name": ("名稱", "name"),
    "instructions": ("使用說明", "instructions"),
    "sends_from": ("發送開始", "sends from"),
    "sends_until": ("發送結束", "sends until"),
    "expires_from": ("使用期限", "expires"),
    "expires_after_seconds": ("使用期限", "expires"),
    "used_from": ("可使用時間", "used from"),
    "shown_until": ("兌換後顯示到", "shown until"),
    "redemption_limit": ("每人兌換上限", "redemption limit"),
    "limit_by": ("上限計算方式", "limit by"),
    "total_limit": ("總兌換上限", "total limit"),
    "image_id": ("圖片", "image"),
    "barcode": ("條碼", "barcode"),
    "background_color": ("背景顏色", "background color"),
    "button_color": ("按鈕顏色", "button color"),
    "button_text_color": ("按鈕文字顏色", "button text color"),
    "has_verify_button": ("核銷按鈕", "verify button"),
    "used_in": ("使用地點", "used in"),
    "stores": ("適用門市", "stores"),
    "is_at_counter": ("櫃檯可領取", "at counter"),
    "is_first_purchase": ("首購限定", "first purchase"),
    "products_url": ("商品清單連結", "product list"),
    "language": ("語言", "language"),
    "sold_out_text": ("兌換完畢的文字", "sold out text"),
    "expired_text": ("過期的文字", "expired text"),
    "translations": ("其他語言", "in other languages"),
    "is_published": ("發布", "published"),
}


def spec_of(campaign: Campaign) -> Spec:
    """What is decided about a campaign that is there."""
    return Spec(**{name: getattr(campaign, name) for name in FIELDS})


def tidied(spec: Spec) -> Spec:
    """The same without what nobody sees: blanks around texts, a browser's line ends, translations of nothing."""
    translations = {
        language: kept
        for language, texts in spec.translations.items()
        if (kept := {name: text for name, said in texts.items() if (text := _plain(said))})
    }
    texts: dict[str, Any] = {name: _plain(getattr(spec, name)) for name in (*TRANSLATED, "slug")}
    stores = tuple(sorted({name for store in spec.stores if (name := store.strip())}))
    url = _plain(spec.products_url or "") or None
    return replace(spec, **texts, products_url=url, stores=stores, translations=translations)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
