"""Vectors of pictures by the project's own code, kept in a folder between runs."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from features.drawn import scene_vectors
from features.extractors import Extractor
from features.images import decode, read_picture
from features.scenes import cut_out
from features.types import Image, Vectors

_BATCH = 32


def gallery_vectors(extractor: Extractor, paths: Sequence[Path], cache: Path) -> Vectors:
    """Of pictures of a catalogue: shape (len(paths), dim)."""
    seen = [view.name for view in extractor.gallery_views]
    embed = extractor.embed_gallery
    return _kept(extractor, paths, cache, seen, lambda: _embedded(extractor, paths, embed))


def query_vectors(extractor: Extractor, paths: Sequence[Path], cache: Path) -> Vectors:
    """Of photos to search with: shape (len(paths), dim)."""
    seen = [view.name for view in extractor.query_views]
    embed = extractor.embed
    return _kept(extractor, paths, cache, seen, lambda: _embedded(extractor, paths, embed))


def drawn_vectors(extractor: Extractor, paths: Sequence[Path], cache: Path) -> Vectors:
    """Of photos drawn of shop pictures, as adapting draws them: as many of each picture."""
    seen = ["drawn", *(view.name for view in extractor.query_views)]

    def draw() -> Vectors:
        images = (image for some in _decoded(extractor, paths) for image in some)
        return scene_vectors([cut_out(image) for image in images], extractor)

    return _kept(extractor, paths, cache, seen, draw)


def _kept(
    extractor: Extractor,
    paths: Sequence[Path],
    cache: Path,
    seen: Sequence[str],
    make: Callable[[], Vectors],
) -> Vectors:
    file = cache / f"{_key(extractor, paths, seen)}.npy"
    if not file.exists():
        np.save(file, make())
    vectors: Vectors = np.load(file)
    return vectors


def _key(extractor: Extractor, paths: Sequence[Path], seen: Sequence[str]) -> str:
    """Views of the other side play no part, so that what differs only there is made once."""
    spec = extractor.spec
    made_by = re.sub(r", gallery .*?, queries [^,]*", "", spec.preprocessing)
    about = (spec.weights_sha256, spec.input_size, made_by, *seen, *paths)
    return hashlib.blake2b("\n".join(map(str, about)).encode(), digest_size=16).hexdigest()


def _embedded(
    extractor: Extractor, paths: Sequence[Path], embed: Callable[[Sequence[Image]], Vectors]
) -> Vectors:
    return np.concatenate([embed(images) for images in _decoded(extractor, paths)])


def _decoded(extractor: Extractor, paths: Sequence[Path]) -> Iterator[list[Image]]:
    for start in range(0, len(paths), _BATCH):
        some = paths[start : start + _BATCH]
        yield [decode(read_picture(path), detail=extractor.detail) for path in some]
