"""The region proposer: how many items of a picture it offers, on drawn scenes and on montages."""

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from features.detection import Detector
from features.detection.regions import MAX_REGIONS
from features.images import decode
from features.types import Box, Detection, Image
from scripts.benchmarks.table import as_table
from scripts.bootstrap import ROOT

SAMPLE = ROOT / "static" / "sample"
FOUND = 0.5  # overlap (intersection over union) from which an item counts as found

_CANVAS = (800, 600)  # pixels of a montage
_TRIES = 40  # places tried for an item before it is left out

Scene = tuple[Image, list[Box]]
Sheet = NDArray[np.float32]


@dataclass(frozen=True)
class RegionFigures:
    """One set of pictures. `recall` is the share of items with a proposal that overlaps enough."""

    set: str
    pictures: int
    items: int
    recall: float
    mean_overlap: float
    proposals: float
    p50_ms: float


def measure_regions(detector: Detector, montages: int = 60, seed: int = 0) -> list[RegionFigures]:
    """Every set that is there; `montages` pictures are made for each of the pasted sets."""
    sets: list[tuple[str, Iterator[Scene]]] = [
        ("drawn photos", drawn_photos()),
        ("drawn items, pasted", pasted_items(montages, seed)),
    ]
    if grocery_folder().is_dir():
        sets.append(("real photos, pasted", pasted_photos(grocery_folder(), montages, seed)))
    return [_measure(name, scenes, detector) for name, scenes in sets]


def as_json(figures: Sequence[RegionFigures]) -> list[dict[str, str | float]]:
    """One object a set."""
    return [asdict(one) for one in figures]


def as_text(figures: Sequence[RegionFigures]) -> str:
    """One line a set, and one that says what was left out."""
    head = ("set", "pictures", "items", "recall@0.5", "mean IoU", "proposals", "p50 ms")
    rows = [
        (
            one.set,
            f"{one.pictures}",
            f"{one.items}",
            f"{one.recall:.3f}",
            f"{one.mean_overlap:.3f}",
            f"{one.proposals:.1f}",
            f"{one.p50_ms:.1f}",
        )
        for one in figures
    ]
    table = as_table(head, rows)
    if grocery_folder().is_dir():
        return table
    return (
        f"{table}\n\nskipped: real photos, pasted; there is no folder {grocery_folder()} "
        "(set VISUAL_SEARCH_TEST_DATA)"
    )


