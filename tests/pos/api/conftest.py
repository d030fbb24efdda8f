"""A shop with a till: Mei's coupon is redeemed (TEA-0001), Alex's is not."""

from datetime import datetime

import pytest
from flask import Flask

from db.database import Database
from tests import cast
from tests.pos.api import till
from tests.pos.api.till import Till
from tests.watch import Watch
from tests.web import doors


def shop(database: Database, now: datetime) -> None:
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        cast.sent(session, cast.ALEX, now)
    cast.redeem(database, token, now)


@pytest.fixture
def app(database: Database, now: datetime, watch: Watch) -> Flask:
    assert watch.at > now
    shop(database, now)
    return doors.application(database)


@pytest.fixture
def machine(app: Flask, database: Database, now: datetime) -> Till:
    return Till(app, till.key(database, now).secret)
