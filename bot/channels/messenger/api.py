"""Requests to the Graph API through pymessenger: the one module that imports it.

Its `send_raw`, where every helper of its that works ends, is replaced: the original has no timeout, never raises, and
puts the token into the address, from where it reaches logs.
"""

from typing import Any

import requests
import urllib3.exceptions
from pymessenger.bot import Bot
from requests.adapters import HTTPAdapter

from bot.channels.answers import Answer
from bot.channels.delivery import DeliveryError
from bot.channels.messenger.errors import unknown
from core.reasons import Reason

_NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

CONNECTIONS = 32  # kept alive, for the threads that send at once


class Graph(Bot):  # type: ignore[misc]  # pymessenger has no types
    """One keep-alive session, shared by the threads of a process; made after a fork, not before."""

    def __init__(self, graph_url: str, token: str, app_secret: str, timeout: tuple[float, float]) -> None:
        super().__init__(token, app_secret=app_secret or None)
        self.graph_url = graph_url
        self._timeout = timeout
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        self._session.trust_env = False  # no proxy and no .netrc from the environment: settings say where to
        self._session.auth = self._sign

    def send_raw(self, payload: dict[str, Any]) -> Answer:
        """Ask the Send API; whatever it answers is the Answer.

        Raises:
            DeliveryError: no answer came.
        """
        kind = {} if "sender_action" in payload else {"messaging_type": "RESPONSE"}
        return self._request("POST", "/me/messages", {}, {**kind, **payload})

    def look_up(self, node: str, fields: str) -> Answer:
        """Ask for `fields` of a node of the graph.

        Raises:
            DeliveryError: no answer came.
        """
        return self._request("GET", f"/{node}", {"fields": fields}, None)

    def set_profile(self, fields: dict[str, Any]) -> Answer:
        """Set fields of the Page's Messenger profile; those that are not named stay.

        Raises:
            DeliveryError: no answer came.
        """
        return self._request("POST", "/me/messenger_profile", {}, fields)

    def clear_profile(self, names: list[str]) -> Answer:
        """Take fields of the Page's Messenger profile away.

        Raises:
            DeliveryError: no answer came.
        """
        return self._request("DELETE", "/me/messenger_profile", {}, {"fields": names})

    def _request(self, method: str, path: str, query: dict[str, str], body: dict[str, Any] | None) -> Answer:
        try:
            response = self._session.request(
                method,
                self.graph_url + path,
                params={**query, **self._proof},
                json=body,
                timeout=self._timeout,
                allow_redirects=False,
            )
            return Answer(response.status_code, response.headers, response.text)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            failure = _no_answer(error)
        raise failure  # outside the except block: requests' exceptions carry the request, and that the token

    @property
    def _proof(self) -> dict[str, str]:
        """appsecret_proof: hex HMAC-SHA256 of the token with the app secret; none without a secret."""
        return {name: value for name, value in self.auth_args.items() if name == "appsecret_proof"}

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.access_token}"
        return request


def _no_answer(error: Exception) -> DeliveryError:
    if _was_never_sent(error):
        return DeliveryError(
            Reason.CHANNEL_UNAVAILABLE, f"Messenger: no connection ({type(error).__name__})", may_retry=True
        )
    return unknown(f"Messenger: the connection broke, or no answer came in time ({type(error).__name__})")


def _was_never_sent(error: Exception) -> bool:
    """Whether it failed before the request went out: an address that cannot be, no connection, a bad certificate."""
    if isinstance(error, requests.exceptions.ConnectTimeout | ValueError):
        return True
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(error)
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), _NEVER_SENT)
