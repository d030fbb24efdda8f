"""The text that a new flow's draft begins with, and names that a flow cannot have."""

import re

import yaml

from console.flows.texts import NEW
from web.words import say

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 64
TAKEN = frozenset({NEW, "static"})  # pages of the room

_TEXT = """\
flow: {name}
title: {title}
languages: [zh-Hant, en]

# What starts it: the customer writes exactly one of these words.
# 什麼會開始這個流程：顧客寫出其中一個詞。
starts:
  - words: [{name}]

# The steps, from top to bottom.
# 步驟，由上往下執行。
steps:
  - say:
      zh-Hant: "{{{{ contact.name }}}}您好！"
      en: "Hi {{{{ contact.name }}}}!"

# What customers may do, and what the bot must answer. Publishing runs these.
# 顧客可能怎麼做、機器人該怎麼回答。發布前會先跑一次。
conversations:
  - name: {name}
    talk:
      - customer: {name}
      - bot: 小美您好！
"""


def text(name: str, title: str) -> str:
    """A small flow that can be published as it is."""
    written = yaml.safe_dump(title or name, allow_unicode=True, width=10_000).removesuffix("\n").removesuffix("\n...")
    return _TEXT.format(name=name, title=written.strip())


def wrong_name(name: str) -> str:
    """What is wrong with a new flow's name; empty where nothing is."""
    if name in TAKEN:
        return say(f"「{name}」是保留的名稱，請換一個。", f"“{name}” is kept for the console; choose another name.")
    if len(name) > LONGEST or not _NAME.fullmatch(name):
        return say(
            "名稱只能用小寫英文字母、數字和連字號，例如 summer-tea，最多 64 個字元。",
            "A name has small letters, digits and hyphens, such as summer-tea, and at most 64 of them.",
        )
    return ""
