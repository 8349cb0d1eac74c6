"""What a photo costs under several extractors, in turns, as the machine may be busy otherwise."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from features.extractors import Extractor
from features.images import decode, read_picture

_PHOTOS = 12


def query_costs(extractors: Sequence[Extractor], paths: Sequence[Path]) -> list[float]:
    """Processor milliseconds from a photo's bytes to its vector: the median over some photos."""
    photos = [read_picture(path) for path in paths[:_PHOTOS]]
    for extractor in extractors:
        _milliseconds(extractor, photos[0])  # the first pass allocates
    spent = [[_milliseconds(extractor, photo) for extractor in extractors] for photo in photos]
    return [median(column) for column in zip(*spent, strict=True)]


def _milliseconds(extractor: Extractor, photo: bytes) -> float:
    before = time.process_time()
    extractor.embed([decode(photo, detail=extractor.detail)])
    return (time.process_time() - before) * 1000
