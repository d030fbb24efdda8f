"""LINE's limits on a request's messages, counted here with numbers of the tests' own (docs of 2026-08-07)."""

import json
from typing import Any

import regex

from tests.bot.channels.samples import IMAGE


def check(objects: list[dict[str, Any]]) -> None:
    """Every message object keeps every limit."""
    json.dumps(objects, allow_nan=False)
    for place, each in enumerate(objects):
        if each["type"] == "text":
            assert 1 <= utf16(each["text"]) <= 5000
            assert each["text"].strip()
        elif each["type"] in {"image", "video"}:
            check_image(each["originalContentUrl"])
            check_image(each["previewImageUrl"])
        elif each["type"] == "flex":
            check_flex(each)
        else:
            check_template(each)
        items = each.get("quickReply", {}).get("items", [])
        assert len(items) <= 13
        assert not items or place == len(objects) - 1
        for item in items:
            check_action(item["action"])


def check_template(message: dict[str, Any]) -> None:
    template = message["template"]
    assert 1 <= utf16(message["altText"]) <= 1500
    if template["type"] == "buttons":
        check_column(template, most=4, longest=160)
        return
    assert template["type"] == "carousel"
    assert 2 <= len(template["columns"]) <= 10
    for column in template["columns"]:
        check_column(column, most=3, longest=120)
    shapes = {
        (column.keys() == template["columns"][0].keys(), len(column["actions"])) for column in template["columns"]
    }
    assert len(shapes) == 1, "columns must be alike"


def check_column(column: dict[str, Any], most: int, longest: int) -> None:
    has_card = "title" in column or "thumbnailImageUrl" in column
    assert 1 <= graphemes(column["text"]) <= (60 if has_card else longest)
    assert 1 <= graphemes(column.get("title", "x")) <= 40
    assert 1 <= len(column["actions"]) <= most
    check_image(column.get("thumbnailImageUrl", IMAGE))
    for action in column["actions"]:
        check_action(action)


def check_flex(message: dict[str, Any]) -> None:
    assert 1 <= utf16(message["altText"]) <= 1500
    contents = message["contents"]
    bubbles = contents["contents"] if contents["type"] == "carousel" else [contents]
    assert 1 <= len(bubbles) <= 12
    assert len(json.dumps(contents, ensure_ascii=False).encode()) <= 50_000
    for each in bubbles:
        assert len(json.dumps(each, ensure_ascii=False).encode()) <= 30_000


def check_image(address: str) -> None:
    assert address.startswith(("https://", "http://localhost:"))
    assert address.isascii()
    assert len(address) <= 1000


def check_action(action: dict[str, Any]) -> None:
    assert 1 <= graphemes(action["label"]) <= 20
    assert action["label"].strip()
    if action["type"] == "uri":
        assert action["uri"].startswith(("https:", "http:", "line:", "tel:"))
        assert action["uri"].isascii()
        assert len(action["uri"]) <= 1000
    elif action["type"] == "postback":
        assert 1 <= utf16(action["data"]) <= 300
        assert utf16(action["displayText"]) <= 300
    else:
        assert 1 <= utf16(action["text"]) <= 300


def utf16(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2


def graphemes(words: str) -> int:
    return len(regex.findall(r"\X", words))
