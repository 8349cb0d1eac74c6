"""Photos that a shopper names by their address: fetched once, within the limits, not kept."""

from dataclasses import replace

from flask import current_app

from features.pictures import AddressGuard, Fetcher, FetchOptions, Vault
from server.config import Settings
from server.services.loading import current_settings

# A shopper waits, and may name any address: one short try.
_OPTIONS = FetchOptions(
    connect_timeout=3.0, read_timeout=5.0, total_timeout=10.0, retries=0, patience=1_000_000
)


def open_web(settings: Settings) -> Fetcher:
    """What fetches photos, from public addresses and those that the shop allows."""
    options = replace(_OPTIONS, max_bytes=settings.max_bytes)
    return Fetcher(Vault(settings.photos), options, AddressGuard(settings.allowed_hosts))


def current_web() -> Fetcher:
    """The running application's fetcher of photos."""
    if "web" not in current_app.extensions:
        current_app.extensions["web"] = open_web(current_settings())
    web: Fetcher = current_app.extensions["web"]
    return web
