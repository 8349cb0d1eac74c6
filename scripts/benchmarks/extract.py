"""Extraction: how much of the machine's limit the whole pipeline reaches.

The limit is what decoding and the bare network would do with all cores and nothing else to do:
cores / (processor seconds of decoding + processor seconds of the network) pictures a second. Both
are measured with all cores busy, as the pipeline finds them: a core is slower then than alone.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from features.errors import CatalogError, RowError
from features.extractors import Extractor
from features.images import content_hash, decode, read_picture
from features.pictures import PictureFolder, PictureSource, locate
from features.pipeline import build_store
from features.store import StoreWriter
from features.types import CatalogEntry, GalleryPicture, Pixels
from scripts.benchmarks.machine import usable_cores
from scripts.benchmarks.table import as_table

_BATCH = 64


@dataclass(frozen=True)
class ExtractFigures:
    """Medians over the rounds. Milliseconds are per picture; `write_ms` is wall time."""

    extractor: str
    pictures: int
    cores: int
    decode_cpu_ms: float
    model_cpu_ms: float
    decode_alone_cpu_ms: float
    model_alone_cpu_ms: float
    prepare_cpu_ms: float
    read_and_hash_cpu_ms: float
    write_ms: float
    pipeline_cpu_ms: float
    pipeline_per_second: float

    @property
    def limit_per_second(self) -> float:
        """Pictures a second if there were nothing but decoding and the network."""
        return self.cores * 1000 / (self.decode_cpu_ms + self.model_cpu_ms)

    @property
    def alone_limit_per_second(self) -> float:
        """The same from times of one core while the others rest, which no busy core may reach."""
        return self.cores * 1000 / (self.decode_alone_cpu_ms + self.model_alone_cpu_ms)

    @property
    def ratio_percent(self) -> float:
        """The share of the limit that the pipeline reached."""
        return 100 * self.pipeline_per_second / self.limit_per_second

    def as_json(self) -> dict[str, str | float]:
        """All figures by name."""
        return {
            **vars(self),
            "limit_per_second": self.limit_per_second,
            "alone_limit_per_second": self.alone_limit_per_second,
            "ratio_percent": self.ratio_percent,
        }

    def as_text(self) -> str:
        """The limit, the pipeline, and where the rest goes."""
        lines = [
            ("decoding, all cores busy, CPU ms a picture", f"{self.decode_cpu_ms:.2f}"),
            ("bare network, all cores busy, CPU ms a picture", f"{self.model_cpu_ms:.2f}"),
            (f"limit of {self.cores} cores, pictures/s", f"{self.limit_per_second:.1f}"),
            ("pipeline, pictures/s", f"{self.pipeline_per_second:.1f}"),
            ("pipeline, % of the limit", f"{self.ratio_percent:.1f}"),
            ("", ""),
            ("whole pipeline, CPU ms a picture", f"{self.pipeline_cpu_ms:.2f}"),
            ("  resize and crop, CPU ms a picture", f"{self.prepare_cpu_ms:.2f}"),
            ("  read and hash, CPU ms a picture", f"{self.read_and_hash_cpu_ms:.2f}"),
            ("  write and flush, ms a picture", f"{self.write_ms:.2f}"),
            ("decoding, one core alone, CPU ms a picture", f"{self.decode_alone_cpu_ms:.2f}"),
            ("bare network, one by one, CPU ms a picture", f"{self.model_alone_cpu_ms:.2f}"),
            ("limit from these two, pictures/s", f"{self.alone_limit_per_second:.1f}"),
        ]
        return as_table((f"{self.extractor}, {self.pictures} pictures", ""), lines)


@dataclass(frozen=True)
class _Round:
    decode: float
    model: float
    decode_alone: float
    model_alone: float
    prepare: float
    read_and_hash: float
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
) -> ExtractFigures:
    """Limit and pipeline by turns, on the same pictures, which an unmeasured round has warmed.

    Args:
        pictures: how many to use, spread over the catalogue; None uses all.
    """
    entries = _spread([e for e in catalog if not isinstance(e, RowError)], pictures)
    bench = _Bench(entries, root, extractor)
    bench.round()
    measured = [bench.round() for _ in range(rounds)]

    def per_picture_ms(part: Callable[[_Round], float]) -> float:
        return median(map(part, measured)) * 1000 / bench.count

    return ExtractFigures(
        extractor=extractor.spec.name,
        pictures=bench.count,
        cores=usable_cores(),
        decode_cpu_ms=per_picture_ms(lambda r: r.decode),
        model_cpu_ms=per_picture_ms(lambda r: r.model),
        decode_alone_cpu_ms=per_picture_ms(lambda r: r.decode_alone),
        model_alone_cpu_ms=per_picture_ms(lambda r: r.model_alone),
        prepare_cpu_ms=per_picture_ms(lambda r: r.prepare),
        read_and_hash_cpu_ms=per_picture_ms(lambda r: r.read_and_hash),
        write_ms=per_picture_ms(lambda r: r.write),
        pipeline_cpu_ms=per_picture_ms(lambda r: r.pipeline_cpu),
        pipeline_per_second=bench.count / median(r.pipeline for r in measured),
    )


class _Bench:
    """The pictures of a measurement, in memory as each stage wants them."""

    def __init__(self, entries: Sequence[CatalogEntry], root: Path, extractor: Extractor) -> None:
        self._entries = entries
        self._root = root
        self._extractor = extractor
        self._paths = [locate(root, p.location) for entry in entries for p in entry.pictures]
        self._photos = [read_picture(path) for path in self._paths]
        self._pixels = [self._prepared(photo) for photo in self._photos]
        self.count = len(self._paths)

    def round(self) -> _Round:
        """Every stage once; the stages of the limit right before the pipeline."""
        decode_alone = _cpu(lambda: [self._decode(photo) for photo in self._photos])
        return _Round(
            decode_alone=decode_alone,
            model_alone=_cpu(lambda: self._forward(1)),
            prepare=_cpu(lambda: [self._prepared(p).size for p in self._photos]) - decode_alone,
            read_and_hash=_cpu(lambda: [content_hash(read_picture(p)) for p in self._paths]),
            write=self._write(),
            decode=_cpu(self._decode_on_all_cores),
            model=_cpu(lambda: self._forward(_BATCH)),
            **self._pipeline(),
        )

    def _prepared(self, photo: bytes) -> Pixels:
        return self._extractor.prepare(decode(photo, detail=self._extractor.detail))

    def _decode(self, photo: bytes) -> tuple[int, int]:
        # No picture is kept: they pile up in no pipeline, and fresh memory is slow memory.
        return decode(photo, detail=self._extractor.detail).size

    def _decode_on_all_cores(self) -> None:
        with ThreadPoolExecutor(usable_cores()) as pool:
            list(pool.map(self._decode, self._photos))

    def _forward(self, batch: int) -> None:
        for start in range(0, self.count, batch):
            self._extractor.forward(self._pixels[start : start + batch])

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
