"""What a video may cost, and the file of one, which is read no longer than that."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from features.errors import (
    EmptyPictureError,
    NotAVideoError,
    PictureNotFoundError,
    VideoTooLargeError,
    VideoTooLongError,
    VideoTooSlowError,
)
from features.videos.formats import FORMAT_NAMES, HEAD_BYTES, container_of

VideoFile = Path | bytes
"""A file, of which only what is needed is read, or the bytes of one."""


@dataclass(frozen=True)
class VideoLimits:
    """What a video may cost. `patience_s` is for opening it and decoding what is needed of it."""

    max_bytes: int = 4_000_000_000
    max_pixels: int = 36_000_000
    max_seconds: float = 6 * 3_600.0
    patience_s: float = 60.0


DEFAULT_VIDEO_LIMITS = VideoLimits()


class GuardedFile:
    """A file that FFmpeg reads, until its time is over."""

    def __init__(self, file: BinaryIO, limits: VideoLimits) -> None:
        """The time begins.

        Raises:
            InvalidPictureError: it is empty, too large, or no video.
        """
        self._file = file
        self._until = time.monotonic() + limits.patience_s
        self.limits = limits
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if not size:
            raise EmptyPictureError("The video is empty (0 bytes); choose the file again.")
        if size > limits.max_bytes:
            raise VideoTooLargeError(
                f"The video has {size / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:.1f} MB are "
                "allowed. Send a shorter or smaller one."
            )
        self.container = container_of(file.read(HEAD_BYTES))
        file.seek(0)
        if self.container is None:
            raise NotAVideoError(f"This is not a video; send a {FORMAT_NAMES} file.")

    def read(self, size: int) -> bytes:
        """As a file's; raises what `check_time` does."""
        self.check_time()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file's."""
        return self._file.tell()

    def seekable(self) -> bool:
        """As a file's."""
        return True

    def check_time(self) -> None:
        """Raises: VideoTooSlowError: the time is over."""
        if time.monotonic() > self._until:
            raise VideoTooSlowError(
                f"The video was not read within {self.limits.patience_s:g} seconds; "
                "send a shorter one, or one in MP4."
            )

    def check_duration(self, seconds: float) -> None:
        """Raises: VideoTooLongError: it lasts longer than the limit."""
        if seconds > self.limits.max_seconds:
            raise VideoTooLongError(
                f"The video lasts {seconds:.0f} seconds; at most {self.limits.max_seconds:.0f} "
                "are allowed. Send a shorter one."
            )


@contextmanager
def file_of(video: VideoFile) -> Iterator[BinaryIO]:
    """A video's file, open until the block ends.

    Raises:
        PictureNotFoundError: it cannot be read.
    """
    if isinstance(video, bytes):
        yield io.BytesIO(video)
        return
    try:
        if not video.is_file():
            raise PictureNotFoundError(f"there is no video {video}")
        file = video.open("rb")
    except (OSError, ValueError) as error:
        raise PictureNotFoundError(f"the video {video} cannot be read: {error}") from error
    with file:
        yield file
