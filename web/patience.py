"""The web server's threads, which wait for no browser for ever.

A request holds its thread from its first byte to its last. A phone that loses the network in the middle of one says
goodbye to nobody; without a limit each such phone would take a thread away until the server is started anew. Whoever
sends a byte now and then is not stopped here: before a server that strangers reach belongs a proxy that takes whole
requests (docs/setting-up.md).
"""

import logging
import socket
import struct
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SILENCE = 30.0  # seconds in which nothing comes, or nothing more can be sent


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own threaded worker, whose connections end once nothing has moved on them for SILENCE."""

    def init_process(self) -> None:
        """Begin. That somebody fell silent is no error of ours, and takes no traceback."""
        self.log.error_log.addFilter(_is_news)
        super().init_process()

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 (gunicorn's connection, and what becomes of it)
        """Serve a request. The system keeps the time: the socket is a blocking one to all that read and write it."""
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, _timeval(SILENCE))
        return super().handle(conn)


def _timeval(seconds: float) -> bytes:
    """As C has it: whole seconds, and millionths of one."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
