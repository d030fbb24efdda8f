"""The console's people, and a flow to work at."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from db.database import Database
from tests import cast, release
from tests.web import doors
from tests.web.doors import Browser

TEXT = """\
flow: tea
title: Tea for two
languages: [zh-Hant, en]
starts:
  - words: [茶, tea]
steps:
  - ask:
      text: {zh-Hant: 想喝什麼？, en: "Which one?"}
      choices:
        - {label: {zh-Hant: 紅茶, en: Black}, value: black}
        - {label: {zh-Hant: 店員, en: Staff}, value: staff, go: staff}
      keep: drink
  - send_coupon:
      campaign: summer-tea
      text: {zh-Hant: 這是您的券。, en: Here it is.}
      button: {zh-Hant: 打開, en: Open}
      refused: {otherwise: gone}
  - wait: {until: redeemed, timeout: {after: 2 days, go: remind}}
  - say: {zh-Hant: 謝謝光臨！, en: Thank you!}
  - end: true
  - id: remind
    say: {zh-Hant: 別忘了您的券喔。, en: Your coupon is waiting.}
  - end: true
  - id: gone
    say: {zh-Hant: 送完了。, en: All gone.}
  - end: true
  - id: staff
    say: {zh-Hant: 請留言。, en: Write to us.}
  - hand_over: wants a person
conversations:
  - name: to the staff
    talk:
      - customer: 茶
      - bot: ...
      - taps: 店員
      - bot: 請留言。
"""


@pytest.fixture
def app(database: Database) -> Flask:
    doors.people(database)
    return doors.application(database)


@pytest.fixture
def mia(app: Flask) -> Browser:
    return doors.logged_in(app, "mia")


@pytest.fixture
def tea(database: Database, now: datetime, tmp_path: Path) -> Path:
    """The flow `tea`, published from its file, with its campaign."""
    file = tmp_path / "tea.yaml"
    file.write_text(TEXT, encoding="utf-8")
    with database.write() as session:
        cast.campaign(session, now)
        release.publish(session, file, now)
    return file
