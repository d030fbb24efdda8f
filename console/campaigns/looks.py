"""What a campaign's colours and picture are told while one chooses them."""

from sqlalchemy.orm import Session

from console.campaigns.entry import COLORS, NEW, Words
from core import colors, images
from core.campaigns.checks import COLOR
from core.colors import Weak
from web.words import say

SIDE = 640  # pixels: the size that is recommended


def weaknesses(words: Words) -> list[Weak]:
    """Where the colours are hard to read; one that is no colour is told at its field instead."""
    chosen = {name: words[name] if COLOR.fullmatch(words[name]) else getattr(NEW, name) for name in COLORS}
    return colors.weaknesses(chosen["button_color"], chosen["button_text_color"])


def known_picture(session: Session, words: Words) -> str:
    """The picture that the form names, where there is one; empty where it names none."""
    found = images.ID.fullmatch(words["image_id"]) and images.size(session, words["image_id"])
    return words["image_id"] if found else ""


def kept_picture(session: Session, words: Words) -> str:
    """As `known_picture`; it stays, since the form is about to be saved."""
    found = images.ID.fullmatch(words["image_id"]) and images.use(session, words["image_id"])
    return words["image_id"] if found else ""


def of_picture(session: Session, image_id: str) -> str:
    """What one should know of a stored picture; empty where it is as recommended."""
    size = images.size(session, image_id) if image_id else None
    if size is None:
        return ""
    width, height = size
    told = []
    if width != height:
        told.append(
            say(
                f"圖片是 {width} x {height} 像素，不是正方形：頁面會裁掉邊緣，只顯示中間。",
                f"It is {width} x {height} pixels, not square: the page cuts off its edges and shows its middle.",
            )
        )
    if min(width, height) < SIDE:
        told.append(
            say(
                f"圖片只有 {width} x {height} 像素，在手機上會有點模糊；建議 {SIDE} x {SIDE}。",
                f"It has only {width} x {height} pixels and looks soft on a phone; {SIDE} x {SIDE} is recommended.",
            )
        )
    return " ".join(told)
