"""Photos that a shopper names by their address: fetched once, within the limits, not kept."""

import threading
from dataclasses import replace

from flask import current_app

from features.closing import Closing
from features.pictures import AddressGuard, Fetcher, FetchOptions, Vault
from server.config import Settings
from server.traffic.busy import UploadsBusyError

# A shopper waits, and may name any address: one short try.
_OPTIONS = FetchOptions(
    connect_timeout=3.0,
    read_timeout=5.0,
    total_timeout=10.0,
    retries=0,
    longest_wait=1.0,
    patience=1_000_000,
)
_AT_ONCE = 8  # each keeps a thread for as long as somebody else's server likes


class PhotosOfTheWeb(Closing):
    """Fetches photos, a few at a time. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """From public addresses, and those that the shop allows."""
        options = replace(_OPTIONS, max_bytes=settings.max_bytes)
        guard = AddressGuard(settings.allowed_hosts)
        self._fetcher = Fetcher(Vault(settings.photos), options, guard)
        self._room = threading.Semaphore(_AT_ONCE)

    def get(self, url: str) -> bytes:
        """The photo at an address.

        Raises:
            UploadsBusyError: too many are being fetched.
            PictureFetchError: one of its family.
            InvalidPictureError: it is larger than any limit.
        """
        if not self._room.acquire(blocking=False):
            raise UploadsBusyError("Too many photos are being fetched at once; try again soon.")
        try:
            return self._fetcher.download(url)
        finally:
            self._room.release()

    def close(self) -> None:
        """End what is under way."""
        self._fetcher.close()


def current_web() -> PhotosOfTheWeb:
    """What fetches photos for the running application."""
    web: PhotosOfTheWeb = current_app.extensions["web"]
    return web
