"""Extraction: how much of the machine's limit the whole pipeline reaches.

The limit is what decoding and the bare network would do with all cores and nothing else to do:
cores / (processor seconds of decoding + processor seconds of the network) pictures a second. Both
are measured with all cores busy, as the pipeline finds them: a core is slower then than alone.
Decoding is the pipeline's own, at reduced size; a full decode and its vectors stand beside it.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image as Pillow

from features.cores import usable_cores
from features.errors import CatalogError, RowError
from features.extractors import Extractor
from features.images import content_hash, decode, read_picture
from features.pictures import PictureFolder, PictureSource, locate
from features.pipeline import build_store
from features.store import StoreWriter
from features.types import CatalogEntry, GalleryPicture, Prepared, Vectors
from features.vectors import unit
from scripts.benchmarks.enlarged import enlarged
from scripts.benchmarks.table import as_table

_BATCH = 64
_COMPARED = 64


@dataclass(frozen=True)
class ExtractFigures:
    """Medians over the rounds. Milliseconds are per picture; `write_ms` is wall time.

    `cosine_min` and `cosine_mean` compare the vectors of pictures decoded at reduced size with
    those of the same pictures decoded in full.
    """

    extractor: str
    pictures: int
    cores: int
    full_decode_cpu_ms: float
    full_input_cpu_ms: float
    """Of a full decode and Pillow's bicubic resize to the network's size, as is usual."""
    decode_cpu_ms: float
    model_cpu_ms: float
    decode_alone_cpu_ms: float
    model_alone_cpu_ms: float
    prepare_cpu_ms: float
    read_cpu_ms: float
    hash_cpu_ms: float
    write_ms: float
    pipeline_cpu_ms: float
    pipeline_per_second: float
    cosine_min: float
    cosine_mean: float

    @property
    def limit_per_second(self) -> float:
        """Pictures a second if there were nothing but decoding and the network."""
        return self.cores * 1000 / (self.decode_cpu_ms + self.model_cpu_ms)

    @property
    def full_limit_per_second(self) -> float:
        """The limit if pictures were decoded in full."""
        return self.cores * 1000 / (self.full_decode_cpu_ms + self.model_cpu_ms)

    @property
    def alone_limit_per_second(self) -> float:
        """The same from times of one core while the others rest, which no busy core may reach."""
        return self.cores * 1000 / (self.decode_alone_cpu_ms + self.model_alone_cpu_ms)

    @property
    def ratio_percent(self) -> float:
        """The share of the limit that the pipeline reached."""
        return 100 * self.pipeline_per_second / self.limit_per_second

    @property
    def cpu_ratio_percent(self) -> float:
        """The share that it would reach if no core waited, nor did anything else meanwhile."""
        return 100 * (self.decode_cpu_ms + self.model_cpu_ms) / self.pipeline_cpu_ms

    @property
    def resized_ratio_percent(self) -> float:
        """The share of the limit where decoding is all from the bytes to the network's input."""
        cpu_ms = self.decode_cpu_ms + self.prepare_cpu_ms + self.model_cpu_ms
        return self.pipeline_per_second * cpu_ms / (10 * self.cores)

    @property
    def input_ratio(self) -> float:
        """From the bytes to the network's input: the pipeline's way, in the usual ones."""
        return (self.decode_alone_cpu_ms + self.prepare_cpu_ms) / self.full_input_cpu_ms

    @property
    def decode_ratio(self) -> float:
        """What decoding at reduced size costs, in full decodes."""
        return self.decode_cpu_ms / self.full_decode_cpu_ms

    @property
    def waiting_ms(self) -> float:
        """Milliseconds of all cores for each picture in which the pipeline had none."""
        return self.cores * 1000 / self.pipeline_per_second - self.pipeline_cpu_ms

    @property
    def other_cpu_ms(self) -> float:
        """What the pipeline takes beside its parts: checks, threads, Python, the store."""
        parts = self.decode_cpu_ms + self.model_cpu_ms + self.prepare_cpu_ms
        return self.pipeline_cpu_ms - parts - self.read_cpu_ms - self.hash_cpu_ms

    def as_json(self) -> dict[str, str | float]:
        """All figures by name."""
        return {
            **vars(self),
            "limit_per_second": self.limit_per_second,
            "full_limit_per_second": self.full_limit_per_second,
            "alone_limit_per_second": self.alone_limit_per_second,
            "ratio_percent": self.ratio_percent,
            "cpu_ratio_percent": self.cpu_ratio_percent,
            "resized_ratio_percent": self.resized_ratio_percent,
            "decode_ratio": self.decode_ratio,
            "input_ratio": self.input_ratio,
            "waiting_ms": self.waiting_ms,
            "other_cpu_ms": self.other_cpu_ms,
        }

    def as_text(self) -> str:
        """The limit, the pipeline, and where the rest goes."""
        lines = [
            ("decoding, all cores busy, CPU ms a picture", f"{self.decode_cpu_ms:.2f}"),
            ("bare network, all cores busy, CPU ms a picture", f"{self.model_cpu_ms:.2f}"),
            (f"limit of {self.cores} cores, pictures/s", f"{self.limit_per_second:.1f}"),
            ("pipeline, pictures/s", f"{self.pipeline_per_second:.1f}"),
            ("pipeline, % of the limit", f"{self.ratio_percent:.1f}"),
            ("the same by processor seconds, %", f"{self.cpu_ratio_percent:.1f}"),
            ("pipeline, % of the limit with resizing", f"{self.resized_ratio_percent:.1f}"),
            ("", ""),
            ("whole pipeline, CPU ms a picture", f"{self.pipeline_cpu_ms:.2f}"),
            ("  resize and crop, CPU ms a picture", f"{self.prepare_cpu_ms:.2f}"),
            ("  read, CPU ms a picture", f"{self.read_cpu_ms:.2f}"),
            ("  hash, CPU ms a picture", f"{self.hash_cpu_ms:.2f}"),
            ("  everything else, CPU ms a picture", f"{self.other_cpu_ms:.2f}"),
            ("  of that, write and flush, ms a picture", f"{self.write_ms:.2f}"),
            ("cores that waited, ms a picture", f"{self.waiting_ms:.2f}"),
            ("", ""),
            ("full decode, all cores busy, CPU ms a picture", f"{self.full_decode_cpu_ms:.2f}"),
            ("decoding / full decode", f"{self.decode_ratio:.2f}"),
            ("full decode and Pillow's bicubic resize, CPU ms", f"{self.full_input_cpu_ms:.2f}"),
            ("decoding and resizing / that", f"{self.input_ratio:.2f}"),
            ("limit with full decodes, pictures/s", f"{self.full_limit_per_second:.1f}"),
            ("cosine to the vectors of full decodes, least", f"{self.cosine_min:.5f}"),
            ("cosine to the vectors of full decodes, mean", f"{self.cosine_mean:.5f}"),
            ("decoding, one core alone, CPU ms a picture", f"{self.decode_alone_cpu_ms:.2f}"),
            ("bare network, one by one, CPU ms a picture", f"{self.model_alone_cpu_ms:.2f}"),
            ("limit from these two, pictures/s", f"{self.alone_limit_per_second:.1f}"),
        ]
        return as_table((f"{self.extractor}, {self.pictures} pictures", ""), lines)


