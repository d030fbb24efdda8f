"""The size of a picture, by its bytes."""

import io

from PIL import Image, UnidentifiedImageError


def size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG or PNG, or None where it is none."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError):
        return None
