"""A few frames of a video, spread over its scenes, for a small part of the work of decoding it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from features.errors import BrokenVideoError
from features.types import Image
from features.videos.opening import (
    DEFAULT_VIDEO_LIMITS,
    OpenVideo,
    Shot,
    VideoFile,
    VideoLimits,
    open_video,
)
from features.videos.sampling import choose, steps, times
from features.videos.scenes import HEIGHT, WIDTH, small_copies

DEFAULT_FRAMES = 5
_LOOKS = 1.2  # places looked at for each frame that is kept
_DECODED = 1 / 16  # of all frames, at most, where there are too few keyframes
_CHEAP = 20_000_000  # pixels, of however many frames, that are decoded in no time


@dataclass(frozen=True)
class Frame:
    """A picture of a video and its second."""

    image: Image
    time_s: float


def sample_frames(
    video: VideoFile,
    count: int = DEFAULT_FRAMES,
    limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
    *,
    threads: int = 1,
) -> tuple[Frame, ...]:
    """At most `count` frames in the order of their time; fewer of a video that has not as many.

    Encoders put a keyframe where a scene begins, and one now and then: these alone are decoded,
    each after a jump to its place. Where there are too few, frames behind them are, up to a
    sixteenth of all (more of a small video). The same video gives the same frames, however many
    threads there are.

    Raises:
        InvalidPictureError: one of its family, naming the cause.
        VideosUnavailableError: PyAV is not installed.
    """
    with open_video(video, limits) as opened:
        looks = times(round(_LOOKS * count), opened.duration_s)
        shots = _keyframes(video, opened, looks, limits, threads)
        if len(shots) < count:
            shots = _with_more(opened, shots, count)
        if not shots:
            raise BrokenVideoError("The video has no frame that can be decoded; send another.")
        copies = small_copies([shot.small(WIDTH, HEIGHT) for shot in shots])
        chosen = [shots[number] for number in choose(copies, count)]
        return tuple(Frame(shot.image(), shot.time_s) for shot in chosen)


def _keyframes(
    video: VideoFile, opened: OpenVideo, looks: Sequence[float], limits: VideoLimits, threads: int
) -> list[Shot]:
    """The keyframes at some times or before them, each once."""
    size = -(-len(looks) // max(1, threads))
    first, *others = [looks[at : at + size] for at in range(0, len(looks), size)]
    if not others:
        return _once(_looked(opened, first))
    with ThreadPoolExecutor(len(others), thread_name_prefix="video") as pool:
        found = [pool.submit(_looked_apart, video, part, limits) for part in others]
        shots = _looked(opened, first)
        return _once([*shots, *(shot for part in found for shot in part.result())])


def _looked_apart(video: VideoFile, looks: Sequence[float], limits: VideoLimits) -> list[Shot]:
    with open_video(video, limits) as opened:
        return _looked(opened, looks)


def _looked(opened: OpenVideo, looks: Sequence[float]) -> list[Shot]:
    known: set[int] = set()
    found = (opened.keyframe(time_s, known) for time_s in looks)
    return [shot for shot in found if shot is not None]


def _once(shots: Sequence[Shot]) -> list[Shot]:
    """In the order of time."""
    return [shot for _, shot in sorted({shot.time_s: shot for shot in shots}.items())]


def _with_more(opened: OpenVideo, shots: Sequence[Shot], count: int) -> list[Shot]:
    """The keyframes and, behind each of them, frames that only decoding all before them gives."""
    starts = sorted({0.0, *(shot.time_s for shot in shots)})
    ends = [*starts[1:], float("inf")]
    missing = count - len(shots)
    most = _affordable(opened) * missing // (count * len(starts)) + 1
    each = -(-missing // len(starts)) + 1  # the keyframe itself is one of them
    found = list(shots)
    for start, end in zip(starts, ends, strict=True):
        behind = [shot for shot in opened.onwards(start, most) if start <= shot.time_s < end]
        found += [behind[place] for place in steps(each, len(behind))]
    return _once(found)


def _affordable(opened: OpenVideo) -> int:
    """How many frames may be decoded; those of a small video are cheap."""
    return max(_CHEAP // max(1, opened.pixels), int(_DECODED * opened.frames), 1)