def drawn_photos() -> Iterator[Scene]:
    """The sample's photos with the boxes of their items."""
    boxes: dict[str, list[Box]] = {}
    with (SAMPLE / "photos.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            box = Box(*(float(row[side]) for side in ("x1", "y1", "x2", "y2")))
            boxes.setdefault(row["image"], []).append(box)
    for name, wanted in boxes.items():
        yield _read(SAMPLE / name), wanted


def pasted_items(count: int, seed: int) -> Iterator[Scene]:
    """Items of the sample, cut out, three to five on a plain, graded or patterned ground."""
    files = sorted((SAMPLE / "products").glob("*.webp"))
    # A close-up fills its picture: it has no outline to cut along.
    files = [file for file in files if not file.stem.endswith("-detail")]
    for random in _randoms(count, seed):
        chosen = random.choice(len(files), size=int(random.integers(3, 6)), replace=False)
        yield _montage(random, [_cut_out(_read(files[number])) for number in chosen])


def pasted_photos(folder: Path, count: int, seed: int) -> Iterator[Scene]:
    """Real photos side by side with gaps between them, as on a page or a screenshot."""
    files = sorted(folder.rglob("*.jpg"))
    for random in _randoms(count, seed):
        chosen = random.choice(len(files), size=int(random.integers(3, 6)), replace=False)
        yield _montage(random, [_read(files[number]).convert("RGBA") for number in chosen])


def grocery_folder() -> Path:
    """Where real photos are; not part of the repository."""
    configured = os.environ.get("VISUAL_SEARCH_TEST_DATA")
    shared = Path(configured) if configured else ROOT.parent / "shared"
    return shared / "data" / "grocery" / "dataset" / "val"


def best_overlaps(found: Sequence[Detection], wanted: Sequence[Box]) -> list[float]:
    """For each wanted box the overlap of the proposal that fits it best."""
    # As find_items shows them: the surest first, and no more than fit on a page.
    shown = sorted(found, key=lambda one: -one.confidence)[:MAX_REGIONS]
    return [max((one.box.overlap(box) for one in shown), default=0.0) for box in wanted]


def _measure(name: str, scenes: Iterator[Scene], detector: Detector) -> RegionFigures:
    overlaps: list[float] = []
    counts: list[int] = []
    times: list[float] = []
    for image, wanted in scenes:
        started = time.perf_counter()
        found = detector.detect(image)
        times.append((time.perf_counter() - started) * 1000)
        counts.append(len(found))
        overlaps += best_overlaps(found, wanted)
    return RegionFigures(
        set=name,
        pictures=len(counts),
        items=len(overlaps),
        recall=float(np.mean(np.array(overlaps) >= FOUND)),
        mean_overlap=float(np.mean(overlaps)),
        proposals=float(np.mean(counts)),
        p50_ms=float(np.median(times)),
    )


def _randoms(count: int, seed: int) -> Iterator[np.random.Generator]:
    """A generator a picture: the tenth is the same however many are made."""
    return (np.random.default_rng((seed, number)) for number in range(count))


def _read(path: Path) -> Image:
    return decode(path.read_bytes())


def _cut_out(image: Image) -> Image:
    """The item with everything around it transparent, cropped to its outline."""
    filled = image.copy()
    right, bottom = image.width - 1, image.height - 1
    for corner in ((0, 0), (right, 0), (0, bottom), (right, bottom)):
        ImageDraw.floodfill(filled, corner, (255, 0, 255), thresh=20)
    outside = (np.asarray(filled) == (255, 0, 255)).all(axis=2)
    mask = Pillow.fromarray(np.where(outside, 0, 255).astype(np.uint8))
    mask = mask.filter(ImageFilter.MedianFilter(5))  # specks of the studio's shadow
    cut = image.convert("RGBA")
    cut.putalpha(mask)
    return cut.crop(mask.getbbox() or (0, 0, *image.size))


def _montage(random: np.random.Generator, pieces: Sequence[Image]) -> Scene:
    canvas = _GROUNDS[int(random.integers(len(_GROUNDS)))](random)
    width, height = _CANVAS
    boxes: list[Box] = []
    for piece in pieces:
        for _ in range(_TRIES):
            scale = height * random.uniform(0.2, 0.5) / max(piece.size)
            w, h = (max(8, round(side * scale)) for side in piece.size)
            x = int(random.integers(12, width - w - 12))
            y = int(random.integers(12, height - h - 12))
            box = Box(x / width, y / height, (x + w) / width, (y + h) / height)
            if any(box.grown(0.08).overlap(other) for other in boxes):
                continue
            scaled = piece.resize((w, h))
            canvas.paste(scaled, (x, y), scaled)
            boxes.append(box)
            break
    return canvas, boxes


def _plain(random: np.random.Generator) -> Image:
    return Pillow.new("RGB", _CANVAS, _colour(random))


def _graded(random: np.random.Generator) -> Image:
    first = np.array(_colour(random))
    corners = np.clip(first + random.integers(-40, 41, (2, 2, 3)), 0, 255).astype(np.uint8)
    return Pillow.fromarray(corners).resize(_CANVAS, Pillow.Resampling.BILINEAR)


def _patterned(random: np.random.Generator) -> Image:
    """Stripes with noise over them, about as strong as cloth or wood."""
    rows, columns = np.mgrid[: _CANVAS[1], : _CANVAS[0]]
    angle, length = random.uniform(0, np.pi), random.uniform(12, 60)
    waves = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * 2 * np.pi / length)
    light: Sheet = (random.uniform(6, 16) * waves + random.normal(0, 8, waves.shape)).astype("f4")
    sheet = np.clip(np.array(_colour(random)) + light[..., None], 0, 255)
    return Pillow.fromarray(sheet.astype(np.uint8))


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = random.integers(90, 256, 3).tolist()
    return red, green, blue


_GROUNDS: tuple[Callable[[np.random.Generator], Image], ...] = (_plain, _graded, _patterned)
