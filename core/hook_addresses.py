"""Where outgoing webhooks may go: anywhere outside. What is within the shop's own network is for nobody to reach so.

An owner names the address, and what is sent there is answered: without this the server could be made to ask machines
that only it can reach (OWASP: Server-Side Request Forgery).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from core.reasons import Reason

LONGEST_URL = 500
GIVEN_OUT = IPv6Network(
    "2000::/3"
)  # all that IANA has given out of IPv6; what lies elsewhere leads inside, if anywhere
TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last four bytes


def refusal(url: str, *, is_inside_allowed: bool) -> Reason | None:
    """Why nothing can be sent to this URL, as far as can be told without asking for its address.

    https only; http as well where the inside is allowed.
    """
    parts = _parts(url)
    if parts is None or len(url) > LONGEST_URL:
        return Reason.WEBHOOK_URL_MALFORMED
    if parts.scheme != "https" and not is_inside_allowed:
        return Reason.WEBHOOK_URL_NOT_HTTPS
    try:
        is_inside = not is_outside(parts.hostname or "")
    except ValueError:  # a name, of which is known where it leads once it is sent to
        is_inside = (parts.hostname or "").rstrip(".").endswith("localhost")
    return Reason.WEBHOOK_URL_INSIDE if is_inside and not is_inside_allowed else None


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    return parts if is_whole and is_plain and parts.username is None and not parts.fragment else None


def shown(url: str) -> str:
    """The URL for others than owners to read: what lies behind the host often is the only secret of whoever hears."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" + ("…" if parts.path.strip("/") or parts.query else "")


def is_outside(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet can reach.

    Raises:
        ValueError: it is no IP address.
    """
    found = _within(ip_address(address))
    is_anywhere = isinstance(found, IPv4Address) or found in GIVEN_OUT
    return is_anywhere and found.is_global and not found.is_multicast


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if not isinstance(address, IPv6Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
