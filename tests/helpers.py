"""Small true things that tests are made of: drawn pictures, catalogues, vectors."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from features.extractors import Extractor
from features.pictures import PictureFolder, PictureSource
from features.pipeline import Progress
from features.types import ExtractorSpec, GalleryPicture, Image, Pixels, Product, Vectors

ROOT = Path(__file__).resolve().parents[1]
Number = TypeVar("Number", int, float)
TINY = ExtractorSpec("tiny", dim=4, input_size=8, preprocessing="none", weights_sha256="0" * 64)


def shared_folder() -> Path:
    """Where real catalogues, photos and weights are; they are not part of the repository."""
    configured = os.environ.get("VISUAL_SEARCH_TEST_DATA")
    return Path(configured) if configured else ROOT.parent / "shared"


def at_length(long: Number, short: Number) -> Number:
    """How much of something a test does: the long form is what `scripts/test.py --long` runs."""
    return long if os.environ.get("VISUAL_SEARCH_TEST_LONG") else short


def drawing(seed: int, size: tuple[int, int] = (96, 72)) -> Image:
    """A colour gradient with a few shapes on it, another one for each seed."""
    random = np.random.default_rng(seed)
    corners = random.integers(0, 256, (2, 2, 3), dtype=np.uint8)
    image = Pillow.fromarray(corners).resize(size, Pillow.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        x, y = random.integers(0, size[0]), random.integers(0, size[1])
        width, height = random.integers(8, 8 + size[0] // 2), random.integers(8, 8 + size[1] // 2)
        colour = tuple(random.integers(0, 256, 3).tolist())
        shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
        shape((int(x), int(y), int(x + width), int(y + height)), fill=colour)
    return image


def encoded(image: Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def picture(seed: int, form: str = "PNG") -> bytes:
    """The bytes of a drawing."""
    return encoded(drawing(seed), form)


def write_catalog(
    folder: Path,
    rows: Iterable[Mapping[str, str]],
    columns: Sequence[str] = ("id", "title", "category", "image"),
) -> Path:
    """A catalogue CSV in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "catalog.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def shop(folder: Path, products: int, first: int = 0) -> Path:
    """A catalogue of products p00, p01, ... with a drawn picture each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(first, first + products):
        name = f"{number:02}.png"
        (folder / name).write_bytes(picture(number))
        rows.append({"id": f"p{number:02}", "title": f"Thing {number}", "image": name})
    return write_catalog(folder, rows)


def pictures_in(folder: Path) -> PictureSource:
    """The pictures below a folder."""
    return PictureSource(PictureFolder(folder))


def gallery(
    count: int, dim: int = 4, *, seed: int = 0, start: int = 0
) -> tuple[list[GalleryPicture], Vectors, list[Product]]:
    """Rows for a store: a product and a random vector each."""
    random = np.random.default_rng(seed)
    names = [f"p{number:04}" for number in range(start, start + count)]
    pictures = [GalleryPicture(name, f"{name}.jpg", f"{int(name[1:]):032x}") for name in names]
    vectors = random.normal(size=(count, dim)).astype(np.float32)
    return pictures, vectors, [Product(name, title=f"Title of {name}") for name in names]


class Interrupting(Progress):
    """Somebody who presses Ctrl+C at a picture."""

    def __init__(self, at: int) -> None:
        self.left = at

    def advance(self) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


class CountingExtractor(Extractor):
    """The true extractor, counting the pictures that go through its network."""

    def __init__(self, inner: Extractor) -> None:
        self.inner = inner
        self.spec = inner.spec
        self.gallery_views = inner.gallery_views
        self.query_views = inner.query_views
        self.embedded = 0
        self._counting = Lock()

    def prepare(self, image: Image) -> Pixels:
        return self.inner.prepare(image)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        with self._counting:
            self.embedded += len(batch) // len(self.gallery_views)  # queries have as many
        return self.inner.forward(batch)


def run_python(
    *arguments: object, cwd: Path = ROOT, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """This Python in a process of its own, with the project at hand."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
