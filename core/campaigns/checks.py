"""Whether a campaign can be as asked: every field on its own and beside the others, before anything is stored."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from core.campaigns.spec import LANGUAGES, TIMES, TRANSLATED, WORDS, Spec

BARCODES = ("qr", "code39", "code128")
EXPIRES_FROM = ("sending", "redemption")
USED_IN = ("store", "online", "both")
LIMIT_BY = ("person", "contact")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # no text for people has them; PostgreSQL takes no NUL

LONGEST_SLUG, LONGEST_NAME, LONGEST_URL = 64, 100, 500  # characters, the columns' widths
LONGEST = {"instructions": 5_000, "sold_out_text": 500, "expired_text": 500}
LONGEST_EXPIRATION = 3_650 * 86_400  # ten years
MOST_EACH, MOST_IN_ALL = 1_000, 1_000_000_000


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field. `field` is the Spec's, `code` is stable, `zh` and `en` say what is expected.

    For a translation `field` is 'translations.en.name', or 'translations.en'.
    """

    field: str
    code: str
    zh: str
    en: str

    def of(self, language: str) -> str:
        """The sentence for a reader of `language`: English for `en`, else Chinese."""
        return self.en if language == "en" else self.zh


class CampaignError(ValueError):
    """A campaign that cannot be as asked; the message names the field, what was found and what is expected."""


def check(spec: Spec) -> None:
    """Raise CampaignError for the first field that cannot be as asked."""
    for mistake in check_all(spec):
        raise CampaignError(mistake.en)


def check_all(spec: Spec) -> list[Mistake]:
    """Every field that cannot be as asked, in the order of Spec's fields."""
    parts = (_identity, _period, _used_from, _limits, _looks, _use, _texts, _translations)
    return [mistake for part in parts for mistake in part(spec)]


def _identity(spec: Spec) -> Iterator[Mistake]:
    if not SLUG.fullmatch(spec.slug) or len(spec.slug) > LONGEST_SLUG:
        yield Mistake(
            "slug",
            "slug_form",
            f"代號是「{spec.slug}」；只能用 a-z、0-9 和單一連字號，最多 {LONGEST_SLUG} 個字，例如 summer-tea。",
            f"campaign is {spec.slug!r}; expected up to {LONGEST_SLUG} of a-z, 0-9 and single hyphens, such as "
            "summer-tea.",
        )
    yield from _name("name", spec.name)


def _name(field: str, name: str) -> Iterator[Mistake]:
    if not name.strip():
        yield Mistake(
            field,
            "name_length",
            f"還沒有名稱；要有 1 到 {LONGEST_NAME} 個字。",
            f"there is no name yet; expected 1 to {LONGEST_NAME} characters.",
        )
    elif len(name) > LONGEST_NAME:
        yield Mistake(
            field,
            "name_length",
            f"名稱有 {len(name):,} 個字；要有 1 到 {LONGEST_NAME} 個字。",
            f"name has {len(name):,} characters; expected 1 to {LONGEST_NAME}.",
        )
    elif CONTROL.search(name) or "\n" in name:
        yield Mistake(
            field,
            "text_unprintable",
            "名稱裡有看不見的控制字元或換行；請刪掉。",
            "name has a control character or a line break; expected one line of text.",
        )


def _period(spec: Spec) -> Iterator[Mistake]:
    for name in TIMES:
        at = getattr(spec, name)
        if at and not _is_in_utc(at):
            zh, en = WORDS[name]
            yield Mistake(
                name,
                "time_range",
                f"{zh}在日曆的盡頭（{at.year} 年）；沒有限制時請留空。",
                f"{en} is at the end of the calendar (year {at.year}); where there is no limit leave it empty.",
            )
    if spec.sends_from and spec.sends_until and spec.sends_from >= spec.sends_until:
        yield Mistake(
            "sends_until",
            "sending_period_backwards",
            "發送期間在開始之前就結束了；「發送開始」要早於「發送結束」。",
            "sending period ends before it begins; expected sends from earlier than sends until.",
        )
    if spec.expires_from not in EXPIRES_FROM:
        yield _choice("expires_from", spec.expires_from, EXPIRES_FROM)
    if not 1 <= spec.expires_after_seconds <= LONGEST_EXPIRATION:
        yield Mistake(
            "expires_after_seconds",
            "expires_range",
            "使用期限要大於 0，最長 3,650 天，例如 7 天或 30 分鐘。",
            "expires after must be longer than nothing and at most 3,650 days, such as 7 days or 30 minutes.",
        )
    last = max((at for at in (spec.sends_from, spec.sends_until) if at), default=None)
    if spec.shown_until and last and spec.shown_until < last:
        yield Mistake(
            "shown_until",
            "shown_until_too_early",
            "「兌換後顯示到」早於發送期間的結束，之後送出的券就沒辦法用了；請設在發送結束當時或之後。",
            "shown until is before the sending period's end, and coupons sent after it could not be used; expected "
            "the end or later.",
        )


def _used_from(spec: Spec) -> Iterator[Mistake]:
    if spec.used_from and spec.shown_until and spec.used_from >= spec.shown_until:
        yield Mistake(
            "used_from",
            "used_from_too_late",
            "「可使用時間」不早於「兌換後顯示到」，券永遠不能用；請設在它之前。",
            "used from is not before shown until, so that no coupon could ever be used; expected an earlier time.",
        )


