"""Which machines may be connected to: the public web, and what the shop allows by name."""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from features.errors import ConfigError, FetchRefusedError

_PORTS = frozenset({80, 443, 8080, 8443})

# The IANA special-purpose address registries: this machine, its networks, carriers' networks,
# multicast, documentation, benchmarks, reserved. Azure answers machines it hosts at 168.63.129.16.
_NOT_PUBLIC_4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Public IPv6 is one block; within it lie Teredo (in 2001::/23) and 6to4 (2002::/16), which lead
# to any IPv4 address and serve no pictures, and documentation.
_PUBLIC_6 = ip_network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64 = ip_network("64:ff9b::/96")

Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""
SocketAddress = tuple[socket.AddressFamily, tuple[Any, ...]]
"""What a socket connects to: a family and an address of that family."""


class AddressGuard:
    """Resolves names of hosts and lets through only addresses that may be connected to.

    Whoever connects has to use the very addresses that are returned: a second resolution may
    give others. Numbers in odd spellings (octal, one large one) are resolved like names.
    """

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve = socket.getaddrinfo) -> None:
        """Allow more than the public web.

        Args:
            allowed: networks ("10.1.0.0/16", "127.0.0.1") and names of hosts ("shop.internal")
                that may be connected to on every port although they are not public.
            resolve: finds the addresses of a host.

        Raises:
            ConfigError: an entry is neither a network nor the name of a host.
        """
        entries = [entry.strip().rstrip(".").lower() for entry in allowed]
        networks = {entry: _network(entry) for entry in entries}
        self._hosts = frozenset(entry for entry, network in networks.items() if network is None)
        self._networks = tuple(network for network in networks.values() if network is not None)
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[SocketAddress]:
        """Where to connect for a host, best first.

        Raises:
            FetchRefusedError: none of its addresses may be connected to.
            OSError: it has no address.
        """
        try:
            found = self._resolve(host, port, 0, socket.SOCK_STREAM)
        except UnicodeError as error:
            raise FetchRefusedError(f"{host!r} is no name of a host; correct it") from error
        trusted = host.rstrip(".").lower() in self._hosts
        open_to_all = port in _PORTS
        passed = [
            (family, address)
            for family, _, _, _, address in found
            if trusted or self._passes(address[0], open_to_all)
        ]
        if not passed:
            raise FetchRefusedError(_refusal(host, port, [entry[4][0] for entry in found]))
        return passed

    def _passes(self, address: str, open_to_all: bool) -> bool:
        ip = _unwrapped(address)
        return any(ip in network for network in self._networks) or (open_to_all and _is_public(ip))


def _network(entry: str) -> Any | None:  # noqa: ANN401 - IPv4Network or IPv6Network
    """The network that an entry names, None for the name of a host."""
    try:
        return ip_network(entry, strict=False)
    except ValueError as error:
        if not entry or set(entry) & set("/:@ *"):
            raise ConfigError(
                f"{entry!r} is neither a network (10.1.0.0/16) nor the name of a host "
                "(shop.internal)"
            ) from error
        return None


def _unwrapped(address: str) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that only stands for it."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if ip.version == 4:
        return not any(ip in network for network in _NOT_PUBLIC_4)
    return ip in _PUBLIC_6 and not any(ip in network for network in _NOT_PUBLIC_6)


def _refusal(host: str, port: int, addresses: Sequence[str]) -> str:
    if any(_is_public(_unwrapped(address)) for address in addresses):
        return (
            f"{host} is asked for at port {port}; pictures are fetched from the ports "
            f"{', '.join(map(str, sorted(_PORTS)))} only, unless the host is allowed by name"
        )
    return (
        f"{host} is not on the public web, so nothing is fetched from there; if it is the shop's "
        "own server, allow it by name: --allow-host, or VISUAL_SEARCH_ALLOWED_HOSTS"
    )
