"""Where requests are counted, by the settings."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from limits.errors import ConfigurationError

from features.errors import ConfigError
from server.access.counting import LOCKED_MEMORY
from server.access.sharing import shared_uri

_SETTING = "VISUAL_SEARCH_RATE_STORAGE"
_MEMORY, _REDIS = "memory://", "redis"
_PASSWORD = re.compile("//.*@")


def storage_uri(configured: str) -> str:
    """What `limits` makes the storage of."""
    return LOCKED_MEMORY if configured == _MEMORY else shared_uri(configured)


@contextmanager
def naming_refusals(configured: str) -> Iterator[None]:
    """Make the storage inside; what is told of one that there is not is free of its password.

    Raises:
        ConfigError: there is no such storage, or the package that it needs is not installed.
    """
    named = f"{_SETTING} is {_PASSWORD.sub('//***@', configured)!r}"
    if configured.startswith(_REDIS) and find_spec(_REDIS) is None:
        raise ConfigError(
            f"{named}, which needs the package redis: pip install -r requirements.txt"
        )
    try:
        yield
    except (ConfigurationError, ValueError) as error:
        raise ConfigError(f"{named}; it must be {_MEMORY} or redis://HOST") from error
