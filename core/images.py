"""Pictures that campaigns and flows show: checked by content, stored once."""

import hashlib
import io

from PIL import Image as Pillow
from PIL import UnidentifiedImageError
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import Image

MAX_BYTES = 1_000_000  # the seed's "under 1 MB"; LINE advises the same
MAX_PIXELS = 16_000_000  # a picture that unpacks to more than this is refused before it is unpacked
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}


class ImageError(ValueError):
    """A picture that cannot be used; the two wordings say what is wrong with it and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def store(session: Session, content: bytes, name: str) -> str:
    """Keep a picture and return its id. The same bytes are kept once.

    Raises:
        ImageError: not a JPEG or PNG, 1 MB or more, damaged, or too many pixels; `name` is used in the sentence.
    """
    content_type, width, height = examine(content, name)
    image_id = hashlib.sha256(content).hexdigest()
    values = {"id": image_id, "content_type": content_type, "content": content, "width": width, "height": height}
    insert_unless_there(session, Image, values, ["id"])
    return image_id


def examine(content: bytes, name: str) -> tuple[str, int, int]:
    """The content type, width and height in pixels of a usable picture.

    Raises:
        ImageError: as `store`.
    """
    if len(content) >= MAX_BYTES:
        raise ImageError(
            f"{name} 有 {len(content):,} 位元組；圖片要小於 {MAX_BYTES:,}（1 MB），請存小一點。",
            f"{name} has {len(content):,} bytes; a picture must be under {MAX_BYTES:,} (1 MB). Save it smaller.",
        )
    try:
        with Pillow.open(io.BytesIO(content), formats=list(FORMATS)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ImageError(
                    f"{name} 是 {picture.width} x {picture.height} 像素，太大了；建議 640 x 640。",
                    f"{name} is {picture.width} x {picture.height} pixels; 640 x 640 is recommended.",
                )
            picture.load()
            return FORMATS[picture.format or ""], picture.width, picture.height
    except (UnidentifiedImageError, Pillow.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(
            f"{name} 不是完整的 JPEG 或 PNG 圖片。請存成 JPG 或 PNG 再試一次。",
            f"{name} is not a whole JPEG or PNG picture. Save it as JPG or PNG and try again.",
        ) from error


def load(session: Session, image_id: str) -> tuple[str, bytes] | None:
    """The content type and bytes of a picture, or None where there is none."""
    image = session.get(Image, image_id)
    return (image.content_type, image.content) if image else None
