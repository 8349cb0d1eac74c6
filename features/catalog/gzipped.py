"""A feed that is packed with gzip, as nightly exports often are, read as if it were not."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from features.catalog.feed import FeedFile
from features.errors import ArchiveError, ArchiveTooLargeError
from features.pictures import ArchiveLimits, UnpackedStream

_MAGIC = b"\x1f\x8b"
_DEFAULT = ArchiveLimits()


def unpacked(feed: FeedFile, limits: ArchiveLimits = _DEFAULT) -> FeedFile:
    """The feed itself, or what is in it; unpacked while it is read, never to the disk.

    Reading raises:
        ArchiveTooLargeError: it unpacks to more than the limits allow.
        ArchiveError: it is damaged or ends too early.
    """
    with feed.open() as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return feed
    return FeedFile(feed.name, lambda: io.BufferedReader(_Unpacking(feed, limits)))


class _Unpacking(UnpackedStream):
    """The unpacked bytes; sizes are of this stream, since what gzip's own footer says may lie."""

    def __init__(self, feed: FeedFile, limits: ArchiveLimits) -> None:
        self._name, self._limits, self._size = feed.name, limits, 0
        self._packed: BinaryIO = feed.open()
        self._file = gzip.GzipFile(fileobj=self._packed)

    def unpack(self, size: int) -> bytes:
        """See `UnpackedStream.unpack`."""
        with self._errors():
            data = self._file.read(size)
        self._size += len(data)
        self._refuse_too_large()
        return data

    def close(self) -> None:
        """See `io.RawIOBase.close`."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
            self._packed.close()
        super().close()

    def _refuse_too_large(self) -> None:
        limits = self._limits
        if self._size > limits.max_member_bytes:
            raise ArchiveTooLargeError(
                f"{self._name} unpacks to more than {limits.max_member_bytes / 1e9:g} GB; "
                "send it in parts"
            )
        if self._size > max(limits.ratio_from, limits.max_ratio * self._packed.tell()):
            raise ArchiveTooLargeError(
                f"{self._name} unpacks to more than {limits.max_ratio} times its size, as no feed "
                "does; export it again"
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ArchiveError(f"{self._name} is damaged; pack or send it again") from error
