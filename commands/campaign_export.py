"""Campaigns written into files that `flask campaigns apply` takes as unchanged, their pictures beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.orm import Session

from commands import campaign_words as words
from core import campaigns
from db.tables import Campaign, Image

ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png"}


class _Writer(yaml.SafeDumper):
    """Texts of several lines as people write them."""


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _text)


def write(session: Session, campaign: Campaign, folder: Path, timezone: ZoneInfo) -> Iterator[Path]:
    """Write the campaign and its picture into the folder, over what is there; yields what was written."""
    picture = session.get(Image, campaign.image_id) if campaign.image_id else None
    name = campaign.slug + ENDINGS[picture.content_type] if picture else None
    file = folder / f"{campaign.slug}.yaml"
    file.write_text(text_of(campaign, name, timezone), encoding="utf-8")
    yield file
    if picture and name:
        (folder / name).write_bytes(picture.content)
        yield folder / name


def text_of(campaign: Campaign, picture: str | None, timezone: ZoneInfo) -> str:
    """The campaign as a file, with the revision that it is written from."""
    values: dict[str, Any] = words.written(campaigns.spec_of(campaign), timezone)
    values.pop("image", None)
    ordered = {"campaign": values.pop("campaign"), words.REVISION: campaign.revision} | values
    if picture:
        ordered["image"] = picture
    return yaml.dump(ordered, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=120)
