"""`python -m bench.line PORT`: LINE as a bench needs it, which takes any message and remembers when it came.

As small as can be, so that it takes little of the machine that is measured. GET /arrivals tells, in monotonic seconds,
when a message came by which reply token, and forgets.
"""

import asyncio
import json
import re
import sys
import time

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
REPLY, PUSH = b"/v2/bot/message/reply", b"/v2/bot/message/push"
SENT = {"sentMessages": [{"id": "1"}]}
PROFILE = {"userId": "U", "displayName": "Mei", "language": "zh-TW"}

arrivals: dict[str, float] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's requests."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            found = LENGTH.search(head)
            body = await reader.readexactly(int(found[1])) if found else b""
            answer = json.dumps(_answer(head.split(b" ", 2)[1], body)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
    except (EOFError, OSError):
        writer.close()


def _answer(path: bytes, body: bytes) -> object:
    if path == b"/arrivals":
        told = dict(arrivals)
        arrivals.clear()
        return told
    if path not in {REPLY, PUSH}:
        return PROFILE
    message = json.loads(body)
    arrivals.setdefault(message.get("replyToken") or message["to"], time.monotonic())
    return SENT


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
