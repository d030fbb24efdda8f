"""Endpoints of outgoing webhooks by command: the console is not needed."""

import re
from datetime import datetime

from sqlalchemy import update

from core import hook_deliveries
from db.tables import WebhookDelivery
from tests.commands.test_commands import run
from tests.deeds import deeds
from tests.doors import House

URL = "https://pos.example/hooks"


def test_an_endpoint_is_added_listed_and_sent_again_what_it_did_not_take(house: House, now: datetime) -> None:
    refused = run(house, "webhooks", "add", "POS", "https://10.0.0.1/")
    assert refused.exit_code == 1 and "(webhook_url_inside)" in refused.output
    assert run(house, "webhooks", "list").output == ""
    added = run(house, "webhooks", "add", "POS", URL, "--kind", "verified", "--kind", "redeemed")
    assert added.exit_code == 0 and re.search(r"whsec_[A-Za-z0-9+/]{43}=", added.output)
    with house.database.write() as session:
        hook_deliveries.test(session, 1, now)
        session.execute(update(WebhookDelivery).values(due_at=None))
    line = f"1  POS  {URL}  redeemed,verified  waiting {{}}  given up {{}}\n"
    assert run(house, "webhooks", "list").output == line.format(0, 1)
    moments = ("2026-12-01T12:01:00", "2026-12-01")  # in Taipei; it was made at noon
    sent = [run(house, "webhooks", "replay", "1", "--since", since).output for since in moments]
    assert sent == ["0 are sent again.\n", "1 are sent again.\n"]
    assert run(house, "webhooks", "list").output == line.format(1, 0)
    assert run(house, "webhooks", "replay", "9", "--since", "2026-12-01").exit_code == 1
    assert [action for _, action, _ in deeds(house.database)] == ["webhook.added", *["webhook.replayed"] * 2]
