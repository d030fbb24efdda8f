"""Pictures that campaigns and flows show: checked by content, drawn anew, stored once."""

import hashlib
import io
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from PIL import ExifTags, UnidentifiedImageError
from PIL import Image as Pillow
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import Image

MAX_BYTES = 1_000_000  # the seed's "under 1 MB"; LINE advises the same
MAX_PIXELS = 16_000_000  # a picture that unpacks to more than this is refused before it is unpacked
LARGEST_SIDE = 1600  # pixels that are stored: the largest phone shows a coupon's picture at 1,290
QUALITY = 88  # of a JPEG: no difference that a person sees
# A progressive JPEG is drawn in some 10 passes over the whole picture. A file of a few KB can ask for thousands, which
# would take hours; each pass begins with this marker, which stands nowhere else within a picture's data.
PASS, MOST_PASSES = b"\xff\xda", 40
ID = re.compile(r"[0-9a-f]{64}")
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "MPO": "image/jpeg"}  # MPO: a phone's JPEG with further views
_SHOWN = re.compile(r"L|LA|P|PA|RGB|RGBA|1")  # as a screen shows them; others are converted
# What Pillow says of files that are none, are damaged, or were made to take much memory.
_UNUSABLE = (
    UnidentifiedImageError,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    EOFError,
)


class ImageError(ValueError):
    """A picture that cannot be used; the two wordings say what is wrong with it and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Drawn:
    """A picture as it is kept; its id is the SHA-256 of its bytes."""

    content_type: str
    content: bytes
    width: int
    height: int

    @property
    def id(self) -> str:
        """By which it is asked for: another picture has another one."""
        return _digest(self.content)


@dataclass(frozen=True)
class Offered:
    """A picture as somebody has it, to be kept by `take`."""

    name: str
    content: bytes

    @cached_property
    def drawn(self) -> Drawn:
        """As `redrawn`, once however often it is asked for: first while nobody is held up."""
        return redrawn(self.content, self.name)


def known(session: Session, content: bytes) -> str | None:
    """The id of a picture that is kept as it is here: drawn anew once more, a JPEG would lose a little each time."""
    return session.scalar(select(Image.id).where(Image.id == _digest(content)))


def again(session: Session, content: bytes) -> str | None:
    """The same for whoever is about to use it; see `use`."""
    image_id = _digest(content)
    return image_id if use(session, image_id) else None


def keep(session: Session, picture: Drawn) -> str:
    """Keep a picture, once however often it comes; its id."""
    if not use(session, picture.id):
        insert_unless_there(session, Image, {"id": picture.id, **vars(picture)}, ["id"])
    return picture.id


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def take(session: Session, picture: Offered) -> str:
    """Keep what was offered: as it is where it is there `again`, else as it is drawn."""
    return again(session, picture.content) or keep(session, picture.drawn)


def store(session: Session, content: bytes, name: str) -> str:
    """`take` it without having drawn it before; for whoever holds nobody up meanwhile."""
    return take(session, Offered(name, content))


def use(session: Session, image_id: str) -> bool:
    """Whether there is such a picture. It is about to be used, and stays at least as long as any that was just stored.

    One that is being removed at this moment is waited for, and is there no more.
    """
    found = session.execute(select(Image.unused_since).where(Image.id == image_id)).first()
    if found is None or found[0] is None:
        return found is not None
    done = session.execute(update(Image).where(Image.id == image_id).values(unused_since=None))
    return bool(done.rowcount)  # type: ignore[attr-defined]  # CursorResult


def load(session: Session, image_id: str) -> tuple[str, bytes] | None:
    """The content type and bytes of a picture, or None where there is none."""
    image = session.get(Image, image_id)
    return (image.content_type, image.content) if image else None


def size(session: Session, image_id: str) -> tuple[int, int] | None:
    """A stored picture's width and height in pixels, or None where there is none."""
    row = session.execute(select(Image.width, Image.height).where(Image.id == image_id)).one_or_none()
    return (row.width, row.height) if row else None


def too_large(name: str, size: int) -> ImageError:
    """What is wrong with a picture of `size` bytes, MAX_BYTES or more."""
    return ImageError(
        f"{name} 有 {size:,} 位元組；圖片要小於 {MAX_BYTES:,}（1 MB），請存小一點。",
        f"{name} has {size:,} bytes; a picture must be under {MAX_BYTES:,} (1 MB). Save it smaller.",
    )


