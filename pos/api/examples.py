"""How an operation is asked for, in curl and in Python. The tests run what stands here."""

import json
from typing import Any

from pos.api.operations import Operation
from web.problems import API

KEY = "tessera_1a2b3c4d_the-rest-of-your-key"
BODIES: dict[str, dict[str, Any]] = {
    "look_up": {"entered": "TEA-0001"},
    "verify": {"entered": "TEA-0001", "device_at": "2026-12-01T12:05:00+08:00"},
    "use": {"entered": "7K3M-9QXA"},
    "undo": {"reference": "7K3M-9QXA", "reason": "wrong customer"},
    "upload": {
        "verifications": [
            {
                "nonce": "5b1f0a52-8a43-4b7e-9d0e-6f2d8f4f3c11",
                "entered": "TEA-0001",
                "device_at": "2026-12-01T12:05:00+08:00",
            }
        ]
    },
}


def request(operation: Operation) -> dict[str, Any]:
    """A body that the operation takes."""
    return BODIES[operation.name]


def curl(operation: Operation, server: str) -> str:
    """The request on a command line."""
    lines = [f"curl {server}{API}{operation.path}", f"  -H 'Authorization: Bearer {KEY}'"]
    if operation.body:
        lines += [
            "  -H 'Content-Type: application/json'",
            '  -H "Idempotency-Key: $(od -An -N16 -tx1 /dev/urandom | tr -d " \\n")"',  # what every system has
            f"  -d '{json.dumps(request(operation))}'",
        ]
    return " \\\n".join(lines)


def python(operation: Operation, server: str) -> str:
    """The request with the library requests."""
    url = f'"{server}{API}{operation.path}"'
    if not operation.body:
        return f"""import requests

key = "{KEY}"
headers = {{"Authorization": f"Bearer {{key}}"}}
answer = requests.get({url}, headers=headers, timeout=10)
print(answer.status_code, answer.json())
"""
    return f"""import uuid

import requests

key = "{KEY}"
headers = {{"Authorization": f"Bearer {{key}}", "Idempotency-Key": str(uuid.uuid4())}}
body = {_written(request(operation))}
answer = requests.post({url}, json=body, headers=headers, timeout=10)
print(answer.status_code, answer.json())
"""


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=4)
