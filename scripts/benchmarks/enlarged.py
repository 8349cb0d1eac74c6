"""A catalogue's pictures as a camera would have taken them: JPEGs of a given size."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import count
from math import ceil, sqrt
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps

from features.errors import CatalogError, InvalidPictureError, PictureNotFoundError
from features.images import decode, read_picture
from features.pictures import locate
from features.types import CatalogEntry, Image

_QUALITY = 85
_SUBSAMPLING = "4:2:0"
_MOST = 2.1


def enlarged(
    entries: Sequence[CatalogEntry], root: Path, folder: Path, megapixels: float
) -> list[CatalogEntry]:
    """The same catalogue with other pictures, which are written into `folder`.

    Raises:
        CatalogError: one of the pictures cannot be read.
    """
    paths = [locate(root, p.location) for entry in entries for p in entry.pictures]
    names = _written(paths, folder, megapixels)
    return [
        replace(e, pictures=tuple(replace(p, location=next(names)) for p in e.pictures))
        for e in entries
    ]


def large_photo(paths: Sequence[Path], megapixels: float) -> bytes:
    """A square JPEG of so many pixels, tiled with pictures.

    As many that none is made much more than twice as large: it would have fewer details than a
    photo of its size, and be decoded sooner. In their own size they have more: a camera's lens and
    sensor blur what a small picture shows sharply.

    Raises:
        CatalogError: one of the pictures cannot be read.
    """
    side = sqrt(megapixels * 1e6)
    across = ceil(side / (_MOST * _shorter_side(paths[0])))
    tile = round(side / across)
    mosaic = Pillow.new("RGB", (across * tile, across * tile))
    for number in range(across**2):
        row, column = divmod(number, across)
        square = _square(paths[number % len(paths)], tile)
        mosaic.paste(square, (column * tile, row * tile))
    buffer = BytesIO()
    mosaic.save(buffer, "JPEG", quality=_QUALITY, subsampling=_SUBSAMPLING)
    return buffer.getvalue()


def _written(paths: Sequence[Path], folder: Path, megapixels: float) -> Iterator[str]:
    for number in count():
        first = number % len(paths)
        name = f"{number:06}.jpg"
        (folder / name).write_bytes(large_photo([*paths[first:], *paths[:first]], megapixels))
        yield name


def _shorter_side(path: Path) -> int:
    return min(_picture(path).size)


def _square(path: Path, side: int) -> Image:
    return ImageOps.fit(_picture(path), (side, side), Pillow.Resampling.BICUBIC)


def _picture(path: Path) -> Image:
    try:
        return decode(read_picture(path))
    except (InvalidPictureError, PictureNotFoundError) as error:
        raise CatalogError(f"{path} cannot be measured with: {error}") from error
