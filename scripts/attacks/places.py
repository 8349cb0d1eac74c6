"""Private places in every spelling that programs have been fooled with."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

# This machine, its networks, a carrier's, and where clouds tell machines their secrets.
PRIVATE_4 = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("100.64.0.1", "100.100.100.200", "169.254.169.254", "168.63.129.16", "192.0.0.192"),
)
PRIVATE_6 = (
    *("::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("2001:db8::1", "100::1", "64:ff9b:1::a00:1"),
)
NAMES = {
    "localhost": "127.0.0.1",
    "private.example": "10.0.0.1",
    "six.example": "::1",
    "mapped.example": "::ffff:169.254.169.254",
    "translated.example": "64:ff9b::7f00:1",
    "xn--bcher-kva.example": "192.168.1.1",
}
"""Names whose owners let them lead to private places."""
_MASK = 0xFFFFFFFF
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９。")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")


def private_hosts() -> Iterator[str]:
    """Every private place in every spelling, as it stands in an address."""
    for address in PRIVATE_4:
        yield from _spellings_4(address)
        yield from (f"[{other}]" for other in _inside_6(int(IPv4Address(address))))
    for address in PRIVATE_6:
        yield from (f"[{address}]", f"[{IPv6Address(address).exploded.upper()}]")
    yield from ("[fe80::1%25lo]", "[::1%25lo]")
    for name in NAMES:
        yield from (name, name.upper(), f"{name}.")


def _spellings_4(address: str) -> Iterator[str]:
    number = int(IPv4Address(address))
    parts = [int(part) for part in address.split(".")]
    yield from (address, f"{address}.", str(number), f"{number:#x}", f"{number:#X}", f"0{number:o}")
    yield from (f"0x00000000{number:x}", f"00000000{number:o}")
    yield ".".join(f"{part:#x}" for part in parts)
    yield ".".join(f"0{part:o}" for part in parts)
    yield ".".join(f"000{part:o}" for part in parts)
    yield f"{parts[0]}.{number & 0xFFFFFF}"
    yield f"{parts[0]}.{parts[1]}.{number & 0xFFFF}"
    yield f"{parts[0]:#x}.0{parts[1]:o}.{number & 0xFFFF}"
    yield "".join(f"%{ord(letter):02x}" for letter in address)
    yield from (address.translate(_FULL_WIDTH), address.translate(_CIRCLED))


def _inside_6(number: int) -> Iterator[str]:
    """The IPv6 addresses that stand for an IPv4 one, or lead to it."""
    high, low = number >> 16, number & 0xFFFF
    yield from (f"::ffff:{IPv4Address(number)}", f"::ffff:{high:x}:{low:x}")
    yield from (f"::{IPv4Address(number)}", f"::ffff:0:{high:x}:{low:x}")
    yield from (f"64:ff9b::{high:x}:{low:x}", f"64:ff9b:1::{high:x}:{low:x}")
    yield f"2002:{high:x}:{low:x}::1"
    hidden = number ^ _MASK
    yield f"2001:0:4136:e378:8000:63bf:{hidden >> 16:x}:{hidden & 0xFFFF:x}"
    yield f"fe80::5efe:{high:x}:{low:x}"
