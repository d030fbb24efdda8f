import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from db.tables import InboxEvent
from tests.doors import House


def line(house: House, body: bytes, signature: str | None = None) -> int:
    digest = hmac.new(b"line-secret", body, hashlib.sha256).digest()
    headers = {"x-line-signature": base64.b64encode(digest).decode() if signature is None else signature}
    return house.client().post("/webhooks/line", data=body, headers=headers).status_code


def messenger(house: House, body: bytes, secret: bytes = b"messenger-secret") -> int:
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={digest}"}
    return house.client().post("/webhooks/messenger", data=body, headers=headers).status_code


def event(number: int = 1, **more: object) -> dict[str, Any]:
    return {
        "type": "message",
        "webhookEventId": f"01EVENT{number}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": 1_764_561_600_000 + number,
        "source": {"type": "user", "userId": "U" + "a" * 32},
        "mode": "active",
        "replyToken": "token",
        "message": {"type": "text", "id": "1", "text": "優惠", "quoteToken": "q"},
        **more,
    }


def bodied(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": "U0", "events": events}, ensure_ascii=False).encode()


def stored(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(InboxEvent)) or 0


def test_a_signed_event_is_stored_and_its_account_woken(house: House) -> None:
    assert line(house, bodied(event())) == 200
    assert stored(house) == 1
    assert house.woken == [("inbox", "line/U" + "a" * 32)]


def test_lines_test_of_the_connection_is_answered(house: House) -> None:
    assert line(house, bodied()) == 200
    assert stored(house) == 0


def test_an_unsigned_or_wrongly_signed_body_is_refused_and_nothing_kept(house: House) -> None:
    body = bodied(event())
    for signature in ("", "rubbish", "é", base64.b64encode(b"x" * 32).decode()):
        assert line(house, body, signature) == 401
    assert house.client().post("/webhooks/line", data=body).status_code == 401
    assert messenger(house, body, b"another secret") == 401
    assert stored(house) == 0
    assert house.woken == []


def test_a_signature_over_other_bytes_is_refused(house: House) -> None:
    body = bodied(event())
    digest = hmac.new(b"line-secret", body + b" ", hashlib.sha256).digest()
    assert line(house, body, base64.b64encode(digest).decode()) == 401


def test_without_a_secret_nothing_is_believed(house: House) -> None:
    house.app.extensions["tessera"] = replace(house.app.extensions["tessera"], line_channel_secret="")
    digest = hmac.new(b"", bodied(event()), hashlib.sha256).digest()
    assert line(house, bodied(event()), base64.b64encode(digest).decode()) == 401


def test_a_body_that_is_no_json_object_is_400(house: House) -> None:
    for body in (b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000):
        assert line(house, body) == 400
    assert stored(house) == 0


def test_a_body_of_more_than_two_megabytes_is_413(house: House) -> None:
    assert line(house, b'{"events": []}' + b" " * 2_000_001) == 413


def test_the_same_event_is_stored_once_however_often_it_comes(house: House) -> None:
    for _ in range(3):
        assert line(house, bodied(event())) == 200
    assert line(house, bodied(event(deliveryContext={"isRedelivery": True}))) == 200
    assert stored(house) == 1
    assert len(house.woken) == 1


def test_the_same_event_ten_times_in_parallel_is_stored_once(house: House) -> None:
    with ThreadPoolExecutor(10) as senders:
        assert set(senders.map(lambda _: line(house, bodied(event())), range(10))) == {200}
    assert stored(house) == 1
    assert len(house.woken) == 1


def test_one_strange_event_does_not_lose_the_rest_of_its_batch(house: House) -> None:
    strange = {"type": "somethingNew", "webhookEventId": "01NEW", "timestamp": "yesterday", "source": 7}
    assert line(house, bodied(event(1), strange, event(2))) == 200
    with house.database.read() as session:
        kept = session.execute(select(InboxEvent.event_id, InboxEvent.handled_at)).all()
    assert {row.event_id for row in kept} == {"01EVENT1", "01NEW", "01EVENT2"}
    assert [row.event_id for row in kept if row.handled_at] == ["01NEW"]


def test_nul_and_half_characters_in_an_event_are_no_reason_to_fail(house: House) -> None:
    body = bodied(event()).replace("優惠".encode(), rb"a\u0000b\ud800c")
    assert line(house, body) == 200
    assert stored(house) == 1


@pytest.mark.parametrize("digits", [4300, 4301, 150_000])
def test_a_number_longer_than_python_reads_loses_neither_its_event_nor_the_rest(house: House, digits: int) -> None:
    body = bodied(event(1, odd="LONG"), event(2)).replace(b'"LONG"', b"-" + b"9" * digits)
    assert line(house, body) == 200
    with house.database.read() as session:
        kept = {row.event_id: row.body for row in session.scalars(select(InboxEvent))}
    assert set(kept) == {"01EVENT1", "01EVENT2"}
    assert kept["01EVENT1"]["message"]["text"] == "優惠"
    assert kept["01EVENT1"]["odd"] == (-int("9" * digits) if digits == 4300 else None)
    assert house.woken == [("inbox", "line/U" + "a" * 32)]


def test_messengers_events_are_stored_and_echoes_dropped(house: House) -> None:
    message = {"sender": {"id": "7"}, "recipient": {"id": "1"}, "timestamp": 1_764_561_600_000}
    events = [
        message | {"message": {"mid": "m_1", "text": "hi"}},
        message | {"message": {"mid": "m_2", "text": "our own", "is_echo": True}},
        message | {"referral": {"ref": "poster", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
    ]
    body = json.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "messaging": events}]}).encode()
    for _ in range(2):
        assert messenger(house, body) == 200
    assert stored(house) == 2


def test_metas_handshake_echoes_the_challenge_only_for_the_agreed_word(house: House) -> None:
    client = house.client()
    query = {"hub.mode": "subscribe", "hub.verify_token": "agreed", "hub.challenge": "12345"}
    assert client.get("/webhooks/messenger", query_string=query).text == "12345"
    assert client.get("/webhooks/messenger", query_string=query | {"hub.verify_token": "é"}).status_code == 403
    assert client.get("/webhooks/messenger").status_code == 403


def test_what_happens_on_another_page_of_the_same_app_is_not_kept(house: House) -> None:
    message = {"sender": {"id": "7"}, "timestamp": 1_764_561_600_000, "message": {"mid": "m_1", "text": "hi"}}
    body = json.dumps({"object": "page", "entry": [{"id": "1", "messaging": [message]}]}).encode()
    house.app.extensions["tessera"] = replace(house.app.extensions["tessera"], messenger_page_id="2")
    assert messenger(house, body) == 200
    assert (stored(house), house.woken) == (0, [])
    house.app.extensions["tessera"] = replace(house.app.extensions["tessera"], messenger_page_id="1")
    assert messenger(house, body) == 200
    assert stored(house) == 1
