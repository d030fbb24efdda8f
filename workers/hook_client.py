"""A request to an endpoint of outgoing webhooks, which an owner named and nobody has checked.

Its name is asked for once, every address that comes is looked at (`core.hook_addresses`), and the connection goes to
one of these: who asked again would be told another one. Nothing is followed, no proxy and no cookie is known, and after
10 seconds the connection is cut, whatever drips out of it. So it is Python's own `http.client` on a socket of ours;
urllib3 and requests, by which platforms are asked, look names up by themselves.

One thing has no limit of ours: how long the system's resolver takes to ask for a name.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Self
from urllib.parse import urlsplit

from bot.storable import storable
from core import clock, hook_addresses
from core.hook_deliveries import Answer
from core.reasons import Reason

SECONDS = 10.0
AGENT = "Tessera-Webhooks/1"
READ = 1_000  # bytes of an answer's body, for people to see what was wrong
SHOWN = 200  # characters of it, or of what is no answer, which can quote 65,536


class RefusedError(Exception):
    """Nothing is sent there."""


class Client:
    """Sends bodies to endpoints; shared by threads."""

    def __init__(self, *, is_inside_allowed: bool, seconds: float = SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._is_inside_allowed = is_inside_allowed
        self._seconds = seconds
        self._tls = tls or ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the body; whatever comes of it is the Answer."""
        try:
            return self._post(url, headers, body)
        except RefusedError as error:
            return Answer(None, str(error))
        except (OSError, HTTPException, UnicodeError, ValueError) as error:  # UnicodeError: a name that cannot be one
            return Answer(None, storable(f"{type(error).__name__}: {error}"[:SHOWN]))

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        host, is_https = parts.hostname or "", parts.scheme == "https"
        if reason := hook_addresses.refusal(url, is_inside_allowed=self._is_inside_allowed):
            raise RefusedError(reason)
        port = parts.port or (443 if is_https else 80)
        addresses = self._addresses(host, port)
        told = {"Host": parts.netloc, "Content-Type": "application/json", "User-Agent": AGENT, "Connection": "close"}
        connection = HTTPConnection(host, port)
        with _Deadline(self._seconds) as deadline:
            try:
                plain = _connected(addresses, port, deadline)
                connection.sock = self._wrapped(plain, host, deadline) if is_https else plain
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", target, body, {**told, **headers})
                with connection.getresponse() as response:
                    answer = _answer(response)
            except (OSError, HTTPException):
                if not deadline.is_over:
                    raise
            finally:
                connection.close()
            if deadline.is_over:  # what was cut can look like a whole answer: the end of headers is the end
                raise TimeoutError(f"no whole answer within {self._seconds:g} s")
            return answer

    def _addresses(self, host: str, port: int) -> list[str]:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._is_inside_allowed and not all(map(hook_addresses.is_outside, found)):
            raise RefusedError(Reason.WEBHOOK_URL_INSIDE)
        return found

    def _wrapped(self, plain: socket.socket, host: str, deadline: "_Deadline") -> socket.socket:
        stream = self._tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        deadline.hold(stream)
        stream.do_handshake()
        return stream


class _Deadline:
    """Cuts the connection that it holds once the time is over, wherever in it somebody waits."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        if self._held:
            self._held.close()

    @property
    def left(self) -> float:
        """Seconds; a little where there are none, as 0 would mean something else to a socket."""
        return max(0.001, self._ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether it is cut, or about to be."""
        return time.monotonic() >= self._ends_at

    def hold(self, held: socket.socket) -> None:
        """Cut this one from now on."""
        held.settimeout(self.left)
        self._held = held

    def _cut(self) -> None:
        if self._held:
            with suppress(OSError):  # not TLS' own, which would take its state from under whoever reads
                socket.socket.shutdown(self._held, socket.SHUT_RDWR)


def _connected(addresses: list[str], port: int, deadline: _Deadline) -> socket.socket:
    """A connection to the first of these that takes one."""
    for index, address in enumerate(addresses):
        try:
            made = socket.create_connection((address, port), deadline.left)
        except OSError:
            if index == len(addresses) - 1 or deadline.is_over:
                raise
        else:
            deadline.hold(made)
            return made
    raise OSError("the name has no address")


def _answer(response: HTTPResponse) -> Answer:
    detail = storable(response.read(READ).decode("utf-8", "replace"))[:SHOWN]
    return Answer(response.status, " ".join(detail.split()), _retry_after(response.getheader("Retry-After", "")))


def _retry_after(told: str) -> float | None:
    """The seconds that are asked for, whether as a number or as a date; RFC 9110, 10.2.3."""
    try:
        at = parsedate_to_datetime(told) if "," in told else None
        seconds = float(told) if at is None else (at - clock.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
