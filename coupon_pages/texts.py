"""A campaign's own texts in a reader's language."""

from dataclasses import dataclass

from coupon_pages.words import known
from db.tables import Campaign


@dataclass(frozen=True)
class Text:
    """What a marketer wrote, and in which language: a page's `lang` attribute where the page is in another."""

    text: str
    language: str


@dataclass(frozen=True)
class Texts:
    """All that a campaign says on its page, each where it is written, else empty."""

    name: Text
    instructions: Text
    sold_out: Text
    expired: Text


def texts_of(campaign: Campaign, language: str) -> Texts:
    """The campaign's texts for a page in `language`: each translated where it is, else as it was written first."""
    own = known(campaign.language) or campaign.language
    translations: dict[str | None, dict[str, str]] = {known(tag): said for tag, said in campaign.translations.items()}
    translated = translations.get(language, {})

    def pick(name: str) -> Text:
        if language != own and translated.get(name):
            return Text(translated[name], language)
        return Text(getattr(campaign, name), own)

    return Texts(pick("name"), pick("instructions"), pick("sold_out_text"), pick("expired_text"))
