"""Where calls may go: what a deployer has set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from django.conf import settings

from .addresses import Address, Network, is_inside, is_public, judged, read_address
from .errors import Refused
from .urls import Url

DEFAULT_PORTS = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Policy:
    """`inside_hosts` and `networks` may be private. `public_hosts`: where there are any, no others
    can be called; `.example.com` stands for every host below it."""

    inside_hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    public_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = DEFAULT_PORTS

    def check_url(self, url: Url) -> None:
        """Refuse hosts and ports that are not on the lists, before any name is looked up.

        Raises:
            Refused: it is not allowed.
        """
        if url.port not in self.ports:
            raise Refused(f"The port {url.port} may not be called (GOFLOW_OUTBOUND_PORTS).")
        address = read_address(url.host)
        if address is not None:
            self.check_address(url, address)
        if not self.public_hosts or url.host in self.inside_hosts or self._is_listed(url.host):
            return
        if address is None or not self._is_in_networks(address):
            raise Refused(
                f"{url.host} is not among the hosts that may be called (GOFLOW_OUTBOUND_HOSTS)."
            )

    def check_address(self, url: Url, address: Address) -> None:
        """Refuse an address to which the name of the host has led.

        Raises:
            Refused: it is not public, and not named as one's own.
        """
        if is_public(address) or self._is_in_networks(address):
            return
        if url.host in self.inside_hosts and is_inside(address):
            return
        raise Refused(
            f"{url.host} leads to {address}, which is not a public address "
            "(GOFLOW_OUTBOUND_ALLOW names exceptions)."
        )

    def _is_in_networks(self, address: Address) -> bool:
        reached = judged(address)
        return any(address in network or reached in network for network in self.networks)

    def _is_listed(self, host: str) -> bool:
        return any(
            host == entry or (entry.startswith(".") and host.endswith(entry))
            for entry in self.public_hosts
        )


def policy_from_settings() -> Policy:
    hosts, networks = _split(getattr(settings, "GOFLOW_OUTBOUND_ALLOW", []))
    ports = getattr(settings, "GOFLOW_OUTBOUND_PORTS", None)
    return Policy(
        inside_hosts=hosts,
        networks=networks,
        public_hosts=frozenset(
            entry.strip().lower() for entry in getattr(settings, "GOFLOW_OUTBOUND_HOSTS", [])
        ),
        ports=DEFAULT_PORTS if ports is None else frozenset(int(port) for port in ports),
    )


def _split(entries: Iterable[str]) -> tuple[frozenset[str], tuple[Network, ...]]:
    hosts: set[str] = set()
    networks: list[Network] = []
    for entry in entries:
        try:
            networks.append(ip_network(entry.strip(), strict=False))
        except ValueError:
            hosts.add(entry.strip().lower())
    return frozenset(hosts), tuple(networks)
