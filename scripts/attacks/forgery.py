"""Server-side request forgery: addresses of pictures that lead where no picture is fetched from.

All goes through the true fetcher, and whatever it would reach listens on this machine.
"""

import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from features.errors import VisualSearchError
from features.pictures import AddressGuard, Fetcher, FetchOptions, Vault
from features.pictures.guard import Resolve, SocketAddress
from scripts.attacks.places import NAMES, private_hosts
from scripts.attacks.servers import Answer, serving
from scripts.attacks.tally import Tally

_ONCE = FetchOptions(
    connect_timeout=2,
    read_timeout=2,
    total_timeout=4,
    retries=0,
    first_wait=0.01,
    longest_wait=0.01,
    patience=1_000_000,
)
_SHOP, _PUBLIC = "shop.example", "93.184.215.14"
_OTHER_PORTS = (0, 1, 22, 23, 25, 53, 111, 389, 445, 3306, 5432, 6379, 9200, 11211, 27017, 65535)
_OTHER_SCHEMES = (
    *("file", "ftp", "sftp", "tftp", "gopher", "dict", "ldap", "ldaps", "jar", "netdoc", "data"),
    *("javascript", "unix", "http+unix", "ws", "smb", "php", "expect", "blob", "about", "HTTPX"),
)
Socket = tuple[Any, ...]


class _Watched(AddressGuard):
    """The true guard, and the hosts that it let through."""

    def __init__(self, allowed: Iterable[str], resolve: Resolve) -> None:
        super().__init__(allowed, resolve)
        self.passed: list[str] = []

    def addresses(self, host: str, port: int) -> list[SocketAddress]:
        """See `AddressGuard.addresses`."""
        found = super().addresses(host, port)
        self.passed.append(host)
        return found


def forged(hosts: Iterable[str] | None = None, allowed: Sequence[str] = ()) -> list[Tally]:
    """All kinds of such addresses.

    Args:
        hosts: private places; all that are known unless given.
        allowed: what the guard lets through, as a shop may set it.
    """
    places = list(private_hosts() if hosts is None else hosts)
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder))
        return [
            _direct(vault, places, allowed),
            _redirected(vault, places, allowed),
            _ports_and_schemes(vault),
            _rebound(vault, allowed),
        ]


def _direct(vault: Vault, places: Sequence[str], allowed: Sequence[str]) -> Tally:
    guard = _Watched(allowed, _resolve)
    with serving("127.0.0.1", _found) as victim:
        urls = [url for host in places for url in _urls(host, victim.server_port)]
        _ask(vault, guard, urls)
    return Tally("addresses of private places", len(urls), (*guard.passed, *victim.asked))


def _redirected(vault: Vault, places: Sequence[str], allowed: Sequence[str]) -> Tally:
    """A shop's server that sends on to private places: its name alone is allowed."""
    guard = _Watched([_SHOP, *allowed], _resolve)
    targets: dict[str, str] = {}

    def send_on(path: str) -> Answer:
        return 302, {"Location": targets.get(path, "/").encode().decode("latin-1")}, b""

    with serving("127.0.0.1", send_on) as shop:
        port = shop.server_port
        for host in places:
            for target in (*_urls(host, port), f"//{host}:{port}/a.png"):
                targets[f"/{len(targets)}"] = target
        _ask(vault, guard, [f"http://{_SHOP}:{port}{path}" for path in targets])
    through = [host for host in guard.passed if host != _SHOP]
    through += [f"{path}, asked of the shop" for path in shop.asked if path not in targets]
    through += [f"{path}, which was never asked" for path in set(targets) - set(shop.asked)]
    return Tally("redirects to them", len(targets), tuple(through))


def _ports_and_schemes(vault: Vault) -> Tally:
    guard = _Watched([], _resolve)
    urls = [f"http://public.example:{port}/a.png" for port in _OTHER_PORTS]
    urls += [f"{scheme}://public.example/a.png" for scheme in _OTHER_SCHEMES]
    urls += [f"{scheme}:///etc/passwd" for scheme in _OTHER_SCHEMES]
    urls += ["/etc/passwd", "//127.0.0.1/", "127.0.0.1", "http:127.0.0.1", "http:/127.0.0.1/", ""]
    _ask(vault, guard, urls)
    return Tally("other ports and schemes", len(urls), tuple(guard.passed))


def _rebound(vault: Vault, allowed: Sequence[str]) -> Tally:
    """Names that lead to a good place when they are looked at, and then to a private one."""
    good, bad = "127.0.0.1", "127.0.0.2"  # the guard knows the first alone
    orders = (
        [good, bad],
        [good, good, bad],
        [bad, good],
        [f"{bad} {good}"],
        [f"{good} {bad}", bad],
    )
    with serving(good, _sending_home) as shop, serving(bad, _found, shop.server_port) as victim:
        urls = [f"http://rebinding.example:{shop.server_port}/{path}" for path in ("a", "moved")]
        for order in orders:
            _ask(vault, AddressGuard([good, *allowed], _answering(order)), urls * 2)
    through = victim.asked if shop.asked else ["nothing was asked at all"]
    return Tally("names that change (DNS rebinding)", 4 * len(orders), tuple(through))


def _sending_home(path: str) -> Answer:
    """The shop's: one address that sends on to the same name."""
    return (302, {"Location": "/b"}, b"") if path == "/moved" else (404, {}, b"")


def _found(_: str) -> Answer:
    return 200, {}, b""


def _answering(order: Sequence[str]) -> Callable[..., Sequence[Socket]]:
    """A resolver that gives one answer after the other, the last one for ever."""
    waiting = list(order)

    def resolve(_: str, port: int, *__: int) -> Sequence[Socket]:
        addresses = (waiting.pop(0) if len(waiting) > 1 else waiting[0]).split()
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    return resolve


def _urls(host: str, port: int) -> Iterator[str]:
    for authority in (host, f"{host}:{port}", f"{host}:8080", f"{_SHOP}@{host}:{port}"):
        yield f"http://{authority}/a.png"
    yield f"https://{host}/a.png"
    yield f"HTTP://{host}:{port}/latest/meta-data"


def _resolve(host: str, port: int, *options: int) -> Sequence[Socket]:
    """Numbers as the system reads them, and names from a table: nobody is asked for them."""
    name = host.rstrip(".").lower()
    known = {**NAMES, _SHOP: "127.0.0.1", "public.example": _PUBLIC}
    flags = socket.AI_NUMERICHOST
    return socket.getaddrinfo(known.get(name, host), port, 0, socket.SOCK_STREAM, 0, flags)


def _ask(vault: Vault, guard: AddressGuard, urls: Iterable[str]) -> None:
    """Fetch them; what the guard and the victims see of it counts, not what it comes to."""
    with Fetcher(vault, _ONCE, guard) as fetcher:
        for url in urls:
            with suppress(VisualSearchError):
                fetcher.get(url)
