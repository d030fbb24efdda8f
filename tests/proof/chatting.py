"""Customers who write to the bot in LINE, whose stand-in is a server of the test's own: nothing kills it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from werkzeug.serving import make_server

from bot import publishing
from db.database import Database
from simulator import webhooks
from simulator.app import SimulatorConfig, create_simulator
from simulator.context import Context
from tests import cast, release
from tests.system.shop import ROOT, Shop, free_port

WORD = "禮物"  # the flow answers with one question
REDELIVERED_AFTER = 0.5  # seconds; LINE brings an event again whose webhook was not answered with 200
GIVES_UP_AFTER = 240  # times


class Line:
    """LINE, as far as one shop is concerned."""

    def __init__(self, shop: Shop) -> None:
        port = free_port()
        shop.environment["LINE_API_URL"] = f"http://127.0.0.1:{port}/line"
        given = shop.environment
        app = create_simulator(
            SimulatorConfig(
                state_path=shop.directory / "line.sqlite3",
                shop_url=shop.url,
                line_channel_secret=given["LINE_CHANNEL_SECRET"],
                line_channel_access_token=given["LINE_CHANNEL_ACCESS_TOKEN"],
                messenger_app_secret=given["MESSENGER_APP_SECRET"],
                messenger_page_token=given["MESSENGER_PAGE_TOKEN"],
                messenger_page_id=given["MESSENGER_PAGE_ID"],
            )
        )
        context = app.extensions["simulator"]
        assert isinstance(context, Context)
        self._context = context
        self.server = make_server("127.0.0.1", port, app, threaded=True)

    def write(self, number: int) -> None:
        """A customer writes once; LINE brings it to the shop until that has answered 200."""
        person = f"U{number:032x}"
        with self._context.state.change() as connection:
            values = (person, "line", f"Customer {number}", "en", "#000000")
            connection.execute(
                "INSERT INTO people (id, channel, name, language, color, is_friend) VALUES (?, ?, ?, ?, ?, 1)", values
            )
        message = {"type": "text", "id": webhooks.ulid(), "text": WORD, "quoteToken": webhooks.ulid()}
        event = webhooks.line_event(self._context, "message", person, message=message)
        for _ in range(GIVES_UP_AFTER):
            if webhooks.post_line(self._context, [event]) == 200:
                return
            threading.Event().wait(REDELIVERED_AFTER)
        raise AssertionError(f"the shop never took what {person} wrote")

    def answers(self) -> dict[str, int]:
        """How many messages of the bot everybody has who wrote."""
        counted = (
            "SELECT id, (SELECT count(*) FROM bubbles WHERE person_id = people.id AND is_from_bot) AS count"
            " FROM people WHERE name LIKE 'Customer %'"
        )
        return {row["id"]: row["count"] for row in self._context.state.rows(counted)}


@contextmanager
def line(shop: Shop, database: Database) -> Iterator[Line]:
    """LINE, before any part of the shop is started, and the flow that answers."""
    now = datetime.now(UTC)
    with database.write() as session:
        cast.campaign(session, now, cast.GIFT, codes=0)
        tea = publishing.check_file(ROOT / "flows" / "summer-tea.yaml").flow
        assert tea is not None  # one of the gift's conversations goes on into it
        release.publish(session, ROOT / "flows" / "welcome-gift.yaml", now, [tea])
    made = Line(shop)
    serving = threading.Thread(target=made.server.serve_forever)
    serving.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        serving.join()
        made.server.server_close()
