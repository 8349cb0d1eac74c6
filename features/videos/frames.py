"""A few frames of a video, spread over its scenes, for a small part of the work of decoding it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from features.errors import BrokenVideoError
from features.types import Image
from features.videos.guarding import DEFAULT_VIDEO_LIMITS, VideoFile, VideoLimits
from features.videos.opening import OpenVideo, Shot, open_video
from features.videos.sampling import choose, spread, steps, times
from features.videos.scenes import Copies, blank, small_copies

DEFAULT_FRAMES = 5
_LOOKS = 3  # places where a keyframe is looked for, for each frame that is kept
_PASSED = 1 / 32  # of all frames, at most, where there are too few keyframes
_CHEAP = 10_000_000  # pixels, of however many frames, that are decoded in no time
_DEAR = 200_000_000  # pixels, of however long a video, that are more than enough


@dataclass(frozen=True)
class Frame:
    """A picture of a video and its second."""

    image: Image
    time_s: float


def sample_frames_here(
    video: VideoFile,
    count: int = DEFAULT_FRAMES,
    limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
    *,
    threads: int = 1,
) -> tuple[Frame, ...]:
    """As `sample_frames`, in this very process.

    Encoders put a keyframe where a scene begins, and one now and then: as many of these are
    decoded as are kept, more only where some show nothing. Where there are too few, frames behind
    each of them are decoded too, while a thirty-second of all are passed (more of a small video).
    """
    with open_video(video, limits) as opened:
        starts = opened.keyframes([0.0, *times(_LOOKS * count, opened.duration_s)])
        if len(starts) < count:
            shots = _with_more(opened, starts, count)
        else:
            shots = _some(starts, count, partial(_alone, video, opened, limits, threads))
        if not shots:
            raise BrokenVideoError("The video has no frame that can be decoded; send another.")
        chosen = [shots[number] for number in choose(_copies(shots), count)]
        return tuple(Frame(shot.image(), shot.time_s) for shot in chosen)


def _some(
    starts: Sequence[float], count: int, seen: Callable[[Sequence[float]], list[Shot]]
) -> list[Shot]:
    """Keyframes spread over all; more where some of these show nothing or are damaged."""
    first = [starts[place] for place in spread(count, len(starts))]
    shots = seen(first)
    if shots and len(shots) - blank(_copies(shots)).sum() == count:
        return shots
    rest = [start for start in starts if start not in first]
    return _once([*shots, *seen([rest[place] for place in spread(count, len(rest))])])


def _copies(shots: Sequence[Shot]) -> Copies:
    return small_copies([shot.small for shot in shots])


def _alone(
    video: VideoFile, opened: OpenVideo, limits: VideoLimits, threads: int, starts: Sequence[float]
) -> list[Shot]:
    """The keyframes at some times."""
    if not starts:
        return []
    size = -(-len(starts) // max(1, threads))
    first, *others = [starts[at : at + size] for at in range(0, len(starts), size)]
    if not others:
        return _once(_seen(opened, first))
    with ThreadPoolExecutor(len(others), thread_name_prefix="video") as pool:
        found = [pool.submit(_seen_apart, video, part, limits) for part in others]
        shots = _seen(opened, first)
        return _once([*shots, *(shot for part in found for shot in part.result())])


def _seen_apart(video: VideoFile, starts: Sequence[float], limits: VideoLimits) -> list[Shot]:
    with open_video(video, limits) as opened:
        return _seen(opened, starts)


def _seen(opened: OpenVideo, starts: Sequence[float]) -> list[Shot]:
    return [shot for start in starts for shot in opened.shots(start)]


def _once(shots: Sequence[Shot]) -> list[Shot]:
    """In the order of time."""
    return [shot for _, shot in sorted({shot.time_s: shot for shot in shots}.items())]


def _with_more(opened: OpenVideo, starts: Sequence[float], count: int) -> list[Shot]:
    """The keyframes and, behind each of them, frames that only decoding those before them gives."""
    starts = starts or [0.0]
    missing = count - len(starts)
    each = -(-missing // len(starts))
    most = max(each, _affordable(opened) * missing // (count * len(starts))) + 1
    found: list[Shot] = []
    for start, end in pairwise([*starts, float("inf")]):
        run = list(opened.shots(start, most, end))
        keyframe, behind = run[:1], run[1:]
        found += keyframe + [behind[place] for place in steps(each, len(behind))]
    return _once(found)


def _affordable(opened: OpenVideo) -> int:
    """How many frames may be passed: many small ones are cheap, many large ones fill the memory."""
    pixels = max(1, opened.pixels)
    return max(_CHEAP // pixels, min(_DEAR // pixels, int(_PASSED * opened.frames)))
