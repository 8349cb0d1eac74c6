"""What a bad file is thrown at: it returns where the file is read, and raises where it is not."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from features.catalog import Catalog, read_catalog, read_pictures
from features.errors import RowError, VisualSearchError
from features.images import decode, picture_format, picture_size
from features.types import CatalogEntry
from features.videos import VideoLimits, sample_frames

_DETAIL = 320
_ROWS = 5_000
_PATIENCE = VideoLimits(max_bytes=100_000_000, max_seconds=600.0, patience_s=2.0)

Target = Callable[[bytes, Path], None]
"""From the bytes of a file, and a folder that it may lie in."""


class WrongAnswerError(Exception):
    """What was read is not what a reader may give."""


def read_as_picture(data: bytes, folder: Path) -> None:
    """As a shopper's photo; every other one as a picture that is shown in full."""
    picture_format(data)
    size = picture_size(data)
    whole = bool(zlib.crc32(data) & 1)
    image = decode(data, detail=None if whole else _DETAIL)
    if image.mode != "RGB" or (whole and image.size != size):
        raise WrongAnswerError(f"{image.mode} {image.size} of a picture of {size}")


def read_as_feed(data: bytes, folder: Path) -> None:
    """Every row to its end."""
    path = folder / "feed"
    path.write_bytes(data)
    _read_all(read_catalog(path))


def read_as_archive(data: bytes, folder: Path) -> None:
    """As a catalogue, then as a collection of pictures; every file in it is read."""
    path = folder / "feed.zip"
    path.write_bytes(data)
    refused = None
    for read in (read_catalog, read_pictures):
        try:
            _read_all(read(path), with_pictures=True)
        except VisualSearchError as error:
            refused = error
    if sorted(folder.iterdir()) != [path]:
        raise WrongAnswerError("something was unpacked")
    if refused is not None:
        raise refused


def read_as_video(data: bytes, folder: Path) -> None:
    """As what a shopper searches with."""
    for frame in sample_frames(data, limits=_PATIENCE, threads=2):
        if frame.image.mode != "RGB" or max(frame.image.size) > 640:
            raise WrongAnswerError(f"a frame {frame.image.mode} {frame.image.size}")


TARGETS: Mapping[str, Target] = {
    "pictures": read_as_picture,
    "feeds": read_as_feed,
    "archives": read_as_archive,
    "videos": read_as_video,
}


def throw(data: bytes, target: Target, folder: Path) -> None:
    """A file at a target, in a folder that nothing is left in of the one before."""
    for left in folder.iterdir():
        left.unlink()
    target(data, folder)


def _read_all(catalog: Catalog, *, with_pictures: bool = False) -> None:
    for number, entry in enumerate(catalog):
        if not isinstance(entry, CatalogEntry | RowError):
            raise WrongAnswerError(f"a row is {entry!r}")
        if with_pictures and number < _ROWS and isinstance(entry, CatalogEntry):
            _read_pictures(catalog, entry)


def _read_pictures(catalog: Catalog, entry: CatalogEntry) -> None:
    if catalog.pictures is None:
        raise WrongAnswerError("an archive without a place for its pictures")
    for picture in entry.pictures:
        try:
            catalog.pictures.read(picture.location)
        except VisualSearchError:  # told as a failed row
            continue
