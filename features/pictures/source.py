"""The one door from a picture's location to its bytes, wherever it lies."""

from contextlib import suppress
from pathlib import Path

from features.errors import PictureNotFoundError, PictureTooLargeError, RemotePictureError
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash
from features.pictures.address import shown_address
from features.pictures.base import PictureRoot, is_url
from features.pictures.fetching import Fetcher
from features.pictures.folder import PictureFolder
from features.pictures.vault import Vault
from features.types import GalleryPicture

_UPLOAD = "upload:"


def upload_location(digest: str) -> str:
    """The location of a picture that was sent to this service and lies in its vault."""
    return f"{_UPLOAD}{digest}"


class PictureSource:
    """Pictures of a catalogue: on the web, uploaded, or below the catalogue's own root."""

    def __init__(
        self,
        root: PictureRoot | None = None,
        vault: Vault | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        """Read from what there is.

        Args:
            root: where paths start; None for a catalogue that came without pictures.
            vault: holds uploads, and keeps copies of what is later not there any more.
            fetcher: gets pictures by URL.
        """
        self._root = root
        self._vault = vault
        self._fetcher = fetcher

    @property
    def folder(self) -> Path | None:
        """The folder where paths start, if they do in a folder."""
        return self._root.folder if isinstance(self._root, PictureFolder) else None

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureNotFoundError: there is none, or no way to it.
            PictureFetchError: it is on the web and could not be had.
            PictureTooLargeError: it is above the byte limit.
            PictureWriteError: it had to be kept and could not be.
        """
        if is_url(location):
            return self._fetched(location, limits)
        if location.startswith(_UPLOAD):
            return self._uploaded(location, limits)
        root = self._rooted(location)
        data = root.read(location, limits)
        if not root.permanent and self._vault is not None:
            self._vault.put(data)
        return data

    def file(self, location: str) -> Path | None:
        """The file of a picture or video below a root that is a folder; None of any other.

        Raises:
            PictureNotFoundError: the location leads out of the folder.
        """
        if is_url(location) or location.startswith(_UPLOAD):
            return None
        return self._root.file(location) if isinstance(self._root, PictureFolder) else None

    def keep(self, data: bytes) -> None:
        """Keep a picture that lies nowhere yet, as the still of a video; else nothing shows it.

        Raises:
            PictureWriteError: it cannot be kept.
        """
        if self._vault is not None:
            self._vault.put(data)

    def stamp(self, location: str) -> str | None:
        """A text that is another one where the bytes may have changed; nothing is read or asked.

        None where that cannot be known without doing so, and where there is no such picture.
        """
        if is_url(location):
            return None if self._fetcher is None else self._fetcher.fresh(location)
        if location.startswith(_UPLOAD):
            digest = location.removeprefix(_UPLOAD)
            return digest if self._vault is not None and digest in self._vault else None
        return None if self._root is None else self._root.stamp(location)

    def stored(self, location: str, digest: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """The bytes of a picture that a store knows by its digest; the web is never asked.

        Raises:
            PictureNotFoundError: it is neither kept nor below the root.
            PictureTooLargeError: it is above the byte limit.
        """
        if self._vault is not None:
            try:
                return self._vault.get(digest, limits)
            except PictureNotFoundError:
                pass
        if is_url(location) or location.startswith(_UPLOAD):
            shown = shown_address(location) if is_url(location) else location
            raise PictureNotFoundError(
                f"no copy of the picture {shown} is kept here; extract the catalogue again"
            )
        return self._rooted(location).read(location, limits)

    def rescue(self, picture: GalleryPicture, earlier: PictureRoot) -> None:
        """Keep a copy of a picture of an earlier root, if it is still there as it was.

        Raises:
            PictureWriteError: the copy cannot be kept.
        """
        elsewhere = is_url(picture.location) or picture.location.startswith(_UPLOAD)
        if self._vault is None or elsewhere or picture.content_hash in self._vault:
            return
        with suppress(PictureNotFoundError, PictureTooLargeError):
            data = earlier.read(picture.location)
            if content_hash(data) == picture.content_hash:
                self._vault.put(data)

    def cancel(self) -> None:
        """End what is being fetched; whoever waits for it has an error instead."""
        if self._fetcher is not None:
            self._fetcher.cancel()

    def _fetched(self, location: str, limits: PictureLimits) -> bytes:
        if self._fetcher is None:
            raise RemotePictureError(
                f"the picture {shown_address(location)} is on the web, and fetching is switched "
                "off; switch it on, or put the pictures beside the catalogue"
            )
        data = self._fetcher.get(location)
        if len(data) > limits.max_bytes:
            raise PictureTooLargeError(
                f"the picture has {len(data) / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:.1f} "
                "MB are allowed. Link a smaller one"
            )
        return data

    def _uploaded(self, location: str, limits: PictureLimits) -> bytes:
        if self._vault is None:
            raise PictureNotFoundError(f"no uploads are kept here, so there is no {location}")
        return self._vault.get(location.removeprefix(_UPLOAD), limits)

    def _rooted(self, location: str) -> PictureRoot:
        if self._root is None:
            raise PictureNotFoundError(
                f"the catalogue came without its pictures, so there is no {location}; send both "
                "in one ZIP, or give the pictures as URLs"
            )
        return self._root
