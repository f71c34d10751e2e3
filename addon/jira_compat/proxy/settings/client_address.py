"""The client's address behind trusted balancers."""

import ipaddress
from collections.abc import Iterable

from jira_compat.model import Header

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks, read.

    Raises:
        ValueError: One of them is neither.
    """
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not an address; write one like '10.0.0.1' or '10.0.0.0/24'") from None


def client_address(peer: str, headers: Iterable[Header], trusted: tuple[Network, ...]) -> str:
    """The nearest address that is not a trusted balancer's; a client could have written all before that.

    Args:
        peer: Who has connected.
        headers: Of the request; each balancer appends to ``X-Forwarded-For`` whom it was connected to.
        trusted: The balancers.
    """
    if not trusted:
        return peer
    named = [part for name, value in headers if name.lower() == b"x-forwarded-for" for part in value.split(b",")]
    while named and is_trusted(peer, trusted):
        found = read_address(named.pop().strip().decode("latin-1"))
        if found is None:
            break
        peer = str(found)
    return peer


def is_trusted(peer: str, trusted: tuple[Network, ...]) -> bool:
    """Return whether an address is a trusted balancer's."""
    return bool(trusted) and any(read_address(peer) in network for network in trusted)


def read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; ``None`` if it is none. One of IPv4 in the guise of IPv6 is read as what it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
