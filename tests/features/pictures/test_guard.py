"""Only public addresses, and what the shop allows, are ever connected to."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from features.errors import ConfigError, FetchRefusedError
from features.pictures import AddressGuard

PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> Callable[..., list[tuple[Any, ...]]]:
    """A resolver that finds these addresses for every host."""

    def resolve(host: str, port: int, *_: int) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return resolve


def connected_to(guard: AddressGuard, host: str = "shop.example", port: int = 443) -> list[str]:
    return [address[0] for _, address in guard.addresses(host, port)]


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"],
)
def test_the_public_web_is_open(address: str) -> None:
    assert connected_to(AddressGuard(resolve=resolving(address))) == [address]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:5db8:d70e::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    with pytest.raises(FetchRefusedError, match=r"shop\.example is not on the public web"):
        connected_to(AddressGuard(resolve=resolving(address)))


def test_a_private_address_among_public_ones_is_left_out() -> None:
    guard = AddressGuard(resolve=resolving("10.0.0.1", PUBLIC, "::1"))
    assert connected_to(guard) == [PUBLIC]


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
def test_odd_spellings_of_this_machine_are_refused(spelling: str) -> None:
    with pytest.raises(FetchRefusedError):
        AddressGuard().addresses(spelling, 80)


def test_a_network_may_be_allowed_on_every_port() -> None:
    guard = AddressGuard(["10.1.0.0/16"], resolving("10.1.2.3", "10.2.2.3", "::ffff:10.1.2.4"))
    assert connected_to(guard, port=5000) == ["10.1.2.3", "::ffff:10.1.2.4"]


@pytest.mark.parametrize("host", ["shop.internal", "Shop.Internal.", "SHOP.INTERNAL"])
def test_a_host_may_be_allowed_by_name(host: str) -> None:
    guard = AddressGuard([" Shop.internal. "], resolving("10.1.2.3"))
    assert connected_to(guard, host, 5000) == ["10.1.2.3"]


@pytest.mark.parametrize("host", ["www.shop.internal", "shop.internal.example", "internal"])
def test_a_name_allows_no_other_name(host: str) -> None:
    with pytest.raises(FetchRefusedError):
        AddressGuard(["shop.internal"], resolving("10.1.2.3")).addresses(host, 80)


@pytest.mark.parametrize("port", [22, 25, 6379, 9200, 0])
def test_only_ports_of_the_web_are_open(port: int) -> None:
    with pytest.raises(FetchRefusedError, match="80, 443, 8080, 8443"):
        connected_to(AddressGuard(resolve=resolving(PUBLIC)), port=port)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_ports_of_the_web_are_open(port: int) -> None:
    assert connected_to(AddressGuard(resolve=resolving(PUBLIC)), port=port) == [PUBLIC]


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "127.0.0.1:80", "https://x/", "", "a b", "*.x"])
def test_a_bad_entry_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match="neither a network"):
        AddressGuard([entry])


def test_an_impossible_name_is_refused() -> None:
    with pytest.raises(FetchRefusedError, match="no name of a host"):
        AddressGuard().addresses("a" * 64 + ".example", 80)
