"""Which addresses are public, and which are a way into the inside."""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_PUBLIC_V6 = IPv6Network("2000::/3")
# Public by their numbers, but tunnels into an IPv4 that is not looked at, or not for the Internet.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
_INSIDE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7"),
    )
)


def judged(address: Address) -> Address:
    """Return the address that a packet to this one reaches: IPv4 that is written as IPv6."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Say whether this is an ordinary host of the Internet, and nothing else."""
    reached = judged(address)
    if isinstance(reached, IPv6Address) and reached not in _PUBLIC_V6:
        return False
    return (
        reached.is_global
        and not reached.is_multicast
        and not reached.is_reserved
        and not any(reached in network for network in _NOT_PUBLIC)
    )


def is_inside(address: Address) -> bool:
    """Say whether this is a host of one's own: private or loopback. Not link-local, where clouds
    keep their keys."""
    reached = judged(address)
    return any(reached in network for network in _INSIDE)


def read_address(text: str) -> Address | None:
    """Return the address that a text is in its one usual spelling, else None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