@dataclass(frozen=True)
class _Round:
    full_input: float
    full_decode: float
    decode: float
    model: float
    decode_alone: float
    model_alone: float
    prepare: float
    read: float
    hash: float
    write: float
    pipeline_cpu: float
    pipeline: float


def measure_extraction(
    catalog: Iterable[CatalogEntry | RowError],
    root: Path,
    extractor: Extractor,
    *,
    pictures: int | None = None,
    rounds: int = 3,
    megapixels: float | None = None,
) -> ExtractFigures:
    """Limit and pipeline by turns, on the same pictures, which an unmeasured round has warmed.

    Args:
        pictures: how many to use, spread over the catalogue; None uses all.
        megapixels: measure with JPEGs of this size, made of the catalogue's pictures.
    """
    entries = _spread([e for e in catalog if not isinstance(e, RowError)], pictures)
    with _at_size(entries, root, megapixels) as (entries, root):
        bench = _Bench(entries, root, extractor)
        bench.round()
        measured = [bench.round() for _ in range(rounds)]
        cosines = bench.cosines()

    def per_picture_ms(part: Callable[[_Round], float]) -> float:
        return median(map(part, measured)) * 1000 / bench.count

    return ExtractFigures(
        extractor=extractor.spec.name,
        pictures=bench.count,
        cores=usable_cores(),
        full_input_cpu_ms=per_picture_ms(lambda r: r.full_input),
        full_decode_cpu_ms=per_picture_ms(lambda r: r.full_decode),
        decode_cpu_ms=per_picture_ms(lambda r: r.decode),
        model_cpu_ms=per_picture_ms(lambda r: r.model),
        decode_alone_cpu_ms=per_picture_ms(lambda r: r.decode_alone),
        model_alone_cpu_ms=per_picture_ms(lambda r: r.model_alone),
        prepare_cpu_ms=per_picture_ms(lambda r: r.prepare),
        read_cpu_ms=per_picture_ms(lambda r: r.read),
        hash_cpu_ms=per_picture_ms(lambda r: r.hash),
        write_ms=per_picture_ms(lambda r: r.write),
        pipeline_cpu_ms=per_picture_ms(lambda r: r.pipeline_cpu),
        pipeline_per_second=bench.count / median(r.pipeline for r in measured),
        cosine_min=float(cosines.min()),
        cosine_mean=float(cosines.mean()),
    )


