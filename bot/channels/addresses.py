"""A web address as a platform takes it: percent-encoded ASCII."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED = "%/:?#[]@!$&'()*+,;=~"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def encoded(address: str) -> str:
    """`address` with everything outside ASCII percent-encoded (the host in IDNA); empty where it is no address."""
    try:
        parts = urlsplit(address.strip())
        host = parts.netloc.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    except ValueError:
        return ""
    if not parts.scheme or " " in host:
        return ""
    path, query, fragment = (quote(_LONE_PERCENT.sub("%25", each), safe=_RESERVED) for each in parts[2:])
    return urlunsplit((parts.scheme.lower(), host, path, query, fragment))


def scheme(address: str) -> str:
    """The scheme in lower case; empty where there is none."""
    return address.partition(":")[0].lower() if ":" in address else ""


def is_loopback(address: str) -> bool:
    """Whether the address is on this very machine, as in the demo."""
    return urlsplit(address).hostname in _LOOPBACK
