"""Addresses on the web, as they are asked for and as they may be shown."""

from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from features.errors import FetchRefusedError

_PORTS = {"http": 80, "https": 443}
_LONGEST_HOST = 253  # RFC 1035, written as text


@dataclass(frozen=True)
class WebAddress:
    """A URL in its parts; names of hosts and paths are encoded as HTTP wants them.

    `host` has no brackets around an IPv6 address; `target` is the path and the query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self._authority}{self.target}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a connection belongs to."""
        return self.scheme, self.host, self.port

    def joined(self, location: str) -> "WebAddress":
        """The address that a redirect leads to.

        Raises:
            FetchRefusedError: it is none that may be fetched.
        """
        return parse_address(urljoin(self.url, _as_sent(location)))

    def __str__(self) -> str:
        """The address without its query, which may hold a key."""
        return f"{self.scheme}://{self._authority}{self.target.partition('?')[0]}"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_address(url: str) -> WebAddress:
    """Take a URL apart. Spaces, letters of any language and stray signs are encoded.

    Raises:
        FetchRefusedError: not http or https, no host, a malformed one, or a password inside.
    """
    try:
        parts = parse_url(url.strip())
    except (LocationParseError, ValueError) as error:
        raise FetchRefusedError(f"{_shown(url)} is no valid address; correct it") from error
    if parts.scheme not in _PORTS:
        raise FetchRefusedError(
            f"{_shown(url)} is no address that pictures are fetched from; it has to start with "
            "https:// or http://"
        )
    if parts.auth is not None:
        raise FetchRefusedError(
            f"the address of a picture on {parts.host} holds a user name or password; remove it"
        )
    host = (parts.host or "").strip("[]")
    if not host.strip(".") or len(host.removesuffix(".")) > _LONGEST_HOST:
        raise FetchRefusedError(f"{_shown(url)} names no host; correct the address")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return WebAddress(parts.scheme, host, port, parts.request_uri)


def shown_address(url: str) -> str:
    """An address, well-formed or not, without the query, which may hold a key."""
    try:
        return str(parse_address(url))
    except FetchRefusedError:
        return _shown(url)


def _shown(url: str) -> str:
    """A malformed address without what may be secret: everything up to an @, and the query."""
    scheme, separator, rest = url.strip().partition("://")
    authority, slash, path = rest.partition("/")
    bare = f"{authority.rpartition('@')[2]}{slash}{path}"
    return repr(f"{scheme}{separator}{bare}".partition("?")[0][:200])


def _as_sent(location: str) -> str:
    """Headers are read as Latin-1; what was sent as UTF-8 becomes that again."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location
