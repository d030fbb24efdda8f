import io

import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select

from core import images
from core.images import ImageError
from db.database import Database
from db.tables import Image


def png(size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", size, "#c2410c").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_same_picture_is_kept_once(database: Database) -> None:
    with database.write() as session:
        first, second = images.store(session, png(), "a.png"), images.store(session, png(), "b.png")
        assert first == second
        assert images.load(session, first) == ("image/png", png())
        assert session.scalar(select(func.count()).select_from(Image)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a whole JPEG or PNG"),
        (b"<svg onload=alert(1)>", "not a whole JPEG or PNG"),
        (png()[:40], "not a whole JPEG or PNG"),
        (b"GIF89a" + b"\0" * 100, "not a whole JPEG or PNG"),
        (png() + b"\0" * 1_000_000, "under 1,000,000"),
        (png((4100, 4100)), "640 x 640 is recommended"),
    ],
    ids=["nothing", "SVG", "cut off", "GIF", "too many bytes", "too many pixels"],
)
def test_what_is_no_good_picture_is_refused_in_a_sentence(database: Database, content: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words), database.write() as session:
        images.store(session, content, "a.png")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 0
