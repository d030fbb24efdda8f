"""The console's people, and a flow to work at."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from db.database import Database
from tests import cast, release
from tests.tea import ASK, REST
from tests.web import doors
from tests.web.doors import Browser

TEXT = f"""\
flow: tea
title: Tea for two
languages: [zh-Hant, en]
starts:
  - words: [茶, tea]
steps:
{ASK}{REST}conversations:
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
