"""Small copies of the catalogue's pictures: made when first asked for, kept while there is room."""

import io
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from flask import current_app

from features.disk import write_problem
from features.images import PictureLimits, decode

WIDTHS = (160, 320, 480, 640, 960)
KINDS = {"image/webp": "WEBP", "image/jpeg": "JPEG"}
# Part of every name: raise it when thumbnails are made in another way.
FORM = 1

_TALLEST = 3  # times the width
_OPTIONS: dict[str, dict[str, int]] = {
    "WEBP": {"quality": 80, "method": 4},
    "JPEG": {"quality": 85},
}
_SWEPT_TO = 0.9  # of the room, so that not every new one sweeps
_SWEEP_SHARE = 0.05  # of the room, written by one process
_TOUCH_SECONDS = 3_600.0
_DIGEST = re.compile(r"[0-9a-f]{32}(?=-)")
_log = logging.getLogger(__name__)


def make_thumbnail(data: bytes, width: int, mimetype: str, limits: PictureLimits) -> bytes:
    """A picture no wider than `width` pixels, in one of `KINDS`; never larger than it is.

    Raises:
        InvalidPictureError: the picture cannot be used.
    """
    image = decode(data, limits, detail=width)
    image.thumbnail((width, _TALLEST * width))
    buffer = io.BytesIO()
    form = KINDS[mimetype]
    image.save(buffer, form, **_OPTIONS[form])
    return buffer.getvalue()


class ThumbnailShelf:
    """Thumbnails in a folder that all worker processes share, within `max_bytes` or little more.

    A folder that cannot be written costs time, not answers.
    """

    def __init__(self, folder: Path, max_bytes: int, owner: str = "") -> None:
        """Nothing is read or made yet.

        Args:
            owner: whose pictures these are, where several shops share the folder; see `owner_of`.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._prefix = f"{owner}-" if owner else ""
        self.note = folder / f".swept-{owner}"
        """Where those who delete what left write down how far they are."""
        self._written = max_bytes  # what earlier processes left is swept with the first one

    def get(self, name: str) -> bytes | None:
        """The thumbnail of that name, if it is kept."""
        path = self._path(name)
        with suppress(OSError):
            data = path.read_bytes()
            if time.time() - path.stat().st_mtime > _TOUCH_SECONDS:
                os.utime(path)  # used: others go first
            return data
        return None

    def made_once(self, name: str, make: Callable[[], tuple[bytes, bool]]) -> tuple[bytes, bool]:
        """The thumbnail of that name, and whether it is what the name says.

        Args:
            make: makes it where none is kept, and says that; else it is not kept.
        """
        kept = self.get(name)
        if kept is not None:
            return kept, True
        made, is_true = make()
        if is_true:
            self.put(name, made)
        return made, is_true

    def put(self, name: str, data: bytes) -> None:
        """Keep a thumbnail. Names are made here, of a picture's hash; never of a request."""
        path = self._path(name)
        draft = path.with_name(f".{name}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_bytes(data)
            draft.replace(path)
            self._written += len(data)
            if self._written > _SWEEP_SHARE * self._max_bytes:
                self.sweep()
        except OSError as error:
            _log.warning("the thumbnails cannot be kept: %s", write_problem(error))
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Where there is not room enough, delete those that were not used for longest."""
        self._written = 0
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        excess = sum(size for _, size, _ in found) - self._max_bytes
        if excess <= 0:
            return
        excess += int((1 - _SWEPT_TO) * self._max_bytes)
        for _, size, path in sorted(found):
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size

    def digests(self) -> set[str]:
        """The pictures that something is kept of."""
        names = (path.name for path in self._folder.glob(f"[0-9a-f][0-9a-f]/{self._prefix}*"))
        found = (_DIGEST.match(name, len(self._prefix)) for name in names)
        return {match[0] for match in found if match}

    def discard(self, digests: Iterable[str]) -> None:
        """Delete all that is kept of some pictures."""
        for digest in digests:
            for path in self._path(digest).parent.glob(f"{self._prefix}{digest}-*"):
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{self._prefix}{name}"


def owner_of(store: Path) -> str:
    """The same for all that serve one catalogue from this machine."""
    return blake2b(os.fsencode(store.resolve()), digest_size=8).hexdigest()


def current_thumbnails() -> ThumbnailShelf:
    """The running application's thumbnails."""
    shelf: ThumbnailShelf = current_app.extensions["thumbnails"]
    return shelf
