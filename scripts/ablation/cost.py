"""What a photo costs under several extractors, in turns, as the machine may be busy otherwise."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from features.extractors import Extractor
from features.images import decode, read_picture

_PHOTOS = 12


def query_costs(extractors: Sequence[Extractor], paths: Sequence[Path]) -> list[float]:
    """Processor milliseconds from a photo's bytes to its vector: the median over some photos."""
    return _by_turns(_from_bytes, extractors, paths)


def network_costs(extractors: Sequence[Extractor], paths: Sequence[Path]) -> list[float]:
    """The same from a photo that is decoded and resized already, in all views of a query."""
    return _by_turns(_from_prepared, extractors, paths)


def _by_turns(
    cost: Callable[[Extractor, bytes], float],
    extractors: Sequence[Extractor],
    paths: Sequence[Path],
) -> list[float]:
    photos = [read_picture(path) for path in paths[:_PHOTOS]]
    for extractor in extractors:
        cost(extractor, photos[0])  # the first pass allocates
    spent = [[cost(extractor, photo) for extractor in extractors] for photo in photos]
    return [median(column) for column in zip(*spent, strict=True)]


def _from_bytes(extractor: Extractor, photo: bytes) -> float:
    before = time.process_time()
    extractor.embed([decode(photo, detail=extractor.detail)])
    return (time.process_time() - before) * 1000


def _from_prepared(extractor: Extractor, photo: bytes) -> float:
    prepared = extractor.prepare_query(decode(photo, detail=extractor.detail))
    before = time.process_time()
    extractor.embed_prepared([prepared])
    return (time.process_time() - before) * 1000
