"""A catalogue's pictures as a camera would have taken them: JPEGs of a given size."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from math import sqrt
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps

from features.errors import CatalogError, InvalidPictureError, PictureNotFoundError
from features.images import decode, read_picture
from features.pictures import locate
from features.types import CatalogEntry, Image

_QUALITY = 85
_SUBSAMPLING = "4:2:0"
_ACROSS = 2


def enlarged(
    entries: Sequence[CatalogEntry], root: Path, folder: Path, megapixels: float
) -> list[CatalogEntry]:
    """The same catalogue with other pictures, which are written into `folder`.

    Each is made of four neighbours in the catalogue: one small picture alone, made this large,
    would have fewer details than a photo has, and be decoded sooner.

    Raises:
        CatalogError: one of the pictures cannot be read.
    """
    side = round(sqrt(megapixels * 1e6) / _ACROSS)
    paths = [locate(root, p.location) for entry in entries for p in entry.pictures]
    names = _written(paths, folder, side)
    return [
        replace(e, pictures=tuple(replace(p, location=next(names)) for p in e.pictures))
        for e in entries
    ]


def _written(paths: Sequence[Path], folder: Path, side: int) -> Iterator[str]:
    for number in count():
        four = [paths[(number + ahead) % len(paths)] for ahead in range(_ACROSS**2)]
        name = f"{number:06}.jpg"
        _mosaic(four, side).save(folder / name, quality=_QUALITY, subsampling=_SUBSAMPLING)
        yield name


def _mosaic(paths: Sequence[Path], side: int) -> Image:
    mosaic = Pillow.new("RGB", (_ACROSS * side, _ACROSS * side))
    for number, path in enumerate(paths):
        row, column = divmod(number, _ACROSS)
        mosaic.paste(_square(path, side), (column * side, row * side))
    return mosaic


def _square(path: Path, side: int) -> Image:
    try:
        return ImageOps.fit(decode(read_picture(path)), (side, side), Pillow.Resampling.BICUBIC)
    except (InvalidPictureError, PictureNotFoundError) as error:
        raise CatalogError(f"{path} cannot be measured with: {error}") from error
