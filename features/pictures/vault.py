"""Pictures kept by what they contain: each once, under the hash of its bytes."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from features.disk import flush_folder, sweep_drafts, write_problem
from features.errors import PictureNotFoundError, PictureWriteError
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash, read_picture

_DIGEST = re.compile(r"[0-9a-f]{32}")


class Vault:
    """A folder of pictures that several threads and processes may use at once.

    A picture is never changed, and never served unless its bytes have the hash that it is asked
    for by: a torn or altered file counts as missing, and the next `put` mends it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, *, durable: bool = True) -> str:
        """Keep a picture and return its digest, 32 hexadecimal digits.

        Args:
            durable: flush it to the disk, which takes longer. Copies of what can be had again
                need not be.

        Raises:
            PictureWriteError: the folder cannot be written.
        """
        digest = content_hash(data)
        with self._naming_write_errors():
            if not self._holds(digest, data, durable=durable):
                self._write(self._path(digest), data, durable=durable)
        return digest

    def get(self, digest: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureNotFoundError: the vault has none of that digest, or only a damaged one.
            PictureTooLargeError: it is above the byte limit.
        """
        if digest not in self:
            raise PictureNotFoundError(f"no picture {digest!r} is kept here; send it again")
        data = read_picture(self._path(digest), limits)
        if content_hash(data) != digest:
            raise PictureNotFoundError(f"the kept picture {digest} is damaged; send it again")
        return data

    def __contains__(self, digest: str) -> bool:
        return _DIGEST.fullmatch(digest) is not None and self._path(digest).is_file()

    def digests(self) -> Iterator[str]:
        """The digests of all pictures, in no order."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def damaged(self) -> Iterator[str]:
        """The digests of the pictures whose bytes are others by now; all are read."""
        for digest in self.digests():
            try:
                whole = content_hash(self._path(digest).read_bytes()) == digest
            except FileNotFoundError:  # discarded meanwhile
                continue
            except OSError:
                whole = False
            if not whole:
                yield digest

    def discard(self, digests: Iterable[str]) -> None:
        """Forget pictures; what is not there is no error."""
        with self._naming_write_errors():
            for digest in digests:
                if _DIGEST.fullmatch(digest):
                    self._path(digest).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete what killed processes left half written; how many files that were."""
        return sweep_drafts(self.folder.glob("[0-9a-f][0-9a-f]/.*"))

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _holds(self, digest: str, data: bytes, *, durable: bool) -> bool:
        """Whether the very bytes are there: a power cut may have left a file of others."""
        try:
            with self._path(digest).open("rb") as file:
                if file.read() != data:
                    return False
                if durable:  # it may have been put without
                    os.fsync(file.fileno())
                return True
        except FileNotFoundError:
            return False

    def _write(self, path: Path, data: bytes, *, durable: bool) -> None:
        first = not path.parent.is_dir()
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            with draft.open("xb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        if durable:
            flush_folder(path.parent)
        if durable and first:
            flush_folder(self.folder)

    @contextlib.contextmanager
    def _naming_write_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PictureWriteError(
                f"pictures cannot be kept in {self.folder}: {write_problem(error)}"
            ) from error