def examine(content: bytes, name: str) -> tuple[str, int, int]:
    """The content type, width and height in pixels of a usable picture.

    Raises:
        ImageError: not a JPEG or PNG, 1 MB or more, damaged, moving, or too many pixels; `name` is in the sentence.
    """
    picture, (width, height) = _opened(content, name)
    return FORMATS[picture.format or ""], width, height


def redrawn(content: bytes, name: str) -> Drawn:
    """A picture as it is shown, written anew. Takes up to a second: ask before a transaction is open.

    Upright as its camera says, at most LARGEST_SIDE pixels wide and high, 8 bits a channel, without metadata (where
    and with what it was taken), and without whatever else was hidden in the file.

    Raises:
        ImageError: as `examine`.
    """
    picture, _ = _opened(content, name)
    turn, transparency = _turn(picture), picture.info.get("transparency")
    shown: Pillow.Image = picture
    if shown.mode.startswith("I"):  # 16 bits of grey, of which `convert` would keep the darkest 256 steps
        shown = shown.convert("I").point([value // 256 for value in range(65536)], "L")
    if not _SHOWN.fullmatch(shown.mode) or max(shown.size) > LARGEST_SIDE:
        shown = shown.convert("RGBA" if transparency is not None or "A" in shown.mode else "RGB")
        transparency = None
        shown.thumbnail((LARGEST_SIDE, LARGEST_SIDE), reducing_gap=2.0)
    shown = shown.transpose(turn) if turn is not None else shown.copy()
    shown.info = {} if transparency is None else {"transparency": transparency}
    if picture.format == "PNG":
        written = _written(shown, "PNG")
        if len(written) < MAX_BYTES or "A" in shown.getbands() or transparency is not None:
            return Drawn(FORMATS["PNG"], written, *shown.size)
    written = _written(shown.convert("RGB"), "JPEG")
    return Drawn(FORMATS["JPEG"], written, *shown.size)


def _opened(content: bytes, name: str) -> tuple[Pillow.Image, tuple[int, int]]:
    """The picture, unpacked, a very large one smaller than it is; and its own size in pixels."""
    if len(content) >= MAX_BYTES:
        raise too_large(name, len(content))
    try:
        picture = Pillow.open(io.BytesIO(content), formats=["JPEG", "PNG"])
        of = picture.size
        if picture.width * picture.height > MAX_PIXELS:
            raise ImageError(
                f"{name} 是 {picture.width} x {picture.height} 像素，太大了；建議 640 x 640。",
                f"{name} is {picture.width} x {picture.height} pixels; 640 x 640 is recommended.",
            )
        if picture.format == "PNG" and getattr(picture, "is_animated", False):
            raise ImageError(
                f"{name} 是會動的圖片；請改用不會動的 JPG 或 PNG。",
                f"{name} is a moving picture. Save one frame of it as JPG or PNG.",
            )
        if picture.format != "PNG" and content.count(PASS) > MOST_PASSES:
            raise ValueError("passes")
        if picture.mode in {"L", "RGB"}:  # a JPEG of these is unpacked at half its size or less, where that is enough
            picture.draft(picture.mode, (LARGEST_SIDE, LARGEST_SIDE))
        picture.load()
    except _UNUSABLE as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(
            f"{name} 不是完整的 JPEG 或 PNG 圖片。請存成 JPG 或 PNG 再試一次。",
            f"{name} is not a whole JPEG or PNG picture. Save it as JPG or PNG and try again.",
        ) from error
    return picture, of


def _turn(picture: Pillow.Image) -> Pillow.Transpose | None:
    """How the picture must be turned to be upright; None for not at all, or where its metadata cannot be read."""
    with suppress(Exception):  # whatever a hostile file makes of its metadata, the picture itself is there
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    return None


def _written(picture: Pillow.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    options = {"quality": QUALITY, "progressive": True} if kind == "JPEG" else {}
    picture.save(buffer, kind, optimize=kind == "JPEG", **options)
    return buffer.getvalue()


# Exif 2.32, 4.6.4: the tag Orientation.
_TURNS: dict[object, Pillow.Transpose] = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
