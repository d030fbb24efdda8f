"""Pictures: what is kept, how it is drawn anew, and what is refused, however it was made."""

import io
import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select

from core import images
from core.images import ImageError
from db.database import Database
from db.tables import Image

SECOND = 1.0  # of the processor's time
ORIENTATION, GPS = 0x0112, 0x8825


def png(size: tuple[int, int] = (64, 64)) -> bytes:
    return written(Pillow.new("RGB", size, "#c2410c"), "PNG")


def written(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def redrawn(content: bytes) -> Pillow.Image:
    drawn = images.redrawn(content, "a.png")
    picture = Pillow.open(io.BytesIO(drawn.content))
    assert (Pillow.MIME[picture.format or ""], *picture.size) == (drawn.content_type, drawn.width, drawn.height)
    return picture


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def many_passes(count: int, side: int) -> bytes:
    """A progressive JPEG that asks to be drawn `count` times over."""
    whole = written(Pillow.new("RGB", (side, side), "#c2410c"), "JPEG", progressive=True)
    *parts, last = whole.split(images.PASS)
    return images.PASS.join([*parts, *[parts[-1]] * count, last])


def test_the_same_picture_is_kept_once_and_drawn_anew_once(database: Database) -> None:
    photo = written(Pillow.effect_noise((64, 64), 80).convert("RGB"), "JPEG", quality=70)
    with database.write() as session:
        first, second = images.store(session, photo, "a.jpg"), images.store(session, photo, "b.jpg")
        kept = images.load(session, first)
        assert kept is not None and kept[0] == "image/jpeg"
        assert images.store(session, kept[1], "c.jpg") == second == first
        assert images.size(session, first) == (64, 64)
        assert session.scalar(select(func.count()).select_from(Image)) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_upright_and_tells_nothing_of_where_it_was_taken(kind: str) -> None:
    sideways = Pillow.new("RGB", (40, 20), "#ffffff")
    sideways.paste("#c2410c", (0, 0, 20, 20))
    exif = Pillow.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise
    exif[GPS] = {1: "N", 2: (25.0, 2.0, 0.0)}
    more = {"comment": b"secret"} if kind == "JPEG" else {}
    found = redrawn(written(sideways, kind, exif=exif, icc_profile=b"secret profile", **more))
    found.load()
    assert found.size == (20, 40)
    assert all(abs(a - b) < 12 for a, b in zip(found.getpixel((10, 5)), (0xC2, 0x41, 0x0C), strict=True))  # type: ignore[arg-type]
    assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert not found.getexif()


def test_what_was_hidden_behind_a_picture_is_gone() -> None:
    page = png() + b"<script>alert(1)</script>PK\x03\x04"
    for polyglot in (page, written(Pillow.new("RGB", (9, 9)), "JPEG", comment=b"<script>alert(1)</script>")):
        drawn = images.redrawn(polyglot, "a.png").content
        assert b"script" not in drawn and b"PK\x03\x04" not in drawn


def test_colours_that_no_screen_shows_are_converted() -> None:
    red = redrawn(written(Pillow.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG"))
    assert red.mode == "RGB"
    grey = Pillow.new("I;16", (2, 1))
    grey.putpixel((0, 0), 65535)
    grey.putpixel((1, 0), 0x8000)
    found = redrawn(written(grey, "PNG"))
    assert (found.mode, found.getpixel((0, 0)), found.getpixel((1, 0))) == ("L", 255, 128)
    seen_through = redrawn(written(Pillow.new("RGBA", (2000, 10), (1, 2, 3, 0)), "PNG"))
    assert (seen_through.mode, seen_through.width) == ("RGBA", images.LARGEST_SIDE)
    assert "transparency" in redrawn(written(Pillow.new("P", (9, 9)), "PNG", transparency=0)).info


def test_a_phones_photo_with_further_views_is_its_first_view() -> None:
    views = [Pillow.new("RGB", (64, 64), color) for color in ("#c2410c", "#000000")]
    content = written(views[0], "MPO", save_all=True, append_images=views[1:])
    assert images.examine(content, "a.jpg") == ("image/jpeg", 64, 64)
    assert redrawn(content).getpixel((9, 9))[0] > 180  # type: ignore[index]


MOVING = written(Pillow.new("RGB", (9, 9)), "PNG", save_all=True, append_images=[Pillow.new("RGB", (9, 9), "red")])
HEAD = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
HOSTILE = {
    "nothing": (b"", "not a whole JPEG or PNG"),
    "SVG": (b"<svg onload=alert(1)>", "not a whole JPEG or PNG"),
    "cut off": (png()[:-30], "not a whole JPEG or PNG"),
    "a JPEG cut off": (written(Pillow.new("RGB", (64, 64)), "JPEG")[:-80], "not a whole JPEG or PNG"),
    "GIF": (b"GIF89a" + b"\0" * 100, "not a whole JPEG or PNG"),
    "GIF in a PNG's name": (written(Pillow.new("P", (9, 9)), "GIF"), "not a whole JPEG or PNG"),
    "too many bytes": (png() + b"\0" * 1_000_000, "under 1,000,000"),
    "too many pixels": (png((4100, 4100)), "640 x 640 is recommended"),
    "a bomb": (HEAD.replace(b"\0\0\0@\0\0\0@", b"\0\0\xff\xff\0\0\xff\xff"), "not a whole JPEG or PNG|640 x 640"),
    "a bomb of text": (HEAD + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 200_000_000)), "not a whole"),
    "a bomb of a profile": (HEAD + chunk(b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 200_000_000)), "not a whole"),
    "moving": (MOVING, "moving picture"),
    "drawn for ever": (many_passes(10_000, 64), "not a whole JPEG or PNG"),
}


@pytest.mark.parametrize(("content", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_good_picture_is_refused_in_a_sentence_at_once(content: bytes, words: str) -> None:
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(ImageError, match=words):
        images.redrawn(content, "a.png")
    taken, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < SECOND
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "content",
    [png((4000, 4000)), many_passes(images.MOST_PASSES - 10, 4000)],
    ids=["a very large PNG", "a very large JPEG with many passes"],
)
def test_the_largest_pictures_that_are_taken_take_no_more_than_a_second(content: bytes) -> None:
    begun = time.process_time()
    assert redrawn(content).size == (images.LARGEST_SIDE, images.LARGEST_SIDE)
    assert time.process_time() - begun < SECOND


def test_nothing_is_kept_of_a_picture_that_is_refused(database: Database) -> None:
    with pytest.raises(ImageError), database.write() as session:
        images.store(session, b"<svg onload=alert(1)>", "a.png")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 0