def _is_in_utc(at: datetime) -> bool:
    """Whether there is such a time in UTC, in which it is kept: the calendar's first and last hours may have none."""
    try:
        return bool(at.astimezone(UTC))
    except OverflowError:
        return False


def _limits(spec: Spec) -> Iterator[Mistake]:
    if not 1 <= spec.redemption_limit <= MOST_EACH:
        yield _number("redemption_limit", spec.redemption_limit, MOST_EACH)
    if spec.limit_by not in LIMIT_BY:
        yield _choice("limit_by", spec.limit_by, LIMIT_BY)
    if spec.total_limit is not None and not 1 <= spec.total_limit <= MOST_IN_ALL:
        yield _number("total_limit", spec.total_limit, MOST_IN_ALL)


def _looks(spec: Spec) -> Iterator[Mistake]:
    if spec.barcode not in BARCODES:
        yield _choice("barcode", spec.barcode, BARCODES)
    for name in ("background_color", "button_color", "button_text_color"):
        value, (zh, en) = getattr(spec, name), WORDS[name]
        if not COLOR.fullmatch(value):
            yield Mistake(
                name,
                "color_form",
                f"{zh}是「{value}」；請用像 #C2410C 這樣的色碼。",
                f"{en} is {value!r}; expected a colour such as #C2410C.",
            )
    if spec.products_url is not None and not _is_web_address(spec.products_url):
        yield Mistake(
            "products_url",
            "url_form",
            f"商品清單連結要是以 https:// 或 http:// 開頭的網址，最多 {LONGEST_URL} 個字。",
            f"product list must be an address that begins with https:// or http://, at most {LONGEST_URL} characters.",
        )


def _use(spec: Spec) -> Iterator[Mistake]:
    if spec.used_in not in USED_IN:
        yield _choice("used_in", spec.used_in, USED_IN)
    if spec.stores and spec.used_in == "online":
        yield Mistake(
            "stores",
            "stores_online",
            "這個活動只能在網路商店使用，不能再指定門市；請清空適用門市，或更改使用地點。",
            "stores are named, and used in is 'online'; expected no stores, or used in store or both.",
        )
    if spec.is_first_purchase and (spec.redemption_limit != 1 or spec.limit_by != "person"):
        yield Mistake(
            "is_first_purchase",
            "first_purchase_once",
            "首購只有一次：每人兌換上限要是 1，而且以人計算。",
            "first purchase happens once; expected redemption limit 1 and limit by person.",
        )


def _is_web_address(text: str) -> bool:
    if len(text) > LONGEST_URL or re.search(r"[\s\\]", text) or CONTROL.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
    except ValueError:  # such as a bracket that is not closed
        return False


def _texts(spec: Spec) -> Iterator[Mistake]:
    if spec.language not in LANGUAGES:
        yield _choice("language", spec.language, tuple(LANGUAGES))
    for name in LONGEST:
        yield from _text(name, name, getattr(spec, name))


def _text(field: str, name: str, text: str) -> Iterator[Mistake]:
    (zh, en), longest = WORDS[name], LONGEST[name]
    if len(text) > longest:
        yield Mistake(
            field,
            "text_too_long",
            f"{zh}有 {len(text):,} 個字；最多 {longest:,} 個字。",
            f"{en} has {len(text):,} characters; expected at most {longest:,}.",
        )
    elif CONTROL.search(text.replace("\r\n", "\n")):
        yield Mistake(
            field,
            "text_unprintable",
            f"{zh}裡有看不見的控制字元；請刪掉。",
            f"{en} has a control character; expected text and line breaks.",
        )


def _translations(spec: Spec) -> Iterator[Mistake]:
    for language, texts in spec.translations.items():
        field = f"translations.{language}"
        if language not in LANGUAGES:
            yield _choice(field, language, tuple(LANGUAGES), WORDS["translations"])
        elif language == spec.language:
            zh, en = LANGUAGES[language]
            yield Mistake(
                field,
                "translation_of_itself",
                f"{zh}已經是這個活動的語言，不需要再翻譯成{zh}；請刪掉這份翻譯，或更改活動的語言。",
                f"{language} ({en}) is the campaign's own language; expected only others in other languages.",
            )
        for name, text in texts.items():
            if name == "name" and text:
                yield from _name(f"{field}.name", text)
            elif name in LONGEST:
                yield from _text(f"{field}.{name}", name, text)
            elif name not in TRANSLATED:
                yield _choice(f"{field}.{name}", name, TRANSLATED, WORDS["translations"])


def _choice(field: str, found: str, known: tuple[str, ...], words: tuple[str, str] | None = None) -> Mistake:
    zh, en = words or WORDS[field]
    en = "expires from" if field == "expires_from" else en
    return Mistake(
        field,
        "unknown_choice",
        f"{zh}是「{found}」；請選 {'、'.join(known)} 其中之一。",
        f"{en} is {found!r}; expected one of {', '.join(known)}.",
    )


def _number(field: str, found: int, most: int) -> Mistake:
    zh, en = WORDS[field]
    return Mistake(
        field,
        "number_range",
        f"{zh}是 {found:,}；要在 1 到 {most:,} 之間。",
        f"{en} is {found}; expected 1 or more, up to {most:,}.",
    )
