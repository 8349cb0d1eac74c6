"""Shoppers' photos for a while, by token: another item of the same photo needs no second upload."""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Blueprint, Response, current_app

from features.disk import write_problem
from features.errors import PictureWriteError, VisualSearchError
from features.videos import is_video
from server.pictures.catalog import thumbnail
from server.services.loading import current_service, current_settings
from server.traffic.admission import take_turn

blueprint = Blueprint("photos", __name__)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_SIDE = 960
_SWEEP_SECONDS = 30.0
_WRITERS = 4


class PhotoGoneError(VisualSearchError):
    """No photo of that token: it expired, or never was."""

    code = "image_token_gone"


def is_token(text: str) -> bool:
    """Whether a photo could have this token."""
    return _TOKEN.fullmatch(text) is not None


class PhotoShelf:
    """Photos in a folder that all worker processes share; nothing but the token leads to one.

    A photo is deleted when it has expired, or when newer ones need its room.
    """

    def __init__(self, folder: Path, seconds: float, max_bytes: int) -> None:
        self._folder = folder
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._swept = -_SWEEP_SECONDS
        self._writers = ThreadPoolExecutor(_WRITERS, "keep-photo")

    def put(self, photo: bytes) -> str:
        """Keep a photo; its token cannot be guessed.

        Raises:
            PictureWriteError: it cannot be kept.
        """
        return self._published(self._write(photo))

    @contextmanager
    def keeping(self, photo: bytes) -> Iterator[Callable[[], str]]:
        """Write a photo while it is worked with; it has a token once what is given is called.

        Nothing stays of a photo that it is not called for. What is given raises what `put` does.
        """
        writing = self._writers.submit(self._write, photo)
        published = False

        def token() -> str:
            nonlocal published
            draft = writing.result()
            published = True
            return self._published(draft)

        try:
            yield token
        finally:
            if not published:
                with suppress(OSError, PictureWriteError):
                    writing.result().unlink()

    def _write(self, photo: bytes) -> Path:
        draft = self._folder / f".{secrets.token_urlsafe(24)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_bytes(photo)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise PictureWriteError(
                f"photos cannot be kept in {self._folder}: {write_problem(error)}; "
                "VISUAL_SEARCH_PHOTOS names another folder"
            ) from error
        return draft

    def _published(self, draft: Path) -> str:
        token = draft.name.removeprefix(".")
        with suppress(FileNotFoundError):  # newer photos needed its room already
            draft.replace(self._folder / token)
        if time.monotonic() - self._swept > _SWEEP_SECONDS:
            self.sweep()
        return token

    def get(self, token: str) -> bytes:
        """The photo of a token.

        Raises:
            PhotoGoneError: there is none (any more).
        """
        path = self._folder / token
        with suppress(OSError):
            if is_token(token) and not self._is_expired(path):
                return path.read_bytes()
        raise PhotoGoneError("This photo is no longer kept here; send it again.")

    def sweep(self) -> None:
        """Delete what has expired and, oldest first, what is above the room there is."""
        self._swept = time.monotonic()
        kept: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*"):
            with suppress(OSError):
                if self._is_expired(path):
                    path.unlink()
                else:
                    status = path.stat()
                    kept.append((status.st_mtime, status.st_size, path))
        room = self._max_bytes
        for _, size, path in sorted(kept, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)

    def sweep_regularly(self) -> None:
        """Sweep from now on in the background, so that photos go on time on a quiet server too."""

        def sweep_forever() -> None:
            while True:
                with suppress(OSError):
                    self.sweep()
                time.sleep(_SWEEP_SECONDS)

        threading.Thread(target=sweep_forever, name="sweep-photos", daemon=True).start()

    def _is_expired(self, path: Path) -> bool:
        """A photo of the future too: of a clock that was set back since."""
        return abs(time.time() - path.stat().st_mtime) > self._seconds


def current_shelf() -> PhotoShelf:
    """The running application's photos."""
    shelf: PhotoShelf = current_app.extensions["photos"]
    return shelf


@blueprint.get("/photos/<token>")
def photo(token: str) -> Response:
    """A shopper's own photo, or their video's best frame, small, for the page that shows it."""
    kept = current_shelf().get(token)
    take_turn()
    shown = current_service().watch(kept).still if is_video(kept) else kept
    small = thumbnail(shown, _SIDE, current_settings().limits)
    response = Response(small, mimetype="image/webp")
    response.cache_control.private = True
    response.cache_control.max_age = int(current_settings().photo_seconds)
    return response