@contextmanager
def _at_size(
    entries: list[CatalogEntry], root: Path, megapixels: float | None
) -> Iterator[tuple[list[CatalogEntry], Path]]:
    if megapixels is None:
        yield entries, root
        return
    with tempfile.TemporaryDirectory() as folder:
        yield enlarged(entries, root, Path(folder), megapixels), Path(folder)


class _Bench:
    """The pictures of a measurement, in memory as each stage wants them."""

    def __init__(self, entries: Sequence[CatalogEntry], root: Path, extractor: Extractor) -> None:
        self._entries = entries
        self._root = root
        self._extractor = extractor
        self._paths = [locate(root, p.location) for entry in entries for p in entry.pictures]
        self._photos = [read_picture(path) for path in self._paths]
        self._views = [self._prepared(photo) for photo in self._photos]
        self.count = len(self._paths)

    def round(self) -> _Round:
        """Every stage once; the stages of the limit right before the pipeline."""
        decode_alone = _cpu(lambda: [self._decode(photo) for photo in self._photos])
        return _Round(
            decode_alone=decode_alone,
            model_alone=_cpu(lambda: self._embed(1)),
            prepare=_cpu(lambda: [len(self._prepared(p)) for p in self._photos]) - decode_alone,
            full_input=_cpu(lambda: [self._usual_input(photo) for photo in self._photos]),
            read=_cpu(lambda: [len(read_picture(path)) for path in self._paths]),
            hash=_cpu(lambda: [content_hash(photo) for photo in self._photos]),
            write=self._write(),
            full_decode=_cpu(lambda: self._on_all_cores(lambda photo: decode(photo).size)),
            decode=_cpu(lambda: self._on_all_cores(self._decode)),
            model=_cpu(lambda: self._embed(_BATCH)),
            **self._pipeline(),
        )

    def cosines(self) -> Vectors:
        """Of some pictures: the vector that they have beside the one that a full decode gives."""
        step = max(1, self.count // _COMPARED)
        full = [self._extractor.prepare_gallery(decode(photo)) for photo in self._photos[::step]]
        seen = unit(self._extractor.embed_prepared(self._views[::step]))
        cosines: Vectors = np.vecdot(seen, unit(self._extractor.embed_prepared(full)))
        return cosines

    def _prepared(self, photo: bytes) -> Prepared:
        return self._extractor.prepare_gallery(decode(photo, detail=self._extractor.detail))

    def _decode(self, photo: bytes) -> tuple[int, int]:
        # No picture is kept: they pile up in no pipeline, and fresh memory is slow memory.
        return decode(photo, detail=self._extractor.detail).size

    def _usual_input(self, photo: bytes) -> tuple[int, int]:
        side = self._extractor.spec.input_size
        return decode(photo).resize((side, side), Pillow.Resampling.BICUBIC).size

    def _on_all_cores(self, work: Callable[[bytes], object]) -> None:
        with ThreadPoolExecutor(usable_cores()) as pool:
            list(pool.map(work, self._photos))

    def _embed(self, batch: int) -> None:
        for start in range(0, self.count, batch):
            self._extractor.embed_prepared(self._views[start : start + batch])

    def _write(self) -> float:
        vectors = np.zeros((self.count, self._extractor.spec.dim), dtype=np.float32)
        rows = [
            GalleryPicture(entry.product.id, picture.location, content_hash(b""))
            for entry in self._entries
            for picture in entry.pictures
        ]
        products = [entry.product for entry in self._entries]
        with (
            tempfile.TemporaryDirectory() as folder,
            StoreWriter(Path(folder), self._extractor.spec, self._root) as writer,
        ):
            started = time.perf_counter()
            writer.append(rows, vectors, products)
            return time.perf_counter() - started

    def _pipeline(self) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as folder:
            used = time.process_time()
            done = build_store(
                self._entries,
                PictureSource(PictureFolder(self._root)),
                Path(folder),
                self._extractor,
            )
            used = time.process_time() - used
        if done.new != self.count:
            raise CatalogError(f"only {done.new} of {self.count} pictures were extracted")
        return {"pipeline": done.seconds, "pipeline_cpu": used}


def _cpu(work: Callable[[], object]) -> float:
    """Processor seconds of all threads of this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def _spread(entries: Sequence[CatalogEntry], pictures: int | None) -> list[CatalogEntry]:
    """The entries with `pictures` of their pictures, at even distances."""
    total = sum(len(entry.pictures) for entry in entries)
    if not total:
        raise CatalogError("the catalogue has no pictures to measure with")
    wanted = min(pictures or total, total)
    taken = {number * total // wanted for number in range(wanted)}
    chosen, number = [], 0
    for entry in entries:
        mine = tuple(p for at, p in enumerate(entry.pictures, number) if at in taken)
        number += len(entry.pictures)
        if mine:
            chosen.append(replace(entry, pictures=mine))
    return chosen
