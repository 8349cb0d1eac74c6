"""Videos: a folder of clips indexed, beside decoding every frame of the same clips."""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image as Pillow

from features.catalog import read_catalog
from features.extractors import Extractor
from features.images import decode
from features.pictures import PictureSource, Vault
from features.pipeline import build_store
from features.types import Image
from scripts.benchmarks.table import as_table
from scripts.clips import MOV, MP4, WEBM, Form, clip, pan, zoom

SIZE = (1_280, 720)
DISTINCT = 10
_RATE = 25
_GRAIN = 4.0  # of 255: as much as a phone writes
_SHAKE = 40
Kind = tuple[Form, int | None]
"""A form, and how many frames there are from one keyframe to the next."""
KINDS: Mapping[str, Kind] = {
    "H.264, a keyframe a second": (MP4, _RATE),
    "H.264, as x264 likes it": (MP4, None),
    "MPEG-4, as FFmpeg likes it": (MOV, None),
    "VP9, a keyframe every 2 s": (WEBM, 2 * _RATE),
}


@dataclass(frozen=True)
class Spent:
    """Seconds that something took: of the clock, and of all cores together."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class VideoFigures:
    """What all clips of one kind took, clip after clip or as said."""

    kind: str
    clips: int
    indexed: Spent
    """The folder became a store, as `extract_features.py` makes it, on all cores."""
    decoded: Spent
    """Every frame decoded and nothing else, in PyAV's plain loop."""
    threaded: Spent
    """The same with FFmpeg's own threads, on all cores."""

    @property
    def times(self) -> float:
        """How many times less work indexing is than decoding every frame."""
        return self.decoded.cpu / self.indexed.cpu

    @property
    def times_sooner(self) -> float:
        """How many times sooner it is done than the plain loop."""
        return self.decoded.wall / self.indexed.wall

    @property
    def times_sooner_than_threads(self) -> float:
        """How many times sooner it is done than with FFmpeg's threads."""
        return self.threaded.wall / self.indexed.wall


def measure_videos(
    photos: Sequence[bytes],
    extractor: Extractor,
    *,
    clips: int,
    seconds: int,
    kinds: Mapping[str, Kind] = KINDS,
) -> list[VideoFigures]:
    """Clips at 720p, made of photos: at most `DISTINCT` of each kind, over and over."""
    pictures = [decode(photo) for photo in photos[: DISTINCT + 1]]
    return [_measure(kind, kinds[kind], pictures, extractor, clips, seconds) for kind in kinds]


def as_json(figures: Sequence[VideoFigures]) -> list[dict[str, Any]]:
    """One object for each kind of clip."""
    return [
        {
            **asdict(figure),
            "times": figure.times,
            "times_sooner": figure.times_sooner,
            "times_sooner_than_threads": figure.times_sooner_than_threads,
        }
        for figure in figures
    ]


def as_text(figures: Sequence[VideoFigures]) -> str:
    """Work of all cores first, then the clock."""
    work = [
        (f.kind, f"{f.indexed.cpu:.1f}", f"{f.decoded.cpu:.1f}", f"{f.times:.1f}") for f in figures
    ]
    clock = [
        (
            f.kind,
            f"{f.indexed.wall:.1f}",
            f"{f.decoded.wall:.1f}",
            f"{f.times_sooner:.1f}",
            f"{f.threaded.wall:.1f}",
            f"{f.times_sooner_than_threads:.1f}",
        )
        for f in figures
    ]
    count = f"{figures[0].clips} clips"
    by_work = (count, "indexed", "every frame decoded", "times")
    by_clock = (*by_work, "with FFmpeg's threads", "times")
    return "\n\n".join(
        [
            "Processor seconds of all cores",
            as_table(by_work, work),
            "Seconds of the clock",
            as_table(by_clock, clock),
        ]
    )


def _measure(
    name: str,
    kind: Kind,
    pictures: Sequence[Image],
    extractor: Extractor,
    clips: int,
    seconds: int,
) -> VideoFigures:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = _write_clips(root / "clips", kind, pictures, clips, seconds)
        extractor.embed(pictures[:1])  # what is loaded at first use is there
        return VideoFigures(
            name,
            clips,
            _spent(lambda: _index(root / "clips", root / "store", extractor)),
            _spent(lambda: [_decode(path) for path in paths]),
            _spent(lambda: [_decode(path, threads=True) for path in paths]),
        )


def _write_clips(
    folder: Path, kind: Kind, pictures: Sequence[Image], clips: int, seconds: int
) -> list[Path]:
    """Files, of which at most `DISTINCT` differ."""
    form, gop = kind
    folder.mkdir()
    paths = [folder / f"{number:04}.{form.container}" for number in range(clips)]
    for number, path in enumerate(paths):
        if number < DISTINCT:
            frames = _shots(pictures, number, seconds * _RATE)
            path.write_bytes(clip(frames, form, rate=_RATE, gop=gop))
        else:
            path.hardlink_to(paths[number % DISTINCT])
    return paths


def _index(clips: Path, store: Path, extractor: Extractor) -> None:
    """A store of a folder of clips."""
    catalog = read_catalog(clips)
    source = PictureSource(catalog.pictures, Vault(store.with_suffix(".vault")))
    build_store(catalog, source, store, extractor)


def _shots(pictures: Sequence[Image], number: int, frames: int) -> Iterator[Image]:
    """A pan over one picture, a cut, a zoom into the next, with the grain of a camera.

    Without it nothing but movement would be coded, and decoding would cost a tenth.
    """
    random = np.random.default_rng(number)
    grain = random.normal(0, _GRAIN, (SIZE[1] + _SHAKE, SIZE[0] + _SHAKE, 1)).astype(np.float32)
    one, other = (pictures[(number + place) % len(pictures)] for place in range(2))
    moves = chain(pan(one, SIZE, frames // 2), zoom(other, SIZE, frames - frames // 2))
    for frame in moves:
        x, y = random.integers(0, _SHAKE, 2)
        values = np.asarray(frame) + grain[y : y + SIZE[1], x : x + SIZE[0]]
        yield Pillow.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _decode(path: Path, *, threads: bool = False) -> int:
    """How many frames there are."""
    import av

    with av.open(path) as container:
        if threads:
            container.streams.video[0].thread_type = "AUTO"
        return sum(1 for _ in container.decode(video=0))


def _spent(work: Callable[[], object]) -> Spent:
    started, before = time.perf_counter(), _cpu()
    work()
    return Spent(time.perf_counter() - started, _cpu() - before)


def _cpu() -> float:
    """Processor seconds of all threads up to now, and of the processes that videos are read in."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    helpers = [process.cpu_times() for process in psutil.Process().children()]
    theirs = sum((times.user + times.system for times in helpers), 0.0)
    return used.ru_utime + used.ru_stime + float(theirs)
