"""Where a flow's pictures, videos and buttons lead: beside the file, to the web, or to the start of a flow."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.channels import CHANNELS, addresses, line
from bot.language import model, starts, walk
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Sentence

_BRACES = re.compile(r"\{\{|\{%")
# LINE and Messenger show pictures from https only, and browsers warn of anything else. tel: calls the shop.
OPENED = ("https://", "tel:", "{{ coupon.url }}", "{{coupon.url}}")


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Pictures are there, links are https, and a button's postback starts a flow."""
    for path, picture in walk.pictures_of(flow):
        yield from _picture(source, path, picture, known)
        yield from _filled_in(source, path, picture)
        yield from _unusable(source, path, picture)
    for path, button in walk.buttons_of(flow):
        yield from _link(source, (*path, "url"), button)
        yield from _postback(source, (*path, "postback"), button.postback, flow, known)
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Say):
            yield from _filled_in(source, ("steps", index, "say", "video"), step.say.video)
            yield from _unusable(source, ("steps", index, "say", "video"), step.say.video)
        if isinstance(step, model.Say) and step.say.video and not step.say.video.startswith("https://"):
            message = Sentence(
                "address_not_https",
                f"這裡寫的是「{step.say.video}」；影片要用 https:// 開頭的網址",
                f"found {step.say.video!r}; a video is an address that begins with https://",
            )
            yield source.mistake(("steps", index, "say", "video"), message)


def _picture(source: Source, path: Path, image: str, known: Known) -> Iterator[Mistake]:
    if image.startswith("http://"):
        message = Sentence(
            "address_not_https",
            f"這裡寫的是「{image}」；LINE 只顯示 https 網址的圖片",
            f"found {image!r}; LINE shows pictures from https addresses only",
        )
        yield source.mistake(path, message)
    elif image and not (image.startswith("https://") or _BRACES.search(image) or known.has_picture(image)):
        message = Sentence(
            "unknown_picture",
            f"這個檔案旁邊沒有圖片「{image}」",
            f"there is no picture {image!r} beside this file",
        )
        yield source.mistake(path, message)


def _filled_in(source: Source, path: Path, address: str) -> Iterator[Mistake]:
    """Pictures and videos are the same for everybody: an address that an answer is part of may lead nowhere."""
    if _BRACES.search(address):
        message = Sentence(
            "picture_filled_in",
            f"這裡寫的是「{address}」；圖片和影片的位置裡不能有 {{{{ }}}}，請用 `if` 走到不同的步驟",
            f"found {address!r}; a picture or a video takes no {{{{ }}}}: go to different steps by an `if`",
        )
        yield source.mistake(path, message)


def _unusable(source: Source, path: Path, address: str) -> Iterator[Mistake]:
    """What begins as an address and is none that LINE takes: its picture would not be shown, its button written out."""
    if not address.startswith("https://") or _BRACES.search(address):
        return
    found, limit = addresses.encoded(address), line.LIMITS["address"]
    if not urlsplit(found).hostname:
        message = Sentence(
            "address_unusable",
            f"「{address}」不是可以打開的網址；網址裡不能有空格，https:// 後面要有網站的名稱",
            f"{address!r} is no address that can be opened: after https:// stands the site's name, without a space",
        )
        yield source.mistake(path, message)
    elif not limit.allows(found):
        message = Sentence(
            "address_unusable",
            f"網址有 {limit.count(found)} 個字元（一個中文字算 9 個）；最多 {limit.size} 個",
            f"the address has {limit.count(found)} characters, a Chinese one counted as 9; at most {limit.size} fit",
        )
        yield source.mistake(path, message)


def _link(source: Source, path: Path, button: model.Button) -> Iterator[Mistake]:
    for url in [button.url] if isinstance(button.url, str) else button.url.values():
        yield from _unusable(source, path, url)
        if url and not url.startswith(OPENED):
            message = Sentence(
                "address_not_https",
                f"這裡寫的是「{url}」；按鈕要打開 https:// 開頭的網址",
                f"found {url!r}; a button opens an address that begins with https://",
            )
            yield source.mistake(path, message)


def _postback(source: Source, path: Path, postback: str, flow: Flow, known: Known) -> Iterator[Mistake]:
    """A platform's limit, and, where the other flows are known, a flow that it starts."""
    most = min(channel.LIMITS["postback"].size for channel in CHANNELS.values())
    if len(postback) > most:
        message = Sentence(
            "postback_too_long",
            f"`postback` 有 {len(postback)} 個字元；各通道都能用的上限是 {most} 個",
            f"the postback has {len(postback)} characters; at most {most} fit in every channel",
        )
        yield source.mistake(path, message)
    if postback and known.starts is not None:
        postbacks = {value for kind, value in known.starts if kind == "postback"}
        postbacks |= {value for _, (kind, value) in starts.marks(flow) if kind == "postback"}
        if postback not in postbacks:
            hint = did_you_mean(postback, postbacks)
            message = Sentence(
                "unknown_postback",
                f"沒有流程由 postback「{postback}」開始，點了不會有反應；{hint.zh}",
                f"no flow starts by the postback {postback!r}, so a tap does nothing; {hint.en}",
            )
            yield source.mistake(path, message, is_warning=True)
