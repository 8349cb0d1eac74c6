"""Videos: a few frames sampled and embedded, beside decoding every frame of the same clips."""

import io
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np
from PIL import Image as Pillow

from features.extractors import Extractor
from features.images import decode
from features.types import Image
from features.videos import DEFAULT_FRAMES, sample_frames, watch
from scripts.benchmarks.table import as_table
from scripts.clips import MOV, MP4, WEBM, Form, clip, pan, zoom

SIZE = (1_280, 720)
_RATE = 25
_GRAIN = 4.0  # of 255: as much as a phone writes
_SHAKE = 40
_TURNS = 3
Kind = tuple[Form, int | None]
"""A form, and how many frames there are from one keyframe to the next."""
KINDS: Mapping[str, Kind] = {
    "H.264, a keyframe a second": (MP4, _RATE),
    "H.264, as x264 likes it": (MP4, None),
    "MPEG-4, as FFmpeg likes it": (MOV, None),
    "VP9, a keyframe every 2 s": (WEBM, 2 * _RATE),
}


@dataclass(frozen=True)
class VideoFigures:
    """Processor seconds for each clip of one kind, the median of all."""

    kind: str
    clips: int
    watched: float
    """A few frames sampled and embedded."""
    decoded: float
    """Every frame decoded, and nothing else."""
    usual: float
    """Every frame decoded and made a picture, and as many of them embedded."""

    @property
    def times(self) -> float:
        """How many times faster than decoding every frame alone."""
        return self.decoded / self.watched


def measure_videos(
    photos: Sequence[bytes],
    extractor: Extractor,
    *,
    clips: int,
    seconds: int,
    kinds: Mapping[str, Kind] = KINDS,
) -> list[VideoFigures]:
    """Clips at 720p, made of photos, each way by turns with one thread."""
    pictures = [decode(photo) for photo in photos[: clips + 1]]
    return [_measure(kind, kinds[kind], pictures, extractor, clips, seconds) for kind in kinds]


def as_json(figures: Sequence[VideoFigures]) -> list[dict[str, Any]]:
    """One object for each kind of clip."""
    return [{**asdict(figure), "times": figure.times} for figure in figures]


def as_text(figures: Sequence[VideoFigures]) -> str:
    """One line for each kind of clip."""
    rows = [
        (
            figure.kind,
            f"{1000 * figure.watched:.0f}",
            f"{1000 * figure.decoded:.0f}",
            f"{1000 * figure.usual:.0f}",
            f"{figure.times:.1f}",
            f"{figure.usual / figure.watched:.1f}",
        )
        for figure in figures
    ]
    header = (
        "clips",
        f"{DEFAULT_FRAMES} frames embedded, ms",
        "all decoded, ms",
        "as pictures, and 5 embedded, ms",
        "times",
        "times",
    )
    return as_table(header, rows)


def _measure(
    name: str,
    kind: Kind,
    pictures: Sequence[Image],
    extractor: Extractor,
    clips: int,
    seconds: int,
) -> VideoFigures:
    form, gop = kind
    rounds = []
    for number in range(clips):
        video = clip(_shots(pictures, number, seconds * _RATE), form, rate=_RATE, gop=gop)
        rounds.append(_round(video, extractor))
    watched, decoded, usual = (statistics.median(times) for times in zip(*rounds, strict=True))
    return VideoFigures(name, clips, watched, decoded, usual)


def _round(video: bytes, extractor: Extractor) -> tuple[float, float, float]:
    """Watching the video, decoding all of it, and what one would do without this project."""
    frames = [frame.image for frame in sample_frames(video)]
    ways: tuple[Callable[[], object], ...] = (
        lambda: watch(video, extractor.embed, normalized=extractor.spec.normalized),
        lambda: _decode(video),
        lambda: extractor.embed(frames) if _decode(video, pictures=True) else None,
    )
    turns = [[_cpu(way) for way in ways] for _ in range(_TURNS)]
    watched, decoded, usual = (min(times) for times in zip(*turns, strict=True))
    return watched, decoded, usual


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


def _decode(video: bytes, *, pictures: bool = False) -> int:
    """How many frames there are."""
    import av

    count = 0
    with av.open(io.BytesIO(video)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            count += 1
            if pictures:
                frame.to_ndarray(format="rgb24")
    return count


def _cpu(work: Callable[[], object]) -> float:
    """Processor seconds of all threads."""
    before = time.process_time()
    work()
    return time.process_time() - before
