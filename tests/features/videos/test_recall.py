"""Over clips of real photos, a clip finds its product more often than one frame of it does."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from features.extractors import Extractor
from features.extractors.by_turns import embed_by_turns
from features.images import decode
from features.types import Image, Vectors
from features.videos import sample_frames, watch
from scripts.clips import FORMS, clip, pan, zoom

CLIPS = 60
SIZE = (320, 240)
RATE = 10
PICTURES_EACH = 4


def photos(table: Path, name: str) -> dict[str, list[Path]]:
    """The photos of each product."""
    found: dict[str, list[Path]] = defaultdict(list)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row[name]].append(table.parent / row["image"])
    return found


def shots(pictures: list[Image], number: int) -> Iterator[Image]:
    """3 to 8 seconds: a pan or a zoom over each picture, with cuts between."""
    frames = RATE * (3 + number % 6) // len(pictures)
    for place, picture in enumerate(pictures):
        move = (pan, zoom)[(number + place) % 2]
        yield from move(picture, SIZE, frames)


def found(gallery: Vectors, ids: list[str], vectors: Vectors) -> list[str]:
    """The product of the nearest picture to each vector."""
    return [ids[n] for n in (vectors @ gallery.T).argmax(axis=1)]


@pytest.mark.slow
def test_a_clip_beats_its_mean_single_frame_by_five_points(
    shared_data: Path, extractor: Extractor
) -> None:
    folder = shared_data / "data" / "grocery"
    shelf = photos(folder / "catalog_photos.csv", "id")
    rows = [(product, path) for product in shelf for path in shelf[product][:PICTURES_EACH]]
    gallery = np.concatenate([extractor.embed([opened(path)]) for _, path in rows])
    ids = [product for product, _ in rows]
    by_turns = partial(embed_by_turns, extractor, views=extractor.query_views)
    alone, together = [], []
    queries = photos(folder / "queries_val.csv", "product_id")
    for number, (product, paths) in enumerate(islice(queries.items(), CLIPS)):
        pictures = [opened(path) for path in paths[: 1 + number % 3]]
        video = clip(shots(pictures, number), FORMS[number % len(FORMS)], rate=RATE)
        frames = [frame.image for frame in sample_frames(video)]
        singles = found(gallery, ids, extractor.embed(frames))
        alone.append(np.mean([one == product for one in singles]))
        mean = watch(video, by_turns, normalized=extractor.spec.normalized).vector
        together.append(found(gallery, ids, mean[None]) == [product])
    assert len(together) == CLIPS
    assert np.mean(together) >= np.mean(alone) + 0.05


def opened(path: Path) -> Image:
    return decode(path.read_bytes(), detail=2 * max(SIZE))
