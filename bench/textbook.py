"""The textbook way to give out serials, for comparison: a row for each serial, and row locks, one request at a time.

It is served by the same gunicorn with the same options, on the same database with the same settings. It does less than
the product: no rate limit, no mailbox, no expiration, no record of the opened page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy import Connection, Engine, create_engine, insert, select, update

from bench.textbook_tables import COUNTERS, COUPONS, FREE, REDEMPTIONS, SERIALS
from core import clock
from db.database import Database

LIMIT = 1


class Textbook:
    """Redemptions, one transaction each."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.execution_options(tessera_write=True).begin() as connection:  # SQLite: BEGIN IMMEDIATE
            yield connection

    def redeem(self, token: str) -> str | None:
        """The serial for a coupon; None where there is none to give."""
        with self._transaction() as connection:
            coupon = connection.execute(select(COUPONS).where(COUPONS.c.token == token)).one_or_none()
            if coupon is None:
                return None
            mine = (COUNTERS.c.person_id == coupon.person_id) & (COUNTERS.c.campaign_id == coupon.campaign_id)
            redeemed = connection.scalar(select(COUNTERS.c.redeemed).where(mine).with_for_update())
            if redeemed is None or redeemed >= LIMIT:
                return None
            free = select(SERIALS.c.id, SERIALS.c.code).where(SERIALS.c.campaign_id == coupon.campaign_id, FREE)
            serial = connection.execute(
                free.order_by(SERIALS.c.id).limit(1).with_for_update(skip_locked=True)
            ).one_or_none()
            if serial is None:
                return None
            self._give(connection, coupon, serial, redeemed + 1)
            return str(serial.code)

    @staticmethod
    def _give(connection: Connection, coupon: Any, serial: Any, ordinal: int) -> None:  # noqa: ANN401 (rows)
        connection.execute(update(SERIALS).where(SERIALS.c.id == serial.id).values(coupon_id=coupon.id))
        connection.execute(
            insert(REDEMPTIONS).values(
                coupon_id=coupon.id,
                campaign_id=coupon.campaign_id,
                person_id=coupon.person_id,
                ordinal=ordinal,
                serial_id=serial.id,
                redeemed_at=clock.now(),
            )
        )
        connection.execute(
            update(COUNTERS)
            .where(COUNTERS.c.person_id == coupon.person_id, COUNTERS.c.campaign_id == coupon.campaign_id)
            .values(redeemed=ordinal)
        )

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def create_app(url: str) -> Flask:
    """The application."""
    app, textbook = Flask(__name__), Textbook(url)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/c/<token>/redeem")
    def redeem(token: str) -> Response:
        serial = textbook.redeem(token)
        return jsonify(state="redeemed" if serial else "refused", serial=serial)

    return app


def _engine(url: str) -> Engine:
    """The product's engine on SQLite, with its pragmas; on PostgreSQL SQLAlchemy's own."""
    if url.startswith("sqlite"):
        return Database(url).engine
    return create_engine(url, pool_size=10, max_overflow=10)
