"""A request to an endpoint ends in time and goes nowhere but to the address that was looked at."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.hook_deliveries import Answer
from core.reasons import Reason
from tests.workers.receiver import receiving
from workers import hook_client
from workers.hook_client import Client

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CERTIFICATE = Path(__file__).parent / "pos.example.pem"  # and its key


def test_what_is_answered_is_kept_in_a_few_words_and_a_redirect_is_not_followed() -> None:
    client = Client(is_inside_allowed=True)
    with receiving() as elsewhere:
        there = f"Location: {elsewhere.url}"
        for raw, answer in (
            (FINE, Answer(200, "ok")),
            (b"HTTP/1.1 302 Found\r\n%s\r\nContent-Length: 0\r\n\r\n" % there.encode(), Answer(302, "")),
            (b"HTTP/1.1 429 No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", Answer(429, "", 120.0)),
            (
                b"HTTP/1.1 503 No\r\nRetry-After: soon\r\n\r\n<h1>\x00\xff\n\n away</h1>",
                Answer(503, "<h1>\ufffd\ufffd away</h1>"),
            ),
        ):
            with answering(saying(raw)) as port:
                assert client.post(f"http://127.0.0.1:{port}/a?b=c", {"webhook-id": "1"}, b"{}") == answer
        assert elsewhere.answered == []
    with answering(pour) as port:
        assert client.post(f"http://127.0.0.1:{port}/", {}, b"{}") == Answer(200, "a" * hook_client.SHOWN)
    with answering(saying(b"a" * 50_000 + b"\r\n")) as port:
        answer = client.post(f"http://127.0.0.1:{port}/", {}, b"{}")
        assert (answer.status, answer.detail) == (None, f"BadStatusLine: {'a' * 200}"[: hook_client.SHOWN])
    (dated,) = (hook_client._retry_after("Fri, 01 Jan 2100 00:00:00 GMT"),)  # noqa: SLF001 (needs no server)
    assert dated is not None and dated > 1e9


def pour(one: socket.socket) -> None:
    """A body that never ends, as fast as it is read."""
    one.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        one.sendall(b"a" * 100_000)


def drip(one: socket.socket) -> None:
    """A header that never ends, a byte at a time."""
    one.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        one.sendall(b"a")
        time.sleep(0.02)


def say_nothing(one: socket.socket) -> None:
    one.recv(1_000_000)
    one.recv(1)


@pytest.mark.parametrize("server", [drip, say_nothing])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_drips_or_says_nothing_is_left_in_time(server: Callable[[socket.socket], None], scheme: str) -> None:
    with answering(server) as port:
        began = time.monotonic()
        answer = Client(is_inside_allowed=True, seconds=0.3).post(f"{scheme}://127.0.0.1:{port}/", {}, b"{}")
        assert answer.status is None and time.monotonic() - began < 5
        if server is drip and scheme == "http":
            assert answer.detail == "TimeoutError: no whole answer within 0.3 s"


def test_nobody_there_is_said() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        answer = Client(is_inside_allowed=True).post(f"http://127.0.0.1:{unheard.getsockname()[1]}/", {}, b"{}")
    assert answer.status is None and "ConnectionRefusedError" in answer.detail


def test_a_name_that_leads_inside_is_refused_and_nobody_there_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with answering(lambda one: heard.append(one.recv(1))) as port:
        for addresses in (["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"]):
            resolving(monkeypatch, dict.fromkeys(["pos.example"], addresses), [])
            answer = Client(is_inside_allowed=False).post(f"https://pos.example:{port}/", {}, b"{}")
            assert answer == Answer(None, Reason.WEBHOOK_URL_INSIDE)
        answer = Client(is_inside_allowed=False).post(f"https://127.0.0.1:{port}/", {}, b"{}")
        assert answer == Answer(None, Reason.WEBHOOK_URL_INSIDE)
    assert heard == []


def test_the_name_is_looked_up_once_and_its_certificate_must_be_that_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes what the name leads to between the look and the connection changes nothing."""
    asked: list[str] = []
    resolving(monkeypatch, {name: ["127.0.0.1"] for name in ("pos.example", "other.example")}, asked)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(CERTIFICATE)
    client = Client(is_inside_allowed=True, tls=ssl.create_default_context(cafile=CERTIFICATE))

    def over_tls(one: socket.socket) -> None:
        with theirs.wrap_socket(one, server_side=True) as stream:
            asked_for = b""
            while not asked_for.endswith(b"{}"):  # its head and its body may come one after the other
                asked_for += stream.recv(1_000_000)
            stream.sendall(FINE)

    for name, status in (("pos.example", 200), ("other.example", None)):
        with answering(over_tls) as port:
            answer = client.post(f"https://{name}:{port}/", {}, b"{}")
        assert answer.status == status
    assert "CERTIFICATE_VERIFY_FAILED" in answer.detail
    assert asked == ["pos.example", "other.example"]


def saying(raw: bytes) -> Callable[[socket.socket], None]:
    return lambda one: one.sendall(raw)


def resolving(monkeypatch: pytest.MonkeyPatch, leads: dict[str, list[str]], asked: list[str]) -> None:
    """What names lead to; addresses lead to themselves. `asked` gets the names."""
    real = socket.getaddrinfo

    def look(host: str, port: int, *more: Any, **named: Any) -> Any:  # noqa: ANN401 (the resolver's signature)
        if host not in leads:
            return real(host, port, *more, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in leads[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look)


@contextmanager
def answering(server: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers one connection at a time, at this port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                one, _ = listening.accept()
                with one:
                    server(one)
                    one.shutdown(socket.SHUT_WR)
                    while one.recv(65_536):
                        pass
            except OSError:
                if listening.fileno() < 0:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(10)
    assert not thread.is_alive()
