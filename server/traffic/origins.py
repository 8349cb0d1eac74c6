"""Origins as browsers send them: a scheme, a host, maybe a port, all in small letters."""

import re

from features.errors import ConfigError

_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def checked_origin(text: str) -> str:
    """An origin as it stands in the header `Origin`; a slash at its end is none of it.

    Raises:
        ConfigError: it is none, or one that no browser would send.
    """
    parts = _ORIGIN.fullmatch(text.lower())
    if parts is None:
        raise ConfigError(
            f"{text!r} is no origin; write scheme and host alone: https://shop.example "
            "(letters beyond a to z as xn--...)"
        )
    scheme, host, port = parts.groups()
    shown = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{int(port)}"
    return f"{scheme}://{host}{shown}"
