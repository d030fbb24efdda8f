"""Requests to LINE through line-bot-sdk: the one module that imports it.

Importing it costs 1.5 s and 66 MB, so this module is loaded late, by the process that sends.

Bodies go through `call_api` as they are: the SDK's models drop fields they do not know, and text given as a dict.
"""

from typing import Any

import urllib3.exceptions
from linebot.v3.messaging import ApiClient, ApiException, Configuration

from bot.channels.answers import Answer
from bot.channels.delivery import DeliveryError
from core.reasons import Reason

_NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

CONNECTIONS = 32  # kept alive, for the threads that send at once


class Api:
    """One keep-alive client, shared by the threads of a process; made after a fork, not before."""

    def __init__(self, api_url: str, token: str, timeout: tuple[float, float]) -> None:
        configuration = Configuration(host=api_url, access_token=token)
        configuration.retries = False  # repeating is the outbox's work, and it alone knows the key
        configuration.connection_pool_maxsize = CONNECTIONS
        self._client = ApiClient(configuration)
        self._timeout = timeout

    def call(
        self,
        method: str,
        path: str,
        *,
        body: dict[str, Any] | bytes | None = None,
        headers: dict[str, str] | None = None,
        path_params: dict[str, str] | None = None,
    ) -> Answer:
        """Ask LINE; whatever it answers is the Answer.

        Raises:
            DeliveryError: no answer came, or none that can be read.
        """
        try:
            return self._ask(method, path, path_params, headers or {}, body)
        except urllib3.exceptions.HTTPError as error:
            failure = _no_answer(error)
        raise failure  # outside the except block: no exception of the client's, which knows the token, hangs on it

    def _ask(
        self,
        method: str,
        path: str,
        path_params: dict[str, str] | None,
        headers: dict[str, str],
        body: dict[str, Any] | bytes | None,
    ) -> Answer:
        try:
            response = self._client.call_api(
                path,
                method,
                path_params,
                header_params={"Content-Type": "application/json", **headers},
                body=body,
                response_types_map={},
                _request_timeout=self._timeout,
            )
        except ApiException as error:
            return _refused(error)
        except (UnicodeDecodeError, LookupError) as error:
            # The SDK decodes every body; a proxy's page in Big5 must not hide the status that came with it.
            inner = error.__context__
            return Answer(inner.status, inner.headers or {}) if isinstance(inner, ApiException) else Answer(200)
        return Answer(response.status_code, response.headers, response.raw_data)


def _refused(error: ApiException) -> Answer:
    if not error.status:  # the SDK's form of a TLS error
        raise urllib3.exceptions.SSLError(error.reason)
    return Answer(error.status, error.headers or {}, error.body or "")


def _no_answer(error: urllib3.exceptions.HTTPError) -> DeliveryError:
    never_sent = isinstance(error, _NEVER_SENT) or "CERTIFICATE_VERIFY_FAILED" in str(error)
    what = "no connection" if never_sent else "the connection broke, or no answer came in time"
    return DeliveryError(
        Reason.CHANNEL_UNAVAILABLE,
        f"LINE: {what} ({type(error).__name__})",
        may_retry=True,
        is_unknown=not never_sent,
    )
